/* SPDX-License-Identifier: MIT */
/*
 * The forger of a packed ring (2.8): raw writes of any descriptor or wish. It checks
 * nothing and keeps no rule. It is used like the forger of a split ring (forge.h): add a
 * chain, forge what was written, publish. Values are in CPU order.
 *
 * The device must leave descriptors that the forger wrote alone while they are not in
 * flight (qvirtqueue_desc_changed()).
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

/* A wish is what one side writes about the notifications that it wants. The names are
 * those of 2.8.14; the offset and the wrap counter are one number. */
typedef struct ForgePackedWish {
    uint16_t off_wrap;
    uint16_t flags;
} ForgePackedWish;

/* Returns the slot of descriptor i of the chain that was added last; i 0 is its first. */
uint16_t forge_packed_slot(const QVirtQueue *vq, unsigned i);
/* Returns how many slots that chain takes. */
unsigned forge_packed_count(const QVirtQueue *vq);
/* Returns the place where the next chain will begin. */
QVRingPlace forge_packed_next(const QVirtQueue *vq);
/* Returns the place where the next used descriptor will be. */
QVRingPlace forge_packed_next_used(const QVirtQueue *vq);

/* Returns a descriptor as it is in the ring now; of a chain that is not published yet, as
 * it will be. */
ForgePackedDesc forge_packed_get(const QVirtQueue *vq, uint16_t slot);
/* Writes a descriptor. The flags of a chain's first descriptor are held back until the
 * chain is published. */
void forge_packed(QVirtQueue *vq, uint16_t slot, ForgePackedDesc desc);

/* Read and write entry i of the indirect table of the chain that was added last. */
ForgePackedDesc forge_packed_table_get(const QVirtQueue *vq, unsigned i);
void forge_packed_table(QVirtQueue *vq, unsigned i, ForgePackedDesc desc);

/* Writes the driver's wish; returns the device's. */
void forge_packed_wish(QVirtQueue *vq, ForgePackedWish wish);
ForgePackedWish forge_packed_device_wish(const QVirtQueue *vq);

#endif
