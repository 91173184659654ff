/* SPDX-License-Identifier: MIT */
/*
 * Many lives (3.1.1): a device can be initialised any number of times, in any format and
 * size that it offers, also when the life before was given up half way; nothing of it is
 * left (2.4).
 */
#include "drivers/virtio/bus.h"
#include "tests/life/life_lib.h"

#define LIVES 12

/* The ping of the first life is a precondition; that those of later lives do as well is
 * what a reset owes. */
static bool pings_again(Test *t, QVirtioDevice *dev, unsigned life)
{
    return life == 0 ? require_ping(t, dev, 1) : expect_ping(t, SAFETY, dev, life + 1);
}

VIRTIO_TEST(every_life_of_many_works, .flags = TEST_RAW | TEST_PING)
{
    for (uint32_t i = 1; i <= LIVES; i++) {
        if (!test_start(t, dev, NULL) || !pings_again(t, dev, i - 1) ||
            !life_end(t, dev)) {
            return;
        }
    }
}

/* Reset after each of the steps of 3.1.1 in turn, then a whole life. */
VIRTIO_TEST(lives_given_up_half_way_leave_nothing, .flags = TEST_RAW | TEST_PING)
{
    QVirtioFeatures workable = life_sets(t, dev).workable;
    for (unsigned round = 0; round < 4; round++) {
        int err = qvirtio_begin(dev);
        if (!err && round > 0) {
            err = qvirtio_negotiate(dev, &workable);
        }
        if (!err && round > 1) {
            err = qvirtio_start_queues(dev, &workable, t->ring, 0);
        }
        if (!err && round > 2) {
            err = qvirtio_driver_ok(dev);
        }
        if (!require_ok(t, err) || !life_end(t, dev) || !test_start(t, dev, NULL) ||
            !expect_ping(t, SAFETY, dev, round) || !life_end(t, dev)) {
            return;
        }
    }
}

static const QVirtioRing *next_ring(QVirtioDevice *dev, unsigned *n)
{
    const QVirtioRing *ring;
    while ((ring = qvirtio_ring((*n)++)) != NULL) {
        QVirtioFeatures bits = {0};
        qvirtio_features_add_list(&bits, ring->features);
        if (qvirtio_features_within(&bits, &dev->offered) &&
            (ring->is_packed || !qvirtio_is_packed_only(dev))) {
            break;
        }
    }
    return ring;
}

VIRTIO_TEST(ring_format_changes_from_life_to_life, .flags = TEST_RAW | TEST_PING)
{
    QVirtioFeatures none = {0};
    unsigned lives = 0;
    for (unsigned round = 0; round < 2; round++) {
        const QVirtioRing *ring;
        unsigned n = 0;
        while ((ring = next_ring(dev, &n)) != NULL) {
            int err = qvirtio_start(dev, &none, ring);
            if (err == -QVIRTIO_NOT_ACCEPTED) {
                continue;
            }
            if (!require_ok(t, err) || !pings_again(t, dev, lives++) ||
                !life_end(t, dev)) {
                return;
            }
        }
    }
}

/* 4.1.4.3: queue_size "can be modified by the driver to reduce memory requirements"; a
 * legacy device has one size only. */
VIRTIO_TEST(queue_size_changes_from_life_to_life, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MODERN)
{
    static const uint16_t divisors[] = {1, 2, 4, 2, 1};
    QVirtioFeatures none = {0};
    uint16_t max = 0;
    require_ok(t, dev->bus->queue_max(dev, dev->driver->ping_queue, &max));
    if (max < 8) {
        test_skip(t, "the ping queue has %u entries, not 8", max);
        return;
    }
    max = max < QVIRTQUEUE_SIZE_MOST ? max : QVIRTQUEUE_SIZE_MOST;
    for (unsigned i = 0; i < sizeof(divisors) / sizeof(divisors[0]); i++) {
        int err = qvirtio_start_queues(dev, &none, t->ring, max / divisors[i]);
        err = err ? err : qvirtio_start_finish(dev, t->ring);
        if (!require_ok(t, err) || !pings_again(t, dev, i) || !life_end(t, dev)) {
            return;
        }
    }
}

/* Interrupts of one life by MSI-X or INTx, of the next by none, and again. */
VIRTIO_TEST(interrupt_mode_changes_from_life_to_life, .flags = TEST_RAW | TEST_PING)
{
    static const QVirtioIrqMode modes[] = {QVIRTIO_IRQ_BEST, QVIRTIO_IRQ_NONE,
                                           QVIRTIO_IRQ_BEST};
    for (unsigned i = 0; i < 3; i++) {
        dev->irq_mode = modes[i];
        if (!test_start(t, dev, NULL) || !pings_again(t, dev, i) || !life_end(t, dev)) {
            return;
        }
    }
}
