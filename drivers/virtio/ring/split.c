/* SPDX-License-Identifier: MIT */
/*
 * The split virtqueue (2.7), driver's side. It believes nothing that the device can
 * write: the free list, the descriptors and both indices are our own copies. A used
 * element is checked before its token is handed out: its id must be in range and the head
 * of a chain in flight, its length no more than what was lent.
 *
 * Barriers are lettered; each names its partner on the device's side (2.7.13.3, 2.7.14).
 */
#include "drivers/virtio/ring/qvring.h"
#include "drivers/virtio/ring/ring.h"
#include "kernel/barrier.h"
#include "kernel/lib/string.h"

#define BROKEN_RAN_AHEAD "used idx moved past what is in flight"

static bool is_legacy(const QVirtQueue *vq)
{
    return qvirtio_is_legacy(vq->dev);
}

static void set_used_event(QVirtQueue *vq, uint16_t idx)
{
    WRITE_ONCE(vq->vring.avail->ring[vq->size], virtio16_of(is_legacy(vq), idx));
}

/* Modern layout: three areas, each aligned as 2.7 asks, and each between guards of its
 * own. */
static int setup_areas(QVRing *r, uint16_t size)
{
    r->desc = arena_lend(virtq_desc_bytes(size), VIRTQ_DESC_ALIGN);
    r->avail = arena_lend(virtq_avail_bytes(size), VIRTQ_AVAIL_ALIGN);
    r->used = arena_lend(virtq_used_bytes(size), VIRTQ_USED_ALIGN);
    return r->desc && r->avail && r->used ? 0 : -QVIRTIO_NO_MEMORY;
}

/* Legacy layout: one block of pages, with the used ring on the next page boundary
 * (2.7.2). */
static int setup_legacy_block(QVRing *r, uint16_t size)
{
    size_t head = virtq_desc_bytes(size) + virtq_avail_bytes(size);
    size_t used_at = (head + VIRTQ_LEGACY_ALIGN - 1) & ~(size_t)(VIRTQ_LEGACY_ALIGN - 1);
    char *block = arena_lend(used_at + virtq_used_bytes(size), VIRTQ_LEGACY_ALIGN);
    if (!block) {
        return -QVIRTIO_NO_MEMORY;
    }
    r->desc = (QVRingDesc *)block;
    r->avail = (QVRingAvail *)(block + virtq_desc_bytes(size));
    r->used = (QVRingUsed *)(block + used_at);
    return 0;
}

static int split_setup(QVirtQueue *vq)
{
    QVRing *r = &vq->vring;
    int err = is_legacy(vq) ? setup_legacy_block(r, vq->size) : setup_areas(r, vq->size);
    vq->shadow = arena_lend(virtq_desc_bytes(vq->size), VIRTQ_DESC_ALIGN);
    if (err || !vq->shadow) {
        return -QVIRTIO_NO_MEMORY;
    }
    r->num = vq->size;
    r->is_legacy = is_legacy(vq);
    r->desc_addr = arena_map(r->desc, virtq_desc_bytes(vq->size));
    r->avail_addr = arena_map(r->avail, virtq_avail_bytes(vq->size));
    r->used_addr = arena_map(r->used, virtq_used_bytes(vq->size));
    vq->irq_follows = true;
    return 0;
}

static QVRingDesc make_desc(const QVirtQueue *vq, const QVirtioSg *sg, uint16_t flags,
                            uint16_t next)
{
    bool legacy = is_legacy(vq);
    return (QVRingDesc){
        .addr = virtio64_of(legacy, sg->addr.raw),
        .len = virtio32_of(legacy, sg->len),
        .flags = virtio16_of(legacy, flags),
        .next = virtio16_of(legacy, next),
    };
}

static void write_desc(QVirtQueue *vq, uint16_t i, QVRingDesc desc)
{
    vq->shadow[i] = desc;
    vq->vring.desc[i] = desc;
}

/* Takes count slots off the free list, where they stay chained by next, and returns the
 * head. With IN_ORDER the list is a circle that is never cut: "driver uses descriptors in
 * ring order" (2.7.5). */
static uint16_t take_slots(QVirtQueue *vq, unsigned count)
{
    uint16_t head = vq->free_head, last = head;
    for (unsigned i = 1; i < count; i++) {
        last = vq->slot[last].next;
    }
    vq->free_head = vq->slot[last].next;
    vq->num_free -= count;
    return head;
}

static void give_back_slots(QVirtQueue *vq, uint16_t head)
{
    QVRingSlot *s = &vq->slot[head];
    uint16_t last = head;
    for (uint16_t i = 1; i < s->count; i++) {
        last = vq->slot[last].next;
    }
    if (!vq->is_in_order) {
        vq->slot[last].next = vq->free_head;
        vq->free_head = head;
    }
    vq->num_free += s->count;
    s->count = 0;
    s->token = NULL;
}

static uint16_t put_direct(QVirtQueue *vq, const QVirtioSg *sg, unsigned out,
                           unsigned count)
{
    uint16_t head = take_slots(vq, count), at = head;
    for (unsigned i = 0; i < count; i++) {
        uint16_t next = vq->slot[at].next;
        write_desc(vq, at, make_desc(vq, &sg[i], qvring_sg_flags(i, out, count), next));
        at = next;
    }
    vq->slot[head].count = count;
    return head;
}

/* Puts the chain into a table of its own (2.7.5.3). The slot keeps the table for its next
 * chain. Returns the head or an error. */
static int put_indirect(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned count)
{
    QVRingSlot *s = &vq->slot[vq->free_head];
    if (s->indirect_size < count) {
        QVRingDesc *table = arena_lend(count * sizeof(QVRingDesc), VIRTQ_DESC_ALIGN);
        if (!table) {
            return -QVIRTIO_NO_MEMORY;
        }
        s->indirect = table;
        s->indirect_size = count;
    }
    QVRingDesc *entry = s->indirect;
    for (unsigned i = 0; i < count; i++) {
        entry[i] = make_desc(vq, &sg[i], qvring_sg_flags(i, out, count), i + 1);
    }
    uint16_t head = take_slots(vq, 1);
    uint32_t bytes = count * sizeof(QVRingDesc);
    QVirtioSg table = {.addr = arena_map(s->indirect, bytes), .len = bytes};
    write_desc(vq, head, make_desc(vq, &table, VIRTQ_DESC_F_INDIRECT, 0));
    s->count = 1;
    return head;
}

/* Writes a chain into the descriptor table, where the device cannot see it yet. Returns
 * the head or an error. */
static int put_chain(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                     void *token)
{
    unsigned count = out + in;
    bool indirect = vq->with_tables;

    /* 2.7.5.3.1, driver: a chain MUST NOT be longer than the queue size. */
    if (count == 0 || count > vq->size) {
        return count > vq->size_max ? -QVIRTIO_TOO_LONG : -QVIRTIO_RANGE;
    }
    if (vq->num_free < (indirect ? 1 : count)) {
        return -QVIRTIO_NO_SPACE;
    }
    int head =
        indirect ? put_indirect(vq, sg, out, count) : put_direct(vq, sg, out, count);
    if (head >= 0) {
        vq->slot[head].token = token;
        vq->slot[head].in_bytes = qvring_in_bytes(sg, out, in);
        vq->last_added = head;
        qvring_trace(vq, QVRING_TRACE_ADD, head, count);
    }
    return head;
}

static void put_avail(QVirtQueue *vq, uint16_t head)
{
    vq->vring.avail->ring[vq->avail_idx % vq->size] = virtio16_of(is_legacy(vq), head);
    vq->avail_idx++;
}

static int split_add(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                     void *token)
{
    int head = put_chain(vq, sg, out, in, token);
    if (head < 0) {
        return head;
    }
    put_avail(vq, head);
    vq->in_flight++;
    return 0;
}

static void split_publish(QVirtQueue *vq)
{
    /* Barrier A: descriptors and ring entries before idx. Partner: the device reads idx,
     * then them. */
    barrier_release();
    WRITE_ONCE(vq->vring.avail->idx, virtio16_of(is_legacy(vq), vq->avail_idx));
    vq->next_place = vq->avail_idx;
}

static bool split_needs_kick(QVirtQueue *vq)
{
    /* Barrier B: idx before the device's wish. Partner: the device writes its wish, then
     * re-reads idx. */
    barrier_full();
    if (vq->ring->uses_event) {
        return qvring_need_event(qvring_avail_event_get(&vq->vring), vq->published_idx,
                                 vq->kicked_idx);
    }
    return !(qvring_used_flags_get(&vq->vring) & VIRTQ_USED_F_NO_NOTIFY);
}

static bool split_has_used(const QVirtQueue *vq)
{
    return qvring_used_idx(&vq->vring) != vq->last_used;
}

static int check_used(QVirtQueue *vq, uint32_t id)
{
    if (id >= vq->size) {
        return qvring_broken(vq, BROKEN_ID_RANGE);
    }
    if (vq->slot[id].count == 0) {
        return qvring_broken(vq, BROKEN_NOT_HEAD);
    }
    return 0;
}

static bool split_peek(const QVirtQueue *vq, uint32_t *id, uint32_t *len)
{
    if (!split_has_used(vq)) {
        return false;
    }
    /* Barrier C: used idx before the element. Partner: the device writes the element,
     * then idx. */
    barrier_acquire();
    qvring_used_ring_get(&vq->vring, vq->last_used % vq->size, id, len);
    return true;
}

/* Gives the next used chain and its length; with IN_ORDER one element may stand for
 * several. Returns 0 or -QVIRTIO_BROKEN. */
static int next_used(QVirtQueue *vq, uint32_t *id, uint32_t *len)
{
    uint16_t ready = qvring_used_idx(&vq->vring) - vq->last_used;
    if (ready > vq->in_flight) {
        return qvring_broken(vq, BROKEN_RAN_AHEAD);
    }
    int err = 0;
    if (vq->batch_left == 0) {
        /* The device can write idx at any time, also back. */
        if (!split_peek(vq, id, len)) {
            return qvring_broken(vq, BROKEN_RAN_AHEAD);
        }
        err = check_used(vq, *id);
        if (err || !vq->is_in_order) {
            return err;
        }
        err = qvring_batch_open(vq, *id, *len, ready);
    }
    if (!err) {
        *id = qvring_batch_take(vq, len);
    }
    return err;
}

static int split_get(QVirtQueue *vq, QVirtioUsed *used)
{
    uint32_t id, len;
    if (!split_has_used(vq)) {
        return 0;
    }
    int err = next_used(vq, &id, &len);
    if (err) {
        return err;
    }
    uint32_t most = vq->slot[id].in_bytes;
    *used = (QVirtioUsed){
        .token = vq->slot[id].token, .len = len < most ? len : most, .claimed = len};
    give_back_slots(vq, id);
    vq->in_flight--;
    vq->last_used++;
    qvring_trace(vq, QVRING_TRACE_USED, id, len);
    if (vq->ring->uses_event && vq->irq_follows) {
        set_used_event(vq, vq->last_used);
        /* Barrier D: the wish before the next look at used idx. Partner: the device's
         * barrier before it reads the wish. */
        barrier_full();
    }
    return 1;
}

static void split_irq_disable(QVirtQueue *vq)
{
    if (vq->ring->uses_event) {
        /* Half the index space away: no completion can land there or pass it. */
        set_used_event(vq, vq->last_used + 0x8000);
    } else {
        WRITE_ONCE(vq->vring.avail->flags,
                   virtio16_of(is_legacy(vq), VIRTQ_AVAIL_F_NO_INTERRUPT));
    }
    barrier_full(); /* D */
}

static void split_irq_enable_after(QVirtQueue *vq, uint16_t more)
{
    if (vq->ring->uses_event) {
        set_used_event(vq, vq->last_used + more);
    } else {
        WRITE_ONCE(vq->vring.avail->flags, virtio16_of(is_legacy(vq), 0));
    }
    barrier_full(); /* D */
}

/*
 * Checks `count` used elements from last_used on: each must be the head. Elements that
 * repeat each other are compared in bulk; where one differs, it is looked at by itself.
 */
static int check_wound(QVirtQueue *vq, uint16_t head, uint32_t count)
{
    const QVRingUsedElem *ring = vq->vring.used->ring;
    for (uint32_t i = 0; i < count;) {
        uint16_t at = (uint16_t)(vq->last_used + i) % vq->size;
        uint32_t id, len;
        qvring_used_ring_get(&vq->vring, at, &id, &len);
        if (id != head) {
            return qvring_broken(vq, BROKEN_NOT_HEAD);
        }
        /* How far does this element repeat itself? An array is equal to itself shifted by
         * one element exactly so far. */
        uint32_t to_end = vq->size - at;
        uint32_t run = to_end < count - i ? to_end : count - i;
        i += 1 + memory_mismatch(&ring[at], &ring[at + 1], (run - 1) * sizeof(*ring)) /
                     sizeof(*ring);
    }
    return 0;
}

typedef struct WindGoal {
    const QVirtQueue *vq;
    uint16_t idx;
} WindGoal;

static bool has_reached(void *arg)
{
    const WindGoal *goal = arg;
    return qvring_used_idx(&goal->vq->vring) == goal->idx;
}

/* Publishes one ring full at most, kicks, waits for the last of them, and checks all. */
static int wind_batch(QVirtQueue *vq, uint16_t head, uint16_t batch)
{
    WindGoal goal = {.vq = vq, .idx = vq->last_used + batch};

    vq->avail_idx += batch;
    if (vq->ring->uses_event) {
        set_used_event(vq, goal.idx - 1);
    }
    qvirtqueue_kick(vq);
    int err = qvirtio_wait_served(vq->dev, vq->what, has_reached, &goal);
    if (err) {
        return err;
    }
    barrier_acquire(); /* C */
    err = check_wound(vq, head, batch);
    vq->last_used += batch;
    return err;
}

static int split_wind(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                      uint32_t entries)
{
    if (vq->is_in_order) {
        return qvring_wind_by_adding(vq, sg, out, in, entries);
    }
    if (vq->in_flight) {
        return -QVIRTIO_NO_SPACE;
    }
    int head = put_chain(vq, sg, out, in, vq);
    if (head < 0) {
        return head;
    }
    for (uint16_t i = 0; i < vq->size; i++) {
        vq->vring.avail->ring[i] = virtio16_of(is_legacy(vq), head);
    }
    int err = 0;
    while (entries && !err) {
        uint16_t batch = entries < vq->size ? entries : vq->size;
        err = wind_batch(vq, head, batch);
        entries -= batch;
    }
    if (!err) {
        give_back_slots(vq, head);
        if (vq->ring->uses_event && vq->irq_follows) {
            split_irq_enable_after(vq, 0);
        }
    }
    return err;
}

static int split_desc_changed(const QVirtQueue *vq)
{
    size_t bytes = virtq_desc_bytes(vq->size);
    size_t at = memory_mismatch(vq->vring.desc, vq->shadow, bytes);
    return at == bytes ? -1 : (int)(at / sizeof(QVRingDesc));
}

#define SPLIT_OPERATIONS                                                          \
    .setup = split_setup, .add = split_add, .publish = split_publish,             \
    .needs_kick = split_needs_kick, .get = split_get, .has_used = split_has_used, \
    .irq_disable = split_irq_disable, .irq_enable_after = split_irq_enable_after, \
    .wind = split_wind, .peek = split_peek, .desc_changed = split_desc_changed

/* The identifiers give the order in the plan: plain split comes first. */
QVIRTIO_RING(qvring_1_split, .name = "split", SPLIT_OPERATIONS);
QVIRTIO_RING(qvring_2_split_indirect, .name = "split-indirect", .uses_indirect = true,
             .features = FEATURES(VIRTIO_F_INDIRECT_DESC), SPLIT_OPERATIONS);
QVIRTIO_RING(qvring_3_split_event, .name = "split-event", .uses_event = true,
             .features = FEATURES(VIRTIO_F_EVENT_IDX), SPLIT_OPERATIONS);
QVIRTIO_RING(qvring_4_split_indirect_event, .name = "split-indirect-event",
             .uses_indirect = true, .uses_event = true,
             .features = FEATURES(VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX),
             SPLIT_OPERATIONS);
QVIRTIO_RING(qvring_9_split_in_order, .name = "split-in-order", .is_variant = true,
             .is_in_order = true, .features = FEATURES(VIRTIO_F_IN_ORDER),
             SPLIT_OPERATIONS);
