/* SPDX-License-Identifier: MIT */
/*
 * The split virtqueue (2.7), device side: direct, chained and indirect descriptors, event
 * index and flags. Everything that the driver can write is read once and checked. Walks
 * are bounded by the queue's size.
 *
 * Barriers carry the letters of ring/split.c, whose partners they are.
 */
#include "drivers/virtio/ring/qvring.h"
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/manner.h"
#include "drivers/virtio/soft/side/side.h"
#include "kernel/barrier.h"
#include "kernel/lib/string.h"

SOFT_FAULT(writes_into_descriptors, "dev:2.7.5.1-2",
           "notes the written length in the descriptor table");
SOFT_FAULT(minds_write_flag_of_tables, "dev:2.7.5.3.2-1",
           "takes an indirect table with the WRITE flag for a buffer");
SOFT_FAULT(no_tables_behind_descriptors, "dev:2.7.5.3.2-2",
           "refuses an indirect table behind direct descriptors");
SOFT_FAULT(used_event_without_the_feature, "dev:2.7.7.2-1",
           "looks at used_event although EVENT_IDX was not accepted");
SOFT_FAULT(ignores_no_interrupt, "dev:2.7.7.2-2", "interrupts in spite of NO_INTERRUPT");
SOFT_FAULT(every_second_interrupt, "dev:2.7.7.2-3",
           "interrupts only where used idx is odd");
SOFT_FAULT(no_interrupt_under_event_idx, "dev:2.7.7.2-4",
           "minds NO_INTERRUPT although EVENT_IDX was accepted");
SOFT_FAULT(used_event_off_by_one, "dev:2.7.7.2-5",
           "interrupts one element behind used_event");
SOFT_FAULT(interrupts_for_each_element, "dev:2.7.7.2-6",
           "interrupts for every batch under EVENT_IDX");
SOFT_FAULT(used_idx_before_element, "dev:2.7.8.2-1",
           "moves used idx before it writes the element");
SOFT_FAULT(used_len_one_too_long, "dev:2.7.8.2-2", "claims one byte more than it wrote");
SOFT_FAULT(used_flags_beyond_one, "dev:2.7.10.2-1",
           "sets bit 1 of the used ring's flags");
SOFT_FAULT(no_notify_under_event_idx, "dev:2.7.10.2-3",
           "sets NO_NOTIFY although EVENT_IDX was accepted");
SOFT_FAULT(writes_into_tables, "dev:2.7.5.1-2",
           "marks the entries of an indirect table that it has read");
SOFT_FAULT(used_event_inside_a_batch_is_missed, "dev:2.7.7.2-5",
           "interrupts only when used_event is the last entry it used");
SOFT_MANNER_AGAINST(interrupts_in_spite_of_the_flag, "2.7.7",
                    "dev:2.7.7.2-2 dev:5.1.9.5.10.6-8",
                    "always interrupts where EVENT_IDX was not accepted");
SOFT_MANNER_AGAINST(interrupts_at_each_used_event, "2.7.7", "dev:2.7.7.2-6",
                    "always interrupts under EVENT_IDX");

SOFT_FAULT(used_event_is_good_for_one_look, "dev:2.7.7.2-5",
           "forgets used_event when the next entry was not there yet");

/* A table of descriptors that is being walked: the queue's own, or an indirect one. */
typedef struct Walk {
    const QVRingDesc *table;
    /* How many entries the table has. */
    uint32_t entries;
    uint16_t at;
    /* How many descriptors the chain may still have. */
    uint16_t left;
    /* The walk has entered an indirect table, which may also be the queue's own. */
    bool is_inside;
} Walk;

static int split_map(QVirtQueueSide *q)
{
    uint16_t n = q->size;
    void *desc = qvirtqueue_map_area(q, q->desc_addr, virtq_desc_bytes(n),
                                     VIRTQ_DESC_ALIGN, false);
    q->driver = qvirtqueue_map_area(q, q->driver_addr, virtq_avail_bytes(n),
                                    VIRTQ_AVAIL_ALIGN, false);
    q->device = qvirtqueue_map_area(q, q->device_addr, virtq_used_bytes(n),
                                    VIRTQ_USED_ALIGN, true);
    if (!desc || !q->driver || !q->device) {
        return -QVIRTIO_BROKEN;
    }
    q->desc = desc;
    q->vring = (QVRing){.num = n, .desc = desc, .avail = q->driver, .used = q->device};
    return 0;
}

static int broken(QVirtQueueSide *q, const char *why)
{
    q->broken = why;
    return -QVIRTIO_BROKEN;
}

/* Goes on in the indirect table that a descriptor names (2.7.5.3). Returns NULL, or what
 * is wrong with the table. */
static const char *enter_table(const QVirtQueueSide *q, Walk *w, uint64_t addr,
                               uint32_t len, uint16_t flags)
{
    if (soft_fault(no_tables_behind_descriptors) && w->left != q->size) {
        return "an indirect table behind other descriptors";
    }
    if (!q->uses_indirect || w->is_inside || flags & VIRTQ_DESC_F_NEXT || len == 0 ||
        len % sizeof(QVRingDesc)) {
        return "an indirect table that must not be";
    }
    w->entries = len / sizeof(QVRingDesc);
    w->table = qvirtqueue_map_area(q, (dma_addr){addr}, len, 1, false);
    w->at = 0;
    w->is_inside = true;
    return w->table ? NULL : "an indirect table that is not lent";
}

/* Takes one descriptor and moves on; *more is false behind the last. Returns NULL, or
 * what is wrong with the chain. */
static const char *step(const QVirtQueueSide *q, Walk *w, QVirtQueueElement *e,
                        bool *more)
{
    if (w->at >= w->entries) {
        return "a descriptor index out of range";
    }
    const QVRing *r = &q->vring;
    uint16_t flags = qvring_desc_flags(r, w->table, w->at);
    uint16_t next = qvring_desc_next(r, w->table, w->at);
    uint64_t addr = qvring_desc_addr(r, w->table, w->at);
    uint32_t len = qvring_desc_len(r, w->table, w->at);
    if (soft_fault(writes_into_tables) && w->table != q->desc) {
        ((uint8_t *)w->table)[(w->at + 1) * sizeof(*w->table) - 1] ^= 0x40;
    }
    bool is_buffer = soft_fault(minds_write_flag_of_tables) && flags & VIRTQ_DESC_F_WRITE;
    if (flags & VIRTQ_DESC_F_INDIRECT && !is_buffer) {
        return enter_table(q, w, addr, len, flags);
    }
    if (w->left-- == 0) {
        return "a chain longer than the queue";
    }
    *more = flags & VIRTQ_DESC_F_NEXT;
    w->at = next;
    return qvirtqueue_add_buffer(q, e, addr, len, flags & VIRTQ_DESC_F_WRITE);
}

static int split_pop(QVirtQueueSide *q, QVirtQueueElement *e)
{
    uint16_t ready = qvring_avail_idx(&q->vring) - q->next_avail;
    if (ready > q->size) {
        return broken(q, "avail idx moved further than the queue is long");
    }
    if (ready == 0) {
        return 0;
    }
    /* Barrier A: idx before the entries. Partner: the driver writes the entries, then
     * idx. */
    barrier_acquire();
    e->index = qvring_avail_ring(&q->vring, q->next_avail % q->size);
    e->slots = 1;
    Walk w = {.table = q->desc, .entries = q->size, .at = e->index, .left = q->size};
    bool more = true;
    while (more) {
        const char *why = step(q, &w, e, &more);
        if (why) {
            return broken(q, why);
        }
    }
    q->next_avail++;
    return 1;
}

static void split_fill(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len,
                       uint16_t offset)
{
    uint16_t at = (uint16_t)(q->next_used + offset) % q->size;
    bool is_too_long = soft_fault(used_len_one_too_long) && at % 4 == 3;
    len += is_too_long;
    if (soft_fault(writes_into_descriptors)) {
        q->vring.desc[e->index].len = virtio32_of(false, len);
    }
    if (soft_fault(used_idx_before_element) && at % 4 == 3) {
        qvirtqueue_catch_up(q);
        q->has_late = true;
        q->late_at = at;
        q->late_id = e->index;
        q->late_len = len;
        return;
    }
    qvring_used_ring_id(&q->vring, at, e->index);
    qvring_used_ring_len(&q->vring, at, len);
}

static void split_flush(QVirtQueueSide *q, uint16_t count)
{
    q->next_used += count;
    /* Barrier C: the elements before idx. Partner: the driver reads idx, then them. */
    barrier_release();
    qvring_used_idx_set(&q->vring, q->next_used);
}

/* The faults that overlook used_event. */
static bool misses_event(const QVirtQueueSide *q, uint16_t event)
{
    static uint16_t event_before;
    bool is_old = event == event_before;
    event_before = event;
    return (is_old && soft_fault(used_event_is_good_for_one_look)) ||
           (soft_fault(used_event_inside_a_batch_is_missed) &&
            event != (uint16_t)(q->next_used - 1));
}

static bool split_wants_interrupt(QVirtQueueSide *q)
{
    uint16_t from = q->judged_used;
    if (from == q->next_used) {
        return false;
    }
    q->judged_used = q->next_used;
    /* Barrier D: idx before the driver's wish. Partner: the driver writes its wish, then
     * looks at idx. */
    barrier_full();
    uint16_t flags = qvring_avail_flags(&q->vring);
    bool is_off = flags & VIRTQ_AVAIL_F_NO_INTERRUPT;
    uint16_t event = qvring_used_event(&q->vring) + soft_fault(used_event_off_by_one);
    bool is_missed = misses_event(q, event);
    bool is_passed = qvring_need_event(event, q->next_used, from) && !is_missed;
    if (q->uses_event) {
        return (is_passed || soft_manner(interrupts_at_each_used_event) ||
                soft_fault(interrupts_for_each_element)) &&
               !(is_off && soft_fault(no_interrupt_under_event_idx));
    }
    return (!is_off || soft_manner(interrupts_in_spite_of_the_flag) ||
            soft_fault(ignores_no_interrupt)) &&
           !(soft_fault(used_event_without_the_feature) && !is_passed) &&
           !(soft_fault(every_second_interrupt) && q->next_used % 2 == 0);
}

/* 2.7.10: avail_event is the index at which the next entry will stand. */
static void split_ask_for_kick(QVirtQueueSide *q)
{
    if (qvirtqueue_polls()) {
        if (!q->uses_event) {
            qvring_used_flags_set_bit(&q->vring, VIRTQ_USED_F_NO_NOTIFY);
        }
        return;
    }
    if (q->uses_event) {
        qvring_avail_event(&q->vring, q->next_avail);
    }
    qvring_used_flags_unset_bit(&q->vring, VIRTQ_USED_F_NO_NOTIFY);
    if (soft_fault(no_notify_under_event_idx) && q->uses_event) {
        qvring_used_flags_set_bit(&q->vring, VIRTQ_USED_F_NO_NOTIFY);
    }
    if (soft_fault(used_flags_beyond_one) && !q->uses_event) {
        qvring_used_flags_set_bit(&q->vring, 2);
    }
    /* Barrier B: the wish before another look. Partner: the driver writes idx, then reads
     * the wish. */
    barrier_full();
}

const QVirtSideFormat qvirtqueue_side_split = {
    .map = split_map,
    .pop = split_pop,
    .fill = split_fill,
    .flush = split_flush,
    .wants_interrupt = split_wants_interrupt,
    .ask_for_kick = split_ask_for_kick,
};
