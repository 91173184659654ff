/* SPDX-License-Identifier: MIT */
/*
 * The control queues as queues (5.3.6.2): messages in any arrangement of descriptors
 * (2.7.4; legacy drivers use one descriptor for each, 5.3.6.4), exact lengths, and
 * buffers that are too short for the device's message.
 */
#include "tests/console/console_lib.h"

#define MULTIPORT FEATURES(VIRTIO_CONSOLE_F_MULTIPORT)

enum { HEADER = sizeof(struct virtio_console_control) };

/* At least one port must exist; else the device answers DEVICE_READY with no message. */
static const char *why_no_port(QVirtioDevice *dev)
{
    return console_port_is_told(dev, 0)
               ? NULL
               : "nothing is known of port 0; pass know=console.N.port.0.console=1";
}

VIRTIO_TEST(control_message_has_its_exact_length, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .rings = RINGS_ALL, .why_not = why_no_port,
            .flags = TEST_READS)
{
    if (!console_expect_message(t, dev, 0, VIRTIO_CONSOLE_DEVICE_ADD)) {
        return;
    }
    const VConsole *c = vconsole_of(dev);
    for (unsigned i = 0; i < c->message_count; i++) {
        const VConsoleMessage *m = &c->message[i];
        if (m->event == VIRTIO_CONSOLE_RESIZE) {
            require_eq(t, m->len, HEADER + sizeof(struct virtio_console_resize));
        } else if (m->event == VIRTIO_CONSOLE_PORT_NAME) {
            require_ge(t, m->len, HEADER + 1);
        } else {
            require_eq(t, m->len, HEADER);
        }
    }
}

VIRTIO_TEST(device_sends_only_messages_of_a_device, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .why_not = why_no_port, .flags = TEST_READS)
{
    if (!console_expect_message(t, dev, 0, VIRTIO_CONSOLE_DEVICE_ADD)) {
        return;
    }
    const VConsole *c = vconsole_of(dev);
    for (unsigned i = 0; i < c->message_count; i++) {
        uint16_t event = c->message[i].event;
        require_that(t,
                     event != VIRTIO_CONSOLE_DEVICE_READY &&
                         event != VIRTIO_CONSOLE_PORT_READY &&
                         event <= VIRTIO_CONSOLE_PORT_NAME,
                     "an event that 5.3.6.2 lets a device send", "event %u", event);
    }
}

/* Sends DEVICE_READY in a chain of several pieces. The device announces its ports if it
 * has understood the message. */
VIRTIO_TEST(control_message_may_be_split_over_descriptors, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .rings = RINGS_ALL, .buses = BUS_MODERN,
            .flags = TEST_READS | TEST_RAW, .why_not = why_no_port)
{
    static const uint16_t lengths[] = {1, 4, 1, 2};
    const struct virtio_console_control ready = {
        .event = virtio16_of(false, VIRTIO_CONSOLE_DEVICE_READY),
        .value = virtio16_of(false, 1),
    };
    Pieces p;
    if (!console_start_silent(t, dev) || !require_ok(t, vconsole_control_stock(dev)) ||
        !pieces_lay(t, &p, lengths, 4, 0)) {
        return;
    }
    pieces_write(&p, (const uint8_t *)&ready, HEADER);
    if (require_ok(t, qvirtqueue_submit(dev->vq[VIRTIO_CONSOLE_CONTROL_TRANSMITQ], p.sg,
                                        p.count, 0, NULL))) {
        expect_that(t, "dev:2.7.4.1-1",
                    vconsole_control_wait(dev, 0, 0, VIRTIO_CONSOLE_DEVICE_ADD),
                    "DEVICE_ADD of port 0", "silence");
    }
}

/* Sends DEVICE_READY with only one buffer in the control receiveq, and takes the first
 * answer. */
static int first_message(Test *t, QVirtioDevice *dev, Pieces *p, const uint16_t *lengths,
                         unsigned count, QVirtioUsed *used)
{
    QVirtQueue *vq = dev->vq[VIRTIO_CONSOLE_CONTROL_RECEIVEQ];
    if (!pieces_lay(t, p, lengths, count, random_next(&t->random))) {
        return -QVIRTIO_NO_MEMORY;
    }
    int err = qvirtqueue_add(vq, p->sg, 0, p->count, p);
    qvirtqueue_kick(vq);
    if (!err) {
        err = vconsole_control_send(dev, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
    }
    return err ? err : qvirtqueue_wait(vq, used);
}

VIRTIO_TEST(control_message_fills_small_descriptors_in_their_order,
            .device = VIRTIO_ID_CONSOLE, .needs = MULTIPORT, .rings = RINGS_ALL,
            .buses = BUS_MODERN, .flags = TEST_READS | TEST_RAW, .why_not = why_no_port)
{
    static const uint16_t lengths[] = {1, 3, 1, 2, 9};
    struct virtio_console_control m;
    QVirtioUsed used;
    Pieces p;
    if (!console_start_silent(t, dev) ||
        !require_ok(t, first_message(t, dev, &p, lengths, 5, &used)) ||
        !expect_used_len(t, used.claimed, HEADER)) {
        return;
    }
    pieces_read(&p, (uint8_t *)&m, HEADER);
    expect_eq(t, "dev:2.7.4.1-1", virtio16_get(false, m.event),
              VIRTIO_CONSOLE_DEVICE_ADD);
    require_le(t, virtio32_get(false, m.id), vconsole_ports(dev) - 1);
}

/* The specification does not say how large a control buffer must be. What does not fit
 * may be lost, or the device may leave the buffer alone. But a used length must count
 * bytes that are in the buffer (2.7.8.2: "at least len bytes"). */
VIRTIO_TEST(short_control_buffer_gets_an_honest_length, .device = VIRTIO_ID_CONSOLE,
            .buses = BUS_MODERN, .needs = MULTIPORT, .flags = TEST_READS | TEST_RAW,
            .why_not = why_no_port)
{
    static const uint16_t length = HEADER / 2;
    QVirtioUsed used;
    Pieces p;
    if (!console_start_silent(t, dev)) {
        return;
    }
    int err = first_message(t, dev, &p, &length, 1, &used);
    if (err == -QVIRTIO_TIMEOUT || err == -QVIRTIO_NEEDS_RESET) {
        test_skip(t, "the device does not use a control buffer of %u bytes", length);
    } else if (require_ok(t, err)) {
        expect_le(t, "dev:2.7.8.2-2", used.claimed, length);
    }
}
