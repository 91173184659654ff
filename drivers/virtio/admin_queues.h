/* SPDX-License-Identifier: MIT */
/*
 * For who uses a device that offers VIRTIO_F_ADMIN_VQ: its administration virtqueues
 * (2.13), and its SR-IOV group (2.12). Starting a device that accepted the feature
 * opens the first of its administration virtqueues. The commands that go through them
 * are in device/admin.h.
 */
#ifndef QVIRTIO_ADMIN_QUEUES_H
#define QVIRTIO_ADMIN_QUEUES_H

#include "drivers/virtio/qvirtqueue.h"

/* Gives the index of the first administration virtqueue, and how many there are. Returns
 * -QVIRTIO_UNSUPPORTED when the feature was not accepted, or the bus has no such thing.
 */
int qvirtio_admin_queues(QVirtioDevice *d, uint16_t *first, uint16_t *count);
/* Opens the first QVIRTIO_ADMIN_QUEUES administration virtqueues, or as many as there
 * are. A queue whose index a QVirtioDevice has no place for stays closed. size 0 means as
 * many entries as the device offers. */
#define QVIRTIO_ADMIN_QUEUES 2
int qvirtio_open_admin_queues(QVirtioDevice *d, const QVirtioRing *ring, uint16_t size);
/* Returns the administration virtqueue `n`, from 0, or NULL when it is not open. */
QVirtQueue *qvirtio_admin_queue(QVirtioDevice *d, uint16_t n);

/* Gives how many virtual functions of the device's SR-IOV group are enabled. Returns
 * -QVIRTIO_UNSUPPORTED where the bus cannot see that. */
int qvirtio_sriov_vfs(QVirtioDevice *d, uint16_t *vfs);
/* Returns virtual function `vf` of the group, counted from 1, as a device of its own;
 * NULL when it is not driven here. */
QVirtioDevice *qvirtio_sriov_member(QVirtioDevice *d, uint64_t vf);

#endif
