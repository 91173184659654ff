/* SPDX-License-Identifier: MIT */
/*
 * What the formats' driver sides share, and nobody else needs: small checks, and the
 * batches of VIRTIO_F_IN_ORDER (in_order.c).
 */
#ifndef QVIRTIO_RING_H
#define QVIRTIO_RING_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_config.h"

#define BROKEN_ID_RANGE "used id is beyond the queue size"
#define BROKEN_NOT_HEAD "used id is not that of a chain in flight"
#define BROKEN_LEN      "used length exceeds the chain's writable bytes"

/* Remembers the broken rule; -QVIRTIO_BROKEN. */
static inline int qvring_broken(QVirtQueue *vq, const char *why)
{
    vq->broken = why;
    return -QVIRTIO_BROKEN;
}

static inline uint32_t qvring_in_bytes(const QVirtioSg *sg, unsigned out, unsigned in)
{
    uint32_t total = 0;
    for (unsigned i = out; i < out + in; i++) {
        total += sg[i].len;
    }
    return total;
}

/* NEXT and WRITE of descriptor i of a chain of `count`, `out` of them device-readable. */
static inline uint16_t qvring_sg_flags(unsigned i, unsigned out, unsigned count)
{
    return (i + 1 < count ? VIRTQ_DESC_F_NEXT : 0) | (i >= out ? VIRTQ_DESC_F_WRITE : 0);
}

/*
 * A used element with id `last` was found, and nothing is left of an earlier batch: it
 * speaks for all buffers in flight from the oldest to that one. -BROKEN: it is none of
 * them, or more of them than the `ready` ones that the device says it used.
 */
int qvring_batch_open(QVirtQueue *vq, uint16_t last, uint32_t len, uint32_t ready);
/* The oldest buffer of the open batch, with its used length. */
uint16_t qvring_batch_take(QVirtQueue *vq, uint32_t *len);

/* The `wind` of formats whose entries are each written anew. */
int qvring_wind_by_adding(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                          uint32_t entries);

#endif
