/* SPDX-License-Identifier: MIT */
/*
 * The packed virtqueue (2.8), device side: lists and indirect tables, wrap counters,
 * event suppression with places. Everything that the driver can write is read once and
 * checked. Walks are bounded by the queue's size.
 *
 * Barriers carry the letters of ring/packed.c, whose partners they are.
 */
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/manner.h"
#include "drivers/virtio/soft/side/side.h"
#include "drivers/virtio/spec/virtio_ring_packed.h"
#include "kernel/barrier.h"
#include "kernel/lib/string.h"

SOFT_FAULT(takes_stale_descriptors, "dev:2.8.15-2",
           "looks at half of the two bits that make a packed descriptor available");
SOFT_FAULT(touches_used_descriptors, "dev:2.8.15-3",
           "clears the address of a packed descriptor that it used before");
SOFT_FAULT(swaps_pieces_of_a_list, "dev:2.8.18-1",
           "takes the second descriptor of a packed list before the first");
SOFT_FAULT(interrupts_though_disabled, "dev:2.8.10-1",
           "interrupts in spite of RING_EVENT_FLAGS_DISABLE");
SOFT_FAULT(interrupts_at_any_place, "dev:2.8.10-2",
           "takes RING_EVENT_FLAGS_DESC for ENABLE");
SOFT_FAULT(takes_unpublished_descriptors, "dev:2.8.15-2",
           "takes a descriptor with an address before its flags are written");
SOFT_MANNER_AGAINST(interrupts_in_spite_of_disable, "2.8.10",
                    "dev:2.8.10-1 dev:2.8.10-2 dev:5.1.9.5.10.6-8",
                    "always interrupts under RING_EVENT_FLAGS_DISABLE");
SOFT_MANNER_AGAINST(interrupts_at_each_place, "2.8.10", "dev:2.8.10-2",
                    "always interrupts under RING_EVENT_FLAGS_DESC");

SOFT_FAULT(writes_ahead, "dev:2.8.15-2",
           "writes into the buffer of a descriptor that is not available");

static int packed_map(QVirtQueueSide *q)
{
    size_t event = sizeof(QVRingPackedEvent);
    void *desc = qvirtqueue_map_area(q, q->desc_addr, virtq_packed_desc_bytes(q->size),
                                     VIRTQ_PACKED_DESC_ALIGN, true);
    q->driver =
        qvirtqueue_map_area(q, q->driver_addr, event, VIRTQ_PACKED_EVENT_ALIGN, false);
    q->device =
        qvirtqueue_map_area(q, q->device_addr, event, VIRTQ_PACKED_EVENT_ALIGN, true);
    if (!desc || !q->driver || !q->device) {
        return -QVIRTIO_BROKEN;
    }
    q->desc = desc;
    return 0;
}

static void step(const QVirtQueueSide *q, uint16_t *slot, bool *wrap, uint16_t count)
{
    uint32_t to = *slot + count;
    *wrap ^= to / q->size & 1;
    *slot = to % q->size;
}

/* 2.8.1: returns true when a descriptor is available in this lap, and was not used in it.
 */
static bool is_available(const QVirtQueueSide *q, uint16_t flags)
{
    bool avail = flags & VIRTQ_DESC_F_AVAIL, used = flags & VIRTQ_DESC_F_USED;
    if (soft_fault(takes_stale_descriptors)) {
        return avail != used || avail == q->avail_wrap;
    }
    return avail == q->avail_wrap && used != q->avail_wrap;
}

/* 2.8.7: takes the entries of an indirect table in a row. Their only flag is WRITE. */
static const char *take_table(QVirtQueueSide *q, QVirtQueueElement *e,
                              const QVRingPackedDesc *d)
{
    uint32_t bytes = le32_get(d->len);
    const char *table =
        qvirtqueue_map_area(q, (dma_addr){le64_get(d->addr)}, bytes, 1, false);
    const char *why = NULL;
    if (!q->uses_indirect || !table || bytes == 0 || bytes % sizeof(*d) ||
        bytes / sizeof(*d) > q->size) {
        return "an indirect table that must not be";
    }
    for (uint32_t at = 0; at < bytes && !why; at += sizeof(*d)) {
        QVRingPackedDesc entry;
        memcpy(&entry, table + at, sizeof(entry));
        why = qvirtqueue_add_buffer(q, e, le64_get(entry.addr), le32_get(entry.len),
                                    le16_get(entry.flags) & VIRTQ_DESC_F_WRITE);
    }
    return why;
}

/* Takes a list, whose slots are in a row. Its last descriptor names it (2.8.6). */
static const char *take_list(QVirtQueueSide *q, QVirtQueueElement *e)
{
    const QVRingPackedDesc *ring = q->desc;
    uint16_t flags = VIRTQ_DESC_F_NEXT;
    while (flags & VIRTQ_DESC_F_NEXT) {
        if (e->slots == q->size) {
            return "a list longer than the queue";
        }
        QVRingPackedDesc d = READ_ONCE(ring[(q->next_avail + e->slots) % q->size]);
        const char *why = NULL;
        flags = le16_get(d.flags);
        if (flags & VIRTQ_DESC_F_INDIRECT) {
            why = e->slots || flags & VIRTQ_DESC_F_NEXT ? "an indirect table in a list"
                                                        : take_table(q, e, &d);
        } else {
            why = qvirtqueue_add_buffer(q, e, le64_get(d.addr), le32_get(d.len),
                                        flags & VIRTQ_DESC_F_WRITE);
        }
        if (why) {
            return why;
        }
        e->slots++;
        e->index = le16_get(d.id);
    }
    return NULL;
}

/* The faults about descriptors that are not available. */
static bool takes_anyway(const QVRingPackedDesc *d)
{
    uint16_t flags = le16_get(d->flags);
    uint8_t *buffer = arena_unmap((dma_addr){le64_get(d->addr)}, 1);
    if (soft_fault(writes_ahead) && buffer && flags & VIRTQ_DESC_F_WRITE) {
        *buffer = 0x5a;
    }
    return soft_fault(takes_unpublished_descriptors) && flags == 0 && buffer;
}

static int packed_pop(QVirtQueueSide *q, QVirtQueueElement *e)
{
    const QVRingPackedDesc *ring = q->desc;
    if (!is_available(q, le16_get(READ_ONCE(ring[q->next_avail].flags))) &&
        !takes_anyway(&ring[q->next_avail])) {
        return 0;
    }
    /* Barrier A: flags before the rest. Partner: the driver writes the rest, then the
     * flags. */
    barrier_acquire();
    e->slots = 0;
    q->broken = take_list(q, e);
    if (q->broken) {
        return -QVIRTIO_BROKEN;
    }
    if (soft_fault(swaps_pieces_of_a_list) && e->out_num > 1) {
        QVirtIovec first = e->sg[0];
        e->sg[0] = e->sg[1];
        e->sg[1] = first;
    }
    step(q, &q->next_avail, &q->avail_wrap, e->slots);
    return 1;
}

/* 2.8.4: the flag WRITE says that the length means something. */
static uint16_t used_flags(const QVirtQueueElement *e, bool wrap)
{
    uint16_t flags = e->in_num ? VIRTQ_DESC_F_WRITE : 0;
    return wrap ? flags | VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED : flags;
}

/* The flags of the first descriptor are held back until flush: the driver cannot pass it
 * before. */
static void packed_fill(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len,
                        uint16_t offset)
{
    QVRingPackedDesc *ring = q->desc;
    if (offset == 0) {
        q->fill_slot = q->next_used;
        q->fill_wrap = q->used_wrap;
    }
    QVRingPackedDesc *d = &ring[q->fill_slot];
    uint16_t flags = used_flags(e, q->fill_wrap);
    d->id = le16_of(e->index);
    d->len = le32_of(len);
    if (offset == 0) {
        q->held_flags = flags;
        q->has_held = true;
    } else {
        WRITE_ONCE(d->flags, le16_of(flags));
    }
    q->fill_slots += e->slots;
    step(q, &q->fill_slot, &q->fill_wrap, e->slots);
}

static void packed_flush(QVirtQueueSide *q, uint16_t count)
{
    QVRingPackedDesc *ring = q->desc;
    (void)count;
    if (!q->has_held) {
        return;
    }
    /* Barrier C: id and length before the flags. Partner: the driver reads the flags,
     * then them. */
    barrier_release();
    WRITE_ONCE(ring[q->next_used].flags, le16_of(q->held_flags));
    if (soft_fault(touches_used_descriptors)) {
        uint16_t before = (q->next_used + q->size - 1) % q->size;
        ring[before].addr = le64_of(0);
    }
    q->has_held = false;
    q->judged_used += q->fill_slots;
    q->fill_slots = 0;
    q->next_used = q->fill_slot;
    q->used_wrap = q->fill_wrap;
}

/* Here judged_used counts the slots that were used since the last decision. */
static bool packed_wants_interrupt(QVirtQueueSide *q)
{
    const QVRingPackedEvent *wish = q->driver;
    uint16_t used = q->judged_used, now = q->next_used;
    if (used == 0) {
        return false;
    }
    q->judged_used = 0;
    /* Barrier D: the ring before the driver's wish. Partner: the driver writes its wish,
     * then looks at the ring. */
    barrier_full();
    uint16_t flags = le16_get(READ_ONCE(wish->flags)) & RING_EVENT_FLAGS_MASK;
    if (flags != RING_EVENT_FLAGS_DESC || !q->uses_event) {
        return flags != RING_EVENT_FLAGS_DISABLE ||
               soft_manner(interrupts_in_spite_of_disable) ||
               soft_fault(interrupts_though_disabled);
    }
    barrier_acquire(); /* the driver writes the place, then the flags that ask for it */
    uint16_t place = le16_get(READ_ONCE(wish->off_wrap));
    uint16_t event = place & ~RING_EVENT_WRAP;
    /* Places of another lap than ours count as negative. */
    if (!!(place & RING_EVENT_WRAP) != q->used_wrap) {
        event -= q->size;
    }
    return qvring_need_event(event, now, now - used) ||
           soft_manner(interrupts_at_each_place) || soft_fault(interrupts_at_any_place);
}

static void packed_ask_for_kick(QVirtQueueSide *q)
{
    QVRingPackedEvent *wish = q->device;
    if (qvirtqueue_polls()) {
        WRITE_ONCE(wish->flags, le16_of(RING_EVENT_FLAGS_DISABLE));
        return;
    }
    if (q->uses_event) {
        uint16_t place = q->next_avail | (q->avail_wrap ? RING_EVENT_WRAP : 0);
        WRITE_ONCE(wish->off_wrap, le16_of(place));
        barrier_release(); /* the driver reads the place once the flags ask for it */
        WRITE_ONCE(wish->flags, le16_of(RING_EVENT_FLAGS_DESC));
    }
    /* Barrier B: the wish before another look. Partner: the driver writes flags, then
     * reads the wish. */
    barrier_full();
}

const QVirtSideFormat qvirtqueue_side_packed = {
    .map = packed_map,
    .pop = packed_pop,
    .fill = packed_fill,
    .flush = packed_flush,
    .wants_interrupt = packed_wants_interrupt,
    .ask_for_kick = packed_ask_for_kick,
};
