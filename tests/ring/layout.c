/* SPDX-License-Identifier: MIT */
/*
 * Where the three areas of a split ring may lie (2.7): each at any multiple of its own
 * alignment, in any order, close together or far apart. No neighbour is more aligned than
 * it must be, so a device that rounds an address fails.
 */
#include "tests/ring/ring_lib.h"

#define QUEUE_SIZE 8

/* Bytes between areas; each area is `align` aligned and no better. */
typedef struct Layout {
    uint8_t order[3]; /* 0 descriptors, 1 available, 2 used */
    uint32_t gap;
} Layout;

static const uint32_t aligns[] = {VIRTQ_DESC_ALIGN, VIRTQ_AVAIL_ALIGN, VIRTQ_USED_ALIGN};

/* The next address from `at` on that is a multiple of align; `badly`: of no more. */
static char *next_aligned(char *at, uint32_t align, bool badly)
{
    uintptr_t a = ((uintptr_t)at + align - 1) & ~(uintptr_t)(align - 1);
    return (char *)(badly && !(a & align) ? a + align : a);
}

/* Moves the ring of a queue that is not enabled yet into one block, as laid out. */
static bool place(Test *t, QVirtQueue *vq, const Layout *layout, bool badly)
{
    QVRing *r = &vq->vring;
    size_t bytes[] = {virtq_desc_bytes(vq->size), virtq_avail_bytes(vq->size),
                      virtq_used_bytes(vq->size)};
    const void *old[] = {r->desc, r->avail, r->used};
    char *area[3];
    char *at = arena_lend(bytes[0] + bytes[1] + bytes[2] + 3 * (layout->gap + 64), 4096);

    if (!expect_ok(t, NULL, at ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    for (unsigned i = 0; i < 3; i++) {
        unsigned which = layout->order[i];
        area[which] = next_aligned(at, aligns[which], badly);
        memcpy(area[which], old[which], bytes[which]);
        at = area[which] + bytes[which] + layout->gap;
    }
    r->desc = (QVRingDesc *)area[0];
    r->avail = (QVRingAvail *)area[1];
    r->used = (QVRingUsed *)area[2];
    r->desc_addr = arena_map(area[0], bytes[0]);
    r->avail_addr = arena_map(area[1], bytes[1]);
    r->used_addr = arena_map(area[2], bytes[2]);
    return true;
}

/* A whole life of the device with its ping queue laid out like that. */
static void serve(Test *t, QVirtioDevice *dev, const Layout *layout, bool badly)
{
    uint16_t index = dev->driver->ping_queue;
    QVirtQueue *vq;

    if (!ring_begin(t, dev) ||
        !expect_ok(t, NULL,
                   qvirtqueue_alloc(dev, index, ring_small_size(dev, QUEUE_SIZE), t->ring,
                                    &vq)) ||
        !place(t, vq, layout, badly) || !expect_ok(t, NULL, qvirtqueue_enable(vq)) ||
        !ring_start_finish(t, dev)) {
        return;
    }
    unsigned count = ring_capacity(dev, 1);
    for (uint32_t round = 0; round < 3; round++) {
        if (!ring_pings(t, NULL, dev, round * count, count)) {
            return;
        }
    }
}

VIRTIO_TEST(areas_at_their_least_alignment_serve, .rings = RINGS_SPLIT | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {0, 1, 2}, .gap = 10}, true);
}

VIRTIO_TEST(adjacent_areas_serve, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {0, 1, 2}, .gap = 0}, false);
}

VIRTIO_TEST(areas_in_reverse_order_serve, .rings = RINGS_SPLIT | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {2, 1, 0}, .gap = 0}, true);
}

VIRTIO_TEST(areas_far_apart_serve, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {1, 2, 0}, .gap = 300 * 1024}, true);
}
