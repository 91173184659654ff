/* SPDX-License-Identifier: MIT */
/*
 * QueueReset (4.2.2.1): resetting one queue where VIRTIO_F_RING_RESET is offered. What
 * the ring goes through is the ring suite's; here it is the registers.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/ring/qvring.h"
#include "tests/mmio/mmio_lib.h"

#define NEEDS_RING_RESET    FEATURES(VIRTIO_F_RING_RESET)
#define QUEUE_RESET(dev, n) mmio_queue_read(dev, n, VIRTIO_MMIO_QUEUE_RESET)
#define QUEUE_READY(dev, n) mmio_queue_read(dev, n, VIRTIO_MMIO_QUEUE_READY)

/* "the device MUST present a 0 in QueueReset on reset", and "after the virtqueue is
 * enabled with QueueReady". */
VIRTIO_TEST(mmio_queue_reset_starts_at_0, .flags = TEST_RAW, .buses = BUS_MMIO,
            .needs = NEEDS_RING_RESET)
{
    if (!test_start(t, dev, NULL)) {
        return;
    }
    uint16_t queues = mmio_queue_count(dev);
    for (uint16_t i = 0; i < queues; i++) {
        if (dev->vq[i]) {
            expect_eq(t, "dev:4.2.2.1-9", QUEUE_RESET(dev, i), 0);
        }
    }
    /* The register is there where the feature "has been negotiated", so again. */
    QVirtioFeatures wanted = qvirtio_baseline(dev);
    qvirtio_features_add_list(&wanted, NEEDS_RING_RESET);
    if (!require_ok(t, qvirtio_begin(dev)) ||
        !require_ok(t, qvirtio_negotiate(dev, &wanted))) {
        return;
    }
    for (uint16_t i = 0; i < queues; i++) {
        expect_eq(t, "dev:4.2.2.1-8", QUEUE_RESET(dev, i), 0);
    }
}

/* "The device MUST present 0 in both QueueReset and QueueReady when queue reset has
 * completed": of this queue; its neighbours stay ready. */
VIRTIO_TEST(queue_reset_makes_this_queue_not_ready, .flags = TEST_PING, .buses = BUS_MMIO,
            .needs = NEEDS_RING_RESET)
{
    uint16_t queues = mmio_queue_count(dev), mine = mmio_ping_queue(dev)->index;

    require_ping(t, dev, 1);
    if (!expect_ok(t, "dev:4.2.2.1-12", dev->bus->queue_reset(dev, mine))) {
        return;
    }
    for (uint16_t i = 0; i < queues; i++) {
        /* "writing one (0x1) to this register selectively resets the queue." */
        const char *basis = i == mine ? "dev:4.2.2.1-12" : "virtio 4.2.2";

        expect_eq(t, basis, QUEUE_READY(dev, i), dev->vq[i] != NULL && i != mine);
        expect_eq(t, basis, QUEUE_RESET(dev, i), 0);
    }
}

/* Resets a queue; false when it does not even look reset. */
static bool reset_queue(Test *t, QVirtioDevice *dev, uint16_t index)
{
    return expect_ok(t, "dev:4.2.2.1-12", dev->bus->queue_reset(dev, index)) &&
           expect_eq(t, "dev:4.2.2.1-12", QUEUE_READY(dev, index), 0);
}

/* "The device MUST reset the queue when 1 is written to QueueReset": set up anew it
 * starts from index 0. */
VIRTIO_TEST(mmio_queue_serves_after_its_reset, .flags = TEST_PING, .buses = BUS_MMIO,
            .rings = RINGS_ALL, .needs = NEEDS_RING_RESET)
{
    uint16_t mine = mmio_ping_queue(dev)->index;
    QVirtQueue *vq;

    for (uint32_t round = 1; round <= 3; round++) {
        require_ping(t, dev, 2 * round);
        if (!reset_queue(t, dev, mine) ||
            !require_ok(t, qvirtqueue_open(dev, mine, 0, t->ring, &vq))) {
            return;
        }
        expect_eq(t, "dev:4.2.2.1-9", QUEUE_RESET(dev, mine), 0);
        if (!expect_ping(t, "dev:4.2.2.1-10", dev, 2 * round + 1)) {
            return;
        }
    }
}

#define RACES     16
#define IN_FLIGHT 64u

/* Resets the ping queue with requests on their way, and lets the device serve a new ring.
 * False: something failed. */
static bool race_reset(Test *t, QVirtioDevice *dev)
{
    QVirtQueue *old = mmio_ping_queue(dev), *vq;
    uint16_t sent = qvring_used_idx(&old->vring);

    for (uint32_t i = 1; i <= IN_FLIGHT; i++) {
        QVirtioPing *ping = arena_lend(sizeof(*ping), 8);

        if (!require_ok(t, ping ? 0 : -QVIRTIO_NO_MEMORY) ||
            !require_ok(t, dev->driver->ping_make(dev, i, ping))) {
            return false;
        }
        if (qvirtio_ping_add(ping, 1, 1)) {
            break; /* the ring is full */
        }
        sent++;
    }
    qvirtqueue_kick(old);
    if (!reset_queue(t, dev, old->index)) {
        return false;
    }
    uint16_t used = qvring_used_idx(&old->vring);
    if (!require_ok(t, qvirtqueue_open(dev, old->index, 0, t->ring, &vq)) ||
        !expect_ping(t, "dev:4.2.2.1-11", dev, IN_FLIGHT + 1)) {
        return false;
    }
    /* A race that was over before the reset proves nothing. */
    uint16_t now = qvring_used_idx(&old->vring);
    return (used == sent && now == used) || expect_eq(t, "dev:4.2.2.1-11", now, used);
}

/* "The device MUST continue to present 1 in QueueReset as long as the queue reset is
 * ongoing": once it presents 0, nothing of the old ring's is on its way any more. It is a
 * race that the device must win each time. */
VIRTIO_TEST(mmio_queue_reset_is_over_at_0, .flags = TEST_PING, .buses = BUS_MMIO,
            .needs = NEEDS_RING_RESET)
{
    if (t->ring->is_packed) {
        test_skip(t, "the used index of a packed ring is the device's own");
        return;
    }
    for (unsigned i = 0; i < RACES && race_reset(t, dev); i++) {
    }
}
