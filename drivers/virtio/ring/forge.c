/* SPDX-License-Identifier: MIT */
/*
 * Raw access to a split ring (2.7). Each write of an index, entry or flag is one store of
 * the field's width with full barriers around it. Every write is kept in the ring trace:
 * "forge at" is the byte offset in the area, or the index of a descriptor.
 */
#include "drivers/virtio/ring/forge.h"
#include "drivers/virtio/ring/qvring.h"
#include "kernel/barrier.h"
#include "kernel/lib/string.h"

static bool is_legacy(const QVirtQueue *vq)
{
    return qvirtio_is_legacy(vq->dev);
}

static void put16(QVirtQueue *vq, virtio16 *at, const void *area, uint16_t value)
{
    barrier_full();
    WRITE_ONCE(*at, virtio16_of(is_legacy(vq), value));
    barrier_full();
    qvring_trace(vq, QVRING_TRACE_FORGE, (char *)at - (const char *)area, value);
}

static QVRingDesc to_wire(const QVirtQueue *vq, ForgeDesc desc)
{
    bool legacy = is_legacy(vq);
    return (QVRingDesc){
        .addr = virtio64_of(legacy, desc.addr),
        .len = virtio32_of(legacy, desc.len),
        .flags = virtio16_of(legacy, desc.flags),
        .next = virtio16_of(legacy, desc.next),
    };
}

uint16_t forge_last_head(const QVirtQueue *vq)
{
    uint16_t at = (uint16_t)(vq->avail_idx - 1) % vq->size;
    return qvring_avail_ring(&vq->vring, at);
}

ForgeDesc forge_desc_get(const QVirtQueue *vq, uint16_t i)
{
    return forge_table_get(vq, vq->shadow, i);
}

unsigned forge_chain(const QVirtQueue *vq, uint16_t head, uint16_t *at, unsigned most)
{
    unsigned count = 0;
    while (count < most) {
        at[count++] = head;
        ForgeDesc desc = forge_desc_get(vq, head);
        if (!(desc.flags & VIRTQ_DESC_F_NEXT)) {
            break;
        }
        head = desc.next;
    }
    return count;
}

QVRingDesc *forge_table(const QVirtQueue *vq, uint16_t head)
{
    bool is_indirect = forge_desc_get(vq, head).flags & VIRTQ_DESC_F_INDIRECT;
    return is_indirect ? vq->slot[head].indirect : NULL;
}

ForgeDesc forge_table_get(const QVirtQueue *vq, const QVRingDesc *table, unsigned i)
{
    const QVRing *r = &vq->vring;
    return (ForgeDesc){
        .addr = qvring_desc_addr(r, table, i),
        .len = qvring_desc_len(r, table, i),
        .flags = qvring_desc_flags(r, table, i),
        .next = qvring_desc_next(r, table, i),
    };
}

void forge_desc(QVirtQueue *vq, uint16_t i, ForgeDesc desc)
{
    vq->shadow[i] = vq->vring.desc[i] = to_wire(vq, desc);
    qvring_trace(vq, QVRING_TRACE_FORGE, i, desc.flags);
}

void forge_desc_flags(QVirtQueue *vq, uint16_t i, uint16_t flags)
{
    ForgeDesc desc = forge_desc_get(vq, i);
    desc.flags = flags;
    forge_desc(vq, i, desc);
}

void forge_table_desc(QVirtQueue *vq, QVRingDesc *table, unsigned i, ForgeDesc desc)
{
    QVRingDesc wire = to_wire(vq, desc);
    memcpy((char *)table + i * sizeof(wire), &wire, sizeof(wire));
    qvring_trace(vq, QVRING_TRACE_FORGE, i, desc.flags);
}

void forge_avail_flags(QVirtQueue *vq, uint16_t flags)
{
    put16(vq, &vq->vring.avail->flags, vq->vring.avail, flags);
}

void forge_avail_idx(QVirtQueue *vq, uint16_t idx)
{
    put16(vq, &vq->vring.avail->idx, vq->vring.avail, idx);
}

void forge_avail_entry(QVirtQueue *vq, uint16_t at, uint16_t head)
{
    put16(vq, &vq->vring.avail->ring[at], vq->vring.avail, head);
}

void forge_used_event(QVirtQueue *vq, uint16_t idx)
{
    put16(vq, &vq->vring.avail->ring[vq->size], vq->vring.avail, idx);
}

void forge_used_entry(QVirtQueue *vq, uint16_t at, uint32_t id, uint32_t len)
{
    bool legacy = is_legacy(vq);
    vq->vring.used->ring[at] = (QVRingUsedElem){
        .id = virtio32_of(legacy, id),
        .len = virtio32_of(legacy, len),
    };
    qvring_trace(vq, QVRING_TRACE_FORGE, at, id);
}

void forge_used_idx(QVirtQueue *vq, uint16_t idx)
{
    put16(vq, &vq->vring.used->idx, vq->vring.used, idx);
}

void forge_used_flags(QVirtQueue *vq, uint16_t flags)
{
    put16(vq, &vq->vring.used->flags, vq->vring.used, flags);
}

void forge_avail_event(QVirtQueue *vq, uint16_t idx)
{
    put16(vq, qvring_avail_event_at(&vq->vring), vq->vring.used, idx);
}
