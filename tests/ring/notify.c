/* SPDX-License-Identifier: MIT */
/*
 * Available buffer notifications (2.7.10): the device's wishes are well formed, no
 * request is lost by a driver that follows them, and kicks that nobody needs do no harm.
 */
#include "drivers/virtio/ring/qvring.h"
#include "tests/ring/ring_lib.h"

#define ROUNDS     6
#define BATCH_MOST 4

/* 2.7.10.2: "The device MUST handle spurious notifications from the driver." 2.9: "Note
 * that the driver can send multiple notifications even without making any more buffers
 * available." */
#define SPURIOUS(t) ring_clause(t, "dev:2.7.10.2-5", "virtio 2.9")

static unsigned batch_limit(const QVirtioDevice *dev)
{
    unsigned capacity = ring_capacity(dev, 1);
    return capacity < BATCH_MOST ? capacity : BATCH_MOST;
}

/* Kicks only when the device asks for it, never to be sure. */
VIRTIO_TEST(driver_that_kicks_only_when_asked_is_served, .rings = RINGS_ALL,
            .flags = TEST_PING)
{
    unsigned most = batch_limit(dev);
    uint32_t number = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned count = 1 + random_below(&t->random, most);
        if (!ring_pings(t, RING_WISHES(t), dev, number, count)) {
            return;
        }
        number += count;
    }
}

/* Requests are published while the device may be at work on earlier ones. */
VIRTIO_TEST(requests_added_while_the_device_works_are_served, .rings = RINGS_ALL,
            .flags = TEST_PING)
{
    RingBatch b;
    unsigned depth = batch_limit(dev), added = 0;
    if (!ring_batch_make(t, dev, &b, 0, 3 * depth)) {
        return;
    }
    for (unsigned taken = 0; taken < b.count; taken++) {
        while (added < b.count && added - taken < depth) {
            if (!ring_batch_add(t, &b, added++, 1)) {
                return;
            }
            qvirtqueue_kick(b.vq);
        }
        if (!ring_batch_take(t, RING_WISHES(t), &b, 1)) {
            return;
        }
    }
}

VIRTIO_TEST(requests_published_without_a_kick_come_with_the_next,
            .rings = RINGS_ALL | RINGS_DIRECT, .flags = TEST_PING)
{
    RingBatch b;
    if (!ring_batch_make(t, dev, &b, 0, batch_limit(dev))) {
        return;
    }
    for (unsigned i = 0; i < b.count; i++) {
        if (!ring_batch_add(t, &b, i, 1)) {
            return;
        }
        qvirtqueue_publish(b.vq);
    }
    qvirtqueue_kick(b.vq);
    ring_batch_take(t, RING_WISHES(t), &b, b.count);
}

VIRTIO_TEST(kicks_with_nothing_available_are_harmless, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    for (uint32_t round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 4; i++) {
            qvirtio_notify(dev, vq);
            qvirtio_poll(dev);
        }
        if (!ring_pings(t, SPURIOUS(t), dev, round, 1)) {
            return;
        }
    }
    qvirtio_poll(dev);
    expect_that(t, SPURIOUS(t), !qvirtqueue_has_used(vq),
                "no more used buffers than requests", "one more");
}

VIRTIO_TEST(kicks_nobody_asked_for_are_harmless, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING)
{
    RingBatch b;
    if (!ring_batch_make(t, dev, &b, 0, batch_limit(dev))) {
        return;
    }
    for (unsigned i = 0; i < b.count; i++) {
        if (!ring_batch_add(t, &b, i, 1)) {
            return;
        }
        qvirtqueue_publish(b.vq);
        qvirtio_notify(dev, b.vq);
        qvirtio_notify(dev, b.vq);
    }
    ring_batch_take(t, SPURIOUS(t), &b, b.count);
    qvirtio_notify(dev, b.vq);
    expect_ping(t, SPURIOUS(t), dev, b.count);
}

/* What is in the ring but not published is nothing to a kick: "idx field indicates where
 * the driver would put the next descriptor entry in the ring". */
VIRTIO_TEST(requests_are_used_only_once_published, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING)
{
    RingBatch b;
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_batch_make(t, dev, &b, 0, 2) || !ring_batch_add(t, &b, 0, 1)) {
        return;
    }
    uint16_t published = vq->avail_idx;
    qvirtqueue_publish(vq);
    if (ring_capacity(dev, 1) > 1 && !ring_batch_add(t, &b, 1, 1)) {
        return;
    }
    qvirtio_notify(dev, vq);
    /* The first is used; a kick later, the device has looked again and seen no more. */
    if (!ring_batch_take(t, BASIS_NONE, &b, 1)) {
        return;
    }
    qvirtio_notify(dev, vq);
    ring_give_occasion(vq);
    expect_that(t, ring_clause(t, "virtio 2.7.6", "dev:2.8.15-2"),
                !qvirtqueue_has_used(vq), "nothing used that was not published",
                "a used buffer");
    if (vq->avail_idx != published) {
        qvirtqueue_kick(vq);
        ring_batch_take(t, BASIS_NONE, &b, 1);
    }
}

/* Looks at the used ring's flags whenever there is a chance that they change. */
static uint16_t watch_flags(Test *t, QVirtioDevice *dev)
{
    RingBatch b;
    QVirtQueue *vq = ring_queue(dev);
    uint16_t seen = qvring_used_flags_get(&vq->vring);

    for (uint32_t round = 0; round < 3; round++) {
        if (!ring_batch_make(t, dev, &b, round * BATCH_MOST, batch_limit(dev)) ||
            !ring_batch_add_all(t, &b, 1)) {
            break;
        }
        qvirtqueue_publish(vq);
        seen |= qvring_used_flags_get(&vq->vring);
        qvirtqueue_kick(vq);
        for (unsigned i = 0; i < b.count; i++) {
            seen |= qvring_used_flags_get(&vq->vring);
            if (!ring_batch_take(t, BASIS_NONE, &b, 1)) {
                return seen;
            }
        }
        seen |= qvring_used_flags_get(&vq->vring);
    }
    return seen;
}

VIRTIO_TEST(used_flags_are_0_or_1, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    expect_le(t, "dev:2.7.10.2-1", watch_flags(t, dev), 1);
}

VIRTIO_TEST(used_flags_stay_0_under_event_index,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING)
{
    expect_eq(t, "dev:2.7.10.2-3", watch_flags(t, dev), 0);
}
