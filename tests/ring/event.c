/* SPDX-License-Identifier: MIT */
/*
 * Used buffer notifications with event index (2.7.7): the device interrupts when it
 * writes the element whose index is used_event, and should be quiet otherwise. Requests
 * go one by one where single elements are judged. That silence SHOULD be kept is asked of
 * the modern interface only.
 */
#include "tests/ring/ring_lib.h"

#define FAR 4 /* used_event this many elements ahead */

/* One ping that is `left` elements before used_event: the last one interrupts. */
static bool count_down(Test *t, QVirtioDevice *dev, uint32_t number, unsigned left)
{
    QVirtQueue *vq = ring_queue(dev);
    uint32_t before = qvirtqueue_irq_count(vq);
    return require_ping(t, dev, number) &&
           (left || ring_irq_after(t, RING_IRQ(t, "dev:2.7.7.2-5"), vq, before));
}

VIRTIO_TEST(element_at_used_event_interrupts, .rings = RINGS_ALL | RINGS_EVENT,
            .flags = TEST_PING)
{
    uint32_t number = RING_QUIET_PINGS;
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    for (unsigned ahead = 0; ahead < 3; ahead++) {
        qvirtqueue_irq_enable_after(ring_queue(dev), ahead);
        for (unsigned left = ahead + 1; left-- > 0;) {
            if (!count_down(t, dev, number++, left)) {
                return;
            }
        }
    }
}

/* A place so far ahead is another one in the ring, also where a ping takes two of its
 * descriptors. */
static bool is_long_enough(Test *t, const QVirtQueue *vq)
{
    if (vq->size <= 2 * FAR) {
        test_skip(t, "a queue of %u entries has no place far ahead", vq->size);
    }
    return vq->size > 2 * FAR;
}

VIRTIO_TEST(elements_before_used_event_stay_quiet,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING,
            .buses = BUS_MODERN)
{
    QVirtQueue *vq = ring_queue(dev);
    uint32_t number = RING_QUIET_PINGS;
    if (!is_long_enough(t, vq) || !ring_irq_usable(t, dev) ||
        !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    uint32_t before = qvirtqueue_irq_count(vq);
    qvirtqueue_irq_enable_after(vq, FAR);
    for (unsigned i = 0; i < FAR; i++) {
        if (!require_ping(t, dev, number++)) {
            return;
        }
    }
    uint32_t early = ring_irq_count_now(vq);
    expect_eq(t, ring_clause(t, "dev:2.7.7.2-6", "dev:2.8.10-2"), early - before, 0);
    if (require_ping(t, dev, number)) {
        ring_irq_after(t, RING_IRQ(t, "dev:2.7.7.2-5"), vq, early);
    }
}

VIRTIO_TEST(elements_behind_used_event_stay_quiet,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING,
            .buses = BUS_MODERN)
{
    QVirtQueue *vq = ring_queue(dev);
    uint32_t number = RING_QUIET_PINGS;
    if (!is_long_enough(t, vq) || !ring_irq_usable(t, dev) ||
        !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    uint32_t before = qvirtqueue_irq_count(vq);
    qvirtqueue_irq_enable_after(vq, 0);
    if (!require_ping(t, dev, number++) || !ring_irq_after(t, BASIS_NONE, vq, before)) {
        return;
    }
    before = ring_irq_count_now(vq);
    for (unsigned i = 1; i < FAR; i++) {
        if (!require_ping(t, dev, number++)) {
            return;
        }
    }
    /* None behind the element at used_event. */
    ring_irq_settle(dev);
    expect_eq(t, ring_clause(t, "dev:2.7.7.2-6", "dev:2.8.10-2"),
              qvirtqueue_irq_count(vq) - before, 0);
}

/* used_event is far away before the device has used anything. */
VIRTIO_TEST(first_element_stays_quiet_too, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    if (!ring_start_queues(t, dev, 0)) {
        return;
    }
    QVirtQueue *vq = ring_queue(dev);
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i]) {
            qvirtqueue_irq_disable(dev->vq[i]); /* a driver may open by another queue, and
                                                   share the line with it */
        }
    }
    if (!ring_start_finish(t, dev) || !ring_irq_usable(t, dev)) {
        return;
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (!require_ping(t, dev, i)) {
            return;
        }
    }
    ring_irq_settle(dev);
    uint32_t seen = qvirtqueue_irq_count(vq);
    if (t->ring->uses_event) {
        expect_eq(t, ring_clause(t, "dev:2.7.7.2-6", "dev:2.8.10-1"), seen, 0);
    } else {
        expect_eq(t, ring_clause(t, "dev:2.7.7.2-2", "dev:2.8.10-1"), seen, 0);
    }
}

/* A batch runs over used_event, which lies at its start, inside and at its end. */
VIRTIO_TEST(batch_over_used_event_interrupts,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    unsigned capacity = ring_capacity(dev, 1);
    unsigned count = capacity < 3 ? capacity : 3;

    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    for (unsigned at = 0; at < count; at++) {
        uint32_t before = qvirtqueue_irq_count(vq);
        qvirtqueue_irq_enable_after(vq, at);
        if (!ring_pings(t, BASIS_NONE, dev, 1 + at * count, count) ||
            !ring_irq_after(t, RING_IRQ(t, "dev:2.7.7.2-5"), vq, before)) {
            return;
        }
    }
}

/* A small ring, so that the elements at 0, size - 1, size and 2 * size are among them. */
VIRTIO_TEST(used_event_works_at_each_index_of_a_small_ring,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_EVENT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    uint16_t size = ring_small_size(dev, 4);
    if (!ring_start_sized(t, dev, size) || !ring_irq_usable(t, dev)) {
        return;
    }
    qvirtqueue_irq_enable_after(ring_queue(dev), 0);
    for (uint32_t i = 0; i < 2u * size + 2; i++) {
        if (!count_down(t, dev, i, 0)) {
            return;
        }
        qvirtqueue_irq_enable_after(ring_queue(dev), 0);
    }
}

/* Breaks 2.7.7.1, "The driver MUST set flags to 0": the device disregards the bit. */
VIRTIO_TEST(no_interrupt_flag_means_nothing_under_event_index,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING,
            .violates = "2.7.7.1")
{
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    qvirtqueue_irq_enable(vq);
    forge_avail_flags(vq, VIRTQ_AVAIL_F_NO_INTERRUPT);
    for (uint32_t i = 1; i <= 4; i++) {
        uint32_t before = qvirtqueue_irq_count(vq);
        if (!require_ping(t, dev, i) || !ring_irq_after(t, "dev:2.7.7.2-4", vq, before)) {
            return;
        }
    }
    forge_avail_flags(vq, 0);
    expect_survives(t, dev);
}
