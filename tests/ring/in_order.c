/* SPDX-License-Identifier: MIT */
/*
 * In-order use (2.7.9, 2.8.9, 6.2): "a device MUST use buffers in the same order in which
 * they have been available." The honest hand takes a used id for the end of a batch, so
 * a buffer that was overtaken is handed out before its answer is there, or the used index
 * does not cover it.
 */
#include "tests/ring/ring_lib.h"

#define COUNT 12

/* Waits for a used buffer. The honest hand takes one that is not the next in order for a
 * broken ring. */
static bool take(Test *t, QVirtQueue *vq, QVirtioUsed *used)
{
    int err = qvirtqueue_wait(vq, used);
    return err == -QVIRTIO_BROKEN ? expect_ok(t, "dev:6.2-5", err) : require_ok(t, err);
}

/* Takes all of a batch: each is the next in the order in which they were added. */
static bool take_in_order(Test *t, RingBatch *b)
{
    for (unsigned i = 0; i < b->count; i++) {
        QVirtioUsed used;
        if (!take(t, b->vq, &used) ||
            !require_eq(t, (QVirtioPing *)used.token - b->ping, i) ||
            !ring_check(t, "dev:6.2-5", &b->ping[i], used.len)) {
            return false;
        }
    }
    return true;
}

VIRTIO_TEST(buffers_are_used_in_the_order_they_were_made_available,
            .rings = RINGS_ALL | RINGS_IN_ORDER, .flags = TEST_PING, .buses = BUS_MODERN)
{
    unsigned capacity = ring_capacity(dev, 1),
             count = capacity < COUNT ? capacity : COUNT;
    for (uint32_t round = 0; round < 4; round++) {
        RingBatch b;
        if (!ring_batch_make(t, dev, &b, round * count, count) ||
            !ring_batch_add_all(t, &b, 1)) {
            return;
        }
        qvirtqueue_kick(b.vq);
        if (!take_in_order(t, &b)) {
            return;
        }
    }
}

/* Requests follow each other while the device works, each in its own notification. */
VIRTIO_TEST(order_holds_while_requests_are_added, .rings = RINGS_ALL | RINGS_IN_ORDER,
            .flags = TEST_PING, .buses = BUS_MODERN)
{
    RingBatch b;
    unsigned capacity = ring_capacity(dev, 1), added = 0;
    if (!ring_batch_make(t, dev, &b, 0, 3 * COUNT)) {
        return;
    }
    for (unsigned taken = 0; taken < b.count; taken++) {
        for (; added < b.count && added - taken < capacity && added - taken < 4;
             added++) {
            if (!ring_batch_add(t, &b, added, 1)) {
                return;
            }
            qvirtqueue_kick(b.vq);
        }
        QVirtioUsed used;
        if (!take(t, b.vq, &used) ||
            !require_eq(t, (QVirtioPing *)used.token - b.ping, taken) ||
            !ring_check(t, "dev:6.2-5", &b.ping[taken], used.len)) {
            return;
        }
    }
}
