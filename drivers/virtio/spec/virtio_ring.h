/* SPDX-License-Identifier: MIT */
/*
 * The split virtqueue on the wire (2.7). Structures have the RFC's names; the
 * specification's name stands above each. Fields are virtio16/32/64: little-endian, or in
 * the guest's order on a legacy device (2.4.3). Their accessors are in ring/qvring.h.
 */
#ifndef VIRTIO_RING_H
#define VIRTIO_RING_H

#include "drivers/virtio/qvirtio_types.h"

#define VIRTQUEUE_MAX_SIZE 32768 /* 2.7: the largest queue size */

/* 2.7.5 The Virtqueue Descriptor Table: struct virtq_desc */
#define VIRTQ_DESC_F_NEXT     1
#define VIRTQ_DESC_F_WRITE    2
#define VIRTQ_DESC_F_INDIRECT 4

typedef struct QVRingDesc {
    virtio64 addr;
    virtio32 len;
    virtio16 flags;
    virtio16 next;
} QVRingDesc;
_Static_assert(sizeof(QVRingDesc) == 16, "2.7.5");

/* 2.7.6 The Virtqueue Available Ring: struct virtq_avail; written by the driver, read by
 * the device. */
#define VIRTQ_AVAIL_F_NO_INTERRUPT 1

typedef struct QVRingAvail {
    virtio16 flags;
    virtio16 idx;
    /* num entries; behind them stands virtio16 used_event. */
    virtio16 ring[];
} QVRingAvail;
_Static_assert(sizeof(QVRingAvail) == 4, "2.7.6");

/* 2.7.8 The Virtqueue Used Ring: struct virtq_used; written by the device, read by the
 * driver. */
#define VIRTQ_USED_F_NO_NOTIFY 1

typedef struct QVRingUsedElem {
    /* The head of the used chain. */
    virtio32 id;
    /* How many bytes were written into it. */
    virtio32 len;
} QVRingUsedElem;
_Static_assert(sizeof(QVRingUsedElem) == 8, "2.7.8");

typedef struct QVRingUsed {
    virtio16 flags;
    virtio16 idx;
    /* num entries; behind them stands virtio16 avail_event. */
    QVRingUsedElem ring[];
} QVRingUsed;
_Static_assert(sizeof(QVRingUsed) == 4, "2.7.8");

/* 2.7: alignment of the areas */
#define VIRTQ_DESC_ALIGN  16
#define VIRTQ_AVAIL_ALIGN 2
#define VIRTQ_USED_ALIGN  4
/* 2.7.2 Legacy layout: one block, in which the used ring is at the next multiple of this.
 */
#define VIRTQ_LEGACY_ALIGN 4096

/* Bytes of each area for a queue of num entries. */
static inline size_t virtq_desc_bytes(uint16_t num)
{
    return 16u * (size_t)num;
}

static inline size_t virtq_avail_bytes(uint16_t num)
{
    return 6 + 2u * (size_t)num;
}

static inline size_t virtq_used_bytes(uint16_t num)
{
    return 6 + 8u * (size_t)num;
}

#endif
