/* SPDX-License-Identifier: MIT */
/*
 * Laps of a packed ring (2.8.1): both wrap counters flip at its end, wherever that falls
 * in a chain, and what an earlier lap left behind is nothing to the device. "The Queue
 * Size value does not have to be a power of 2" (2.8.10.1), so there are rings of any
 * size.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/ring/forge_packed.h"
#include "tests/ring/ring_lib.h"

#define SIZE_MOST  9
#define SIZE_LARGE 128

/* Starts the device with `size` entries. Returns false when that fails, which is
 * reported, or too small for its requests.
 */
static bool start(Test *t, QVirtioDevice *dev, uint16_t size, bool *is_usable)
{
    if (!ring_start_queues(t, dev, size)) {
        return false;
    }
    int err = qvirtio_start_finish(dev, t->ring);
    *is_usable = err != -QVIRTIO_RANGE && err != -QVIRTIO_TOO_LONG &&
                 err != -QVIRTIO_NO_SPACE && (err || ring_capacity(dev, 1) > 0);
    return !*is_usable || require_ok(t, err);
}

static uint16_t largest(QVirtioDevice *dev)
{
    uint16_t max = 0;
    return dev->bus->queue_max(dev, dev->driver->ping_queue, &max) ? 0 : max;
}

static bool serves_laps(Test *t, QVirtioDevice *dev, uint16_t size, unsigned laps)
{
    bool is_usable;
    if (!start(t, dev, size, &is_usable)) {
        return false;
    }
    unsigned count = is_usable ? ring_capacity(dev, 1) : 0;
    for (uint32_t n = 0; count && n < laps * size; n += count) {
        if (!ring_pings(t, "virtio 2.8.10.1", dev, n, count)) {
            return false;
        }
    }
    return require_ok(t, qvirtio_stop(dev));
}

VIRTIO_TEST(rings_of_any_size_serve, .rings = RINGS_PACKED | RINGS_NO_EVENT,
            .flags = TEST_PING | TEST_RAW)
{
    uint16_t max = largest(dev);
    if (max < 2) {
        test_skip(t, "the device offers a queue of one entry only");
    }
    for (uint16_t size = 2; size <= SIZE_MOST && size <= max; size++) {
        if (!serves_laps(t, dev, size, 3)) {
            return;
        }
    }
    /* And a large one: every request takes memory of its own, so not any size. */
    if (max > SIZE_MOST) {
        serves_laps(t, dev, max < SIZE_LARGE ? max - 1 : SIZE_LARGE - 1, 2);
    }
}

/* Each chain begins one slot before the last one's end, so the ring's end falls behind
 * each of its descriptors in turn. */
VIRTIO_TEST(chains_lie_across_the_end_of_the_ring, .rings = RINGS_PACKED | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW)
{
    bool is_usable;
    uint16_t size = largest(dev) < 7 ? largest(dev) : 7;
    if (!start(t, dev, size, &is_usable)) {
        return;
    }
    if (!is_usable || !ring_capacity(dev, 3)) {
        test_skip(t, "requests in six pieces do not fit a queue of %u entries", size);
        return;
    }
    for (uint32_t i = 0; i < 2u * size; i++) {
        RingBatch b;
        if (!ring_batch_make(t, dev, &b, i, 1) || !ring_batch_add(t, &b, 0, 3)) {
            return;
        }
        qvirtqueue_kick(b.vq);
        if (!ring_batch_take(t, CONTENT_CLAUSE(t, b.ping, "dev:2.7.4.1-1"), &b, 1)) {
            return;
        }
    }
}

/* Nothing is available, but what lies where the next chain will be says otherwise to who
 * forgets the lap. */
static bool kick_over_leftovers(Test *t, QVirtioDevice *dev, uint32_t number)
{
    QVirtQueue *vq = ring_queue(dev);
    for (unsigned i = 0; i < 2; i++) {
        qvirtio_notify(dev, vq);
        qvirtio_poll(dev);
    }
    return expect_ping(t, "dev:2.8.15-2", dev, number) &&
           expect_that(t, "dev:2.8.15-2", !qvirtqueue_has_used(vq), "one used buffer",
                       "another one") &&
           expect_eq(t, "dev:2.8.15-2", qvirtqueue_desc_changed(vq), -1);
}

/* An odd size and chains of two: later laps begin on what was a second descriptor, which
 * still is as the driver left it. */
VIRTIO_TEST(descriptors_of_the_last_lap_are_not_taken, .rings = RINGS_PACKED,
            .flags = TEST_PING | TEST_RAW)
{
    bool is_usable;
    if (!start(t, dev, largest(dev) < 5 ? largest(dev) : 5, &is_usable)) {
        return;
    }
    if (!is_usable) {
        test_skip(t, "requests of this device do not fit so small a queue");
        return;
    }
    for (uint32_t i = 0; i < 12 && kick_over_leftovers(t, dev, i); i++) {
    }
}

/* Puts a writable buffer where the next chain will begin, in the flags of whose turn it
 * is not. */
static void plant(QVirtQueue *vq, void *data, uint32_t bytes)
{
    QVRingPlace at = forge_packed_next(vq);
    uint16_t other_lap = at.wrap ? 0 : VIRTQ_DESC_F_AVAIL;
    forge_packed(vq, at.slot,
                 (ForgePackedDesc){.addr = arena_map(data, bytes).raw,
                                   .len = bytes,
                                   .flags = VIRTQ_DESC_F_WRITE | other_lap});
}

/* "A device MUST NOT use a descriptor unless it observes the VIRTQ_DESC_F_AVAIL bit in
 * its flags being changed (e.g. as compared to the initial zero value)." */
VIRTIO_TEST(descriptor_is_nothing_before_its_avail_bit_changes,
            .rings = RINGS_PACKED | RINGS_DIRECT, .flags = TEST_PING | TEST_RAW)
{
    static const uint8_t untouched[64];
    void *data = arena_lend(sizeof(untouched), 16);
    bool is_usable;
    if (!require_ok(t, data ? 0 : -QVIRTIO_NO_MEMORY) ||
        !start(t, dev, ring_small_size(dev, 8), &is_usable)) {
        return;
    }
    if (!is_usable) {
        test_skip(t, "requests of this device do not fit so small a queue");
        return;
    }
    for (uint32_t i = 0; i < 10; i++) {
        plant(ring_queue(dev), data, sizeof(untouched));
        if (!kick_over_leftovers(t, dev, i) ||
            !expect_same(t, "dev:2.8.15-2", data, untouched, sizeof(untouched))) {
            return;
        }
    }
}
