/* SPDX-License-Identifier: MIT */
/*
 * A driver that breaks the console's rules (5.3.6.1, 5.3.6.2.2): it sends control
 * messages without a meaning, and buffers of the wrong direction. The VMM must survive
 * and must not write to buffers that it may only read. The device must work after a
 * reset.
 */
#include "tests/console/console_lib.h"

#define MULTIPORT FEATURES(VIRTIO_CONSOLE_F_MULTIPORT)

/* Sends one buffer. The device may use it or not. */
static void submit(Test *t, QVirtQueue *vq, const void *lent, uint32_t bytes, unsigned in)
{
    QVirtioSg sg = {arena_map(lent, bytes), bytes};
    require_ok(t, qvirtqueue_add(vq, &sg, !in, in, vq));
    qvirtqueue_kick(vq);
}

static void send_control(Test *t, QVirtioDevice *dev, uint32_t id, uint16_t event)
{
    uint8_t *lent = console_lend(t, sizeof(struct virtio_console_control), 0);
    bool legacy = qvirtio_is_legacy(dev);
    const struct virtio_console_control m = {
        virtio32_of(legacy, id), virtio16_of(legacy, event), virtio16_of(legacy, 1)};
    if (lent) {
        memcpy(lent, &m, sizeof(m));
        submit(t, dev->vq[VIRTIO_CONSOLE_CONTROL_TRANSMITQ], lent, sizeof(m), 0);
    }
}

VIRTIO_TEST(unknown_control_event_does_no_harm, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .violates = "5.3.6.2")
{
    send_control(t, dev, 0, 8);
    send_control(t, dev, 0, 0xffff);
    expect_survives(t, dev);
}

VIRTIO_TEST(control_for_a_port_beyond_the_last_does_no_harm, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .violates = "5.3.6.2")
{
    static const uint16_t events[] = {VIRTIO_CONSOLE_PORT_READY,
                                      VIRTIO_CONSOLE_PORT_OPEN};
    for (unsigned i = 0; i < 2; i++) {
        send_control(t, dev, vconsole_ports(dev), events[i]);
        send_control(t, dev, 0x80000000, events[i]);
        send_control(t, dev, UINT32_MAX, events[i]);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(messages_of_a_device_from_the_driver_do_no_harm, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .violates = "5.3.6.2")
{
    send_control(t, dev, 0, VIRTIO_CONSOLE_DEVICE_ADD);
    send_control(t, dev, 1, VIRTIO_CONSOLE_DEVICE_REMOVE);
    send_control(t, dev, 0, VIRTIO_CONSOLE_CONSOLE_PORT);
    send_control(t, dev, 0, VIRTIO_CONSOLE_RESIZE);
    send_control(t, dev, 0, VIRTIO_CONSOLE_PORT_NAME);
    expect_survives(t, dev);
}

VIRTIO_TEST(control_message_of_any_wrong_size_does_no_harm, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .violates = "5.3.6.2")
{
    static const uint16_t sizes[] = {1, 4, 7, 9, 4096};
    uint8_t *lent = console_lend(t, 4096, 0);
    for (unsigned i = 0; lent && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        submit(t, dev->vq[VIRTIO_CONSOLE_CONTROL_TRANSMITQ], lent, sizes[i], 0);
    }
    expect_survives(t, dev);
}

/* 5.3.6.2.2: a driver MUST send DEVICE_READY; it does so once, at initialization. This
 * driver sends it again. */
VIRTIO_TEST(second_device_ready_does_no_harm, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .violates = "5.3.6.2")
{
    send_control(t, dev, 0, VIRTIO_CONSOLE_DEVICE_READY);
    expect_survives(t, dev);
}

VIRTIO_TEST(port_used_before_device_ready_does_no_harm, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .flags = TEST_RAW, .violates = "5.3.6.2.2")
{
    uint8_t *lent = console_lend(t, 64, 0);
    if (!lent || !console_start_silent(t, dev)) {
        return;
    }
    send_control(t, dev, 0, VIRTIO_CONSOLE_PORT_OPEN);
    submit(t, dev->vq[vconsole_transmitq(0)], lent, 64, 0);
    expect_survives(t, dev);
}

/* The queues of the last port exist, but perhaps the port does not: by 5.3.5 a driver
 * uses a port once it is announced. */
VIRTIO_TEST(data_for_an_absent_port_does_no_harm, .device = VIRTIO_ID_CONSOLE,
            .needs = MULTIPORT, .violates = "5.3.5")
{
    uint32_t last = vconsole_ports(dev) - 1;
    uint8_t *lent = console_lend(t, 128, 0);
    if (!lent) {
        return;
    }
    submit(t, dev->vq[vconsole_transmitq(last)], lent, 64, 0);
    submit(t, dev->vq[vconsole_receiveq(last)], lent + 64, 64, 1);
    expect_survives(t, dev);
}

/* Puts a readable buffer into queue `index`, where only writable ones belong. The device
 * must not write to it. */
static void lend_readable(Test *t, QVirtioDevice *dev, uint16_t index)
{
    enum { BYTES = 64 };
    uint8_t before[BYTES];
    uint64_t seed = random_next(&t->random);
    uint8_t *lent = console_lend(t, BYTES, seed);
    if (!lent) {
        return;
    }
    submit(t, dev->vq[index], lent, BYTES, 0);
    /* Gives the device something to receive, if the other end echoes. */
    uint8_t *data = console_lend(t, BYTES, 0);
    if (data) {
        submit(t, dev->vq[vconsole_transmitq(0)], data, BYTES, 0);
    }
    expect_survives(t, dev);
    pattern_fill(before, BYTES, seed);
    expect_same(t, t->ring->is_packed ? "dev:2.8.15-1a" : "dev:2.7.5.1-1a", lent, before,
                BYTES);
}

VIRTIO_TEST(readable_buffer_in_a_receiveq_is_not_written, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .violates = "5.3.6.1")
{
    lend_readable(t, dev, vconsole_receiveq(0));
}

VIRTIO_TEST(writable_buffer_in_a_transmitq_does_no_harm, .device = VIRTIO_ID_CONSOLE,
            .rings = RINGS_ALL, .violates = "5.3.6.1")
{
    uint8_t *lent = console_lend(t, 64, 0);
    if (lent) {
        submit(t, dev->vq[vconsole_transmitq(0)], lent, 64, 1);
        expect_survives(t, dev);
    }
}
