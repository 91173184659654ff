/* SPDX-License-Identifier: MIT */
/*
 * A second endpoint in a domain (5.13.6.3): the device lets it in where properties and
 * bypass agree, or else says UNSUPP. Which properties go together, beside those that are
 * equal, is the device's to say.
 */
#include "drivers/virtio/truths.h"
#include "tests/iommu/iommu_lib.h"

#define PROBED .needs = FEATURES(VIRTIO_IOMMU_F_MAP_UNMAP, VIRTIO_IOMMU_F_PROBE)

static uint32_t told(QVirtioDevice *dev, const char *which)
{
    uint64_t id = 0;
    qvirtio_truth_u64(dev, which, &id);
    return id;
}

static const char *why_no_other(QVirtioDevice *dev)
{
    return qvirtio_truth(dev, "other")
               ? iommu_why_no_endpoint(dev)
               : "no second endpoint is known; pass know=iommu.N.other=ID";
}

static const char *why_no_unlike(QVirtioDevice *dev)
{
    return qvirtio_truth(dev, "unlike")
               ? iommu_why_no_endpoint(dev)
               : "no endpoint of another kind is known; pass know=iommu.N.unlike=ID";
}

/* Behind the first endpoint, which is alone again afterwards. */
static IommuAnswer join(Test *t, QVirtioDevice *dev, const char *which, uint32_t flags)
{
    uint32_t domain = iommu_domain(t, dev, 0);
    IommuAnswer a = iommu_attach(dev, domain, told(dev, which), flags);
    require_ok(t, iommu_detach(dev, domain, told(dev, which)).err);
    return a;
}

/* Of the told endpoint and the first one. */
static bool has_equal_properties(Test *t, QVirtioDevice *dev, const char *which)
{
    uint32_t size = iommu_probe_size(t, dev);
    IommuAnswer one = iommu_probe(dev, iommu_endpoint(dev), size);
    IommuAnswer two = iommu_probe(dev, told(dev, which), size);
    return require_answer(t, one, VIRTIO_IOMMU_S_OK) &&
           require_answer(t, two, VIRTIO_IOMMU_S_OK) &&
           memcmp(one.properties, two.properties, size) == 0;
}

/* "the device MAY attach the endpoint identified by endpoint to the domain. If it cannot
 * do so, the device MUST reject the request and set status to VIRTIO_IOMMU_S_UNSUPP." */
IOMMU_TEST(second_endpoint_joins_or_is_not_supported, IOMMU_MAPS, .why_not = why_no_other)
{
    if (iommu_begin(t, dev, 0)) {
        expect_ok_or_unsupp(t, "dev:5.13.6.3.2-5", join(t, dev, "other", 0));
        iommu_end(t, dev);
    }
}

/* "If properties of the endpoint (obtained with a PROBE request) are compatible with
 * properties of other endpoints already attached to the requested domain, then the device
 * SHOULD attach the endpoint." */
IOMMU_TEST(endpoint_of_equal_properties_joins, PROBED, .why_not = why_no_other)
{
    if (!has_equal_properties(t, dev, "other")) {
        if (!t->has_failed) {
            test_skip(t, "the endpoints have different properties");
        }
    } else if (iommu_begin(t, dev, 0)) {
        expect_answer(t, "dev:5.13.6.3.2-10", join(t, dev, "other", 0),
                      VIRTIO_IOMMU_S_OK);
        iommu_end(t, dev);
    }
}

/* "Otherwise the device SHOULD reject the request and set status to
 * VIRTIO_IOMMU_S_UNSUPP." */
IOMMU_TEST(endpoint_of_other_properties_joins_or_is_not_supported, PROBED,
           .why_not = why_no_unlike)
{
    if (has_equal_properties(t, dev, "unlike")) {
        test_skip(t, "the endpoints have equal properties");
    } else if (!t->has_failed && iommu_begin(t, dev, 0)) {
        expect_ok_or_unsupp(t, "dev:5.13.6.3.2-11", join(t, dev, "unlike", 0));
        iommu_end(t, dev);
    }
}

/* "If the domain already exists and the VIRTIO_IOMMU_ATTACH_F_BYPASS flag is not
 * consistent with that domain, the device SHOULD reject the request" */
IOMMU_TEST(bypass_flag_is_that_of_the_domain, IOMMU_MAPS, .violates = "5.13.6.3.1",
           .wants = FEATURES(VIRTIO_IOMMU_F_BYPASS_CONFIG), .why_not = why_no_other)
{
    if (!qvirtio_negotiated(dev, VIRTIO_IOMMU_F_BYPASS_CONFIG)) {
        test_skip(t, "VIRTIO_IOMMU_F_BYPASS_CONFIG not offered");
        return;
    }
    if (iommu_begin(t, dev, 0)) {
        IommuAnswer a = join(t, dev, "other", VIRTIO_IOMMU_ATTACH_F_BYPASS);
        expect_answer(t, "dev:5.13.6.3.2-6", a, VIRTIO_IOMMU_S_INVAL);
        iommu_end(t, dev);
        expect_survives(t, dev);
    }
}
