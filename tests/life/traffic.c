/* SPDX-License-Identifier: MIT */
/*
 * Reset in the middle of traffic (2.4.1): a queue full of pings in flight, reset after
 * none, some or all of them were used. From the moment that status reads 0 nothing of the
 * old life moves: its rings and buffers, its interrupt; a new life works, and its traffic
 * is the later event that proves the silence.
 */
#include "drivers/virtio/bus.h"
#include "tests/life/life_lib.h"

#define SILENCE "dev:2.4.1-2"

/* Fills the ping queue, waits until `done` are used, and resets. The number in flight at
 * that moment is at least n - done. */
static unsigned reset_in_flight(Test *t, QVirtioDevice *dev, QVirtioPing *pings,
                                unsigned done)
{
    if (!test_start(t, dev, NULL) ||
        !life_make_pings(t, dev, pings, 100, LIFE_PINGS_MAX)) {
        return 0;
    }
    unsigned n = life_add_pings(t, dev, pings, LIFE_PINGS_MAX);
    QVirtQueue *vq = pings[0].vq;
    qvirtqueue_kick(vq);
    if (!life_take_pings(t, BASIS_NONE, vq, done < n ? done : n) ||
        !require_ok(t, dev->bus->reset(dev))) {
        return 0;
    }
    return n;
}

static void expect_silence(Test *t, QVirtioDevice *dev, unsigned done)
{
    QVirtioPing pings[LIFE_PINGS_MAX];
    LifePicture picture;
    unsigned n = reset_in_flight(t, dev, pings, done);
    if (n == 0) {
        return;
    }
    const QVirtQueue *old = pings[0].vq;
    uint32_t interrupts = old->irq.count;
    if (!life_picture(t, &picture, old, pings, n, true) ||
        !require_ok(t, qvirtio_stop(dev)) || !test_start(t, dev, NULL)) {
        return;
    }
    for (uint32_t i = 1; i <= 4; i++) {
        require_ping(t, dev, i);
    }
    int changed = life_picture_changed(&picture);
    expect_that(t, SILENCE, changed < 0,
                "rings and buffers of the old life untouched after reset",
                "part %d of what it could write changed", changed);
    expect_that(t, SILENCE, old->irq.count == interrupts,
                "no interrupt of the old life after reset", "%u more",
                old->irq.count - interrupts);
}

VIRTIO_TEST(reset_before_the_first_answer_is_silent, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL)
{
    expect_silence(t, dev, 0);
}

VIRTIO_TEST(reset_between_answers_is_silent, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL)
{
    expect_silence(t, dev, 1 + random_below(&t->random, 16));
}

VIRTIO_TEST(reset_after_the_last_answer_is_silent, .flags = TEST_RAW | TEST_PING,
            .rings = RINGS_ALL)
{
    expect_silence(t, dev, LIFE_PINGS_MAX);
}

/* 2.4.1: "... or interact with the queues ..., until the driver re-initializes the
 * device". A kick is no re-initialization. */
VIRTIO_TEST(kick_after_reset_moves_nothing, .violates = "3.1.1",
            .flags = TEST_RAW | TEST_PING, .rings = RINGS_ALL)
{
    QVirtioPing pings[8];
    LifePicture picture;
    if (!test_start(t, dev, NULL) || !life_make_pings(t, dev, pings, 1, 8) ||
        !require_ok(t, dev->bus->reset(dev))) {
        return;
    }
    unsigned n = life_add_pings(t, dev, pings, 8);
    QVirtQueue *old = pings[0].vq;
    if (!life_picture(t, &picture, old, pings, n, true)) {
        return;
    }
    uint32_t interrupts = old->irq.count;
    qvirtio_notify(dev, old);
    require_ok(t, qvirtio_stop(dev));
    if (test_start(t, dev, NULL)) {
        require_ping(t, dev, 20);
    }
    int changed = life_picture_changed(&picture);
    expect_that(t, SILENCE, changed < 0 && old->irq.count == interrupts,
                "a queue that reset took away is not served",
                "part %d changed, %u interrupts", changed, old->irq.count - interrupts);
    expect_survives(t, dev);
}

/* The old rings are still there, full, when the next life sets up others. */
VIRTIO_TEST(reset_in_traffic_many_times, .flags = TEST_RAW | TEST_PING)
{
    QVirtioPing pings[LIFE_PINGS_MAX];
    for (unsigned round = 0; round < 4; round++) {
        if (!reset_in_flight(t, dev, pings, random_below(&t->random, 4)) ||
            !life_end(t, dev)) {
            return;
        }
    }
    if (test_start(t, dev, NULL)) {
        expect_ping(t, SAFETY, dev, 1);
    }
}
