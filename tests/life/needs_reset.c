/* SPDX-License-Identifier: MIT */
/*
 * DEVICE_NEEDS_RESET (2.1.2), provoked by an available index that moves further than the
 * queue is long. A device may put up with that; if it gives up, it says so in its status
 * and by a configuration change notification. Legacy interfaces know no such bit.
 */
#include "drivers/virtio/ring/forge.h"
#include "tests/life/life_lib.h"

static bool has_reacted(void *arg)
{
    QVirtQueue *vq = arg;
    return qvirtqueue_has_used(vq) ||
           qvirtio_has_status(vq->dev, VIRTIO_STATUS_NEEDS_RESET);
}

static bool has_config_interrupt(void *arg)
{
    return ((QVirtioDevice *)arg)->config_irq.count > 0;
}

/* The index where it belongs again: does the device still serve? */
static bool serves_still(QVirtioDevice *dev, QVirtQueue *vq)
{
    const char *why = NULL;
    forge_avail_idx(vq, vq->published_idx);
    return qvirtio_ping(dev, 2, &why) == 0 && !why;
}

VIRTIO_TEST(broken_device_asks_for_reset, .violates = "2.7.13", .flags = TEST_PING,
            .rings = RINGS_SPLIT, .buses = BUS_MODERN, .why_not = life_why_mute)
{
    require_ping(t, dev, 1);
    QVirtQueue *vq = dev->vq[dev->driver->ping_queue];
    forge_avail_idx(vq, vq->published_idx + vq->size + 1);
    qvirtio_notify(dev, vq);
    int err = qvirtio_wait(dev, "a reaction to a broken ring", has_reacted, vq, 0);
    bool needs_reset = qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET);
    if (err || needs_reset) {
        expect_that(t, "dev:2.1.2-2", needs_reset || serves_still(dev, vq),
                    "a device that needs a reset says so in its status",
                    "it neither serves nor sets DEVICE_NEEDS_RESET");
    }
    if (needs_reset && dev->config_irq.is_bound) {
        expect_ok(t, "dev:2.1.2-3",
                  qvirtio_wait(dev, "the config interrupt of DEVICE_NEEDS_RESET",
                               has_config_interrupt, dev, 0));
    }
    expect_survives(t, dev);
}
