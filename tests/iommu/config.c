/* SPDX-License-Identifier: MIT */
/* What an IOMMU offers, and its config space (5.13.3, 5.13.4). */
#include "tests/iommu/iommu_lib.h"

#define BYPASS_OFFSET offsetof(struct virtio_iommu_config, bypass)

IOMMU_TEST(mapping_is_offered)
{
    expect_that(t, "dev:5.13.3.2-1", qvirtio_offers(dev, VIRTIO_IOMMU_F_MAP_UNMAP),
                "VIRTIO_IOMMU_F_MAP_UNMAP", "not offered");
}

IOMMU_TEST(old_bypass_is_not_offered)
{
    bool is_old = qvirtio_offers(dev, VIRTIO_IOMMU_F_BYPASS);
    expect_that(t, "dev:5.13.3.2-2", !is_old, "no VIRTIO_IOMMU_F_BYPASS", "offered");
    expect_that(t, "dev:5.13.3.2-3",
                !is_old || !qvirtio_offers(dev, VIRTIO_IOMMU_F_BYPASS_CONFIG),
                "BYPASS or BYPASS_CONFIG", "both offered");
}

IOMMU_TEST(page_size_mask_has_a_bit)
{
    expect_ne(t, "dev:5.13.4.2-1", iommu_page(t, dev), 0);
}

static uint64_t bypass(Test *t, QVirtioDevice *dev)
{
    uint64_t value = 0;
    require_ok(t, qvirtio_config_read(dev, BYPASS_OFFSET, 1, &value));
    return value;
}

#define BYPASS_CONFIG FEATURES(VIRTIO_IOMMU_F_BYPASS_CONFIG)

IOMMU_TEST(bypass_is_0_or_1, .needs = BYPASS_CONFIG)
{
    expect_le(t, "dev:5.13.4.2-5", bypass(t, dev), 1);
}

/* "Field bypass SHOULD NOT change on device reset" */
IOMMU_TEST(bypass_outlives_reset, .needs = BYPASS_CONFIG)
{
    uint64_t before = bypass(t, dev);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t value = before ^ (i == 0);
        require_ok(t, qvirtio_config_write(dev, BYPASS_OFFSET, 1, value));
        require_eq(t, bypass(t, dev), value);
        if (!require_ok(t, qvirtio_stop(dev)) || !test_start(t, dev, NULL)) {
            return;
        }
        expect_eq(t, "dev:5.13.4.2-4a", bypass(t, dev), value);
    }
}
