/* SPDX-License-Identifier: MIT */
/*
 * Before DRIVER_OK a device "MUST NOT consume buffers or send any used buffer
 * notifications" (2.1.2), even where the driver breaks 3.1.1 and kicks. That nothing was
 * done is proven by order: the life ends with a reset, which lets nothing finish later,
 * requests of a later life do complete, and the first life's memory is as it was.
 *
 * Left out: legacy interfaces, which 3.1.2 obliges to serve before DRIVER_OK.
 */
#include "drivers/virtio/bus.h"
#include "tests/life/life_lib.h"

#define PINGS   4
#define LOOK_NS (1000 * 1000) /* an occasion to do what it must not */

/*
 * Makes pings in a first life and begins a second: queues set up, as many pings available
 * as fit, DRIVER_OK missing. The driver's data (and what it asked of others) is taken
 * along, so that the answers can be checked. Returns how many; 0 when it failed.
 */
static unsigned prepare(Test *t, QVirtioDevice *dev, QVirtioPing *pings)
{
    QVirtioFeatures none = {0};
    if (!test_start(t, dev, NULL) || !life_make_pings(t, dev, pings, 1, PINGS)) {
        return 0;
    }
    void *driver_data = dev->driver_data;
    int err = qvirtio_start_queues(dev, &none, t->ring, 0);
    dev->driver_data = driver_data;
    unsigned added = require_ok(t, err) ? life_add_pings(t, dev, pings, PINGS) : 0;
    require_ge(t, added, 1);
    return added;
}

static bool is_used(void *arg)
{
    return qvirtqueue_has_used(arg);
}

/* The life ends here without DRIVER_OK; another one works; was anything done in the
 * first? */
static void expect_untouched(Test *t, QVirtioDevice *dev, const LifePicture *picture,
                             QVirtQueue *vq)
{
    qvirtio_wait(dev, "an early used buffer", is_used, vq, LOOK_NS);
    wait_forget();
    bool is_unused = !qvirtqueue_has_used(vq);
    require_ok(t, dev->bus->reset(dev));
    if (!require_ok(t, qvirtio_stop(dev)) || !test_start(t, dev, NULL)) {
        return;
    }
    require_ping(t, dev, PINGS + 1);
    int changed = life_picture_changed(picture);
    expect_that(t, "dev:2.1.2-1", is_unused && changed < 0,
                "no buffer consumed before DRIVER_OK",
                "part %d of what it may write changed", changed);
    expect_that(t, "dev:2.1.2-1", vq->irq.count == 0,
                "no used buffer notification before DRIVER_OK", "%u interrupts",
                vq->irq.count);
}

VIRTIO_TEST(nothing_is_used_before_driver_ok, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL, .buses = BUS_MODERN)
{
    QVirtioPing pings[PINGS];
    LifePicture picture;
    unsigned n = prepare(t, dev, pings);
    if (n && life_picture(t, &picture, pings[0].vq, pings, n, false)) {
        expect_untouched(t, dev, &picture, pings[0].vq);
    }
}

/* "The driver MUST NOT send any buffer available notifications to the device before
 * setting DRIVER_OK": this one does. */
VIRTIO_TEST(early_kick_uses_nothing, .violates = "3.1.1", .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL, .buses = BUS_MODERN)
{
    QVirtioPing pings[PINGS];
    LifePicture picture;
    unsigned n = prepare(t, dev, pings);
    if (n && life_picture(t, &picture, pings[0].vq, pings, n, false)) {
        qvirtio_notify(dev, pings[0].vq);
        expect_untouched(t, dev, &picture, pings[0].vq);
        expect_survives(t, dev);
    }
}

/* 3.1.1: step 7 includes the "population of virtqueues"; with step 8 "the device is
 * 'live'". So buffers made available early are served, once, after a kick. */
VIRTIO_TEST(early_buffers_are_served_after_driver_ok, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL)
{
    QVirtioPing pings[PINGS];
    unsigned n = prepare(t, dev, pings);
    if (!n || !require_ok(t, qvirtio_driver_ok(dev))) {
        return;
    }
    QVirtQueue *vq = pings[0].vq;
    qvirtqueue_kick(vq);
    if (life_take_pings(t, "virtio 3.1.1", vq, n)) {
        expect_that(t, "virtio 3.1.1", !qvirtqueue_has_used(vq),
                    "each buffer is used once", "more used entries than buffers");
    }
}
