/* SPDX-License-Identifier: MIT */
/*
 * What the device takes for accepted, as driver_feature shows it (4.1.4.3).
 */
#include "tests/pci/pci_lib.h"

static uint32_t driver_features(QVirtioDevice *dev, uint32_t word)
{
    COMMON_WRITE32(dev, driver_feature_select, word);
    return COMMON_READ32(dev, driver_feature);
}

/*
 * A device may ignore bits that it never offered "and simply present 0 on reads. Or it
 * can just mirror what the driver wrote (but it will still have to check them when the
 * driver sets FEATURES_OK)" (4.1.4.3.1): it does not set FEATURES_OK while it shows them.
 */
VIRTIO_TEST(features_never_offered_are_dropped_or_refused, .violates = "2.2.1",
            .flags = TEST_RAW, .buses = BUS_PCI)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    for (unsigned i = 0; i < 2; i++) {
        set.word[i] |= ~dev->offered.word[i];
    }
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &set);
    if (err != -QVIRTIO_NOT_ACCEPTED && !require_ok(t, err)) {
        return;
    }
    uint32_t low = driver_features(dev, 0) & ~dev->offered.word[0];
    uint32_t high = driver_features(dev, 1) & ~dev->offered.word[1];
    expect_that(t, "dev:2.2.2-2b", err == -QVIRTIO_NOT_ACCEPTED || (low | high) == 0,
                "FEATURES_OK clear, or no accepted bit that was never on offer",
                "FEATURES_OK set, words 0x%08x 0x%08x too many", low, high);
    expect_survives(t, dev);
}
