/* SPDX-License-Identifier: MIT */
/*
 * Private to the IOMMU device in software: its endpoints and mappings, which its requests
 * change (iommu.c, probe.c) and the DMA of its endpoints goes by
 * (dma.c). Endpoint 8 is the echo device, 16 the first entropy device, and
 * nothing is behind 24.
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
    /* The last one. */
    uint32_t domain;
} SoftEndpoint;

typedef struct SoftMapping {
    bool is_used;
    uint32_t domain, flags;
    uint64_t start, end, phys;
} SoftMapping;

typedef struct SoftIommu {
    /* From 1 on. */
    SoftEndpoint endpoint[SOFT_ENDPOINTS + 1];
    SoftMapping mapping[SOFT_MAPPINGS];
    /* That no buffer has taken yet. */
    struct virtio_iommu_fault report[SOFT_REPORTS];
    unsigned reports;
} SoftIommu;

extern SoftIommu soft_iommu_state;

/* Returns the endpoint of that number, or NULL. */
SoftEndpoint *soft_iommu_endpoint(le32 number);

/* Returns the first mapping of the domain that has part of the range, or NULL. */
SoftMapping *soft_iommu_mapped(uint32_t domain, uint64_t start, uint64_t end);

bool soft_iommu_is_zero(const uint8_t *bytes, unsigned count);

/* Answers a PROBE: gives its properties, where there is room for all, and returns its
 * status. */
uint8_t soft_iommu_probe(const struct virtio_iommu_req_probe *r, uint8_t *properties,
                         uint32_t room);
/* Returns true when part of the range cannot be mapped. */
bool soft_iommu_is_reserved(uint64_t start, uint64_t end);
/* Its properties are others than those of the rest. */
bool soft_iommu_is_unlike(const SoftEndpoint *e);

/* Writes reports into the buffers of the event queue, while there are both. */
void soft_iommu_report(SoftDevice *s);

/* Used by faults: returns true when what is detached goes on with its last domain's
 * mappings. */
bool soft_iommu_keeps_mappings(void);

#endif
