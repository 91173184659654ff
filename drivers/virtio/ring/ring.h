/* SPDX-License-Identifier: MIT */
/*
 * Private to the ring formats, driver's side: small checks that they share, and the
 * batches of VIRTIO_F_IN_ORDER (in_order.c).
 */
#ifndef QVIRTIO_RING_H
#define QVIRTIO_RING_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_config.h"

#define BROKEN_ID_RANGE "used id is beyond the queue size"
#define BROKEN_NOT_HEAD "used id is not that of a chain in flight"

/* Remembers which rule the device broke, and returns -QVIRTIO_BROKEN. */
static inline int qvring_broken(QVirtQueue *vq, const char *why)
{
    vq->broken = why;
    return -QVIRTIO_BROKEN;
}

/* Returns how many bytes of a chain the device may write. */
static inline uint32_t qvring_in_bytes(const QVirtioSg *sg, unsigned out, unsigned in)
{
    uint32_t total = 0;
    for (unsigned i = out; i < out + in; i++) {
        total += sg[i].len;
    }
    return total;
}

/* Returns the flags NEXT and WRITE of descriptor i of a chain of `count`, the first `out`
 * of which are device-readable. */
static inline uint16_t qvring_sg_flags(unsigned i, unsigned out, unsigned count)
{
    return (i + 1 < count ? VIRTQ_DESC_F_NEXT : 0) | (i >= out ? VIRTQ_DESC_F_WRITE : 0);
}

/*
 * Opens a batch. A used element with id `last` was found, and nothing is left of an
 * earlier batch, so it stands for all buffers in flight from the oldest to that one.
 * Returns -QVIRTIO_BROKEN when `last` is none of them, or when they are more than the
 * `ready` ones that the device says it used.
 */
int qvring_batch_open(QVirtQueue *vq, uint16_t last, uint32_t len, uint32_t ready);
/* Takes the oldest buffer of the open batch. Returns its head, and its used length in
 * *len. */
uint16_t qvring_batch_take(QVirtQueue *vq, uint32_t *len);

/* Winds by adding one request after the other. It is the `wind` of formats that cannot
 * publish one chain many times. */
int qvring_wind_by_adding(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                          uint32_t entries);

#endif
