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
        bit == VIRTIO_F_NOTIFY_ON_EMPTY || qvirtio_reserves(dev, bit) ||
        (bit == VIRTIO_F_ANY_LAYOUT && !qvirtio_is_legacy(dev))) {
        return false;
    }
    return qvirtio_feature_name(dev, bit) != NULL;
}

static QVirtioFeatures find_acceptable(QVirtioDevice *dev)
{
    QVirtioFeatures set = dev->offered;
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_features_has(&set, bit) && !is_acceptable(dev, bit)) {
            qvirtio_features_clear(&set, bit);
        }
    }
    qvirtio_features_close(dev->driver, &set);
    return set;
}

LifeSets life_sets(Test *t, QVirtioDevice *dev)
{
    LifeSets sets = {.dev = dev, .acceptable = find_acceptable(dev)};
    QVirtioFeatures baseline = qvirtio_baseline(dev);
    sets.needed = qvirtio_features_and(&baseline, &sets.acceptable);
    sets.workable = sets.acceptable;
    qvirtio_features_clear(&sets.workable, VIRTIO_F_EVENT_IDX);
    qvirtio_features_clear(&sets.workable, VIRTIO_F_RING_PACKED);
    qvirtio_features_clear(&sets.workable, VIRTIO_F_IN_ORDER);
    qvirtio_features_add_list(&sets.workable, t->ring->features);
    return sets;
}

unsigned life_optional_bits(const LifeSets *sets, const QVirtioFeatures *set,
                            uint8_t bits[QVIRTIO_FEATURE_BITS])
{
    unsigned n = 0;
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_features_has(set, bit) && !qvirtio_features_has(&sets->needed, bit)) {
            bits[n++] = bit;
        }
    }
    return n;
}

QVirtioFeatures life_without(const LifeSets *sets, const QVirtioFeatures *set,
                             unsigned bit)
{
    QVirtioFeatures rest = *set;
    qvirtio_features_clear(&rest, bit);
    qvirtio_features_close(sets->dev->driver, &rest);
    return rest;
}

QVirtioFeatures life_with(const LifeSets *sets, const uint8_t *bits, unsigned n)
{
    QVirtioFeatures set = sets->needed;
    for (unsigned i = 0; i < n; i++) {
        qvirtio_features_add(sets->dev->driver, &set, &sets->acceptable, bits[i]);
    }
    return set;
}

QVirtioFeatures life_random_subset(Test *t, const LifeSets *sets,
                                   const QVirtioFeatures *set)
{
    QVirtioFeatures some = sets->needed;
    for (unsigned i = 0; i < QVIRTIO_FEATURE_WORDS; i++) {
        some.word[i] |= set->word[i] & (uint32_t)random_next(&t->random);
    }
    qvirtio_features_close(sets->dev->driver, &some);
    return some;
}
