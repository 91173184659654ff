/* SPDX-License-Identifier: MIT */
/*
 * The packed virtqueue on the wire (2.8). Only the modern interface has it, so it is
 * little-endian throughout. Structures carry names in the style of the split ring's;
 * beside each is the specification's.
 */
#ifndef VIRTIO_RING_PACKED_H
#define VIRTIO_RING_PACKED_H

#include "kernel/lib/byteorder.h"

/* 2.8.1: these two, compared with a wrap counter, say whose turn a descriptor is. The
 * others are the split ring's: NEXT, WRITE, INDIRECT. */
#define VIRTQ_DESC_F_AVAIL (1 << 7)
#define VIRTQ_DESC_F_USED  (1 << 15)

/* 2.8.13: struct pvirtq_desc; written by the driver, then, one for each used buffer, by
 * the device. */
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

/* 2.8.14: struct pvirtq_event_suppress; the driver area is written by the driver, the
 * device area by the device. */
typedef struct QVRingPackedEvent {
    le16 off_wrap; /* descriptor offset in bits 0-14, wrap counter in bit 15 */
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
