/* SPDX-License-Identifier: MIT */
/*
 * Virtqueues above the ring format: setting up (4.1.5.1.3), kicks, waiting, and what all
 * formats share. The layout of the shared memory and every access to it are in the
 * format's own file (split.c, packed.c).
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/qvirtqueue.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

extern const QVirtioRing *const rings_begin[], *const rings_end[];

const QVirtioRing *qvirtio_ring(unsigned n)
{
    return n < (unsigned)(rings_end - rings_begin) ? rings_begin[n] : NULL;
}

/* Makes our own book-keeping for a queue of `size` entries: all slots are free, and
 * chained in order. */
static int alloc_slots(QVirtQueue *vq, uint16_t size)
{
    vq->slot = arena_lend(sizeof(QVRingSlot) * size, 8);
    if (!vq->slot) {
        return -QVIRTIO_NO_MEMORY;
    }
    for (uint16_t i = 0; i < size; i++) {
        vq->slot[i].next = i + 1 < size ? i + 1 : 0;
    }
    vq->num_free = size;
    return 0;
}

/* Returns how many entries a queue gets when `size` (0: as many as there can be) are
 * asked for and the device offers `max`. A legacy device is told no size (4.1.5.1.3). */
static uint16_t choose_size(const QVirtioDevice *d, const QVirtioRing *ring,
                            uint16_t size, uint16_t max)
{
    uint16_t most = max < QVIRTQUEUE_SIZE_MOST ? max : QVIRTQUEUE_SIZE_MOST;

    if (qvirtio_is_legacy(d)) {
        return size && size < max ? size : max;
    }
    size = !size ? most : size < max ? size : max;
    /* 2.7: "Queue Size value is always a power of 2", where the maximum need not be. */
    while (!ring->is_packed && size & (size - 1)) {
        size &= size - 1;
    }
    return size;
}

int qvirtqueue_alloc(QVirtioDevice *d, uint16_t index, uint16_t size,
                     const QVirtioRing *ring, QVirtQueue **result)
{
    uint16_t max = 0;
    int err = d->bus->queue_max(d, index, &max);
    if (err) {
        return err;
    }
    if (index >= QVIRTIO_MAX_QUEUES) {
        return -QVIRTIO_RANGE;
    }
    if (max == 0) {
        return -QVIRTIO_NO_QUEUE;
    }
    QVirtQueue *vq = arena_lend(sizeof(*vq), 16);
    if (!vq) {
        return -QVIRTIO_NO_MEMORY;
    }
    vq->dev = d;
    vq->index = index;
    vq->ring = ring;
    vq->size_max = max;
    vq->size = choose_size(d, ring, size, max);
    vq->with_tables = ring->uses_indirect;
    vq->is_in_order = qvirtio_negotiated(d, VIRTIO_F_IN_ORDER);
    vq->irq.cpu_vector = -1;
    vq->irq.vector = VIRTIO_MSI_NO_VECTOR;
    ksnprintf(vq->what, sizeof(vq->what), "queue %u: a used buffer", index);
    err = alloc_slots(vq, vq->size);
    if (!err) {
        err = ring->setup(vq);
    }
    if (!err) {
        *result = d->vq[index] = vq;
    }
    return err;
}

int qvirtqueue_enable(QVirtQueue *vq)
{
    QVirtioDevice *d = vq->dev;
    if (d->irq_mode != QVIRTIO_IRQ_NONE && !vq->irq.is_bound) {
        int err = d->bus->irq_bind(d, vq->index, &vq->irq);
        /* With more queues than vectors, or no interrupt at all, the queue is polled. */
        if (err && err != -QVIRTIO_UNSUPPORTED && err != -QVIRTIO_RANGE) {
            return err;
        }
    }
    return d->bus->queue_enable(d, vq);
}

int qvirtqueue_open(QVirtioDevice *d, uint16_t index, uint16_t size,
                    const QVirtioRing *ring, QVirtQueue **vq)
{
    int err = qvirtqueue_alloc(d, index, size, ring, vq);
    return err ? err : qvirtqueue_enable(*vq);
}

int qvirtqueue_add(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                   void *token)
{
    return vq->broken ? -QVIRTIO_BROKEN : vq->ring->add(vq, sg, out, in, token);
}

void qvirtqueue_publish(QVirtQueue *vq)
{
    if (vq->published_idx != vq->avail_idx) {
        vq->ring->publish(vq);
        vq->published_idx = vq->avail_idx;
        qvring_trace(vq, QVRING_TRACE_PUBLISH, vq->avail_idx, 0);
    }
}

void qvirtio_notify(QVirtioDevice *d, QVirtQueue *vq)
{
    vq->kicks++;
    qvring_trace(vq, QVRING_TRACE_KICK, vq->published_idx, 0);
    d->bus->notify(d, vq);
}

bool qvirtqueue_kick(QVirtQueue *vq)
{
    qvirtqueue_publish(vq);
    bool needed = vq->ring->needs_kick(vq);
    vq->kicked_idx = vq->published_idx;
    if (needed) {
        qvirtio_notify(vq->dev, vq);
    } else {
        qvring_trace(vq, QVRING_TRACE_NO_KICK, vq->published_idx, 0);
    }
    return needed;
}

int qvirtqueue_get(QVirtQueue *vq, QVirtioUsed *used)
{
    if (vq->broken) {
        return -QVIRTIO_BROKEN;
    }
    int got = vq->ring->get(vq, used);
    if (got < 0) {
        qvring_trace(vq, QVRING_TRACE_BROKEN, vq->last_used, 0);
    }
    return got;
}

bool qvirtqueue_has_used(const QVirtQueue *vq)
{
    return vq->ring->has_used(vq);
}

static bool has_used(void *arg)
{
    return qvirtqueue_has_used(arg);
}

int qvirtqueue_wait(QVirtQueue *vq, QVirtioUsed *used)
{
    int got = qvirtqueue_get(vq, used);
    if (got == 0) {
        int err = qvirtio_wait_served(vq->dev, vq->what, has_used, vq);
        if (err) {
            return err;
        }
        got = qvirtqueue_get(vq, used);
    }
    return got < 0 ? got : 0;
}

int qvirtqueue_submit(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                      uint32_t *len)
{
    QVirtioUsed used;
    int err = qvirtqueue_add(vq, sg, out, in, vq);
    if (err) {
        return err;
    }
    qvirtqueue_kick(vq);
    err = qvirtqueue_wait(vq, &used);
    if (!err && len) {
        *len = used.claimed;
    }
    return err;
}

int qvirtqueue_wind(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                    uint32_t entries)
{
    vq->wound += entries;
    return vq->broken ? -QVIRTIO_BROKEN : vq->ring->wind(vq, sg, out, in, entries);
}

int qvirtqueue_desc_changed(const QVirtQueue *vq)
{
    return vq->ring->desc_changed(vq);
}

void qvirtqueue_irq_disable(QVirtQueue *vq)
{
    vq->irq_follows = false;
    vq->ring->irq_disable(vq);
    qvring_trace(vq, QVRING_TRACE_IRQ_OFF, vq->last_used, 0);
}

void qvirtqueue_irq_enable(QVirtQueue *vq)
{
    qvirtqueue_irq_enable_after(vq, 0);
    vq->irq_follows = true;
}

void qvirtqueue_irq_enable_after(QVirtQueue *vq, uint16_t more)
{
    vq->irq_follows = false;
    vq->ring->irq_enable_after(vq, more);
    qvring_trace(vq, QVRING_TRACE_IRQ_ON, vq->last_used, more);
}

uint32_t qvirtqueue_irq_count(const QVirtQueue *vq)
{
    return vq->irq.count;
}

bool qvirtio_queue_ready(const QVirtQueue *vq)
{
    return vq && vq->vring.desc_addr.raw != 0;
}

bool qvirtio_queue_empty(const QVirtQueue *vq)
{
    return vq->in_flight == 0 && !qvirtqueue_has_used(vq);
}

void qvirtqueue_format(const QVirtQueue *vq, char *to, size_t bytes)
{
    ksnprintf(to, bytes, "queue %u: avail %u used %u size %u free %u%s%s", vq->index,
              vq->published_idx, vq->last_used, vq->size, vq->num_free,
              vq->broken ? ", broken: " : "", vq->broken ? vq->broken : "");
}
