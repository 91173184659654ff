/* SPDX-License-Identifier: MIT */
/*
 * The fields of a split ring (2.7) under the names of the RFC. Both sides of a ring share
 * this code: ring/split.c and the forger for the driver's side, soft/side/split.c for the
 * device's side of a software device. Values are in CPU order; the accessors apply the
 * ring's byte order (QVRing.is_legacy). An index of an entry must be below r->num, one of
 * a descriptor below the length of its table.
 *
 * All fields can be read. The driver's side writes its own fields itself (split.c, and
 * forge.c raw), so the setters here are those of the device's side. Where the RFC's name
 * is the setter of a field, the accessor that reads it ends in _get; only
 * qvring_used_idx() reads under the bare name, because its setter has one of its own.
 *
 * Nothing here orders accesses: that is done by the callers' lettered barriers.
 */
#ifndef QVIRTIO_QVRING_H
#define QVIRTIO_QVRING_H

#include "drivers/virtio/qvirtqueue.h"
#include "kernel/barrier.h"

/* ---- Descriptors (2.7.5), of the ring's own table or of an indirect one, which may be
 * at any address. Each call reads the field once. ---- */

#define QVRING_DESC_FIELD(width, field)                                 \
    static inline uint##width##_t qvring_desc_##field(                  \
        const QVRing *r, const QVRingDesc *table, uint16_t i)           \
    {                                                                   \
        virtio##width value;                                            \
        __builtin_memcpy(&value,                                        \
                         (const char *)table + i * sizeof(QVRingDesc) + \
                             offsetof(QVRingDesc, field),               \
                         sizeof(value));                                \
        return virtio##width##_get(r->is_legacy, value);                \
    }
QVRING_DESC_FIELD(64, addr)
QVRING_DESC_FIELD(32, len)
QVRING_DESC_FIELD(16, flags)
QVRING_DESC_FIELD(16, next)
#undef QVRING_DESC_FIELD

/* ---- What the driver writes: the available ring (2.7.6) ---- */

static inline uint16_t qvring_avail_flags(const QVRing *r)
{
    return virtio16_get(r->is_legacy, READ_ONCE(r->avail->flags));
}

static inline uint16_t qvring_avail_idx(const QVRing *r)
{
    return virtio16_get(r->is_legacy, READ_ONCE(r->avail->idx));
}

static inline uint16_t qvring_avail_ring(const QVRing *r, uint16_t i)
{
    return virtio16_get(r->is_legacy, READ_ONCE(r->avail->ring[i]));
}

/* The field behind the available ring (2.7.7). */
static inline uint16_t qvring_used_event(const QVRing *r)
{
    return virtio16_get(r->is_legacy, READ_ONCE(r->avail->ring[r->num]));
}

/* ---- What the device writes: the used ring (2.7.8) ---- */

static inline void qvring_used_ring_id(const QVRing *r, uint16_t i, uint32_t id)
{
    r->used->ring[i].id = virtio32_of(r->is_legacy, id);
}

static inline void qvring_used_ring_len(const QVRing *r, uint16_t i, uint32_t len)
{
    r->used->ring[i].len = virtio32_of(r->is_legacy, len);
}

/* Both fields of an element, read at once. */
static inline void qvring_used_ring_get(const QVRing *r, uint16_t i, uint32_t *id,
                                        uint32_t *len)
{
    QVRingUsedElem e = READ_ONCE(r->used->ring[i]);
    *id = virtio32_get(r->is_legacy, e.id);
    *len = virtio32_get(r->is_legacy, e.len);
}

static inline uint16_t qvring_used_idx(const QVRing *r)
{
    return virtio16_get(r->is_legacy, READ_ONCE(r->used->idx));
}

static inline void qvring_used_idx_set(const QVRing *r, uint16_t idx)
{
    WRITE_ONCE(r->used->idx, virtio16_of(r->is_legacy, idx));
}

static inline uint16_t qvring_used_flags_get(const QVRing *r)
{
    return virtio16_get(r->is_legacy, READ_ONCE(r->used->flags));
}

static inline void qvring_used_flags_set_bit(const QVRing *r, uint16_t mask)
{
    WRITE_ONCE(r->used->flags,
               virtio16_of(r->is_legacy, qvring_used_flags_get(r) | mask));
}

static inline void qvring_used_flags_unset_bit(const QVRing *r, uint16_t mask)
{
    WRITE_ONCE(r->used->flags,
               virtio16_of(r->is_legacy, qvring_used_flags_get(r) & ~mask));
}

/* The field behind the used ring (2.7.10). */
static inline virtio16 *qvring_avail_event_at(const QVRing *r)
{
    return (virtio16 *)&r->used->ring[r->num];
}

static inline void qvring_avail_event(const QVRing *r, uint16_t idx)
{
    WRITE_ONCE(*qvring_avail_event_at(r), virtio16_of(r->is_legacy, idx));
}

static inline uint16_t qvring_avail_event_get(const QVRing *r)
{
    return virtio16_get(r->is_legacy, READ_ONCE(*qvring_avail_event_at(r)));
}

#endif
