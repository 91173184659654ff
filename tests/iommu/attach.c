/* SPDX-License-Identifier: MIT */
/*
 * ATTACH and DETACH (5.13.6.3, 5.13.6.4). That an endpoint is in a domain is seen by what
 * only members have: while it is there mappings can be made in the domain, and a DETACH
 * from it is OK.
 */
#include "tests/iommu/iommu_lib.h"

IOMMU_MAPPING_TEST(attached_endpoint_is_in_the_domain, .rings = RINGS_ALL,
                   IOMMU_ON_ENDPOINT)
{
    uint64_t page = iommu_page(t, dev);
    uint32_t domain = iommu_domain(t, dev, 0);
    if (!iommu_begin(t, dev, 0)) {
        return;
    }
    IommuAnswer a =
        iommu_map(dev, domain, iommu_at(dev), iommu_at(dev) + page - 1, 0, IOMMU_RW);
    expect_answer(t, "dev:5.13.6.3.2-12", a, VIRTIO_IOMMU_S_OK);
    a = iommu_detach(dev, domain, iommu_endpoint(dev));
    expect_answer(t, "dev:5.13.6.3.2-12", a, VIRTIO_IOMMU_S_OK);
    for (unsigned i = 0; i < sizeof(a.tail.reserved); i++) {
        expect_eq(t, "dev:5.13.6.2-3b", a.tail.reserved[i], 0);
    }
}

IOMMU_MAPPING_TEST(missing_endpoint_is_not_attached)
{
    IommuAnswer a = iommu_attach(dev, iommu_domain(t, dev, 0), IOMMU_NOWHERE, 0);
    expect_answer(t, "dev:5.13.6.3.2-3", a, VIRTIO_IOMMU_S_NOENT);
}

IOMMU_MAPPING_TEST(missing_endpoint_is_not_detached)
{
    IommuAnswer a = iommu_detach(dev, iommu_domain(t, dev, 0), IOMMU_NOWHERE);
    expect_answer(t, "dev:5.13.6.4.2-2", a, VIRTIO_IOMMU_S_NOENT);
}

/* "the device SHOULD first detach it from that domain and attach it to the one
 * identified by domain"; "If the device cannot do so, it MUST reject the request and set
 * status to VIRTIO_IOMMU_S_UNSUPP." */
IOMMU_MAPPING_TEST(attached_endpoint_moves_to_another_domain, IOMMU_ON_ENDPOINT)
{
    uint32_t first = iommu_domain(t, dev, 0), second = iommu_domain(t, dev, 1);
    if (!iommu_begin(t, dev, 0)) {
        return;
    }
    IommuAnswer a = iommu_attach(dev, second, iommu_endpoint(dev), 0);
    if (!expect_ok_or_unsupp(t, "dev:5.13.6.3.2-9", a) || a.tail.status) {
        iommu_end(t, dev);
    } else {
        /* The first domain has no endpoint any more, so there is none. */
        a = iommu_unmap(dev, first, 0, -1ull);
        expect_answer(t, "dev:5.13.6.3.2-7", a, VIRTIO_IOMMU_S_NOENT);
        a = iommu_detach(dev, second, iommu_endpoint(dev));
        expect_answer(t, "dev:5.13.6.3.2-7", a, VIRTIO_IOMMU_S_OK);
    }
}

/* "After all endpoints have been successfully detached from a domain, it ceases to
 * exist": with its mappings. */
IOMMU_MAPPING_TEST(left_domain_ceases_to_exist, IOMMU_ON_ENDPOINT)
{
    uint64_t last = iommu_at(dev) + iommu_page(t, dev) - 1;
    uint32_t domain = iommu_domain(t, dev, 0);
    for (unsigned i = 0; i < 2 && iommu_begin(t, dev, 0); i++) {
        IommuAnswer a = iommu_map(dev, domain, iommu_at(dev), last, 0, IOMMU_RW);
        require_answer(t, a, VIRTIO_IOMMU_S_OK);
        iommu_end(t, dev);
        a = iommu_map(dev, domain, iommu_at(dev), last, 0, IOMMU_RW);
        expect_answer(t, "dev:5.13.6.5.2-4", a, VIRTIO_IOMMU_S_NOENT);
        a = iommu_unmap(dev, domain, iommu_at(dev), last);
        expect_answer(t, "dev:5.13.6.6.2-2", a, VIRTIO_IOMMU_S_NOENT);
    }
}

/* "When the device is reset, endpoints are not attached to any domain." (5.13.5) */
IOMMU_MAPPING_TEST(reset_detaches_all, IOMMU_ON_ENDPOINT)
{
    if (iommu_begin(t, dev, 0) && require_ok(t, qvirtio_stop(dev)) &&
        test_start(t, dev, NULL)) {
        IommuAnswer a = iommu_unmap(dev, iommu_domain(t, dev, 0), 0, -1ull);
        require_answer(t, a, VIRTIO_IOMMU_S_NOENT);
    }
}
