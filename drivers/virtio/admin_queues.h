/* SPDX-License-Identifier: MIT */
/*
 * Administration virtqueues (2.13) and SR-IOV groups (2.12) of any device that offers
 * VIRTIO_F_ADMIN_VQ. Starting a device that accepted the feature opens the first of its
 * administration virtqueues. The commands that go through them are in device/admin.h.
 */
#ifndef QVIRTIO_ADMIN_QUEUES_H
#define QVIRTIO_ADMIN_QUEUES_H

#include "drivers/virtio/admin_queues.h"
#include "drivers/virtio/qvirtqueue.h"

/* Where they are: -UNSUPPORTED when the feature was not accepted or the bus has none. */
int qvirtio_admin_queues(QVirtioDevice *d, uint16_t *first, uint16_t *count);
/* Opens the first ones of those that are there, QVIRTIO_ADMIN_QUEUES at most, and none
 * whose index is beyond what a QVirtioDevice holds. */
#define QVIRTIO_ADMIN_QUEUES 2
int qvirtio_open_admin_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size);
/* The administration virtqueue `n`, from 0, if it is open; else NULL. */
QVirtQueue *qvirtio_admin_queue(QVirtioDevice *d, uint16_t n);

/* The SR-IOV group of the device: how many virtual functions are enabled. -UNSUPPORTED:
 * that cannot be seen. */
int qvirtio_sriov_vfs(QVirtioDevice *d, uint16_t *vfs);
/* One of them, from 1; NULL: it is not driven here. */
QVirtioDevice *qvirtio_sriov_member(QVirtioDevice *d, uint64_t vf);

#endif
