/* SPDX-License-Identifier: MIT */
/*
 * One queue is reset while its device runs on (2.6.1): it executes nothing, tells
 * nothing, and starts anew with another size at another place. Silence is proven by what
 * the queue did after it was enabled again.
 */
#include "drivers/virtio/bus.h"
#include "tests/ring/ring_lib.h"

#define PINGS 4

static bool serves(Test *t, QVirtioDevice *dev, const char *clause, uint32_t number)
{
    unsigned capacity = ring_capacity(dev, 1);
    return ring_pings(t, clause, dev, number, capacity < PINGS ? capacity : PINGS);
}

VIRTIO_TEST(reset_queue_runs_nothing, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING, .needs = FEATURES(VIRTIO_F_RING_RESET))
{
    RingBatch b;
    QVirtQueue *old = ring_queue(dev);
    if (!serves(t, dev, BASIS_NONE, 0) || !ring_batch_make(t, dev, &b, PINGS, 1)) {
        return;
    }
    memset(b.ping->in, 0xa5, b.ping->in_bytes);
    if (!ring_reset_queue(t, dev) || !ring_batch_add(t, &b, 0, 1)) {
        return;
    }
    qvirtqueue_publish(old);
    qvirtio_notify(dev, old);
    if (!ring_enable_again(t, dev, 0) || !serves(t, dev, BASIS_NONE, PINGS + 1)) {
        return;
    }
    expect_that(t, "dev:2.6.1.1.1-1", !qvirtqueue_has_used(old),
                "nothing used in the old ring", "a used buffer");
    const uint8_t *in = b.ping->in;
    for (uint32_t i = 0; i < b.ping->in_bytes; i++) {
        if (!expect_eq(t, "dev:2.6.1.1.1-1", in[i], 0xa5)) {
            return;
        }
    }
}

/* The queue stays disabled while its interrupts are counted, so none can be for anything
 * but the old ring; the new one shows that the device was at work. */
VIRTIO_TEST(reset_queue_raises_no_interrupt, .flags = TEST_PING,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .needs = FEATURES(VIRTIO_F_RING_RESET))
{
    RingBatch b;
    QVirtQueue *old = ring_queue(dev);
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0) ||
        !ring_batch_make(t, dev, &b, PINGS, 1) || !ring_reset_queue(t, dev) ||
        !ring_batch_add(t, &b, 0, 1)) {
        return;
    }
    uint32_t before = ring_irq_count_now(old);
    qvirtqueue_irq_enable(old);
    qvirtqueue_publish(old);
    qvirtio_notify(dev, old);
    ring_give_occasion(old);
    uint32_t after = ring_irq_count_now(old);
    if (ring_enable_again(t, dev, 0) && serves(t, dev, BASIS_NONE, PINGS + 1)) {
        expect_eq(t, "dev:2.6.1.1.1-1", after, before);
    }
}

VIRTIO_TEST(reset_queue_starts_from_its_defaults, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING, .needs = FEATURES(VIRTIO_F_RING_RESET))
{
    uint16_t max = 0, index = dev->driver->ping_queue;
    uint16_t max_before = ring_queue(dev)->size_max;
    if (!serves(t, dev, BASIS_NONE, 0) || !serves(t, dev, BASIS_NONE, PINGS) ||
        !ring_reset_queue(t, dev) ||
        !require_ok(t, dev->bus->queue_max(dev, index, &max)) ||
        !expect_eq(t, "dev:2.6.1.1.1-2", max, max_before)) {
        return;
    }
    QVirtQueue *vq = ring_enable_again(t, dev, 0);
    if (!vq || !expect_ping(t, "dev:2.6.1.1.1-2", dev, 2 * PINGS)) {
        return;
    }
    /* A device that went on from its old position would use another element. */
    expect_that(t, "dev:2.6.1.1.1-2", !qvirtqueue_has_used(vq), "one used buffer",
                "another one");
}

VIRTIO_TEST(reset_queue_takes_another_size_and_place, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING, .needs = FEATURES(VIRTIO_F_RING_RESET))
{
    uint16_t sizes[] = {ring_small_size(dev, 4), ring_small_size(dev, 8), 0};
    uint32_t number = PINGS;
    if (!serves(t, dev, BASIS_NONE, 0)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (!ring_reset_queue(t, dev) || !ring_enable_again(t, dev, sizes[i])) {
            return;
        }
        for (unsigned round = 0; round < 3; round++, number += PINGS) {
            if (!serves(t, dev, "dev:2.6.1.2.1-1", number)) {
                return;
            }
        }
    }
}

VIRTIO_TEST(reset_queue_interrupts_again_once_enabled, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING, .needs = FEATURES(VIRTIO_F_RING_RESET))
{
    QVirtQueue *first = ring_queue(dev);
    if (!ring_irq_usable(t, dev) || !serves(t, dev, BASIS_NONE, 0) ||
        !ring_reset_queue(t, dev)) {
        return;
    }
    if (!ring_enable_again(t, dev, 0)) {
        return;
    }
    uint32_t before = qvirtqueue_irq_count(first);
    if (require_ping(t, dev, PINGS)) {
        ring_irq_after(t, "dev:2.6.1.2.1-1", first, before);
    }
}

/* 2.6.1: "the driver can reset a virtqueue individually". */
VIRTIO_TEST(reset_of_another_queue_leaves_this_one_alone,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .needs = FEATURES(VIRTIO_F_RING_RESET))
{
    uint16_t other = dev->driver->ping_queue ? 0 : 1;
    if (other >= dev->driver->queue_count(dev)) {
        test_skip(t, "the device has only one queue");
        return;
    }
    if (!serves(t, dev, BASIS_NONE, 0) ||
        !require_ok(t, dev->bus->queue_reset(dev, other))) {
        return;
    }
    serves(t, dev, "virtio 2.6.1", PINGS);
}
