/* SPDX-License-Identifier: MIT */
/*
 * Drivers that break the order of 3.1.1 or the rules of the status field (2.1.1). What a
 * device then does is its own affair; it must live, keep out of memory it was not lent,
 * and serve again after a reset.
 */
#include "drivers/virtio/bus.h"
#include "tests/life/life_lib.h"

/* "The driver MUST follow this sequence": all bits at once, no feature accepted. */
VIRTIO_TEST(all_status_bits_at_once, .violates = "3.1.1", .flags = TEST_RAW)
{
    dev->bus->set_status(dev, 0x0f);
    expect_survives(t, dev);
}

VIRTIO_TEST(driver_ok_without_features_ok, .violates = "3.1.1", .flags = TEST_RAW,
            .buses = BUS_MODERN)
{
    require_ok(t, qvirtio_begin(dev));
    qvirtio_driver_ok(dev);
    expect_survives(t, dev);
}

VIRTIO_TEST(features_ok_before_driver, .violates = "3.1.1", .flags = TEST_RAW,
            .buses = BUS_MODERN)
{
    dev->bus->set_status(dev, VIRTIO_STATUS_FEATURES_OK);
    expect_survives(t, dev);
}

/* Bits that 2.1 does not define, on a working device. */
VIRTIO_TEST(undefined_status_bits, .violates = "2.1")
{
    qvirtio_add_status(dev, 0x20);
    expect_survives(t, dev);
}

/* The device's own bit, set by the driver. */
VIRTIO_TEST(needs_reset_set_by_driver, .violates = "2.1")
{
    qvirtio_add_status(dev, VIRTIO_STATUS_NEEDS_RESET);
    expect_survives(t, dev);
}

/* "The driver MUST NOT clear a device status bit": each one in turn, pings in flight. */
static void clear_status_bit(Test *t, QVirtioDevice *dev, uint8_t bit)
{
    QVirtioPing pings[8];
    uint8_t status = 0;
    if (!qvirtio_why_no_ping(dev)) {
        life_make_pings(t, dev, pings, 1, 8);
        life_add_pings(t, dev, pings, 8);
        qvirtqueue_kick(pings[0].vq);
    }
    require_ok(t, dev->bus->get_status(dev, &status));
    dev->bus->set_status(dev, status & ~bit);
    expect_survives(t, dev);
}

VIRTIO_TEST(acknowledge_cleared, .violates = "2.1.1")
{
    clear_status_bit(t, dev, VIRTIO_STATUS_ACKNOWLEDGE);
}

VIRTIO_TEST(driver_bit_cleared, .violates = "2.1.1")
{
    clear_status_bit(t, dev, VIRTIO_STATUS_DRIVER);
}

VIRTIO_TEST(driver_ok_cleared, .violates = "2.1.1")
{
    clear_status_bit(t, dev, VIRTIO_STATUS_DRIVER_OK);
}

VIRTIO_TEST(features_ok_cleared, .violates = "2.1.1", .buses = BUS_MODERN)
{
    clear_status_bit(t, dev, VIRTIO_STATUS_FEATURES_OK);
}

/* "... MUST later reset the device before attempting to re-initialize": it does not. */
VIRTIO_TEST(initialised_again_without_reset, .violates = "2.1.1")
{
    QVirtioFeatures needed = qvirtio_baseline(dev);
    qvirtio_add_status(dev, VIRTIO_STATUS_FAILED);
    dev->bus->set_status(dev, VIRTIO_STATUS_ACKNOWLEDGE);
    qvirtio_negotiate(dev, &needed);
    qvirtio_driver_ok(dev);
    expect_survives(t, dev);
}

/* Step 7 belongs before step 8: rings that move under a live device. */
VIRTIO_TEST(queues_set_up_again_while_live, .violates = "3.1.1")
{
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        QVirtQueue *vq = dev->vq[i];
        uint16_t size = vq ? vq->size : 0;
        if (vq && require_ok(t, qvirtqueue_alloc(dev, i, size, t->ring, &vq))) {
            dev->bus->queue_enable(dev, vq);
        }
    }
    expect_survives(t, dev);
}

/* Step 7 left out: a live device whose queues have no memory, and a kick for each. */
VIRTIO_TEST(kicks_without_queues, .violates = "3.1.1", .flags = TEST_RAW)
{
    QVirtioFeatures needed = qvirtio_baseline(dev);
    require_ok(t, qvirtio_start_queues(dev, &needed, t->ring, 0));
    QVirtQueue *vq[QVIRTIO_MAX_QUEUES];
    memcpy(vq, dev->vq, sizeof(vq));
    require_ok(t, qvirtio_begin(dev));
    require_ok(t, qvirtio_negotiate(dev, &needed));
    qvirtio_driver_ok(dev);
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (vq[i]) {
            dev->bus->notify(dev, vq[i]);
        }
    }
    expect_survives(t, dev);
}
