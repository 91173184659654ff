/* SPDX-License-Identifier: MIT */
/*
 * The packed virtqueue (2.8), driver's side: one ring of descriptors that both sides
 * write, told apart by two flag bits and a wrap counter. Like that of the split ring,
 * this side believes nothing that it reads: buffer ids, how many descriptors each takes,
 * and both positions are our own. A used id is checked before its token is handed out.
 *
 * Barriers are lettered; each names its partner on the device's side (2.8.21, 2.8.22).
 */
#include "drivers/virtio/ring/packed.h"
#include "drivers/virtio/ring/ring.h"
#include "kernel/barrier.h"
#include "kernel/lib/string.h"

#define BROKEN_NONE "a buffer used while none is in flight"

static QVRingPlace after(const QVirtQueue *vq, QVRingPlace at, uint32_t count)
{
    uint32_t slot = at.slot + count, laps = slot / vq->size;
    return (QVRingPlace){.slot = slot % vq->size, .wrap = at.wrap ^ (laps & 1)};
}

static void write_wish(QVirtQueue *vq, uint16_t off_wrap, uint16_t flags)
{
    QVRingPacked *p = qvring_packed(vq);
    WRITE_ONCE(p->driver->off_wrap, le16_of(off_wrap));
    barrier_release(); /* the offset is read only once the flags ask for it */
    WRITE_ONCE(p->driver->flags, le16_of(flags));
    /* Barrier D: the wish before the next look at the ring. Partner: the device's barrier
     * before it reads the wish. */
    barrier_full();
}

static void packed_irq_disable(QVirtQueue *vq)
{
    write_wish(vq, 0, RING_EVENT_FLAGS_DISABLE);
}

/* Asks for an interrupt `more` buffers further on. Each of them is taken to be as long as
 * the one that was added last. */
static void packed_irq_enable_after(QVirtQueue *vq, uint16_t more)
{
    const QVRingPacked *p = qvring_packed(vq);
    if (!vq->ring->uses_event) {
        write_wish(vq, 0, RING_EVENT_FLAGS_ENABLE);
        return;
    }
    QVRingPlace at = after(vq, p->next_used, more * p->last_count);
    write_wish(vq, qvring_place_bits(at), RING_EVENT_FLAGS_DESC);
}

static int packed_setup(QVirtQueue *vq)
{
    size_t bytes = virtq_packed_desc_bytes(vq->size), event = sizeof(QVRingPackedEvent);
    QVRingPacked *p = vq->format_data = arena_lend(sizeof(*p), 8);
    if (!p) {
        return -QVIRTIO_NO_MEMORY;
    }
    p->desc = arena_lend(bytes, VIRTQ_PACKED_DESC_ALIGN);
    p->driver = arena_lend(event, VIRTQ_PACKED_EVENT_ALIGN);
    p->device = arena_lend(event, VIRTQ_PACKED_EVENT_ALIGN);
    p->shadow = arena_lend(bytes, VIRTQ_PACKED_DESC_ALIGN);
    if (!p->desc || !p->driver || !p->device || !p->shadow) {
        return -QVIRTIO_NO_MEMORY;
    }
    p->next_avail.wrap = p->next_used.wrap = true;
    p->last_count = 1;
    vq->next_place = qvring_place_bits(p->next_avail);
    vq->vring.num = vq->size;
    vq->vring.desc_addr = arena_map(p->desc, bytes);
    vq->vring.avail_addr = arena_map(p->driver, event);
    vq->vring.used_addr = arena_map(p->device, event);
    vq->irq_follows = true;
    packed_irq_enable_after(vq, 0);
    return 0;
}

/* Returns the two bits that make a descriptor available in this lap. */
static uint16_t avail_bits(QVRingPlace at)
{
    return at.wrap ? VIRTQ_DESC_F_AVAIL : VIRTQ_DESC_F_USED;
}

/* Writes the descriptor at next_avail, except for its flags, and steps on. */
static QVRingPackedDesc *put_desc(QVirtQueue *vq, const QVirtioSg *sg, uint16_t id,
                                  uint16_t flags)
{
    QVRingPacked *p = qvring_packed(vq);
    QVRingPackedDesc *d = &p->desc[p->next_avail.slot];
    QVRingPackedDesc *shadow = &p->shadow[p->next_avail.slot];
    d->addr = shadow->addr = le64_of(sg->addr.raw);
    d->len = shadow->len = le32_of(sg->len);
    d->id = shadow->id = le16_of(id);
    shadow->flags = le16_of(flags);
    p->next_avail = after(vq, p->next_avail, 1);
    return d;
}

/*
 * Makes a chain's first descriptor available, "after the rest of the list has been
 * written out" (2.8.6). The first chain since the last publication is left to
 * packed_publish(): the device cannot pass it before.
 */
static void open_chain(QVirtQueue *vq, QVRingPackedDesc *first, uint16_t flags)
{
    QVRingPacked *p = qvring_packed(vq);
    if (!p->held) {
        p->held = first;
        p->held_flags = flags;
        return;
    }
    barrier_release(); /* A */
    WRITE_ONCE(first->flags, le16_of(flags));
}

static void put_direct(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned count,
                       uint16_t id)
{
    QVRingPacked *p = qvring_packed(vq);
    QVRingPackedDesc *first = NULL;
    uint16_t first_flags = 0;
    for (unsigned i = 0; i < count; i++) {
        uint16_t flags = avail_bits(p->next_avail) | qvring_sg_flags(i, out, count);
        QVRingPackedDesc *d = put_desc(vq, &sg[i], id, flags);
        if (i == 0) {
            first = d;
            first_flags = flags;
        } else {
            WRITE_ONCE(d->flags, le16_of(flags));
        }
    }
    open_chain(vq, first, first_flags);
}

/* Returns the table of a slot, with room for `count` entries. The slot keeps it for its
 * next chain. */
static QVRingPackedDesc *table_of(QVRingSlot *s, unsigned count)
{
    if (s->indirect_size < count) {
        s->indirect = arena_lend(count * sizeof(QVRingPackedDesc), VIRTQ_DESC_ALIGN);
        s->indirect_size = s->indirect ? count : 0;
    }
    return s->indirect;
}

/* The descriptors in the table have no id and no flag but WRITE: they are taken in order
 * (2.8.7, 2.8.19). */
static int put_indirect(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned count,
                        uint16_t id)
{
    QVRingPackedDesc *table = table_of(&vq->slot[id], count);
    if (!table) {
        return -QVIRTIO_NO_MEMORY;
    }
    for (unsigned i = 0; i < count; i++) {
        table[i] = (QVRingPackedDesc){
            .addr = le64_of(sg[i].addr.raw),
            .len = le32_of(sg[i].len),
            .flags = le16_of(i >= out ? VIRTQ_DESC_F_WRITE : 0),
        };
    }
    uint32_t bytes = count * sizeof(*table);
    QVirtioSg whole = {.addr = arena_map(table, bytes), .len = bytes};
    uint16_t flags = avail_bits(qvring_packed(vq)->next_avail) | VIRTQ_DESC_F_INDIRECT;
    open_chain(vq, put_desc(vq, &whole, id, flags), flags);
    return 0;
}

static int put_chain(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned count,
                     uint16_t id)
{
    QVRingPacked *p = qvring_packed(vq);
    QVRingPlace start = p->next_avail;
    if (vq->with_tables) {
        int err = put_indirect(vq, sg, out, count, id);
        if (err) {
            return err;
        }
    } else {
        put_direct(vq, sg, out, count, id);
    }
    p->last_chain = start;
    p->last_count = vq->with_tables ? 1 : count;
    return 0;
}

static int packed_add(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                      void *token)
{
    unsigned count = out + in;
    uint16_t id = vq->free_head, taken = vq->with_tables ? 1 : count;

    /* 2.8.17: "A driver MUST NOT create a descriptor list longer than the Queue Size." */
    if (count == 0 || count > vq->size) {
        return count > vq->size_max ? -QVIRTIO_TOO_LONG : -QVIRTIO_RANGE;
    }
    if (vq->num_free < taken) {
        return -QVIRTIO_NO_SPACE;
    }
    int err = put_chain(vq, sg, out, count, id);
    if (err) {
        return err;
    }
    QVRingSlot *s = &vq->slot[id];
    vq->free_head = s->next;
    s->token = token;
    s->in_bytes = qvring_in_bytes(sg, out, in);
    s->count = taken;
    vq->last_added = id;
    vq->num_free -= taken;
    vq->avail_idx += taken;
    vq->in_flight++;
    qvring_trace(vq, QVRING_TRACE_ADD, id, count);
    return 0;
}

static void packed_publish(QVirtQueue *vq)
{
    QVRingPacked *p = qvring_packed(vq);
    /* Barrier A: descriptors before the flags of the first. Partner: the device reads
     * those flags, then the rest. */
    barrier_release();
    WRITE_ONCE(p->held->flags, le16_of(p->held_flags));
    p->held = NULL;
    vq->next_place = qvring_place_bits(p->next_avail);
}

static bool packed_needs_kick(QVirtQueue *vq)
{
    const QVRingPacked *p = qvring_packed(vq);
    /* Barrier B: flags before the device's wish. Partner: the device writes its wish,
     * then re-reads the flags. */
    barrier_full();
    uint16_t flags = le16_get(READ_ONCE(p->device->flags)) & RING_EVENT_FLAGS_MASK;
    if (flags != RING_EVENT_FLAGS_DESC || !vq->ring->uses_event) {
        return flags != RING_EVENT_FLAGS_DISABLE;
    }
    barrier_acquire(); /* the device writes the place, then the flags that ask for it */
    uint16_t wish = le16_get(READ_ONCE(p->device->off_wrap));
    uint16_t event = wish & ~RING_EVENT_WRAP;
    uint16_t added = vq->published_idx - vq->kicked_idx, now = p->next_avail.slot;
    /* Places of the lap before ours count as negative. */
    if (!!(wish & RING_EVENT_WRAP) != p->next_avail.wrap) {
        event -= vq->size;
    }
    return qvring_need_event(event, now, now - added);
}

static bool packed_has_used(const QVirtQueue *vq)
{
    const QVRingPacked *p = qvring_packed(vq);
    uint16_t flags = le16_get(READ_ONCE(p->desc[p->next_used.slot].flags));
    bool avail = flags & VIRTQ_DESC_F_AVAIL, used = flags & VIRTQ_DESC_F_USED;
    return vq->batch_left > 0 ||
           (avail == p->next_used.wrap && used == p->next_used.wrap);
}

/*
 * 2.8.4: without VIRTQ_DESC_F_WRITE the length "is reserved ... and is ignored by
 * drivers". There are devices that never set the flag, and drivers that believe their
 * lengths. So a length that may be true is taken.
 */
static uint32_t used_len(const QVirtQueue *vq, QVRingPackedDesc d)
{
    uint32_t id = le16_get(d.id), len = le32_get(d.len);
    bool is_told = le16_get(d.flags) & VIRTQ_DESC_F_WRITE;
    return is_told || (id < vq->size && len <= vq->slot[id].in_bytes) ? len : 0;
}

static bool packed_peek(const QVirtQueue *vq, uint32_t *id, uint32_t *len)
{
    const QVRingPacked *p = qvring_packed(vq);
    if (!packed_has_used(vq)) {
        return false;
    }
    /* Barrier C: flags before id and len. Partner: the device writes those, then the
     * flags. */
    barrier_acquire();
    QVRingPackedDesc d = READ_ONCE(p->desc[p->next_used.slot]);
    *id = le16_get(d.id);
    *len = used_len(vq, d);
    return true;
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

/* Gives the next used buffer and its length; with IN_ORDER one descriptor may stand for
 * several. */
static int next_used(QVirtQueue *vq, uint32_t *id, uint32_t *len)
{
    QVRingPacked *p = qvring_packed(vq);
    int err = 0;
    if (vq->batch_left == 0) {
        if (!packed_peek(vq, id, len)) {
            return qvring_broken(vq, BROKEN_NONE); /* it was used, and is not any more */
        }
        /* From here on the device leaves it alone (2.8.15). */
        p->shadow[p->next_used.slot] = p->desc[p->next_used.slot];
        err = check_used(vq, *id);
        if (err || !vq->is_in_order) {
            return err;
        }
        err = qvring_batch_open(vq, *id, *len, vq->in_flight);
    }
    if (!err) {
        *id = qvring_batch_take(vq, len);
    }
    return err;
}

static int packed_get(QVirtQueue *vq, QVirtioUsed *used)
{
    QVRingPacked *p = qvring_packed(vq);
    uint32_t id, len;
    if (!packed_has_used(vq)) {
        return 0;
    }
    /* Without a buffer in flight nothing can be used: no place of the last lap, nor a
     * fresh one, looks used in this lap. */
    int err = vq->in_flight ? next_used(vq, &id, &len) : qvring_broken(vq, BROKEN_NONE);
    if (err) {
        return err;
    }
    QVRingSlot *s = &vq->slot[id];
    uint32_t most = s->in_bytes;
    *used =
        (QVirtioUsed){.token = s->token, .len = len < most ? len : most, .claimed = len};
    p->next_used = after(vq, p->next_used, s->count);
    vq->num_free += s->count;
    vq->last_used += s->count;
    s->count = 0;
    s->token = NULL;
    if (!vq->is_in_order) {
        s->next = vq->free_head;
        vq->free_head = id;
    }
    vq->in_flight--;
    qvring_trace(vq, QVRING_TRACE_USED, id, len);
    if (vq->ring->uses_event && vq->irq_follows) {
        packed_irq_enable_after(vq, 0);
    }
    return 1;
}

static int packed_desc_changed(const QVirtQueue *vq)
{
    const QVRingPacked *p = qvring_packed(vq);
    QVRingPlace at = p->next_avail;
    for (uint16_t i = 0; i < vq->num_free; i++, at = after(vq, at, 1)) {
        if (memcmp(&p->desc[at.slot], &p->shadow[at.slot], sizeof(*p->desc))) {
            return at.slot;
        }
    }
    return -1;
}

#define PACKED_OPERATIONS                                                          \
    .is_packed = true, .setup = packed_setup, .add = packed_add,                   \
    .publish = packed_publish, .needs_kick = packed_needs_kick, .get = packed_get, \
    .has_used = packed_has_used, .irq_disable = packed_irq_disable,                \
    .irq_enable_after = packed_irq_enable_after, .wind = qvring_wind_by_adding,    \
    .peek = packed_peek, .desc_changed = packed_desc_changed

/* These are variants, because plain packed already says SKIP for all of them. */
QVIRTIO_RING(qvring_5_packed, .name = "packed",
             .features = FEATURES(VIRTIO_F_RING_PACKED), PACKED_OPERATIONS);
QVIRTIO_RING(qvring_6_packed_indirect, .name = "packed-indirect", .is_variant = true,
             .uses_indirect = true,
             .features = FEATURES(VIRTIO_F_RING_PACKED, VIRTIO_F_INDIRECT_DESC),
             PACKED_OPERATIONS);
QVIRTIO_RING(qvring_7_packed_event, .name = "packed-event", .is_variant = true,
             .uses_event = true,
             .features = FEATURES(VIRTIO_F_RING_PACKED, VIRTIO_F_EVENT_IDX),
             PACKED_OPERATIONS);
QVIRTIO_RING(qvring_8_packed_indirect_event, .name = "packed-indirect-event",
             .is_variant = true, .uses_indirect = true, .uses_event = true,
             .features = FEATURES(VIRTIO_F_RING_PACKED, VIRTIO_F_INDIRECT_DESC,
                                  VIRTIO_F_EVENT_IDX),
             PACKED_OPERATIONS);
QVIRTIO_RING(qvring_a_packed_in_order, .name = "packed-in-order", .is_variant = true,
             .is_in_order = true,
             .features = FEATURES(VIRTIO_F_RING_PACKED, VIRTIO_F_IN_ORDER),
             PACKED_OPERATIONS);
