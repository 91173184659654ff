/* SPDX-License-Identifier: MIT */
/*
 * The free hand on a packed ring (2.8): raw writes of any descriptor or wish. It checks
 * nothing and keeps no rule; see forge.h, whose way of working it shares: add a chain,
 * forge what was written, publish. Values are in CPU order.
 *
 * Descriptors that the forger wrote count as what the device must leave alone while they
 * are not in flight (qvirtqueue_desc_changed()).
 */
#ifndef QVIRTIO_FORGE_PACKED_H
#define QVIRTIO_FORGE_PACKED_H

#include "drivers/virtio/ring/packed.h"

/* One descriptor by the names of 2.8.13. */
typedef struct ForgePackedDesc {
    uint64_t addr;
    uint32_t len;
    uint16_t id;
    uint16_t flags;
} ForgePackedDesc;

/* A wish by the names of 2.8.14: off and wrap as one number. */
typedef struct ForgePackedWish {
    uint16_t off_wrap;
    uint16_t flags;
} ForgePackedWish;

/* Slot i of the chain that was added last; 0 is its first. */
uint16_t forge_packed_slot(const QVirtQueue *vq, unsigned i);
/* How many slots it takes. */
unsigned forge_packed_count(const QVirtQueue *vq);
/* Where the next chain will begin. */
QVRingPlace forge_packed_next(const QVirtQueue *vq);
/* Where the next used descriptor will be. */
QVRingPlace forge_packed_next_used(const QVirtQueue *vq);

/* As it is in the ring now; of a chain that is not published yet, as it will be. */
ForgePackedDesc forge_packed_get(const QVirtQueue *vq, uint16_t slot);
/* Flags of a chain that is not published yet are held back until it is. */
void forge_packed(QVirtQueue *vq, uint16_t slot, ForgePackedDesc desc);

/* Entry i of the table that the chain added last goes through. */
ForgePackedDesc forge_packed_table_get(const QVirtQueue *vq, unsigned i);
void forge_packed_table(QVirtQueue *vq, unsigned i, ForgePackedDesc desc);

/* What the driver wishes; what the device wishes. */
void forge_packed_wish(QVirtQueue *vq, ForgePackedWish wish);
ForgePackedWish forge_packed_device_wish(const QVirtQueue *vq);

#endif
