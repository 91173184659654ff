/* SPDX-License-Identifier: MIT */
/*
 * Private to the software IOMMU: its endpoints and mappings. Requests change them
 * (iommu.c, probe.c), and the DMA of the endpoints uses them (dma.c). Endpoint 8 is the
 * echo device, 16 is the first entropy device, and there is no device behind 24.
 */
#ifndef SOFT_IOMMU_H
#define SOFT_IOMMU_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_iommu.h"

#define SOFT_ENDPOINTS     3
#define SOFT_ENDPOINT_STEP 8
#define SOFT_MAPPINGS      32
#define SOFT_REPORTS       4
#define SOFT_PROBE_BYTES   64

typedef struct SoftEndpoint {
    bool is_attached, is_bypass;
    /* The domain that it is attached to, or that it left last. */
    uint32_t domain;
} SoftEndpoint;

typedef struct SoftMapping {
    bool is_used;
    uint32_t domain, flags;
    uint64_t start, end, phys;
} SoftMapping;

typedef struct SoftIommu {
    /* The first one is endpoint[1]; its number is SOFT_ENDPOINT_STEP. */
    SoftEndpoint endpoint[SOFT_ENDPOINTS + 1];
    SoftMapping mapping[SOFT_MAPPINGS];
    /* Reports of faults that wait for a buffer. */
    struct virtio_iommu_fault report[SOFT_REPORTS];
    unsigned reports;
} SoftIommu;

extern SoftIommu soft_iommu_state;

/* Returns the endpoint of that number, or NULL. */
SoftEndpoint *soft_iommu_endpoint(le32 number);

/* Returns the first mapping of the domain that overlaps the range, or NULL. */
SoftMapping *soft_iommu_mapped(uint32_t domain, uint64_t start, uint64_t end);

/* Returns true when all these bytes are zero. */
bool soft_iommu_is_zero(const uint8_t *bytes, unsigned count);

/* Answers a PROBE: writes the properties when there is room for all of them, and returns
 * the status. */
uint8_t soft_iommu_probe(const struct virtio_iommu_req_probe *r, uint8_t *properties,
                         uint32_t room);
/* Returns true when a part of the range is reserved, so that it cannot be mapped. */
bool soft_iommu_is_reserved(uint64_t start, uint64_t end);
/* Returns true when the endpoint has other properties than the rest. */
bool soft_iommu_is_unlike(const SoftEndpoint *e);

/* Writes reports into the buffers of the event queue, as long as there are both. */
void soft_iommu_report(SoftDevice *s);

/* Used by a fault. Returns true when a detached endpoint goes on using the mappings of
 * its last domain. */
bool soft_iommu_keeps_mappings(void);

#endif
