/* SPDX-License-Identifier: MIT */
/*
 * Every legal subset of the offered features is accepted (2.2.2): all, none but the
 * needed, each left out, each by itself, pairs, and random ones. n features have
 * n * (n - 1) / 2 pairs; beyond PAIRS_MAX a seeded sample stands for them. Bits without
 * which a device may fail to operate further (6.2) are in every subset.
 *
 * No queue is set up here: that the device also works so is in serving.c.
 */
#include "tests/life/life_lib.h"

#define PAIRS_MAX   60
#define RANDOM_SETS 24

VIRTIO_TEST(all_features_are_accepted, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    LifeSets sets = life_sets(t, dev);
    life_accepts(t, dev, &sets.acceptable);
}

VIRTIO_TEST(version_1_alone_is_accepted, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    QVirtioFeatures needed = qvirtio_baseline(dev);
    life_accepts(t, dev, &needed);
}

VIRTIO_TEST(each_feature_may_be_left_out, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    uint8_t bits[QVIRTIO_FEATURE_BITS];
    LifeSets sets = life_sets(t, dev);
    unsigned n = life_optional_bits(&sets, &sets.acceptable, bits);
    for (unsigned i = 0; i < n; i++) {
        QVirtioFeatures set = life_without(&sets, &sets.acceptable, bits[i]);
        if (!life_accepts(t, dev, &set)) {
            return;
        }
    }
    if (n == 0) {
        test_skip(t, "no feature but the needed ones is offered");
    }
}

VIRTIO_TEST(each_feature_is_accepted_by_itself, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    uint8_t bits[QVIRTIO_FEATURE_BITS];
    LifeSets sets = life_sets(t, dev);
    unsigned n = life_optional_bits(&sets, &sets.acceptable, bits);
    for (unsigned i = 0; i < n; i++) {
        QVirtioFeatures set = life_with(&sets, &bits[i], 1);
        if (!life_accepts(t, dev, &set)) {
            return;
        }
    }
    if (n == 0) {
        test_skip(t, "no feature but the needed ones is offered");
    }
}

/* The pair on top of the needed ones, or left out of all. */
static bool accepts_pair(Test *t, const LifeSets *sets, const uint8_t pair[2],
                         bool leave_out)
{
    QVirtioFeatures set;
    if (leave_out) {
        set = life_without(sets, &sets->acceptable, pair[0]);
        set = life_without(sets, &set, pair[1]);
    } else {
        set = life_with(sets, pair, 2);
    }
    return life_accepts(t, sets->dev, &set);
}

static void try_pairs(Test *t, QVirtioDevice *dev, bool leave_out)
{
    uint8_t bits[QVIRTIO_FEATURE_BITS];
    LifeSets sets = life_sets(t, dev);
    unsigned n = life_optional_bits(&sets, &sets.acceptable, bits);
    unsigned pairs = n * (n - 1) / 2;

    if (n < 2) {
        test_skip(t, "fewer than two optional features are offered");
        return;
    }
    for (unsigned k = 0; pairs > PAIRS_MAX && k < PAIRS_MAX; k++) {
        unsigned i = random_below(&t->random, n);
        unsigned j = (i + 1 + random_below(&t->random, n - 1)) % n;
        if (!accepts_pair(t, &sets, (uint8_t[]){bits[i], bits[j]}, leave_out)) {
            return;
        }
    }
    for (unsigned i = 0; pairs <= PAIRS_MAX && i < n; i++) {
        for (unsigned j = i + 1; j < n; j++) {
            if (!accepts_pair(t, &sets, (uint8_t[]){bits[i], bits[j]}, leave_out)) {
                return;
            }
        }
    }
}

VIRTIO_TEST(pairs_of_features_are_accepted, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    try_pairs(t, dev, false);
}

VIRTIO_TEST(pairs_of_features_may_be_left_out, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    try_pairs(t, dev, true);
}

VIRTIO_TEST(random_subsets_are_accepted, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    LifeSets sets = life_sets(t, dev);
    for (unsigned i = 0; i < RANDOM_SETS; i++) {
        QVirtioFeatures set = life_random_subset(t, &sets, &sets.acceptable);
        if (!life_accepts(t, dev, &set)) {
            return;
        }
    }
}

/* 2.2.2: "it SHOULD NOT fail re-negotiation of the same set of features after a device or
 * system reset", whatever was negotiated in between. */
VIRTIO_TEST(accepted_features_are_accepted_again, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    LifeSets sets = life_sets(t, dev);
    for (unsigned i = 0; i < 8; i++) {
        QVirtioFeatures set =
            i == 0 ? sets.acceptable : life_random_subset(t, &sets, &sets.acceptable);
        if (!life_accepts(t, dev, &set) || !life_accepts(t, dev, &sets.needed)) {
            return;
        }
        int err = qvirtio_begin(dev);
        err = err ? err : qvirtio_negotiate(dev, &set);
        expect_that(t, "dev:2.2.2-4", err == 0, "a set accepted once is accepted again",
                    "%s", qvirtio_error_name(err));
    }
}
