/* SPDX-License-Identifier: MIT */
/*
 * Raw access to a packed ring (2.8). Flags are stored last, as one store. Every write is
 * kept in the ring trace: "forge at" is a slot, or the index of an entry of a table.
 */
#include "drivers/virtio/ring/forge_packed.h"
#include "kernel/barrier.h"

static QVRingPackedDesc to_wire(ForgePackedDesc desc)
{
    return (QVRingPackedDesc){
        .addr = le64_of(desc.addr),
        .len = le32_of(desc.len),
        .id = le16_of(desc.id),
        .flags = le16_of(desc.flags),
    };
}

static ForgePackedDesc from_wire(QVRingPackedDesc desc)
{
    return (ForgePackedDesc){
        .addr = le64_get(desc.addr),
        .len = le32_get(desc.len),
        .id = le16_get(desc.id),
        .flags = le16_get(desc.flags),
    };
}

uint16_t forge_packed_slot(const QVirtQueue *vq, unsigned i)
{
    return (uint32_t)(qvring_packed(vq)->last_chain.slot + i) % vq->size;
}

unsigned forge_packed_count(const QVirtQueue *vq)
{
    return qvring_packed(vq)->last_count;
}

QVRingPlace forge_packed_next(const QVirtQueue *vq)
{
    return qvring_packed(vq)->next_avail;
}

QVRingPlace forge_packed_next_used(const QVirtQueue *vq)
{
    return qvring_packed(vq)->next_used;
}

ForgePackedDesc forge_packed_get(const QVirtQueue *vq, uint16_t slot)
{
    const QVRingPacked *p = qvring_packed(vq);
    ForgePackedDesc desc = from_wire(READ_ONCE(p->desc[slot]));
    if (p->held == &p->desc[slot]) {
        desc.flags = p->held_flags;
    }
    return desc;
}

void forge_packed(QVirtQueue *vq, uint16_t slot, ForgePackedDesc desc)
{
    QVRingPacked *p = qvring_packed(vq);
    QVRingPackedDesc wire = to_wire(desc), *d = &p->desc[slot];
    p->shadow[slot] = wire;
    d->addr = wire.addr;
    d->len = wire.len;
    d->id = wire.id;
    if (p->held == d) {
        p->held_flags = desc.flags;
    } else {
        barrier_full();
        WRITE_ONCE(d->flags, wire.flags);
        barrier_full();
    }
    qvring_trace(vq, QVRING_TRACE_FORGE, slot, desc.flags);
}

static QVRingPackedDesc *last_table(const QVirtQueue *vq)
{
    return vq->slot[vq->last_added].indirect;
}

ForgePackedDesc forge_packed_table_get(const QVirtQueue *vq, unsigned i)
{
    return from_wire(last_table(vq)[i]);
}

void forge_packed_table(QVirtQueue *vq, unsigned i, ForgePackedDesc desc)
{
    last_table(vq)[i] = to_wire(desc);
    qvring_trace(vq, QVRING_TRACE_FORGE, i, desc.flags);
}

void forge_packed_wish(QVirtQueue *vq, ForgePackedWish wish)
{
    QVRingPackedEvent *at = qvring_packed(vq)->driver;
    WRITE_ONCE(at->off_wrap, le16_of(wish.off_wrap));
    barrier_release();
    WRITE_ONCE(at->flags, le16_of(wish.flags));
    barrier_full();
    qvring_trace(vq, QVRING_TRACE_FORGE, wish.off_wrap, wish.flags);
}

ForgePackedWish forge_packed_device_wish(const QVirtQueue *vq)
{
    QVRingPackedEvent wish = READ_ONCE(*qvring_packed(vq)->device);
    return (ForgePackedWish){le16_get(wish.off_wrap), le16_get(wish.flags)};
}
