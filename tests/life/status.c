/* SPDX-License-Identifier: MIT */
/*
 * The device status field (2.1) through the steps of 3.1.1, and what reset (2.4) does to
 * it. Rules about order that the driver would have to break are in hostile_steps.c.
 */
#include "drivers/virtio/bus.h"
#include "tests/life/life_lib.h"

static uint8_t status_of(Test *t, QVirtioDevice *dev)
{
    uint8_t status = 0xff;
    require_ok(t, dev->bus->get_status(dev, &status));
    return status;
}

/* "A device MUST reinitialize device status to 0 after receiving a reset." The bus waits
 * for that; then it stays so. */
static bool resets(Test *t, QVirtioDevice *dev)
{
    return expect_ok(t, "dev:2.4.1-1", dev->bus->reset(dev)) &&
           expect_eq(t, "dev:2.4.1-1", status_of(t, dev), 0);
}

VIRTIO_TEST(status_is_zero_after_reset, .flags = TEST_RAW, .why_not = life_why_mute)
{
    resets(t, dev);
}

/* 2.1: it "provides a simple low-level indication of the completed steps". */
VIRTIO_TEST(status_shows_each_step, .flags = TEST_RAW, .why_not = life_why_mute)
{
    const char *basis = "virtio 2.1";
    QVirtioFeatures needed = qvirtio_baseline(dev);
    uint8_t expected = VIRTIO_STATUS_ACKNOWLEDGE;

    require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE));
    expect_eq(t, basis, status_of(t, dev), expected);
    expected |= VIRTIO_STATUS_DRIVER;
    require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_DRIVER));
    expect_eq(t, basis, status_of(t, dev), expected);
    require_ok(t, qvirtio_negotiate(dev, &needed));
    expected |= qvirtio_is_legacy(dev) ? 0 : VIRTIO_STATUS_FEATURES_OK;
    expect_eq(t, basis, status_of(t, dev), expected);
    require_ok(t, qvirtio_driver_ok(dev));
    expect_eq(t, basis, status_of(t, dev), expected | VIRTIO_STATUS_DRIVER_OK);
}

/* FEATURES_OK "indicates that ... feature negotiation is complete", and not only at the
 * first look. */
VIRTIO_TEST(features_ok_stays_set, .buses = BUS_MODERN)
{
    for (unsigned i = 0; i < 8; i++) {
        expect_that(t, "virtio 2.1", qvirtio_has_status(dev, VIRTIO_STATUS_FEATURES_OK),
                    "FEATURES_OK set through the device's life", "clear at look %u", i);
    }
}

/* The n-th state on the way to a working device; 0 is a device just reset. */
static bool walk_to(Test *t, QVirtioDevice *dev, unsigned step)
{
    QVirtioFeatures needed = qvirtio_baseline(dev);
    int err = 0;
    if (step >= 1) {
        err = qvirtio_add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE);
    }
    if (step >= 2 && !err) {
        err = qvirtio_add_status(dev, VIRTIO_STATUS_DRIVER);
    }
    if (step >= 3 && !err) {
        err = qvirtio_negotiate(dev, &needed);
    }
    if (step >= 4 && !err) {
        err = qvirtio_start_queues(dev, &needed, t->ring, 0);
    }
    if (step >= 5 && !err) {
        err = qvirtio_start_finish(dev, t->ring);
    }
    return require_ok(t, err);
}

VIRTIO_TEST(reset_works_from_every_step, .flags = TEST_RAW)
{
    for (unsigned step = 0; step <= 5; step++) {
        if (!walk_to(t, dev, step) || !resets(t, dev) || !life_end(t, dev)) {
            return;
        }
    }
}

/* 2.4.1: the second finds nothing to do and says so at once. */
VIRTIO_TEST(reset_twice_is_reset_once, .flags = TEST_PING)
{
    require_ping(t, dev, 1);
    if (resets(t, dev) && resets(t, dev) && life_end(t, dev) &&
        test_start(t, dev, NULL)) {
        expect_ping(t, SAFETY, dev, 2);
    }
}

/* 2.1.1: after FAILED "the driver MUST later reset the device before attempting to
 * re-initialize"; that must be enough. */
VIRTIO_TEST(reset_cures_failed, .flags = TEST_RAW | TEST_PING)
{
    for (unsigned step = 1; step <= 4; step++) {
        if (!walk_to(t, dev, step) ||
            !require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_FAILED)) ||
            !resets(t, dev) || !life_end(t, dev)) {
            return;
        }
    }
    if (test_start(t, dev, NULL)) {
        expect_ping(t, SAFETY, dev, 1);
    }
}

/* 2.1: DEVICE_NEEDS_RESET "indicates that the device has experienced an error from which
 * it can't recover"; one that serves correct requests has none. */
VIRTIO_TEST(traffic_leaves_status_alone, .flags = TEST_PING, .why_not = life_why_mute)
{
    uint8_t before = status_of(t, dev);
    for (uint32_t n = 1; n <= 8; n++) {
        require_ping(t, dev, n);
    }
    expect_eq(t, "virtio 2.1", status_of(t, dev), before);
}
