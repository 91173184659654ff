/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the IOMMU device share: the endpoint that was told, the judgement of
 * an answer, and a domain to work in. What is attached is detached again: of an endpoint
 * that is not, DMA may not work (bypass).
 */
#ifndef IOMMU_LIB_H
#define IOMMU_LIB_H

#include "drivers/virtio/device/iommu.h"
#include "tests/harness/test.h"

#define IOMMU_TEST(id, ...) VIRTIO_TEST(id, .device = VIRTIO_ID_IOMMU, ##__VA_ARGS__)
/* ... that needs a device with domains and mappings, */
#define IOMMU_MAPS                  .needs = FEATURES(VIRTIO_IOMMU_F_MAP_UNMAP)
#define IOMMU_MAPPING_TEST(id, ...) IOMMU_TEST(id, IOMMU_MAPS, ##__VA_ARGS__)
/* ... and an endpoint that the host told of. */
#define IOMMU_ON_ENDPOINT .why_not = iommu_why_no_endpoint
#define IOMMU_RW          (VIRTIO_IOMMU_MAP_F_READ | VIRTIO_IOMMU_MAP_F_WRITE)

/* For .why_not: returns the text of a SKIP when nobody told an endpoint. */
const char *iommu_why_no_endpoint(QVirtioDevice *dev);
uint32_t iommu_endpoint(const QVirtioDevice *dev);

/* Returns the size of the smallest page, by page_size_mask. */
uint64_t iommu_page(Test *t, QVirtioDevice *dev);
/* Returns a domain within domain_range. Two numbers give two domains. */
uint32_t iommu_domain(Test *t, QVirtioDevice *dev, unsigned number);

/* Returns where the tests map: far beyond all memory, so that nothing is there by
 * accident, and within the device's input_range (5.13.4). */
uint64_t iommu_at(QVirtioDevice *dev);

/* Bytes of an endpoint's properties. */
uint32_t iommu_probe_size(Test *t, QVirtioDevice *dev);

/* There was an answer, with that status. */
#define expect_answer(t, clause, answer, wanted) \
    iommu_expect(t, EXPECT_AT(clause, #answer), answer, wanted)
#define require_answer(t, ...) expect_answer(t, BASIS_NONE, __VA_ARGS__)
bool iommu_expect(Test *t, const ExpectAt *at, IommuAnswer a, uint8_t wanted);

/* The same of a request that the device may be unable to do. */
#define expect_ok_or_unsupp(t, clause, answer) \
    iommu_expect_ok_or_unsupp(t, EXPECT_AT(clause, #answer), answer)
#define require_ok_or_unsupp(t, ...) expect_ok_or_unsupp(t, BASIS_NONE, __VA_ARGS__)
bool iommu_expect_ok_or_unsupp(Test *t, const ExpectAt *at, IommuAnswer a);

/* Attaches the endpoint to domain 0 of the above. Returns false when that fails, which is
 * reported. */
bool iommu_begin(Test *t, QVirtioDevice *dev, uint32_t flags);
void iommu_end(Test *t, QVirtioDevice *dev);

#endif
