/* SPDX-License-Identifier: MIT */
/*
 * Queues as every bus shows them (2.6): their sizes, how many there are, and whether they
 * are enabled, in any order. The suite of each bus tests the registers of that bus.
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/test.h"

/* Returns how many queues the device has when the driver accepts all features that it
 * offers and we know; or the plainest set where it refuses that one, as it may (2.2.2:
 * "SHOULD accept any valid subset"). */
static uint16_t count_queues(Test *t, QVirtioDevice *dev)
{
    QVirtioFeatures all = dev->offered, plain = qvirtio_baseline(dev);
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (!qvirtio_feature_name(dev, bit) || bit == VIRTIO_F_SR_IOV) {
            qvirtio_features_clear(&all, bit);
        }
    }
    qvirtio_features_close(dev->driver, &all);
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &all);
    if (err == -QVIRTIO_NOT_ACCEPTED) {
        err = qvirtio_begin(dev);
        err = err ? err : qvirtio_negotiate(dev, &plain);
    }
    return require_ok(t, err) ? dev->driver->queue_count(dev) : 0;
}

/* How the limit of a queue is told. */
static const BusBases size_bases = {.pci = "virtio 4.1.4.3",
                                    .pci_legacy = "virtio 4.1.5.1.3",
                                    .mmio = "virtio 4.2.2",
                                    .mmio_legacy = "virtio 4.2.4",
                                    .ccw = "virtio 4.3.2.2",
                                    .otherwise = "virtio 2.6"};

/* What says that no queue is enabled after a reset. Legacy PCI has no such sentence. */
static const BusBases reset_bases = {.pci = "dev:4.1.4.3.1-8",
                                     .mmio = "dev:4.2.2.1-5",
                                     .mmio_legacy = "virtio 4.2.4",
                                     .otherwise = "virtio 2.6"};

static bool has_queue(QVirtioDevice *dev, uint16_t index)
{
    return !dev->driver->has_queue || dev->driver->has_queue(dev, index);
}

static uint16_t max_of(Test *t, QVirtioDevice *dev, uint16_t index)
{
    uint16_t max = 0xffff;
    require_ok(t, dev->bus->queue_max(dev, index, &max));
    return max;
}

static const char *has_no_driver(QVirtioDevice *dev)
{
    return dev->driver ? NULL : "it is unknown how many queues this device type has";
}

/* The section of each type says which virtqueues it has. */
VIRTIO_TEST(every_queue_exists, .flags = TEST_RAW, .why_not = has_no_driver)
{
    uint16_t n = count_queues(t, dev);
    for (uint16_t i = 0; i < n; i++) {
        if (has_queue(dev, i)) {
            expect_ne(t, "virtio 5", max_of(t, dev, i), 0);
        }
    }
}

/* "zero (0x0) if the queue is not available" (4.2.2, 4.2.4), "If this field is 0, the
 * virtqueue does not exist" (4.1.5.1.3). The modern PCI bus has num_queues, and tests of
 * its own. */
VIRTIO_TEST(queue_past_the_last_does_not_exist, .flags = TEST_RAW,
            .buses = BUS_PCI_LEGACY | BUS_MMIO | BUS_MMIO_LEGACY,
            .why_not = has_no_driver)
{
    uint16_t n = count_queues(t, dev);
    if (n >= QVIRTIO_MAX_QUEUES) {
        test_skip(t, "the device may have more queues than the %d that are counted here",
                  QVIRTIO_MAX_QUEUES);
        return;
    }
    for (uint16_t i = n; n > 0 && i < n + 4; i++) {
        expect_eq(t, test_basis_on(dev, &size_bases), max_of(t, dev, i), 0);
    }
}

/* A queue is selected before it is asked about: what is told of one does not depend on
 * which others were. */
VIRTIO_TEST(queue_size_limit_is_stable, .flags = TEST_RAW, .why_not = has_no_driver)
{
    uint16_t n = count_queues(t, dev);
    for (uint16_t i = 0; i < n; i++) {
        uint16_t first = max_of(t, dev, i);
        max_of(t, dev, 0);
        expect_eq(t, test_basis_on(dev, &size_bases), max_of(t, dev, i), first);
    }
}

/* "On reset, specifies the maximum queue size": it must be the same, whatever size the
 * driver chose before the reset. */
VIRTIO_TEST(queue_size_limit_survives_reset, .flags = TEST_RAW, .buses = BUS_MODERN)
{
    QVirtioFeatures none = {0};
    uint16_t before = max_of(t, dev, 0);
    if (before < 4) {
        test_skip(t, "queue 0 has %u entries, and the test needs at least 4", before);
        return;
    }
    require_ok(t, qvirtio_start_queues(dev, &none, t->ring, 4));
    require_ok(t, qvirtio_reset(dev));
    expect_eq(t, test_basis_on(dev, &size_bases), max_of(t, dev, 0), before);
}

VIRTIO_TEST(queue_is_enabled_from_setup_to_reset, .flags = TEST_RAW)
{
    QVirtioFeatures none = {0};
    bool is_enabled = true;
    int err = dev->bus->queue_enabled(dev, 0, &is_enabled);
    if (err == -QVIRTIO_UNSUPPORTED) {
        test_skip(t, "this bus does not tell whether a queue is enabled");
        return;
    }
    bool is_told = test_bus_of(dev) != BUS_PCI_LEGACY;
    require_ok(t, err);
    if (is_told) {
        expect_eq(t, test_basis_on(dev, &reset_bases), is_enabled, false);
    }
    require_ok(t, qvirtio_start_queues(dev, &none, t->ring, 0));
    if (!dev->vq[0]) {
        test_skip(t, "the device has no queue 0");
        return;
    }
    require_ok(t, dev->bus->queue_enabled(dev, 0, &is_enabled));
    expect_eq(t, test_basis_on(dev, &size_bases), is_enabled, true);
    if (is_told && require_ok(t, dev->bus->reset(dev))) {
        require_ok(t, dev->bus->queue_enabled(dev, 0, &is_enabled));
        expect_eq(t, test_basis_on(dev, &reset_bases), is_enabled, false);
    }
}

/* Enabling one queue does not enable the others. */
VIRTIO_TEST(queues_are_enabled_one_by_one, .flags = TEST_RAW, .why_not = has_no_driver)
{
    uint16_t n = count_queues(t, dev);
    if (n < 2 || !has_queue(dev, 1)) {
        test_skip(t, "the device has only one queue");
        return;
    }
    QVirtQueue *vq;
    bool is_enabled = true;
    require_ok(t, qvirtqueue_open(dev, 1, 0, t->ring, &vq));
    int err = dev->bus->queue_enabled(dev, 0, &is_enabled);
    if (err == -QVIRTIO_UNSUPPORTED) {
        test_skip(t, "this bus does not tell whether a queue is enabled");
        return;
    }
    expect_eq(t, test_basis_on(dev, &size_bases), is_enabled, false);
    require_ok(t, dev->bus->queue_enabled(dev, 1, &is_enabled));
    expect_eq(t, test_basis_on(dev, &size_bases), is_enabled, true);
}

/* The text names no order, so each one will do. */
VIRTIO_TEST(queues_may_be_set_up_in_any_order, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    qvirtio_features_add_list(&set, t->ring->features);
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &set);
    for (int i = err ? -1 : dev->driver->queue_count(dev) - 1; i >= 0; i--) {
        QVirtQueue *vq;
        if (has_queue(dev, (uint16_t)i) &&
            !require_ok(t, qvirtqueue_open(dev, (uint16_t)i, 0, t->ring, &vq))) {
            return;
        }
    }
    if (require_ok(t, err) && require_ok(t, qvirtio_start_finish(dev, t->ring))) {
        expect_ping(t, SAFETY, dev, 1);
    }
}
