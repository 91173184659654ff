/* SPDX-License-Identifier: MIT */
/*
 * Device suspend (3.4): a device that offers VIRTIO_F_SUSPEND stops with its buffers
 * drained and signalled, leaves rings and config alone, and goes on where it stopped.
 * What the host changes meanwhile is in hand_suspend.c.
 */
#include "drivers/virtio/bus.h"
#include "tests/life/life_lib.h"

static uint8_t status_of(QVirtioDevice *dev)
{
    uint8_t status = 0;
    dev->bus->get_status(dev, &status);
    return status;
}

static bool is_suspended(void *arg)
{
    uint8_t s = status_of(arg);
    return s & VIRTIO_STATUS_NEEDS_RESET ||
           (s & VIRTIO_STATUS_SUSPEND && !(s & VIRTIO_STATUS_DRIVER_OK));
}

static bool is_running(void *arg)
{
    uint8_t s = status_of(arg);
    return s & VIRTIO_STATUS_NEEDS_RESET ||
           (!(s & VIRTIO_STATUS_SUSPEND) && s & VIRTIO_STATUS_DRIVER_OK);
}

static bool suspend(Test *t, QVirtioDevice *dev)
{
    require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_SUSPEND));
    return expect_ok(t, "dev:3.4.2-6",
                     qvirtio_wait(dev, "the device to suspend", is_suspended, dev, 0)) &&
           !(status_of(dev) & VIRTIO_STATUS_NEEDS_RESET);
}

static bool resume(Test *t, QVirtioDevice *dev)
{
    require_ok(t, qvirtio_driver_ok(dev));
    return expect_ok(t, "dev:3.4.2-7",
                     qvirtio_wait(dev, "the device to resume", is_running, dev, 0)) &&
           !(status_of(dev) & VIRTIO_STATUS_NEEDS_RESET);
}

VIRTIO_TEST(suspends_and_resumes, .needs = FEATURES(VIRTIO_F_SUSPEND), .flags = TEST_PING,
            .rings = RINGS_ALL)
{
    for (uint32_t i = 1; i <= 3; i++) {
        require_ping(t, dev, i);
        if (!suspend(t, dev) || !resume(t, dev)) {
            return;
        }
    }
    require_ping(t, dev, 4);
}

/* What was used before SUSPEND showed was signalled before; from then on nothing moves,
 * until the resumed device serves what it had not begun. */
VIRTIO_TEST(suspended_device_is_silent, .needs = FEATURES(VIRTIO_F_SUSPEND),
            .flags = TEST_PING, .rings = RINGS_ALL)
{
    QVirtioPing pings[LIFE_PINGS_MAX];
    LifePicture picture;
    if (!life_make_pings(t, dev, pings, 1, LIFE_PINGS_MAX)) {
        return;
    }
    unsigned n = life_add_pings(t, dev, pings, LIFE_PINGS_MAX);
    QVirtQueue *vq = pings[0].vq;
    qvirtqueue_kick(vq);
    if (!suspend(t, dev) || !life_picture(t, &picture, vq, pings, n, true)) {
        return;
    }
    uint32_t interrupts = vq->irq.count;
    expect_that(t, "dev:3.4.2-8",
                !vq->irq.is_bound || !qvirtqueue_has_used(vq) || interrupts > 0,
                "used buffers are signalled before SUSPEND shows", "no interrupt");
    /* Each look gives the device an occasion to do what it must not. */
    for (unsigned i = 0; i < LIFE_PINGS_MAX; i++) {
        is_suspended(dev);
        qvirtio_poll(dev);
    }
    expect_that(t, "dev:3.4.2-3",
                life_picture_changed(&picture) < 0 && vq->irq.count == interrupts,
                "a suspended device leaves rings and interrupts alone",
                "part %d changed, %u more interrupts", life_picture_changed(&picture),
                vq->irq.count - interrupts);
    if (resume(t, dev)) {
        qvirtio_notify(dev, vq);
        life_take_pings(t, "dev:3.4.2-7", vq, n);
    }
}

/* "MUST ignore any operations on the SUSPEND bit" before initialisation is complete. */
VIRTIO_TEST(early_suspend_is_ignored, .violates = "3.4.1",
            .needs = FEATURES(VIRTIO_F_SUSPEND), .flags = TEST_RAW | TEST_PING)
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    qvirtio_features_set(&set, VIRTIO_F_SUSPEND);
    if (!require_ok(t, qvirtio_start_queues(dev, &set, t->ring, 0))) {
        return;
    }
    require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_SUSPEND));
    expect_eq(t, "dev:3.4.2-1", status_of(dev) & VIRTIO_STATUS_SUSPEND, 0);
    if (require_ok(t, qvirtio_start_finish(dev, t->ring))) {
        expect_ping(t, "dev:3.4.2-1", dev, 1);
    }
    expect_survives(t, dev);
}
