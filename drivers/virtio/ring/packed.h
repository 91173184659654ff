/* SPDX-License-Identifier: MIT */
/*
 * Private to packed.c and forge_packed.c: what the driver's side keeps about a packed
 * ring (2.8). Tests use qvirtqueue.h and forge_packed.h.
 */
#ifndef QVIRTIO_RING_PACKED_H
#define QVIRTIO_RING_PACKED_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_ring_packed.h"

/* A place in the ring: a slot, and the wrap counter of the lap that it is in (2.8.1). */
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
    /* How every descriptor must be found while it is not in flight: as we wrote it, or as
     * the device had written it when we took it. */
    QVRingPackedDesc *shadow;
    /* Where the next chain begins, and where the next used descriptor will be. */
    QVRingPlace next_avail, next_used;
    /* Where the chain that was added last begins. */
    QVRingPlace last_chain;
    /* The first descriptor that was added since the last publication, or NULL. */
    QVRingPackedDesc *held;
    /* The flags that publishing writes to it. */
    uint16_t held_flags;
    /* How many slots the chain that was added last takes. */
    uint16_t last_count;
} QVRingPacked;

static inline QVRingPacked *qvring_packed(const QVirtQueue *vq)
{
    return vq->format_data;
}

/* Returns a place as it stands in a wish (2.8.14) and in a notification (2.9). */
static inline uint16_t qvring_place_bits(QVRingPlace at)
{
    return at.slot | (at.wrap ? RING_EVENT_WRAP : 0);
}

#endif
