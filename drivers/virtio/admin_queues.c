/* SPDX-License-Identifier: MIT */
/*
 * Administration virtqueues (2.13): where they are, and how they are opened. The bus
 * finds the members of a group (2.12).
 */
#include "drivers/virtio/admin_queues.h"
#include "drivers/virtio/bus.h"

int qvirtio_admin_queues(QVirtioDevice *d, uint16_t *first, uint16_t *count)
{
    if (!d->bus->admin_queues || !qvirtio_negotiated(d, VIRTIO_F_ADMIN_VQ)) {
        return -QVIRTIO_UNSUPPORTED;
    }
    return d->bus->admin_queues(d, first, count);
}

int qvirtio_open_admin_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size)
{
    uint16_t first, count;
    int err = qvirtio_admin_queues(d, &first, &count);

    if (err) {
        return err == -QVIRTIO_UNSUPPORTED ? 0 : err;
    }
    for (uint16_t i = 0; i < count && i < QVIRTIO_ADMIN_QUEUES && !err; i++) {
        QVirtQueue *vq;
        bool is_far = (uint32_t)first + i >= QVIRTIO_MAX_QUEUES || d->vq[first + i];
        err = is_far ? 0 : qvirtqueue_open(d, first + i, size, ring, &vq);
    }
    return err;
}

QVirtQueue *qvirtio_admin_queue(QVirtioDevice *d, uint16_t n)
{
    uint16_t first, count;

    if (qvirtio_admin_queues(d, &first, &count) || n >= count ||
        (uint32_t)first + n >= QVIRTIO_MAX_QUEUES) {
        return NULL;
    }
    return d->vq[first + n];
}

int qvirtio_sriov_vfs(QVirtioDevice *d, uint16_t *vfs)
{
    return d->bus->sriov_vfs ? d->bus->sriov_vfs(d, vfs) : -QVIRTIO_UNSUPPORTED;
}

QVirtioDevice *qvirtio_sriov_member(QVirtioDevice *d, uint64_t vf)
{
    uint16_t vfs;
    bool is_there =
        d->bus->sriov_member && qvirtio_sriov_vfs(d, &vfs) == 0 && vf > 0 && vf <= vfs;
    return is_there ? d->bus->sriov_member(d, (uint16_t)vf) : NULL;
}
