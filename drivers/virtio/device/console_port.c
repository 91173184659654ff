/* SPDX-License-Identifier: MIT */
/*
 * Bytes to and from one port of a console (5.3.6). One buffer is sent or received at a
 * time. The receiveq is left empty: what nobody asked for stays outside the device, and a
 * test that wants another layout of buffers finds the queue free.
 */
#include "drivers/virtio/device/console.h"
#include "drivers/virtio/truths.h"
#include "kernel/clock.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

#define MARK_BYTES 16
#define MARK_TRIES 50
/* How long to wait for more bytes before the mark is sent again, in nanoseconds. */
#define MARK_PATIENCE (20 * 1000000ull)

uint32_t vconsole_ports(QVirtioDevice *d)
{
    uint64_t most = 1;
    if (qvirtio_negotiated(d, VIRTIO_CONSOLE_F_MULTIPORT)) {
        qvirtio_config_read(d, offsetof(struct virtio_console_config, max_nr_ports), 4,
                            &most);
    }
    if (most > CONSOLE_PORTS_MAX) {
        return CONSOLE_PORTS_MAX;
    }
    return most ? most : 1;
}

bool vconsole_echoes(const QVirtioDevice *d, uint32_t port)
{
    char key[24];
    uint64_t echo = 0;
    ksnprintf(key, sizeof(key), "port.%u.echo", port);
    return qvirtio_truth_u64(d, key, &echo) && echo;
}

int vconsole_send(QVirtioDevice *d, uint32_t port, const void *lent, uint32_t bytes)
{
    QVirtioSg sg = {.addr = arena_map(lent, bytes), .len = bytes};
    return qvirtqueue_submit(d->vq[vconsole_transmitq(port)], &sg, 1, 0, NULL);
}

static bool has_used(void *vq)
{
    return qvirtqueue_has_used(vq);
}

int vconsole_receive_within(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes,
                            uint64_t timeout_ns)
{
    QVirtQueue *vq = d->vq[vconsole_receiveq(port)];
    QVirtioSg sg = {.addr = arena_map(lent, bytes), .len = bytes};
    QVirtioUsed used;
    /* When the device still has a buffer from an earlier call, that buffer is waited
     * for. */
    int err = vq->in_flight ? 0 : qvirtqueue_add(vq, &sg, 0, 1, lent);

    qvirtqueue_kick(vq);
    if (!err) {
        err = qvirtio_wait(d, vq->what, has_used, vq, timeout_ns);
    }
    if (err) {
        return err;
    }
    err = qvirtqueue_get(vq, &used);
    return err < 0 ? err : (int)used.len;
}

int vconsole_receive(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes)
{
    return vconsole_receive_within(d, port, lent, bytes, 0);
}

int vconsole_receive_all(QVirtioDevice *d, uint32_t port, void *lent, uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes;) {
        int came = vconsole_receive(d, port, (uint8_t *)lent + at, bytes - at);
        if (came <= 0) {
            /* The device used the buffer without a byte. Going on might never end. */
            return came ? came : -QVIRTIO_REFUSED;
        }
        at += came;
    }
    return 0;
}

/*
 * Takes what comes until the mark is the end of it. Only this driver sends, so nothing
 * follows the mark. Returns -QVIRTIO_TIMEOUT when nothing came for a while; then the
 * device still has the receive buffer.
 */
static int receive_until(QVirtioDevice *d, uint32_t port, const uint8_t *mark)
{
    uint8_t *input = vconsole_of(d)->input;
    uint8_t tail[2 * MARK_BYTES] = {0};

    for (;;) {
        int came =
            vconsole_receive_within(d, port, input, CONSOLE_RECEIVE_BYTES, MARK_PATIENCE);
        if (came < 0) {
            return came;
        }
        int news = came < MARK_BYTES ? came : MARK_BYTES;
        memmove(tail, tail + news, MARK_BYTES);
        memcpy(tail + MARK_BYTES - news, input + came - news, news);
        if (memcmp(tail, mark, MARK_BYTES) == 0) {
            return 0;
        }
    }
}

int vconsole_drain(QVirtioDevice *d, uint32_t port)
{
    static uint64_t marks;
    uint8_t *mark = arena_lend(MARK_BYTES, 1);
    int err = mark ? -QVIRTIO_TIMEOUT : -QVIRTIO_NO_MEMORY;

    /* The host may drop a mark when its buffers are full, so a mark is sent again. Each
     * mark is another one, so that a late echo of an earlier mark does not end a later
     * drain. */
    for (unsigned i = 0; i < MARK_TRIES && err == -QVIRTIO_TIMEOUT; i++) {
        pattern_fill(mark, MARK_BYTES, ++marks);
        err = vconsole_send(d, port, mark, MARK_BYTES);
        if (!err) {
            err = receive_until(d, port, mark);
        }
    }
    if (!err) {
        wait_forget();
    }
    return err;
}
