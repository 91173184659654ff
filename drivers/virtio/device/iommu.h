/* SPDX-License-Identifier: MIT */
/*
 * Requests of the IOMMU device (5.13.6), for tests. Which endpoints it manages only the
 * platform says: know=iommu.0.endpoint=N names one, and other another.
 */
#ifndef QVIRTIO_DEVICE_IOMMU_H
#define QVIRTIO_DEVICE_IOMMU_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_iommu.h"

/* What answers are filled with before a request: no device's status. */
#define IOMMU_FILL 0xa5

/* An endpoint that no platform has. */
#define IOMMU_NOWHERE 0xfffffff0u

typedef struct IommuAnswer {
    /* No answer: the rest means nothing. */
    int err;
    uint32_t used_len;
    struct virtio_iommu_req_tail tail;
    /* Of a PROBE. */
    const uint8_t *properties;
} IommuAnswer;

/* Sends any request, with so many bytes of room for properties. */
IommuAnswer iommu_run(QVirtioDevice *d, const void *request, uint32_t bytes,
                      uint32_t properties);

IommuAnswer iommu_attach(QVirtioDevice *d, uint32_t domain, uint32_t endpoint,
                         uint32_t flags);
IommuAnswer iommu_detach(QVirtioDevice *d, uint32_t domain, uint32_t endpoint);
/* Maps a range; `end` is its last byte. */
IommuAnswer iommu_map(QVirtioDevice *d, uint32_t domain, uint64_t start, uint64_t end,
                      uint64_t phys, uint32_t flags);
IommuAnswer iommu_unmap(QVirtioDevice *d, uint32_t domain, uint64_t start, uint64_t end);
IommuAnswer iommu_probe(QVirtioDevice *d, uint32_t endpoint, uint32_t properties);

#endif
