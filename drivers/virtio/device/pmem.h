/* SPDX-License-Identifier: MIT */
/*
 * The persistent memory device (5.19), for tests: where its memory is, and FLUSH.
 */
#ifndef QVIRTIO_DEVICE_PMEM_H
#define QVIRTIO_DEVICE_PMEM_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_pmem.h"

/* The results of 5.19.7.2, as a le32. */
#define PMEM_DONE   0u
#define PMEM_FAILED 0xffffffffu
/* No device answers this. */
#define PMEM_UNANSWERED 0x5a5a5a5au

typedef struct PmemRange {
    uint64_t start, bytes;
} PmemRange;

/* Gives the range that the negotiated features say: from config space, or from shared
 * memory region 0 (5.19.5). */
int pmem_range(QVirtioDevice *d, PmemRange *range);
/* Flushes. *ret is what the device returns. */
int pmem_flush(QVirtioDevice *d, uint32_t *ret);

#endif
