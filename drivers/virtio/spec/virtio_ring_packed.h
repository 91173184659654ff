/* SPDX-License-Identifier: MIT */
/*
 * The packed virtqueue on the wire (2.8). Only the modern interface has it, so it is
 * always little-endian. Structures have names in the style of the split ring's; the
 * specification's name stands above each.
 */
#ifndef VIRTIO_RING_PACKED_H
#define VIRTIO_RING_PACKED_H

#include "kernel/lib/byteorder.h"

/* 2.8.1: these two flags, compared with a wrap counter, say whose turn a descriptor is.
 * The other flags are those of the split ring: NEXT, WRITE, INDIRECT. */
#define VIRTQ_DESC_F_AVAIL (1 << 7)
#define VIRTQ_DESC_F_USED  (1 << 15)

/* 2.8.13: struct pvirtq_desc. The driver writes it; the device then writes one for each
 * used buffer. */
typedef struct QVRingPackedDesc {
    le64 addr;
    le32 len;
    le16 id;
    le16 flags;
} QVRingPackedDesc;
_Static_assert(sizeof(QVRingPackedDesc) == 16, "2.8.13");

/* 2.8.10 */
#define RING_EVENT_FLAGS_ENABLE  0
#define RING_EVENT_FLAGS_DISABLE 1
#define RING_EVENT_FLAGS_DESC    2 /* with VIRTIO_F_EVENT_IDX only */
#define RING_EVENT_FLAGS_MASK    3

/* The wrap counter in desc_event_off/desc_event_wrap, and in next_off/next_wrap (2.9). */
#define RING_EVENT_WRAP (1 << 15)

/* 2.8.14: struct pvirtq_event_suppress. The driver writes the one in the driver area, the
 * device the one in the device area. */
typedef struct QVRingPackedEvent {
    /* The descriptor's offset in bits 0 to 14, the wrap counter in bit 15. */
    le16 off_wrap;
    le16 flags;
} QVRingPackedEvent;
_Static_assert(sizeof(QVRingPackedEvent) == 4, "2.8.14");

/* 2.8.10.1: alignment of the areas */
#define VIRTQ_PACKED_DESC_ALIGN  16
#define VIRTQ_PACKED_EVENT_ALIGN 4

static inline size_t virtq_packed_desc_bytes(uint16_t num)
{
    return sizeof(QVRingPackedDesc) * num;
}

#endif
