/* SPDX-License-Identifier: MIT */
/*
 * Full rings (2.7): "Queue Size corresponds to the maximum number of buffers in the
 * virtqueue." As many requests as fit are available at once, and each is used once.
 */
#include "tests/ring/ring_lib.h"

#define SMALL_QUEUE 8
#define FULL_MOST   256 /* what comes back by another way must find room there */

VIRTIO_TEST(full_ring_completes, .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    unsigned capacity = ring_capacity(dev, 1);
    ring_pings(t, RING_SIZE(t), dev, 0, capacity < FULL_MOST ? capacity : FULL_MOST);
}

VIRTIO_TEST(small_full_ring_completes_again_and_again, .rings = RINGS_ALL,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    if (!ring_start_sized(t, dev, ring_small_size(dev, SMALL_QUEUE))) {
        return;
    }
    unsigned count = ring_capacity(dev, 1);
    for (uint32_t round = 0; round < 4; round++) {
        if (!ring_pings(t, RING_SIZE(t), dev, round * count, count)) {
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
        if (!ring_batch_take(t, RING_SIZE(t), &b, 1) ||
            (added < b.count && !ring_batch_add(t, &b, added++, 1))) {
            return;
        }
        qvirtqueue_kick(b.vq);
    }
}
