/* SPDX-License-Identifier: MIT */
/* What a device behind the IOMMU tells its driver of that (6.2). */
#include "drivers/virtio/truths.h"
#include "tests/iommu/dma_lib.h"

static const char *why_not(QVirtioDevice *dev)
{
    if (!qvirtio_truth(dev, "translates")) {
        return "it is unknown whether accesses are translated; pass "
               "know=iommu.N.translates=1";
    }
    return iommu_why_no_endpoint(dev) || !dma_find_device(dev)
               ? "no device is at the endpoint that know=iommu.N.endpoint names"
               : NULL;
}

/* "A device SHOULD offer VIRTIO_F_ACCESS_PLATFORM if its access to memory is through bus
 * addresses distinct from and translated by the platform to physical addresses used by
 * the driver". */
VIRTIO_TEST(device_behind_it_offers_access_platform, .device = VIRTIO_ID_IOMMU,
            .flags = TEST_RAW, .why_not = why_not)
{
    const QVirtioDevice *behind = dma_find_device(dev);

    expect_that(t, "dev:6.2-3", qvirtio_offers(behind, VIRTIO_F_ACCESS_PLATFORM),
                "ACCESS_PLATFORM on offer", "%s does not offer it", behind->name);
}
