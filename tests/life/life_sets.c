/* SPDX-License-Identifier: MIT */
/*
 * Legal feature sets (2.2.1) of the device at hand: see life_lib.h. What the driver must
 * not accept (undefined bits, SR_IOV without its capability) is in none of them.
 */
#include "tests/life/life_lib.h"

/* A driver MUST NOT accept these although they may be on offer: 24 is an optimisation of
 * old network drivers, 30 SHOULD NOT be negotiated (6.3); SR_IOV is about a PCI
 * capability (6.1). */
static bool is_acceptable(QVirtioDevice *dev, unsigned bit)
{
    if (bit == VIRTIO_F_UNUSED || bit == VIRTIO_F_SR_IOV ||
        bit == VIRTIO_F_NOTIFY_ON_EMPTY ||
        (bit == VIRTIO_F_ANY_LAYOUT && !qvirtio_is_legacy(dev))) {
        return false;
    }
    return qvirtio_feature_name(dev, bit) != NULL;
}

QVirtioFeatures life_acceptable(QVirtioDevice *dev)
{
    QVirtioFeatures set = dev->offered;
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (!is_acceptable(dev, bit)) {
            qvirtio_features_clear(&set, bit);
        }
    }
    qvirtio_features_close(dev->driver, &set);
    return set;
}

QVirtioFeatures life_needed(QVirtioDevice *dev)
{
    QVirtioFeatures set = qvirtio_baseline(dev), acceptable = life_acceptable(dev);
    return qvirtio_features_and(&set, &acceptable);
}

QVirtioFeatures life_workable(QVirtioDevice *dev, const QVirtioRing *ring)
{
    QVirtioFeatures set = life_acceptable(dev);
    qvirtio_features_clear(&set, VIRTIO_F_EVENT_IDX);
    qvirtio_features_clear(&set, VIRTIO_F_RING_PACKED);
    qvirtio_features_clear(&set, VIRTIO_F_IN_ORDER);
    qvirtio_features_add_list(&set, ring->features);
    return qvirtio_features_and(&set, &dev->offered);
}

unsigned life_optional_bits(QVirtioDevice *dev, const QVirtioFeatures *set,
                            uint8_t bits[QVIRTIO_FEATURE_BITS])
{
    QVirtioFeatures needed = life_needed(dev);
    unsigned n = 0;
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_features_has(set, bit) && !qvirtio_features_has(&needed, bit)) {
            bits[n++] = bit;
        }
    }
    return n;
}

QVirtioFeatures life_without(QVirtioDevice *dev, const QVirtioFeatures *set, unsigned bit)
{
    QVirtioFeatures rest = *set;
    qvirtio_features_clear(&rest, bit);
    qvirtio_features_close(dev->driver, &rest);
    return rest;
}

QVirtioFeatures life_with(QVirtioDevice *dev, const uint8_t *bits, unsigned n)
{
    QVirtioFeatures set = life_needed(dev), acceptable = life_acceptable(dev);
    for (unsigned i = 0; i < n; i++) {
        qvirtio_features_add(dev->driver, &set, &acceptable, bits[i]);
    }
    return set;
}

QVirtioFeatures life_random_subset(Test *t, QVirtioDevice *dev,
                                   const QVirtioFeatures *set)
{
    QVirtioFeatures some = life_needed(dev);
    for (unsigned i = 0; i < QVIRTIO_FEATURE_WORDS; i++) {
        some.word[i] |= set->word[i] & (uint32_t)random_next(&t->random);
    }
    qvirtio_features_close(dev->driver, &some);
    return some;
}
