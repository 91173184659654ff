/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the IOMMU device (5.13.6): its requests. Only the platform
 * knows which endpoints the device manages: know=iommu.0.endpoint=N names one, and
 * know=iommu.0.other=M another one.
 */
#ifndef QVIRTIO_DEVICE_IOMMU_H
#define QVIRTIO_DEVICE_IOMMU_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_iommu.h"

/* Answers are filled with this before a request. It is no status that a device may
 * write. */
#define IOMMU_FILL 0xa5

/* An endpoint that no platform has. */
#define IOMMU_NOWHERE 0xfffffff0u

typedef struct IommuAnswer {
    /* Not 0 when there was no answer. Then the other fields mean nothing. */
    int err;
    uint32_t used_len;
    struct virtio_iommu_req_tail tail;
    /* The properties that a PROBE returned. */
    const uint8_t *properties;
} IommuAnswer;

/* Runs any request, with `properties` bytes of room for properties before the tail. */
IommuAnswer iommu_run(QVirtioDevice *d, const void *request, uint32_t bytes,
                      uint32_t properties);

IommuAnswer iommu_attach(QVirtioDevice *d, uint32_t domain, uint32_t endpoint,
                         uint32_t flags);
IommuAnswer iommu_detach(QVirtioDevice *d, uint32_t domain, uint32_t endpoint);
/* Maps the range from `start` to `end`, its last byte, to `phys`. */
IommuAnswer iommu_map(QVirtioDevice *d, uint32_t domain, uint64_t start, uint64_t end,
                      uint64_t phys, uint32_t flags);
IommuAnswer iommu_unmap(QVirtioDevice *d, uint32_t domain, uint64_t start, uint64_t end);
IommuAnswer iommu_probe(QVirtioDevice *d, uint32_t endpoint, uint32_t properties);

#endif
