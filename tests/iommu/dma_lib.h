/* SPDX-License-Identifier: MIT */
/*
 * DMA through the IOMMU: of the device at the endpoint that was told, where it offers
 * VIRTIO_F_ACCESS_PLATFORM. What a test lends after dma_begin() is in the window that
 * dma_map() maps, far from where it is in memory. Bypass is off where
 * VIRTIO_IOMMU_F_BYPASS_CONFIG is negotiated, until dma_end(), which belongs behind every
 * dma_begin().
 */
#ifndef DMA_LIB_H
#define DMA_LIB_H

#include "tests/iommu/iommu_lib.h"

#define DMA_EVENTS 8

typedef struct Dma {
    Test *t;
    QVirtioDevice *dev, *behind;
    /* That the endpoint is in. */
    uint32_t domain;
    /* Addresses of the device are so far from those of memory. */
    uint64_t at;
    /* The window in memory: pages. */
    uint64_t start, end;
    /* Before the test. */
    uint64_t bypass;
    bool is_attached;
} Dma;

/* Returns the device at the endpoint that was told; NULL when it is none of ours. */
QVirtioDevice *dma_find_device(QVirtioDevice *dev);
/* For .why_not: returns the text of a SKIP when no device of ours is at the endpoint, or
 * when its DMA does not go by the IOMMU. */
const char *dma_why_not(QVirtioDevice *dev);

/* Buffers for events, of so many bytes. Returns false when that fails, which is reported.
 */
bool dma_begin(Test *t, QVirtioDevice *dev, Dma *m, uint32_t event_bytes);
void dma_end(Dma *m);

/* Requests to the IOMMU, which is nobody's endpoint. Each says what is wrong. */
bool dma_attach(Dma *m, unsigned domain, uint32_t flags);
void dma_detach(Dma *m);
bool dma_map(Dma *m, uint32_t flags);
bool dma_unmap(Dma *m);

/* Starts the device behind the IOMMU, which from here on works at addresses that are `at`
 * away from memory. It takes no interrupts, for those are DMA as well. */
bool dma_start(Dma *m, uint64_t at);

/* Does all of these: makes a domain with the window in it, and starts the device there.
 */
bool dma_begin_mapped(Test *t, QVirtioDevice *dev, Dma *m, uint32_t event_bytes);
#define DMA_EVENT_BYTES sizeof(struct virtio_iommu_fault)

/* Sends a ping that cannot reach memory. Nothing may be written, and a report of the
 * fault must be right. */
void dma_expect_fault(Dma *m, const char *clause);

#endif
