/* SPDX-License-Identifier: MIT */
/*
 * The persistent memory device on the wire (5.19). Names are the specification's. There
 * is no legacy interface: everything is little-endian.
 */
#ifndef VIRTIO_PMEM_H
#define VIRTIO_PMEM_H

#include "kernel/lib/byteorder.h"

/* 5.19.3 Feature bits */
#define VIRTIO_PMEM_F_SHMEM_REGION 0

/* 5.19.4 Device configuration layout */
struct virtio_pmem_config {
    le64 start;
    le64 size;
};
_Static_assert(sizeof(struct virtio_pmem_config) == 16, "5.19.4");

/* 5.19.5.1: "The device MUST use shared memory region ID 0." */
#define VIRTIO_PMEM_SHMEM_ID 0

/* 5.19.6 Driver Operations */
#define VIRTIO_PMEM_REQ_TYPE_FLUSH 0

struct virtio_pmem_req {
    le32 type;
};
_Static_assert(sizeof(struct virtio_pmem_req) == 4, "5.19.6");

/* 5.19.7.2 Device Operations: 0 for success, -1 for failure */
struct virtio_pmem_resp {
    le32 ret;
};
_Static_assert(sizeof(struct virtio_pmem_resp) == 4, "5.19.7.2");

#endif
