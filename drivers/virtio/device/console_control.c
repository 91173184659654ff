/* SPDX-License-Identifier: MIT */
/*
 * The control queues of a console with MULTIPORT (5.3.6.2). All messages of the device
 * are kept in order, and answered where a driver must answer. A control buffer is one
 * descriptor, as 5.3.6.4 demands of a legacy driver without ANY_LAYOUT.
 */
#include "drivers/virtio/device/console.h"
#include "kernel/lib/string.h"

#define CONTROL_BYTES (sizeof(struct virtio_console_control) + CONSOLE_EXTRA_BYTES)
#define CONTROL_MOST  32

static QVirtQueue *control_receiveq(QVirtioDevice *d)
{
    return d->vq[VIRTIO_CONSOLE_CONTROL_RECEIVEQ];
}

static int lend_buffer(QVirtioDevice *d, uint8_t *at)
{
    QVirtioSg sg = {.addr = arena_map(at, CONTROL_BYTES), .len = CONTROL_BYTES};
    return qvirtqueue_add(control_receiveq(d), &sg, 0, 1, at);
}

int vconsole_control_stock(QVirtioDevice *d)
{
    VConsole *c = vconsole_of(d);
    uint16_t count = control_receiveq(d)->size;

    count = count < CONTROL_MOST ? count : CONTROL_MOST;
    c->control = arena_lend(count * CONTROL_BYTES, 8);
    c->message = arena_lend(CONSOLE_MESSAGES_MAX * sizeof(*c->message), 8);
    if (!c->control || !c->message) {
        return -QVIRTIO_NO_MEMORY;
    }
    for (uint16_t i = 0; i < count; i++) {
        int err = lend_buffer(d, c->control + i * CONTROL_BYTES);
        if (err) {
            return err;
        }
    }
    qvirtqueue_kick(control_receiveq(d));
    return 0;
}

int vconsole_control_send(QVirtioDevice *d, uint32_t id, uint16_t event, uint16_t value)
{
    struct virtio_console_control *reply = arena_lend(sizeof(*reply), 8);
    bool legacy = qvirtio_is_legacy(d);

    if (!reply) {
        return -QVIRTIO_NO_MEMORY;
    }
    reply->id = virtio32_of(legacy, id);
    reply->event = virtio16_of(legacy, event);
    reply->value = virtio16_of(legacy, value);
    QVirtioSg sg = {.addr = arena_map(reply, sizeof(*reply)), .len = sizeof(*reply)};
    return qvirtqueue_submit(d->vq[VIRTIO_CONSOLE_CONTROL_TRANSMITQ], &sg, 1, 0, NULL);
}

static const VConsoleMessage *keep_message(QVirtioDevice *d, const QVirtioUsed *used)
{
    VConsole *c = vconsole_of(d);
    bool legacy = qvirtio_is_legacy(d);
    struct virtio_console_control header;

    if (c->message_count == CONSOLE_MESSAGES_MAX || used->len < sizeof(header)) {
        return NULL;
    }
    VConsoleMessage *m = &c->message[c->message_count++];
    memcpy(&header, used->token, sizeof(header));
    *m = (VConsoleMessage){
        .id = virtio32_get(legacy, header.id),
        .event = virtio16_get(legacy, header.event),
        .value = virtio16_get(legacy, header.value),
        .len = used->len,
    };
    memcpy(m->extra, (uint8_t *)used->token + sizeof(header), used->len - sizeof(header));
    return m;
}

static int answer(QVirtioDevice *d, const VConsoleMessage *m)
{
    switch (m->event) {
    case VIRTIO_CONSOLE_DEVICE_ADD:
        return vconsole_control_send(d, m->id, VIRTIO_CONSOLE_PORT_READY, 1);
    case VIRTIO_CONSOLE_CONSOLE_PORT:
        /* 5.3.6.2.2: "MUST respond with a VIRTIO_CONSOLE_PORT_OPEN message". */
        return vconsole_control_send(d, m->id, VIRTIO_CONSOLE_PORT_OPEN, 1);
    default:
        return 0;
    }
}

int vconsole_control_poll(QVirtioDevice *d)
{
    QVirtioUsed used;
    int got;

    while ((got = qvirtqueue_get(control_receiveq(d), &used)) > 0) {
        const VConsoleMessage *m = keep_message(d, &used);
        /* The buffer is lent again first, because the answer may cause the next message
         * at once. */
        int err = lend_buffer(d, used.token);
        qvirtqueue_kick(control_receiveq(d));
        if (!err && m) {
            err = answer(d, m);
        }
        if (err) {
            return err;
        }
    }
    return got;
}

const VConsoleMessage *vconsole_control_find(QVirtioDevice *d, unsigned from, uint32_t id,
                                             uint16_t event)
{
    const VConsole *c = vconsole_of(d);
    for (unsigned i = from; i < c->message_count; i++) {
        if (c->message[i].id == id && c->message[i].event == event) {
            return &c->message[i];
        }
    }
    return NULL;
}

static bool has_message(void *d)
{
    return qvirtqueue_has_used(control_receiveq(d));
}

const VConsoleMessage *vconsole_control_wait(QVirtioDevice *d, unsigned from, uint32_t id,
                                             uint16_t event)
{
    for (;;) {
        if (vconsole_control_poll(d)) {
            return NULL;
        }
        const VConsoleMessage *m = vconsole_control_find(d, from, id, event);
        if (m || qvirtio_wait(d, "a control message", has_message, d, 0)) {
            return m;
        }
    }
}

int vconsole_port_open(QVirtioDevice *d, uint32_t port)
{
    if (!vconsole_control_wait(d, 0, port, VIRTIO_CONSOLE_PORT_OPEN)) {
        return -QVIRTIO_TIMEOUT;
    }
    return vconsole_control_send(d, port, VIRTIO_CONSOLE_PORT_OPEN, 1);
}
