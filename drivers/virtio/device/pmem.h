/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the persistent memory device (5.19): where its memory is, and
 * FLUSH.
 */
#ifndef QVIRTIO_DEVICE_PMEM_H
#define QVIRTIO_DEVICE_PMEM_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_pmem.h"

/* The results of 5.19.7.2. */
#define PMEM_DONE   0u
#define PMEM_FAILED 0xffffffffu
/* The result is filled with this before a request. No device returns it. */
#define PMEM_UNANSWERED 0x5a5a5a5au

/* Where the memory is, in bytes. */
typedef struct PmemRange {
    uint64_t start, bytes;
} PmemRange;

/* Reads where the memory is: from shared memory region 0 when VIRTIO_PMEM_F_SHMEM_REGION
 * was negotiated, else from config space (5.19.5). */
int pmem_range(QVirtioDevice *d, PmemRange *range);
/* Runs a FLUSH request. *ret is what the device returned. */
int pmem_flush(QVirtioDevice *d, uint32_t *ret);

#endif
