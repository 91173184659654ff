/* SPDX-License-Identifier: MIT */
/*
 * What a device offers (2.2.2, 6.2): VERSION_1, nothing undefined, nothing without what
 * it requires, and the same after each reset. A type without a table of features is
 * judged by the reserved bits only.
 */
#include "tests/life/life_lib.h"

VIRTIO_TEST(offers_version_1, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    expect_that(t, "dev:6.2-1", qvirtio_offers(dev, VIRTIO_F_VERSION_1),
                "VIRTIO_F_VERSION_1 on offer", "words 0x%08x 0x%08x",
                dev->offered.word[0], dev->offered.word[1]);
}

static const char *has_no_table(QVirtioDevice *dev)
{
    return dev->driver ? NULL : "no table of features for this device type";
}

VIRTIO_TEST(offers_what_its_features_require, .flags = TEST_RAW, .why_not = has_no_table)
{
    int lack = -1;
    unsigned bit = 0;
    for (; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_offers(dev, bit) &&
            (lack = qvirtio_feature_lacks(dev->driver, &dev->offered, bit)) >= 0) {
            break;
        }
    }
    expect_that(t, qvirtio_is_legacy(dev) ? BASIS_NONE : "dev:2.2.2-1", lack < 0,
                "every feature on offer comes with those it requires",
                "bit %u without bit %d", bit, lack);
}

/* The same function also has a legacy interface, so 6.3 lets it offer bits 24, 27, 30. */
static bool is_transitional(const QVirtioDevice *dev)
{
    return qvirtio_device_find("pci-legacy", dev->device_id, dev->index) ||
           qvirtio_device_find("ccw-legacy", dev->device_id, dev->index);
}

/* Why the bit must not be offered here, or NULL. */
static const char *why_undefined(QVirtioDevice *dev, unsigned bit)
{
    uint8_t bus = test_bus_of(dev);
    bool is_reserved = (bit >= 24 && bit <= 40) || (bit >= 43 && bit <= 49);

    if (bit == VIRTIO_F_NOTIFY_ON_EMPTY || bit == VIRTIO_F_ANY_LAYOUT ||
        bit == VIRTIO_F_UNUSED) {
        return is_transitional(dev) ? NULL : "is for transitional devices (6.3)";
    }
    if (bit == VIRTIO_F_ADMIN_VQ && !(bus & (BUS_PCI | BUS_SOFT))) {
        return "is for PCI only (6)";
    }
    if (qvirtio_reserves(dev, bit)) {
        return "is reserved on this bus";
    }
    if (qvirtio_feature_name(dev, bit) || (!is_reserved && !dev->driver)) {
        return NULL;
    }
    return is_reserved ? "is reserved (6)" : "is not defined for this device type";
}

VIRTIO_TEST(offers_nothing_undefined, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    const char *why = NULL;
    unsigned bit = 0;
    for (; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_offers(dev, bit) && (why = why_undefined(dev, bit)) != NULL) {
            break;
        }
    }
    expect_that(t, "dev:2.2.2-3", why == NULL,
                "only features that virtio 1.4 defines here are on offer",
                "bit %u, which %s", bit, why);
}

/* Re-negotiation can only succeed while what was accepted stays on offer. */
VIRTIO_TEST(offers_the_same_after_reset, .flags = TEST_RAW)
{
    QVirtioFeatures workable = life_sets(t, dev).workable, again;
    for (unsigned i = 0; i < 3; i++) {
        if (!require_ok(t, qvirtio_start(dev, &workable, t->ring)) || !life_end(t, dev) ||
            !require_ok(t, qvirtio_read_features(dev, &again))) {
            return;
        }
        require_that(t, qvirtio_features_equal(&dev->offered, &again),
                     "the features offered at boot",
                     "0x%08x 0x%08x, at boot 0x%08x 0x%08x", again.word[0], again.word[1],
                     dev->offered.word[0], dev->offered.word[1]);
    }
}

/* What a device offers does not depend on what the driver has done so far. */
VIRTIO_TEST(offers_the_same_at_each_step, .flags = TEST_RAW)
{
    QVirtioFeatures needed = qvirtio_baseline(dev), again;
    for (unsigned step = 0; step < 3; step++) {
        int err = step == 1   ? qvirtio_begin(dev)
                  : step == 2 ? qvirtio_start(dev, &needed, t->ring)
                              : 0;
        if (!require_ok(t, err) || !require_ok(t, qvirtio_read_features(dev, &again))) {
            return;
        }
        require_that(t, qvirtio_features_within(&dev->offered, &again),
                     "all features offered at boot", "0x%08x 0x%08x at step %u",
                     again.word[0], again.word[1], step);
    }
}
