/* SPDX-License-Identifier: MIT */
/*
 * What belongs to the driver stays as it was (2.7.5.1, 2.7.6): device-readable buffers,
 * the descriptor table, the available ring. The canaries around every buffer are the
 * harness's part.
 */
#include "tests/ring/ring_lib.h"

#define PINGS_MOST 8

static unsigned ping_count(const QVirtioDevice *dev)
{
    unsigned capacity = ring_capacity(dev, 1);
    return capacity < PINGS_MOST ? capacity : PINGS_MOST;
}

VIRTIO_TEST(readable_buffers_are_unchanged, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    RingBatch b;
    unsigned count = ping_count(dev);
    if (!ring_batch_make(t, dev, &b, 0, count)) {
        return;
    }
    uint32_t bytes = b.ping[0].out_bytes;
    if (bytes == 0) {
        test_skip(t, "the ping of this device has nothing to read");
        return;
    }
    char *before = arena_lend(count * bytes, 1);
    if (!require_ok(t, before ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        memcpy(before + i * bytes, b.ping[i].out, bytes);
    }
    if (!ring_batch_add_all(t, &b, 1)) {
        return;
    }
    qvirtqueue_kick(b.vq);
    if (!ring_batch_take(t, BASIS_NONE, &b, count)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!expect_same(t, ring_clause(t, "dev:2.7.5.1-1a", "dev:2.8.15-1a"),
                         b.ping[i].out, before + i * bytes, bytes)) {
            return;
        }
    }
}

/* Of a packed ring: used descriptors stay as the device wrote them, and the others of a
 * list as the driver did. */
VIRTIO_TEST(descriptors_are_unchanged, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    unsigned count = ping_count(dev);

    for (uint32_t round = 0; round < 2; round++) {
        if (!ring_pings(t, BASIS_NONE, dev, round * count, count) ||
            !expect_eq(t, ring_clause(t, "dev:2.7.5.1-2", "dev:2.8.15-3"),
                       qvirtqueue_desc_changed(vq), -1)) {
            return;
        }
    }
}

/* 2.7.6: "It is only written by the driver and read by the device." */
VIRTIO_TEST(available_ring_is_unchanged, .rings = RINGS_SPLIT | RINGS_DIRECT,
            .flags = TEST_PING)
{
    RingBatch b;
    QVirtQueue *vq = ring_queue(dev);
    size_t bytes = virtq_avail_bytes(vq->size);
    void *before = arena_lend(bytes, 2);

    /* The honest hand moves used_event, which lies in the same area, unless told not to.
     */
    qvirtqueue_irq_disable(vq);
    if (!require_ok(t, before ? 0 : -QVIRTIO_NO_MEMORY) ||
        !ring_batch_make(t, dev, &b, 0, ping_count(dev)) ||
        !ring_batch_add_all(t, &b, 1)) {
        return;
    }
    qvirtqueue_publish(vq);
    memcpy(before, vq->vring.avail, bytes);
    qvirtqueue_kick(vq);
    if (ring_batch_take(t, BASIS_NONE, &b, b.count)) {
        expect_same(t, "virtio 2.7.6", (const void *)vq->vring.avail, before, bytes);
    }
}
