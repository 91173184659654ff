/* SPDX-License-Identifier: MIT */
/*
 * Registers of one queue (4.2.2): QueueReady, and what a queue that is not ready is left
 * as. Sizes and queues that do not exist are the bus suite's.
 */
#include "drivers/virtio/bus.h"
#include "kernel/clock.h"
#include "tests/mmio/mmio_lib.h"

#define QUEUE_READY(dev, n) mmio_queue_read(dev, n, VIRTIO_MMIO_QUEUE_READY)
#define FORBIDDEN_NS        (10 * NS_PER_MS)

/* "Reading from this register returns the last value written to it", queue by queue. */
VIRTIO_TEST(queue_ready_reads_back, .flags = TEST_PING, .buses = BUS_MMIO)
{
    uint16_t queues = mmio_queue_count(dev), mine = mmio_ping_queue(dev)->index;

    for (uint16_t i = 0; i < queues; i++) {
        expect_eq(t, "virtio 4.2.2", QUEUE_READY(dev, i), dev->vq[i] != NULL);
    }
    mmio_queue_write(dev, mine, VIRTIO_MMIO_QUEUE_READY, 0);
    for (uint16_t i = 0; i < queues; i++) {
        expect_eq(t, "virtio 4.2.2", QUEUE_READY(dev, i),
                  dev->vq[i] != NULL && i != mine);
    }
}

/* "Upon reset, the device MUST clear ... ready bits in the QueueReady register for all
 * queues in the device." */
VIRTIO_TEST(reset_clears_queue_ready, .flags = TEST_PING, .buses = BUS_MMIO)
{
    uint16_t queues = mmio_queue_count(dev);

    require_ping(t, dev, 1);
    require_ok(t, dev->bus->reset(dev));
    for (uint16_t i = 0; i < queues; i++) {
        expect_eq(t, "dev:4.2.2.1-5", QUEUE_READY(dev, i), 0);
    }
}

/*
 * A request in a ring that is not ready: it is there after QueueReady has read 0, and
 * everything the device has under way ends with its reset. Only then the ring is looked
 * at.
 */
static bool has_used(void *vq)
{
    return qvirtqueue_has_used(vq);
}

static void expect_left_alone(Test *t, QVirtioDevice *dev, bool kicks)
{
    QVirtQueue *vq = mmio_ping_queue(dev);
    QVirtioPing ping = {0};

    require_ping(t, dev, 1);
    if (!require_ok(t, dev->driver->ping_make(dev, 2, &ping))) {
        return;
    }
    mmio_queue_write(dev, vq->index, VIRTIO_MMIO_QUEUE_READY, 0);
    if (!require_eq(t, QUEUE_READY(dev, vq->index), 0) ||
        !require_ok(t, qvirtio_ping_add(&ping, 1, 1))) {
        return;
    }
    qvirtqueue_publish(vq);
    if (kicks) {
        qvirtio_notify(dev, vq);
        /* Time to do what it must not: the reset would forestall it. */
        qvirtio_wait(dev, "a used buffer that must not be", has_used, vq, FORBIDDEN_NS);
        wait_forget();
    }
    /* Without a kick nothing asks the device to look, so that it did not proves little.
     */
    if (require_ok(t, dev->bus->reset(dev)) && (kicks || qvirtqueue_has_used(vq))) {
        expect_that(t, "dev:4.2.2.1-7", !qvirtqueue_has_used(vq),
                    "a queue with QueueReady 0 is left alone", "a used buffer in it");
    }
}

/* "The device MUST NOT access virtqueue contents when QueueReady is zero (0x0)." */
VIRTIO_TEST(queue_not_ready_is_left_alone, .flags = TEST_PING, .buses = BUS_MMIO,
            .rings = RINGS_ALL)
{
    expect_left_alone(t, dev, false);
    expect_survives(t, dev);
}

/* The same with a kick, which is for "new buffers to process in a queue" (4.2.2). */
VIRTIO_TEST(kick_of_a_queue_not_ready_uses_nothing, .violates = "4.2.2",
            .flags = TEST_PING, .buses = BUS_MMIO, .rings = RINGS_ALL)
{
    expect_left_alone(t, dev, true);
    expect_survives(t, dev);
}

/* "by writing the 16-bit virtqueue index of the queue to be notified" (4.2.3.3): what is
 * selected then does not matter. */
VIRTIO_TEST(kick_does_not_depend_on_queue_sel, .flags = TEST_PING, .buses = BUS_MMIO_BOTH)
{
    uint16_t queues = mmio_queue_count(dev);

    for (uint32_t n = 1; n <= 4; n++) {
        qvirtio_mmio_select(dev, (uint16_t)(n % 2 ? queues : n % queues));
        expect_ping(t, "virtio 4.2.3.3", dev, n);
    }
}
