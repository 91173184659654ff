/* SPDX-License-Identifier: MIT */
/*
 * A device works with the features it accepted, not only says so (2.2.2): pings in lives
 * with all features, none, each left out, each alone, random ones; and nothing of one
 * life's features is left in the next. A life costs a hundred times what a negotiation
 * does, so there are fewer sets here than in subsets.c.
 */
#include "tests/life/life_lib.h"

#define RANDOM_SETS 4

VIRTIO_TEST(works_with_all_features, .flags = TEST_RAW | TEST_PING, .rings = RINGS_ALL)
{
    LifeSets sets = life_sets(t, dev);
    life_serves(t, dev, &sets.workable, 1);
}

VIRTIO_TEST(works_with_version_1_alone, .flags = TEST_RAW | TEST_PING)
{
    QVirtioFeatures needed = qvirtio_baseline(dev);
    life_serves(t, dev, &needed, 1);
}

VIRTIO_TEST(works_without_each_feature, .flags = TEST_RAW | TEST_PING)
{
    uint8_t bits[QVIRTIO_FEATURE_BITS];
    LifeSets sets = life_sets(t, dev);
    unsigned n = life_optional_bits(&sets, &sets.workable, bits);
    for (unsigned i = 0; i < n; i++) {
        QVirtioFeatures set = life_without(&sets, &sets.workable, bits[i]);
        if (!life_serves(t, dev, &set, i + 1) || !life_end(t, dev)) {
            return;
        }
    }
    if (n == 0) {
        test_skip(t, "no feature but the needed ones is offered");
    }
}

VIRTIO_TEST(works_with_each_feature_by_itself, .flags = TEST_RAW | TEST_PING)
{
    uint8_t bits[QVIRTIO_FEATURE_BITS];
    LifeSets sets = life_sets(t, dev);
    unsigned n = life_optional_bits(&sets, &sets.workable, bits);
    for (unsigned i = 0; i < n; i++) {
        QVirtioFeatures set = life_with(&sets, &bits[i], 1);
        if (!life_serves(t, dev, &set, i + 1) || !life_end(t, dev)) {
            return;
        }
    }
    if (n == 0) {
        test_skip(t, "no feature but the needed ones is offered");
    }
}

VIRTIO_TEST(works_with_random_subsets, .flags = TEST_RAW | TEST_PING)
{
    LifeSets sets = life_sets(t, dev);
    for (unsigned i = 0; i < RANDOM_SETS; i++) {
        QVirtioFeatures set = life_random_subset(t, &sets, &sets.workable);
        if (!life_serves(t, dev, &set, i + 1) || !life_end(t, dev)) {
            return;
        }
    }
}

/* Reset forgets features: a life with few must not be run by the rules of one with many.
 */
VIRTIO_TEST(features_end_with_their_life, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL)
{
    LifeSets sets = life_sets(t, dev);
    const QVirtioRing *plain = qvirtio_plain_ring(dev);
    if (life_serves(t, dev, &sets.workable, 1) && life_end(t, dev) &&
        require_ok(t, qvirtio_start(dev, NULL, plain))) {
        expect_ping(t, SAFETY, dev, 2);
    }
}
