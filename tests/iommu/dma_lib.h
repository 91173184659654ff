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

/* The device at the endpoint that was told; NULL: none of ours. */
QVirtioDevice *dma_find_device(QVirtioDevice *dev);
/* .why_not: no device of ours is at the endpoint, or its DMA does not go by the IOMMU. */
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

/* From here on the device behind works `at` so far from memory. It takes no interrupts,
 * for those are DMA as well. */
bool dma_start(Dma *m, uint64_t at);

/* All of these: a domain with the window in it, and the device at work there. */
bool dma_begin_mapped(Test *t, QVirtioDevice *dev, Dma *m, uint32_t event_bytes);
#define DMA_EVENT_BYTES sizeof(struct virtio_iommu_fault)

/* A ping that cannot reach memory: nothing is written, and a report of the fault is
 * right.
 */
void dma_expect_fault(Dma *m, const char *clause);

#endif
