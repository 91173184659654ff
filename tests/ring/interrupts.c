/* SPDX-License-Identifier: MIT */
/*
 * Used buffer notifications without event index (2.7.7): the flag in the available ring
 * decides, used_event is nothing. Requests go one by one here: a device may join the
 * notifications of buffers that it uses together. That silence SHOULD be kept is asked
 * of the modern interface only.
 */
#include "tests/ring/ring_lib.h"

#define PINGS       4
#define BATCH_PINGS 3

VIRTIO_TEST(each_used_buffer_interrupts, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev)) {
        return;
    }
    for (uint32_t i = 0; i < PINGS; i++) {
        uint32_t before = qvirtqueue_irq_count(vq);
        if (!require_ping(t, dev, i) ||
            !ring_irq_after(t, RING_IRQ(t, "dev:2.7.7.2-3"), vq, before)) {
            return;
        }
    }
}

VIRTIO_TEST(each_batch_interrupts, .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    unsigned capacity = ring_capacity(dev, 1);
    unsigned count = capacity < BATCH_PINGS ? capacity : BATCH_PINGS;
    if (!ring_irq_usable(t, dev)) {
        return;
    }
    for (uint32_t i = 0; i < PINGS; i++) {
        uint32_t before = qvirtqueue_irq_count(vq);
        if (!ring_pings(t, BASIS_NONE, dev, i * count, count) ||
            !ring_irq_after(t, RING_IRQ(t, "dev:2.7.7.2-3"), vq, before)) {
            return;
        }
    }
}

VIRTIO_TEST(no_interrupt_flag_silences,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .buses = BUS_MODERN)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    uint32_t before = qvirtqueue_irq_count(vq);
    for (uint32_t i = 0; i < PINGS; i++) {
        if (!require_ping(t, dev, RING_QUIET_PINGS + i)) {
            return;
        }
    }
    ring_irq_settle(dev);
    expect_eq(t, ring_clause(t, "dev:2.7.7.2-2", "dev:2.8.10-1"),
              qvirtqueue_irq_count(vq) - before, 0);
}

VIRTIO_TEST(interrupts_come_back_with_the_flag_clear, .flags = TEST_PING,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev)) {
        return;
    }
    for (uint32_t i = 0; i < 3; i++) {
        qvirtqueue_irq_disable(vq);
        if (!require_ping(t, dev, 2 * i)) {
            return;
        }
        qvirtqueue_irq_enable(vq);
        uint32_t before = qvirtqueue_irq_count(vq);
        if (!require_ping(t, dev, 2 * i + 1) ||
            !ring_irq_after(t, RING_IRQ(t, "dev:2.7.7.2-3"), vq, before)) {
            return;
        }
    }
}

/* A suppressed buffer's interrupt is not made up for when the flag is cleared: nothing in
 * the text asks for it, and a driver looks at the ring after clearing. So only this is
 * expected: the ring shows what was used meanwhile. */
VIRTIO_TEST(ring_shows_what_was_used_in_silence, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING)
{
    RingBatch b;
    QVirtQueue *vq = ring_queue(dev);
    unsigned capacity = ring_capacity(dev, 1);

    qvirtqueue_irq_disable(vq);
    if (!ring_batch_make(t, dev, &b, 0, capacity < PINGS ? capacity : PINGS) ||
        !ring_batch_add_all(t, &b, 1)) {
        return;
    }
    qvirtqueue_kick(vq);
    if (ring_batch_take(t, RING_USED(t), &b, b.count - 1)) {
        qvirtqueue_irq_enable(vq);
        ring_batch_take(t, RING_USED(t), &b, 1);
    }
}

/* Values of used_event that would silence a device which looks at it. */
VIRTIO_TEST(used_event_means_nothing_without_event_index, .flags = TEST_PING,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT)
{
    static const uint16_t off[] = {0xffff, 1, 0x7fff, 0x8000, 2};
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev)) {
        return;
    }
    for (uint32_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
        uint32_t before = qvirtqueue_irq_count(vq);
        forge_used_event(vq, vq->last_used + off[i]);
        if (!require_ping(t, dev, i) || !ring_irq_after(t, "dev:2.7.7.2-1", vq, before)) {
            return;
        }
    }
}

/* And the other way round: used_event asks for every buffer, the flag says no. */
VIRTIO_TEST(used_event_does_not_lift_the_flag,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .buses = BUS_MODERN)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    uint32_t before = qvirtqueue_irq_count(vq);
    for (uint32_t i = 0; i < PINGS; i++) {
        forge_used_event(vq, vq->last_used);
        if (!require_ping(t, dev, RING_QUIET_PINGS + i)) {
            return;
        }
    }
    ring_irq_settle(dev);
    expect_eq(t, "dev:2.7.7.2-2", qvirtqueue_irq_count(vq) - before, 0);
}
