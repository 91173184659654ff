/* SPDX-License-Identifier: MIT */
/*
 * ATTACH and DETACH (5.13.6.3, 5.13.6.4). That an endpoint is in a domain is seen by what
 * only members have: while it is there mappings can be made in the domain, and a DETACH
 * from it is OK.
 */
#include "tests/iommu/iommu_lib.h"

#define IOMMU_TEST(id, ...) \
    VIRTIO_TEST(id, .device = VIRTIO_ID_IOMMU, IOMMU_MAPS, ##__VA_ARGS__)
#define ON_ENDPOINT .why_not = iommu_why_no_endpoint

IOMMU_TEST(attached_endpoint_is_in_the_domain, .rings = RINGS_ALL, ON_ENDPOINT)
{
    uint64_t page = iommu_page(t, dev);
    uint32_t domain = iommu_domain(t, dev, 0);
    if (!iommu_begin(t, dev, 0)) {
        return;
    }
    IommuAnswer a = iommu_map(dev, domain, IOMMU_AT, IOMMU_AT + page - 1, 0, IOMMU_RW);
    expect_answer(t, "dev:5.13.6.3.2-12", a, VIRTIO_IOMMU_S_OK);
    a = iommu_detach(dev, domain, iommu_endpoint(dev));
    expect_answer(t, "dev:5.13.6.3.2-12", a, VIRTIO_IOMMU_S_OK);
    for (unsigned i = 0; i < sizeof(a.tail.reserved); i++) {
        expect_eq(t, "dev:5.13.6.2-3b", a.tail.reserved[i], 0);
    }
}

IOMMU_TEST(missing_endpoint_is_not_attached)
{
    IommuAnswer a = iommu_attach(dev, iommu_domain(t, dev, 0), IOMMU_NOWHERE, 0);
    expect_answer(t, "dev:5.13.6.3.2-3", a, VIRTIO_IOMMU_S_NOENT);
}

IOMMU_TEST(missing_endpoint_is_not_detached)
{
    IommuAnswer a = iommu_detach(dev, iommu_domain(t, dev, 0), IOMMU_NOWHERE);
    expect_answer(t, "dev:5.13.6.4.2-2", a, VIRTIO_IOMMU_S_NOENT);
}

/* "the device SHOULD first detach it from that domain and attach it to the one
 * identified by domain", else say UNSUPP. */
IOMMU_TEST(attached_endpoint_moves_to_another_domain, ON_ENDPOINT)
{
    uint32_t first = iommu_domain(t, dev, 0), second = iommu_domain(t, dev, 1);
    if (!iommu_begin(t, dev, 0)) {
        return;
    }
    IommuAnswer a = iommu_attach(dev, second, iommu_endpoint(dev), 0);
    if (a.err == 0 && a.tail.status == VIRTIO_IOMMU_S_UNSUPP) {
        test_skip(t, "the device cannot move an attached endpoint");
        iommu_end(t, dev);
        return;
    }
    if (expect_answer(t, NULL, a, VIRTIO_IOMMU_S_OK)) {
        /* The first domain has no endpoint any more, so there is none. */
        a = iommu_unmap(dev, first, 0, -1ull);
        expect_answer(t, "dev:5.13.6.3.2-7", a, VIRTIO_IOMMU_S_NOENT);
        a = iommu_detach(dev, second, iommu_endpoint(dev));
        expect_answer(t, "dev:5.13.6.3.2-7", a, VIRTIO_IOMMU_S_OK);
    }
}

/* "After all endpoints have been successfully detached from a domain, it ceases to
 * exist": with its mappings. */
IOMMU_TEST(left_domain_ceases_to_exist, ON_ENDPOINT)
{
    uint64_t last = IOMMU_AT + iommu_page(t, dev) - 1;
    uint32_t domain = iommu_domain(t, dev, 0);
    for (unsigned i = 0; i < 2 && iommu_begin(t, dev, 0); i++) {
        IommuAnswer a = iommu_map(dev, domain, IOMMU_AT, last, 0, IOMMU_RW);
        expect_answer(t, NULL, a, VIRTIO_IOMMU_S_OK);
        iommu_end(t, dev);
        a = iommu_map(dev, domain, IOMMU_AT, last, 0, IOMMU_RW);
        expect_answer(t, "dev:5.13.6.5.2-4", a, VIRTIO_IOMMU_S_NOENT);
        a = iommu_unmap(dev, domain, IOMMU_AT, last);
        expect_answer(t, "dev:5.13.6.6.2-2", a, VIRTIO_IOMMU_S_NOENT);
    }
}

/* "When the device is reset, endpoints are not attached to any domain." (5.13.5) */
IOMMU_TEST(reset_detaches_all, ON_ENDPOINT)
{
    if (iommu_begin(t, dev, 0) && expect_ok(t, NULL, qvirtio_stop(dev)) &&
        test_start(t, dev, NULL)) {
        IommuAnswer a = iommu_unmap(dev, iommu_domain(t, dev, 0), 0, -1ull);
        expect_answer(t, NULL, a, VIRTIO_IOMMU_S_NOENT);
    }
}

static const char *why_no_other(QVirtioDevice *dev)
{
    return qvirtio_know(dev, "other")
               ? iommu_why_no_endpoint(dev)
               : "nobody told a second endpoint: know=iommu.N.other=ID";
}

static IommuAnswer attach_other(Test *t, QVirtioDevice *dev, uint32_t flags)
{
    uint64_t other = 0;
    qvirtio_know_u64(dev, "other", &other);
    return iommu_attach(dev, iommu_domain(t, dev, 0), other, flags);
}

static void end_other(Test *t, QVirtioDevice *dev)
{
    uint64_t other = 0;
    qvirtio_know_u64(dev, "other", &other);
    expect_ok(t, NULL, iommu_detach(dev, iommu_domain(t, dev, 0), other).err);
    iommu_end(t, dev);
}

/* "the device MAY attach the endpoint identified by endpoint to the domain. If it cannot
 * do so, the device MUST reject the request and set status to VIRTIO_IOMMU_S_UNSUPP." */
IOMMU_TEST(second_endpoint_joins_or_is_not_supported, .why_not = why_no_other)
{
    if (iommu_begin(t, dev, 0)) {
        IommuAnswer a = attach_other(t, dev, 0);
        bool is_unsupp = a.tail.status == VIRTIO_IOMMU_S_UNSUPP;
        expect_ok(t, NULL, a.err);
        expect_that(t, "dev:5.13.6.3.2-5",
                    is_unsupp || a.tail.status == VIRTIO_IOMMU_S_OK, "OK or UNSUPP",
                    "status %u", a.tail.status);
        end_other(t, dev);
    }
}

/* "If the domain already exists and the VIRTIO_IOMMU_ATTACH_F_BYPASS flag is not
 * consistent with that domain, the device SHOULD reject the request" */
IOMMU_TEST(bypass_flag_is_that_of_the_domain, .violates = "5.13.6.3.1",
           .wants = FEATURES(VIRTIO_IOMMU_F_BYPASS_CONFIG), .why_not = why_no_other)
{
    if (!qvirtio_negotiated(dev, VIRTIO_IOMMU_F_BYPASS_CONFIG)) {
        test_skip(t, "VIRTIO_IOMMU_F_BYPASS_CONFIG not offered");
        return;
    }
    if (iommu_begin(t, dev, 0)) {
        IommuAnswer a = attach_other(t, dev, VIRTIO_IOMMU_ATTACH_F_BYPASS);
        expect_answer(t, "dev:5.13.6.3.2-6", a, VIRTIO_IOMMU_S_INVAL);
        end_other(t, dev);
        expect_survives(t, dev);
    }
}
