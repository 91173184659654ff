/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_F_IN_ORDER, driver's side (2.7.9, 2.8.9). Slots are taken and given back in a
 * circle, so the buffers in flight lie behind each other, and one used element may stand
 * for a batch: "only writing out a single used ring entry with the id corresponding to
 * the ... last buffer in the batch". The buffers that are skipped so "are assumed to have
 * been used (read or written) by the device completely".
 *
 * Winding by one request after the other is here too, for the formats that cannot publish
 * one chain many times.
 */
#include "drivers/virtio/ring/ring.h"

/* Returns the head behind this one. Split rings name a chain by its first descriptor,
 * packed ones by a number of its own. */
static uint16_t next_head(const QVirtQueue *vq, uint16_t head)
{
    uint16_t step = vq->ring->is_packed ? 1 : vq->slot[head].count;
    return (uint32_t)(head + step) % vq->size;
}

int qvring_batch_open(QVirtQueue *vq, uint16_t last, uint32_t len, uint32_t ready)
{
    uint16_t head = vq->oldest, n = 1;
    while (head != last && n < vq->in_flight) {
        head = next_head(vq, head);
        n++;
    }
    if (head != last || n > ready) {
        return qvring_broken(vq, "used id is not next in order");
    }
    vq->batch_left = n;
    vq->batch_len = len;
    return 0;
}

uint16_t qvring_batch_take(QVirtQueue *vq, uint32_t *len)
{
    uint16_t head = vq->oldest;
    *len = --vq->batch_left ? vq->slot[head].in_bytes : vq->batch_len;
    vq->oldest = next_head(vq, head);
    return head;
}

/* Adds the same chain until the ring is full, then takes all of it back. */
static int wind_batch(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                      uint32_t *left)
{
    uint32_t added = 0;
    int err = 0;
    while (added < *left && (err = vq->ring->add(vq, sg, out, in, vq)) == 0) {
        added++;
    }
    if (err && err != -QVIRTIO_NO_SPACE) {
        return err;
    }
    *left -= added;
    qvirtqueue_kick(vq);
    for (err = 0; added && !err; added--) {
        QVirtioUsed used;
        err = qvirtqueue_wait(vq, &used);
    }
    return err;
}

int qvring_wind_by_adding(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                          uint32_t entries)
{
    int err = vq->in_flight ? -QVIRTIO_NO_SPACE : 0;
    while (entries && !err) {
        err = wind_batch(vq, sg, out, in, &entries);
    }
    return err;
}
