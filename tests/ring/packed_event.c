/* SPDX-License-Identifier: MIT */
/*
 * Event suppression of packed rings (2.8.10, 2.8.14): the flags decide, and a place in
 * the ring counts only when they ask for it, together with its lap. 2.8.10 says so in
 * passing, so a notification too many is a warning, as 2.7.7.2 has it for split rings.
 */
#include "drivers/virtio/ring/forge_packed.h"
#include "tests/ring/ring_lib.h"

#define PINGS 4

/* Places that would silence a device which looks at them. */
VIRTIO_TEST(event_place_means_nothing_while_events_are_enabled,
            .rings = RINGS_PACKED | RINGS_DIRECT, .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    for (uint32_t i = 0; i < PINGS; i++) {
        uint32_t before = qvirtqueue_irq_count(vq);
        uint16_t place = qvring_place_bits(forge_packed_next_used(vq));
        place =
            i % 2 ? place ^ RING_EVENT_WRAP : (place & RING_EVENT_WRAP) | (vq->size - 1);
        forge_packed_wish(vq, (ForgePackedWish){place, RING_EVENT_FLAGS_ENABLE});
        if (!require_ping(t, dev, RING_QUIET_PINGS + i) ||
            !ring_irq_after(t, "virtio 2.8.10", vq, before)) {
            return;
        }
    }
}

/* And the other way round: the place is the very next one, the flags say no. */
VIRTIO_TEST(event_place_does_not_lift_disable, .rings = RINGS_PACKED | RINGS_DIRECT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    uint32_t before = qvirtqueue_irq_count(vq);
    for (uint32_t i = 0; i < PINGS; i++) {
        uint16_t place = qvring_place_bits(forge_packed_next_used(vq));
        forge_packed_wish(vq, (ForgePackedWish){place, RING_EVENT_FLAGS_DISABLE});
        if (!require_ping(t, dev, RING_QUIET_PINGS + i)) {
            return;
        }
    }
    ring_irq_settle(dev);
    expect_eq(t, "dev:2.8.10-1", qvirtqueue_irq_count(vq) - before, 0);
}

/* "Event will only trigger when Ring Wrap Counter matches this value": the same place, a
 * lap away. */
VIRTIO_TEST(event_of_another_lap_stays_quiet,
            .rings = RINGS_PACKED | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    if (vq->size < 8) {
        test_skip(t, "a lap of %u entries is over too soon", vq->size);
        return;
    }
    if (!ring_irq_usable(t, dev) || !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    uint32_t before = qvirtqueue_irq_count(vq);
    uint16_t place = qvring_place_bits(forge_packed_next_used(vq));
    forge_packed_wish(vq,
                      (ForgePackedWish){place ^ RING_EVENT_WRAP, RING_EVENT_FLAGS_DESC});
    for (uint32_t i = 0; i < 2; i++) {
        if (!require_ping(t, dev, RING_QUIET_PINGS + i)) {
            return;
        }
    }
    ring_irq_settle(dev);
    expect_eq(t, "dev:2.8.10-2", qvirtqueue_irq_count(vq) - before, 0);
}

/* The event lies a lap and more away while the ring's end is passed. */
VIRTIO_TEST(end_of_the_ring_is_no_event,
            .rings = RINGS_PACKED | RINGS_DIRECT | RINGS_EVENT,
            .flags = TEST_PING | TEST_RAW)
{
    uint16_t size = ring_small_size(dev, 8);
    if (!ring_start_sized(t, dev, size) || !ring_irq_usable(t, dev) ||
        !ring_irq_quiet(t, dev, 0)) {
        return;
    }
    QVirtQueue *vq = ring_queue(dev);
    uint32_t before = qvirtqueue_irq_count(vq);
    for (uint32_t i = 0; i < size; i++) {
        QVRingPlace behind = forge_packed_next_used(vq);
        behind.wrap = !behind.wrap; /* where we are, one lap later */
        forge_packed_wish(
            vq, (ForgePackedWish){qvring_place_bits(behind), RING_EVENT_FLAGS_DESC});
        if (!require_ping(t, dev, RING_QUIET_PINGS + i)) {
            return;
        }
    }
    ring_irq_settle(dev);
    expect_eq(t, "dev:2.8.10-2", qvirtqueue_irq_count(vq) - before, 0);
}

/* Two bits of flags, of them DESC "only valid if VIRTIO_F_EVENT_IDX has been negotiated",
 * the rest "Reserved, set to 0"; a place in the ring. */
static bool check_wish(Test *t, const QVirtQueue *vq)
{
    ForgePackedWish wish = forge_packed_device_wish(vq);
    uint16_t most =
        t->ring->uses_event ? RING_EVENT_FLAGS_DESC : RING_EVENT_FLAGS_DISABLE;
    return expect_le(t, "virtio 2.8.10", wish.flags, most) &&
           (wish.flags != RING_EVENT_FLAGS_DESC ||
            expect_le(t, "virtio 2.8.10", wish.off_wrap & ~RING_EVENT_WRAP,
                      vq->size - 1));
}

VIRTIO_TEST(device_asks_for_kicks_in_valid_words, .rings = RINGS_PACKED | RINGS_DIRECT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    unsigned capacity = ring_capacity(dev, 1);
    for (uint32_t round = 0; round < 3; round++) {
        RingBatch b;
        if (!check_wish(t, vq) ||
            !ring_batch_make(t, dev, &b, round * PINGS, capacity < 3 ? capacity : 3) ||
            !ring_batch_add_all(t, &b, 1)) {
            return;
        }
        qvirtqueue_kick(vq);
        for (unsigned i = 0; i < b.count; i++) {
            if (!check_wish(t, vq) || !ring_batch_take(t, BASIS_NONE, &b, 1)) {
                return;
            }
        }
    }
}

/* 2.8.10: "The Driver Event Suppression structure is read-only by the device". */
VIRTIO_TEST(driver_event_area_is_unchanged, .rings = RINGS_PACKED | RINGS_DIRECT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    const QVRingPackedEvent *area = qvring_packed(vq)->driver;
    unsigned capacity = ring_capacity(dev, 1);

    qvirtqueue_irq_disable(vq); /* else the honest hand moves it */
    QVRingPackedEvent before = *area;
    if (ring_pings(t, BASIS_NONE, dev, 0, capacity < PINGS ? capacity : PINGS)) {
        expect_same(t, "virtio 2.8.10", area, &before, sizeof(before));
    }
}
