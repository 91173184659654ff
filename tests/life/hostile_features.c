/* SPDX-License-Identifier: MIT */
/*
 * Drivers that accept what they must not (2.2.1). Where a device sets FEATURES_OK all the
 * same, it has to work with what was accepted: "otherwise it MUST fail to set" it
 * (2.2.2). A bit that was never on offer may be ignored or refused; that it does no harm
 * is all that is asked here.
 */
#include "drivers/virtio/bus.h"
#include "tests/life/life_lib.h"

static const char *has_no_dependent(QVirtioDevice *dev)
{
    QVirtioFeatures none = {0};
    for (unsigned bit = 0; dev->driver && bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (qvirtio_offers(dev, bit) &&
            qvirtio_feature_lacks(dev->driver, &none, bit) >= 0) {
            return NULL;
        }
    }
    return "no feature on offer requires another";
}

/* "MUST NOT accept a feature which requires another feature which was not accepted":
 * each such feature by itself. */
VIRTIO_TEST(feature_without_what_it_requires, .violates = "2.2.1",
            .flags = TEST_RAW | TEST_PING, .buses = BUS_MODERN,
            .why_not = has_no_dependent)
{
    LifeSets sets = life_sets(t, dev);
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        QVirtioFeatures set = sets.needed;
        if (!qvirtio_features_has(&sets.workable, bit) ||
            qvirtio_feature_lacks(dev->driver, &sets.needed, bit) < 0) {
            continue;
        }
        qvirtio_features_set(&set, bit);
        if (!life_serves(t, dev, &set, bit) || !life_end(t, dev)) {
            return;
        }
    }
    expect_survives(t, dev);
}

/* The needed features and every bit up to 63 that is not on offer. */
static QVirtioFeatures with_unoffered(QVirtioDevice *dev)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    for (unsigned i = 0; i < 2; i++) {
        set.word[i] |= ~dev->offered.word[i];
    }
    return set;
}

/* "MUST NOT accept a feature which the device did not offer". */
VIRTIO_TEST(features_never_offered, .violates = "2.2.1", .flags = TEST_RAW,
            .buses = BUS_MODERN)
{
    QVirtioFeatures set = with_unoffered(dev);
    if (require_ok(t, qvirtio_begin(dev))) {
        qvirtio_negotiate(dev, &set);
    }
    expect_survives(t, dev);
}

/* "The driver MUST NOT accept new feature bits after this step": all bits flip between
 * FEATURES_OK and DRIVER_OK. */
VIRTIO_TEST(features_written_after_features_ok, .violates = "3.1.1", .flags = TEST_RAW,
            .buses = BUS_MODERN)
{
    QVirtioFeatures needed = qvirtio_baseline(dev);
    require_ok(t, qvirtio_start_queues(dev, &needed, t->ring, 0));
    for (uint32_t i = 0; i < 2; i++) {
        dev->bus->set_features(dev, i, ~needed.word[i]);
    }
    qvirtio_driver_ok(dev);
    expect_survives(t, dev);
}

VIRTIO_TEST(features_written_while_live, .violates = "3.1.1")
{
    dev->bus->set_features(dev, 0, dev->offered.word[0]);
    dev->bus->set_features(dev, 0, 0);
    expect_survives(t, dev);
}

/* 6.2: without VERSION_1 a modern device "MAY fail to operate further". */
VIRTIO_TEST(version_1_not_accepted, .violates = "6.1", .flags = TEST_RAW,
            .buses = BUS_MODERN)
{
    QVirtioFeatures none = {0};
    if (require_ok(t, qvirtio_begin(dev))) {
        qvirtio_negotiate(dev, &none);
    }
    expect_survives(t, dev);
}

/* A life without one feature that a device may insist on: it refuses, serves or rests. */
static void leave_out(Test *t, QVirtioDevice *dev, unsigned bit)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    const char *why;

    qvirtio_features_clear(&set, bit);
    if (life_start_exactly(t, dev, &set) == 0) {
        qvirtio_ping(dev, 1, &why);
    }
    expect_survives(t, dev);
}

/* 6.2: "A device MAY fail to operate further if VIRTIO_F_ACCESS_PLATFORM is not
 * accepted." */
VIRTIO_TEST(access_platform_left_out, .flags = TEST_RAW | TEST_PING,
            .needs = FEATURES(VIRTIO_F_ACCESS_PLATFORM), .buses = BUS_MODERN)
{
    leave_out(t, dev, VIRTIO_F_ACCESS_PLATFORM);
}

/* And "if VIRTIO_F_ORDER_PLATFORM is offered but not accepted". */
VIRTIO_TEST(order_platform_left_out, .flags = TEST_RAW | TEST_PING,
            .needs = FEATURES(VIRTIO_F_ORDER_PLATFORM), .buses = BUS_MODERN)
{
    leave_out(t, dev, VIRTIO_F_ORDER_PLATFORM);
}
