/* SPDX-License-Identifier: MIT */
/*
 * What the device takes for accepted, as driver_feature shows it (4.1.4.3).
 */
#include "tests/pci/pci_lib.h"

/*
 * A device may ignore bits that it never offered "and simply present 0 on reads. Or it
 * can just mirror what the driver wrote (but it will still have to check them when the
 * driver sets FEATURES_OK)" (4.1.4.3.1). "The device MAY present invalid bits": whatever
 * it shows, and whether FEATURES_OK holds, it lives.
 */
VIRTIO_TEST(features_never_offered_are_harmless, .violates = "2.2.1", .flags = TEST_RAW,
            .buses = BUS_PCI)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    for (unsigned i = 0; i < 2; i++) {
        set.word[i] |= ~dev->offered.word[i];
    }
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &set);
    if (err == -QVIRTIO_NOT_ACCEPTED || require_ok(t, err)) {
        for (uint32_t word = 0; word < QVIRTIO_FEATURE_WORDS; word++) {
            COMMON_WRITE32(dev, driver_feature_select, word);
            COMMON_READ32(dev, driver_feature);
        }
        expect_survives(t, dev);
    }
}
