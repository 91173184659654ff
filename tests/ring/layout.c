/* SPDX-License-Identifier: MIT */
/*
 * Where the three areas of a ring may lie (2.7, 2.8.10.1): each at any multiple of its
 * own alignment, in any order, close together or far apart. No neighbour is more aligned
 * than it must be, so a device that rounds an address fails.
 */
#include "drivers/virtio/ring/packed.h"
#include "tests/ring/ring_lib.h"

#define QUEUE_SIZE 8

/* Bytes between areas; each area is `align` aligned and no better. */
typedef struct Layout {
    uint8_t order[3]; /* 0 descriptors, 1 available, 2 used */
    uint32_t gap;
} Layout;

/* Descriptors, the driver's area, the device's. */
typedef struct Areas {
    void *at[3];
    size_t bytes[3];
    uint32_t align[3];
} Areas;

static Areas areas_of(const QVirtQueue *vq)
{
    if (vq->ring->is_packed) {
        const QVRingPacked *p = qvring_packed(vq);
        size_t event = sizeof(*p->driver);
        return (Areas){.at = {p->desc, p->driver, p->device},
                       .bytes = {virtq_packed_desc_bytes(vq->size), event, event},
                       .align = {VIRTQ_PACKED_DESC_ALIGN, VIRTQ_PACKED_EVENT_ALIGN,
                                 VIRTQ_PACKED_EVENT_ALIGN}};
    }
    const QVRing *r = &vq->vring;
    return (Areas){.at = {r->desc, r->avail, r->used},
                   .bytes = {virtq_desc_bytes(vq->size), virtq_avail_bytes(vq->size),
                             virtq_used_bytes(vq->size)},
                   .align = {VIRTQ_DESC_ALIGN, VIRTQ_AVAIL_ALIGN, VIRTQ_USED_ALIGN}};
}

static void move_to(QVirtQueue *vq, const Areas *areas)
{
    QVRing *r = &vq->vring;
    if (vq->ring->is_packed) {
        QVRingPacked *p = qvring_packed(vq);
        p->desc = areas->at[0];
        p->driver = areas->at[1];
        p->device = areas->at[2];
    } else {
        r->desc = areas->at[0];
        r->avail = areas->at[1];
        r->used = areas->at[2];
    }
    r->desc_addr = arena_map(areas->at[0], areas->bytes[0]);
    r->avail_addr = arena_map(areas->at[1], areas->bytes[1]);
    r->used_addr = arena_map(areas->at[2], areas->bytes[2]);
}

/* The next address from `at` on that is a multiple of align; `badly`: of no more. */
static char *next_aligned(char *at, uint32_t align, bool badly)
{
    uintptr_t a = ((uintptr_t)at + align - 1) & ~(uintptr_t)(align - 1);
    return (char *)(badly && !(a & align) ? a + align : a);
}

/* Moves the ring of a queue that is not enabled yet into one block, as laid out. */
static bool place(Test *t, QVirtQueue *vq, const Layout *layout, bool badly)
{
    Areas old = areas_of(vq), areas = old;
    size_t bytes = old.bytes[0] + old.bytes[1] + old.bytes[2];
    char *at = arena_lend(bytes + 3 * (layout->gap + 64), 4096);

    if (!require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    for (unsigned i = 0; i < 3; i++) {
        unsigned which = layout->order[i];
        char *area = next_aligned(at, areas.align[which], badly);
        areas.at[which] = area;
        memcpy(area, old.at[which], areas.bytes[which]);
        at = area + areas.bytes[which] + layout->gap;
    }
    move_to(vq, &areas);
    return true;
}

/* A whole life of the device with its ping queue laid out like that. */
static void serve(Test *t, QVirtioDevice *dev, const Layout *layout, bool badly)
{
    uint16_t index = dev->driver->ping_queue;
    QVirtQueue *vq;

    if (!ring_begin(t, dev) ||
        !require_ok(t, qvirtqueue_alloc(dev, index, ring_small_size(dev, QUEUE_SIZE),
                                        t->ring, &vq)) ||
        !place(t, vq, layout, badly) || !require_ok(t, qvirtqueue_enable(vq)) ||
        !ring_start_finish(t, dev)) {
        return;
    }
    unsigned count = ring_capacity(dev, 1);
    for (uint32_t round = 0; round < 3; round++) {
        if (!ring_pings(t, RING_SIZE(t), dev, round * count, count)) {
            return;
        }
    }
}

VIRTIO_TEST(areas_at_their_least_alignment_serve, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {0, 1, 2}, .gap = 10}, true);
}

VIRTIO_TEST(adjacent_areas_serve, .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {0, 1, 2}, .gap = 0}, false);
}

VIRTIO_TEST(areas_in_reverse_order_serve, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {2, 1, 0}, .gap = 0}, true);
}

VIRTIO_TEST(areas_far_apart_serve, .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    serve(t, dev, &(Layout){.order = {1, 2, 0}, .gap = 300 * 1024}, true);
}
