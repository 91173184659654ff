/* SPDX-License-Identifier: MIT */
/*
 * The packed ring's own side of a queue (2.8), for packed.c and the forger. Tests speak
 * of it through qvirtqueue.h and forge_packed.h.
 */
#ifndef QVIRTIO_RING_PACKED_H
#define QVIRTIO_RING_PACKED_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_ring_packed.h"

/* A place in the ring, and the lap it is in (2.8.1). */
typedef struct QVRingPlace {
    uint16_t slot;
    bool wrap;
} QVRingPlace;

typedef struct QVRingPacked {
    /* Written by both sides. */
    QVRingPackedDesc *desc;
    /* Written by the driver only. */
    QVRingPackedEvent *driver;
    /* Written by the device only. */
    QVRingPackedEvent *device;
    /* Every descriptor as it must be found while it is not in flight: as we wrote it, or
     * as the device had written it when we took it. */
    QVRingPackedDesc *shadow;
    QVRingPlace next_avail, next_used;
    /* Where the chain that was added last begins. */
    QVRingPlace last_chain;
    /* First descriptor since the last publication, or NULL. */
    QVRingPackedDesc *held;
    /* Its flags, not visible yet. */
    uint16_t held_flags;
    /* Descriptors of the chain that was added last. */
    uint16_t last_count;
} QVRingPacked;

static inline QVRingPacked *qvring_packed(const QVirtQueue *vq)
{
    return vq->format_data;
}

static inline uint16_t qvring_place_bits(QVRingPlace at)
{
    return at.slot | (at.wrap ? RING_EVENT_WRAP : 0);
}

#endif
