/* SPDX-License-Identifier: MIT */
/*
 * A configuration that changes while the device is suspended (3.4.2): not a word until it
 * is resumed, then one. The host makes a disk larger.
 */
#include "tests/harness/grow.h"

static bool is_suspended(void *arg)
{
    return qvirtio_has_status(arg, VIRTIO_STATUS_SUSPEND);
}

static uint64_t capacity_of(QVirtioDevice *dev)
{
    uint64_t sectors = 0;
    qvirtio_config_read(dev, offsetof(struct virtio_blk_config, capacity), 8, &sectors);
    return sectors;
}

/* Suspends the device; the host makes the disk larger meanwhile. */
static bool resize_suspended(Test *t, QVirtioDevice *dev)
{
    uint64_t sectors = blk_disk(dev)->capacity + GROW_SECTORS;
    return require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_SUSPEND)) &&
           require_ok(t,
                      qvirtio_wait(dev, "the device to suspend", is_suspended, dev, 0)) &&
           hand_do(t, dev, "resize %llu", (unsigned long long)sectors);
}

/* "If changes occur in the Configuration Space during suspended period, the device MUST
 * NOT send any configuration change notifications", and it MUST NOT "modify any fields".
 */
VIRTIO_TEST(suspended_device_keeps_a_change_to_itself, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_F_SUSPEND), .flags = TEST_HAND)
{
    if (!dev->config_irq.is_bound) {
        test_skip(t, "the configuration has no interrupt here");
        return;
    }
    uint32_t before = dev->config_irq.count;
    uint64_t sectors = capacity_of(dev);
    if (resize_suspended(t, dev)) {
        qvirtio_poll(dev);
        expect_eq(t, "dev:3.4.2-3", capacity_of(dev), sectors);
        uint32_t during = dev->config_irq.count;
        expect_eq(t, "dev:3.4.2-4", during, before);
    }
}

/* "Instead, the device MUST send the notification when it resumes running." */
VIRTIO_TEST(resumed_device_tells_of_the_change, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_F_SUSPEND), .flags = TEST_HAND | TEST_PING)
{
    uint64_t sectors = capacity_of(dev);
    if (!dev->config_irq.is_bound) {
        test_skip(t, "the configuration has no interrupt here");
        return;
    }
    if (!resize_suspended(t, dev)) {
        return;
    }
    uint32_t before = dev->config_irq.count;
    if (require_ok(t, qvirtio_driver_ok(dev)) &&
        expect_ok(t, "dev:3.4.2-5", hand_await_news(dev, before))) {
        require_eq(t, capacity_of(dev), sectors + GROW_SECTORS);
        require_ping(t, dev, 1);
    }
}
