/* SPDX-License-Identifier: MIT */
/*
 * DMA of the device behind the IOMMU (5.13.6): it works at addresses far from its memory,
 * and what it may not touch, because it is not mapped, or not for writes, or the device
 * has left the domain, it does not; a report of it is right (5.13.6.9).
 */
#include "tests/iommu/dma_lib.h"

#define DMA_TEST(id, ...) \
    VIRTIO_TEST(id, .device = VIRTIO_ID_IOMMU, .why_not = dma_why_not, __VA_ARGS__)
#define BYPASS_IS_OFF \
    .needs = FEATURES(VIRTIO_IOMMU_F_MAP_UNMAP, VIRTIO_IOMMU_F_BYPASS_CONFIG)

/* "A device that does not reject the request MUST attach the endpoint." */
DMA_TEST(device_works_where_it_is_mapped, IOMMU_MAPS, .rings = RINGS_ALL)
{
    Dma m;
    if (dma_begin_mapped(t, dev, &m, DMA_EVENT_BYTES)) {
        for (uint32_t i = 0; i < 8; i++) {
            expect_ping(t, "dev:5.13.6.3.2-12", m.behind, i);
        }
    }
    dma_end(&m);
}

static bool begin_at_work(Test *t, QVirtioDevice *dev, Dma *m)
{
    return dma_begin_mapped(t, dev, m, DMA_EVENT_BYTES) && require_ping(t, m->behind, 0);
}

DMA_TEST(unmapped_memory_is_out_of_reach, IOMMU_MAPS)
{
    Dma m;
    if (begin_at_work(t, dev, &m) && dma_unmap(&m)) {
        dma_expect_fault(&m, NULL);
    }
    dma_end(&m);
}

/* "The device MUST NOT allow writes to a range mapped without the
 * VIRTIO_IOMMU_MAP_F_WRITE flag." */
DMA_TEST(memory_mapped_for_reads_is_not_written, IOMMU_MAPS)
{
    Dma m;
    if (begin_at_work(t, dev, &m) && dma_unmap(&m) &&
        dma_map(&m, VIRTIO_IOMMU_MAP_F_READ)) {
        dma_expect_fault(&m, "dev:5.13.6.5.2-6");
    }
    dma_end(&m);
}

/* "after being detached from a domain, the endpoint cannot access any mapping from that
 * domain" */
DMA_TEST(detached_device_is_out_of_reach, BYPASS_IS_OFF)
{
    Dma m;
    if (begin_at_work(t, dev, &m)) {
        dma_detach(&m);
        dma_expect_fault(&m, "dev:5.13.6.4.2-4");
    }
    dma_end(&m);
}

/* Into another domain, which has no mappings; not if the device cannot. */
static bool move(Dma *m)
{
    arena_set_dma_offset(0);
    uint32_t to = iommu_domain(m->t, m->dev, 1);
    IommuAnswer a = iommu_attach(m->dev, to, iommu_endpoint(m->dev), 0);
    arena_set_dma_offset(m->at);
    if (a.err == 0 && a.tail.status == VIRTIO_IOMMU_S_UNSUPP) {
        test_skip(m->t, "the device cannot move an attached endpoint");
        return false;
    }
    m->domain = to;
    return require_answer(m->t, a, VIRTIO_IOMMU_S_OK);
}

/* "In that case the device SHOULD behave as if the driver issued a DETACH request with
 * this endpoint, followed by the ATTACH request." */
DMA_TEST(moved_device_leaves_its_mappings_behind, IOMMU_MAPS)
{
    Dma m;
    if (begin_at_work(t, dev, &m) && move(&m)) {
        dma_expect_fault(&m, "dev:5.13.6.3.2-8");
    }
    dma_end(&m);
}

/* "The device SHOULD NOT let unattached endpoints that are not in bypass mode access the
 * guest-physical address space." */
DMA_TEST(device_without_a_domain_is_out_of_reach, BYPASS_IS_OFF)
{
    Dma m;
    if (dma_begin(t, dev, &m, DMA_EVENT_BYTES) && dma_start(&m, 0)) {
        dma_expect_fault(&m, "dev:5.13.6.2-4");
    }
    dma_end(&m);
}

/* "All accesses from an endpoint in bypass mode are allowed and translated by the IOMMU
 * using the identity function." */
DMA_TEST(device_in_a_bypass_domain_works_one_to_one, BYPASS_IS_OFF)
{
    Dma m;
    if (dma_begin(t, dev, &m, DMA_EVENT_BYTES) &&
        dma_attach(&m, 0, VIRTIO_IOMMU_ATTACH_F_BYPASS) && dma_start(&m, 0)) {
        require_ping(t, m.behind, 0);
    }
    dma_end(&m);
}
