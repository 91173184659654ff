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

VIRTIO_TEST(offers_what_its_features_require, .flags = TEST_RAW, .buses = BUS_MODERN,
            .why_not = has_no_table)
{
    int lack = -1;
    unsigned bit = 0;
    for (; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_offers(dev, bit) &&
            (lack = qvirtio_feature_lacks(dev->driver, &dev->offered, bit)) >= 0) {
            break;
        }
    }
    expect_that(t, "dev:2.2.2-1", lack < 0,
                "every feature on offer comes with those it requires",
                "bit %u without bit %d", bit, lack);
}

/* The same function also has a legacy interface, so 6.3 lets it offer bits 24, 27, 30. */
static bool is_transitional(const QVirtioDevice *dev)
{
    return qvirtio_device_find("pci-legacy", dev->device_id, dev->index) ||
           qvirtio_device_find("ccw-legacy", dev->device_id, dev->index);
}

/* Why the bit must not be offered here, or NULL. What no edition has defined yet a device
 * "written to a future version of this specification" may offer; so only those bits count
 * that have a meaning, and not on this device. */
static const char *why_forbidden(QVirtioDevice *dev, unsigned bit)
{
    if (bit == VIRTIO_F_NOTIFY_ON_EMPTY || bit == VIRTIO_F_ANY_LAYOUT ||
        bit == VIRTIO_F_UNUSED) {
        return is_transitional(dev) ? NULL : "is for transitional devices (6.3)";
    }
    if (bit == VIRTIO_F_ADMIN_VQ && !(test_bus_of(dev) & (BUS_PCI | BUS_SOFT))) {
        return "is for PCI only (6)";
    }
    return qvirtio_reserves(dev, bit) ? "is reserved on this bus" : NULL;
}

VIRTIO_TEST(offers_nothing_undefined, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    const char *why = NULL;
    unsigned bit = 0;
    for (; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_offers(dev, bit) && (why = why_forbidden(dev, bit)) != NULL) {
            break;
        }
    }
    expect_that(t, "dev:2.2.2-3", why == NULL,
                "only features that virtio 1.4 allows here are on offer",
                "bit %u, which %s", bit, why);
}

/* Returns how many bits on offer nobody has defined. */
static unsigned unknown_features(const QVirtioDevice *dev, QVirtioFeatures *set)
{
    unsigned n = 0;
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        bool is_reserved = (bit >= 24 && bit <= 40) || (bit >= 43 && bit <= 49);
        if (qvirtio_offers(dev, bit) && !qvirtio_feature_name(dev, bit) &&
            !qvirtio_reserves(dev, bit) && (is_reserved || dev->driver)) {
            qvirtio_features_set(set, bit);
            n++;
        }
    }
    return n;
}

static const char *has_no_unknown(QVirtioDevice *dev)
{
    QVirtioFeatures unknown = {0};
    return unknown_features(dev, &unknown)
               ? NULL
               : "the device offers only features that virtio 1.4 defines for it";
}

/* "The device MUST NOT offer feature bits corresponding to features it would not support
 * if accepted by the driver (even if the driver is prohibited from accepting the feature
 * bits by the specification)". Breaks "MUST NOT accept any feature bit that is not
 * described in this specification". */
VIRTIO_TEST(unknown_features_on_offer_are_supported, .violates = "2.2.1",
            .flags = TEST_RAW, .buses = BUS_MODERN, .why_not = has_no_unknown)
{
    QVirtioFeatures known = life_sets(t, dev).acceptable, all = known;
    unknown_features(dev, &all);
    if (!life_accepts(t, dev, &known)) {
        return;
    }
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &all);
    if (err == -QVIRTIO_NOT_ACCEPTED) {
        char names[160];
        qvirtio_features_format(dev, &all, names, sizeof(names));
        expect_that(t, "dev:2.2.2-3", false,
                    "features on offer are supported if accepted",
                    "FEATURES_OK reads back clear after%s", names);
    } else if (require_ok(t, err)) {
        expect_survives(t, dev);
    }
}

/* 2.2.2: the device "SHOULD NOT fail re-negotiation of the same set of features after a
 * device or system reset", which it must for what is no longer on offer. */
VIRTIO_TEST(offers_again_what_it_accepted, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    QVirtioFeatures set = life_sets(t, dev).workable, again;
    for (unsigned i = 0; i < 3; i++) {
        if (!life_accepts(t, dev, &set) || !life_end(t, dev) ||
            !require_ok(t, qvirtio_read_features(dev, &again))) {
            return;
        }
        expect_that(t, "dev:2.2.2-4", qvirtio_features_within(&set, &again),
                    "all features that were accepted in the life before",
                    "0x%08x 0x%08x, at boot 0x%08x 0x%08x", again.word[0], again.word[1],
                    dev->offered.word[0], dev->offered.word[1]);
    }
}
