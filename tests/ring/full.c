/* SPDX-License-Identifier: MIT */
/*
 * Full rings (2.7): "Queue Size corresponds to the maximum number of buffers in the
 * virtqueue." As many requests as fit are available at once, and each is used once.
 */
#include "tests/ring/ring_lib.h"

#define SMALL_QUEUE 8

VIRTIO_TEST(full_ring_completes, .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    ring_pings(t, BASIS_NONE, dev, 0, ring_capacity(dev, 1));
}

VIRTIO_TEST(small_full_ring_completes_again_and_again, .rings = RINGS_ALL,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    if (!ring_start_sized(t, dev, ring_small_size(dev, SMALL_QUEUE))) {
        return;
    }
    unsigned count = ring_capacity(dev, 1);
    for (uint32_t round = 0; round < 4; round++) {
        if (!ring_pings(t, BASIS_NONE, dev, round * count, count)) {
            return;
        }
    }
}

VIRTIO_TEST(full_ring_takes_a_request_when_one_was_used,
            .rings = RINGS_ALL | RINGS_DIRECT, .flags = TEST_PING | TEST_RAW,
            .buses = BUS_MODERN)
{
    RingBatch b;
    if (!ring_start_sized(t, dev, ring_small_size(dev, SMALL_QUEUE))) {
        return;
    }
    unsigned capacity = ring_capacity(dev, 1), added = capacity;
    if (!ring_batch_make(t, dev, &b, 0, 3 * capacity)) {
        return;
    }
    for (unsigned i = 0; i < capacity; i++) {
        if (!ring_batch_add(t, &b, i, 1)) {
            return;
        }
    }
    qvirtqueue_kick(b.vq);
    for (unsigned taken = 0; taken < b.count; taken++) {
        if (!ring_batch_take(t, BASIS_NONE, &b, 1) ||
            (added < b.count && !ring_batch_add(t, &b, added++, 1))) {
            return;
        }
        qvirtqueue_kick(b.vq);
    }
}

/* Our own side first: what does not fit is refused, and what is in flight is unharmed. */
VIRTIO_TEST(request_beyond_a_full_ring_is_refused_by_the_driver,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    RingBatch b;
    if (!ring_start_sized(t, dev, ring_small_size(dev, SMALL_QUEUE))) {
        return;
    }
    unsigned capacity = ring_capacity(dev, 1);
    if (!ring_batch_make(t, dev, &b, 0, capacity + 1)) {
        return;
    }
    for (unsigned i = 0; i < capacity; i++) {
        if (!ring_batch_add(t, &b, i, 1)) {
            return;
        }
    }
    if (require_eq(t, qvirtio_ping_add(&b.ping[capacity], 1, 1), -QVIRTIO_NO_SPACE)) {
        qvirtqueue_kick(b.vq);
        ring_batch_take(t, BASIS_NONE, &b, capacity);
    }
}
