/* SPDX-License-Identifier: MIT */
/*
 * Queues as every bus shows them (2.6): their sizes, how many there are, and whether they
 * are enabled, in any order. The suite of each bus tests the registers of that bus.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/device/admin.h"
#include "tests/harness/test.h"

/* Returns how many queues the device has when the driver accepts all features that it
 * offers. */
static uint16_t count_queues(Test *t, QVirtioDevice *dev)
{
    QVirtioFeatures all = dev->offered;
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (!qvirtio_feature_name(dev, bit) || bit == VIRTIO_F_SR_IOV) {
            qvirtio_features_clear(&all, bit);
        }
    }
    qvirtio_features_close(dev->driver, &all);
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &all);
    return require_ok(t, err) ? dev->driver->queue_count(dev) : 0;
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

VIRTIO_TEST(every_queue_exists, .flags = TEST_RAW, .why_not = has_no_driver)
{
    uint16_t n = count_queues(t, dev);
    for (uint16_t i = 0; i < n; i++) {
        require_ne(t, max_of(t, dev, i), 0);
    }
}

static bool is_for_administration(QVirtioDevice *dev, uint16_t index)
{
    uint16_t first, count;
    return qvirtio_admin_queues(dev, &first, &count) == 0 && index >= first &&
           index - first < count;
}

/* 4.1.4.3.1: queue_size is 0 "if the virtqueue ... is unavailable"; other buses say it in
 * the same way. */
VIRTIO_TEST(queue_past_the_last_does_not_exist, .flags = TEST_RAW,
            .why_not = has_no_driver)
{
    const char *clause = test_bus_of(dev) == BUS_PCI ? "dev:4.1.4.3.1-14" : BASIS_NONE;
    uint16_t n = count_queues(t, dev);
    for (uint16_t i = n; n > 0 && i < n + 4; i++) {
        if (!is_for_administration(dev, i)) {
            expect_eq(t, clause, max_of(t, dev, i), 0);
        }
    }
}

VIRTIO_TEST(queue_size_limit_is_stable, .flags = TEST_RAW, .why_not = has_no_driver)
{
    uint16_t n = count_queues(t, dev);
    n = n < QVIRTIO_MAX_QUEUES ? n : QVIRTIO_MAX_QUEUES;
    for (uint16_t i = 0; i < n; i++) {
        uint16_t first = max_of(t, dev, i);
        max_of(t, dev, 0);
        require_eq(t, max_of(t, dev, i), first);
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
    require_eq(t, max_of(t, dev, 0), before);
}

VIRTIO_TEST(queue_is_enabled_from_setup_to_reset, .flags = TEST_RAW)
{
    const char *clause = test_bus_of(dev) == BUS_PCI ? "dev:4.1.4.3.1-8" : BASIS_NONE;
    QVirtioFeatures none = {0};
    bool is_enabled = true;
    int err = dev->bus->queue_enabled(dev, 0, &is_enabled);
    if (err == -QVIRTIO_UNSUPPORTED) {
        test_skip(t, "this bus does not tell whether a queue is enabled");
        return;
    }
    require_ok(t, err);
    expect_eq(t, clause, is_enabled, false);
    require_ok(t, qvirtio_start_queues(dev, &none, t->ring, 0));
    require_ok(t, dev->bus->queue_enabled(dev, 0, &is_enabled));
    require_eq(t, is_enabled, true);
    require_ok(t, dev->bus->reset(dev));
    require_ok(t, dev->bus->queue_enabled(dev, 0, &is_enabled));
    expect_eq(t, clause, is_enabled, false);
}

/* Enabling one queue does not enable the others. */
VIRTIO_TEST(queues_are_enabled_one_by_one, .flags = TEST_RAW, .why_not = has_no_driver)
{
    uint16_t n = count_queues(t, dev);
    if (n < 2) {
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
    require_eq(t, is_enabled, false);
    require_ok(t, dev->bus->queue_enabled(dev, 1, &is_enabled));
    require_eq(t, is_enabled, true);
}

VIRTIO_TEST(queues_may_be_set_up_in_any_order, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    qvirtio_features_add_list(&set, t->ring->features);
    int err = qvirtio_begin(dev);
    err = err ? err : qvirtio_negotiate(dev, &set);
    for (int i = err ? -1 : dev->driver->queue_count(dev) - 1; i >= 0; i--) {
        QVirtQueue *vq;
        if (!require_ok(t, qvirtqueue_open(dev, i, 0, t->ring, &vq))) {
            return;
        }
    }
    if (require_ok(t, err) && require_ok(t, qvirtio_start_finish(dev, t->ring))) {
        require_ping(t, dev, 1);
    }
}
