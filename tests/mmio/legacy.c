/* SPDX-License-Identifier: MIT */
/*
 * Version 1 (4.2.4): the page of a queue, sizes that the driver chooses, the alignment of
 * the used ring. The catalogue has no rows for it: sentences of that section are the
 * basis.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/ring/legacy_queue.h"
#include "tests/mmio/mmio_lib.h"

/* "a value other than zero (0x0) means that the queue is in use", each queue its own;
 * upon reset "the device sets QueuePFN to zero (0x0) for all queues in the device". */
VIRTIO_TEST(legacy_queue_page_reads_back, .flags = TEST_PING, .buses = BUS_MMIO_LEGACY)
{
    uint16_t queues = mmio_queue_count(dev);

    require_ping(t, dev, 1);
    for (uint16_t i = 0; i < queues; i++) {
        uint32_t page = 0;

        if (dev->vq[i]) {
            legacy_queue_page(&dev->vq[i]->vring, &page);
        }
        expect_eq(t, "virtio 4.2.4",
                  mmio_queue_read(dev, i, VIRTIO_MMIO_LEGACY_QUEUE_PFN), page);
    }
    require_ok(t, dev->bus->reset(dev));
    for (uint16_t i = 0; i < queues; i++) {
        expect_eq(t, "virtio 4.2.4",
                  mmio_queue_read(dev, i, VIRTIO_MMIO_LEGACY_QUEUE_PFN), 0);
    }
}

/* "The driver should choose a queue size smaller than or equal to QueueSizeMax": the
 * device finds the rings of each by the layout. */
VIRTIO_TEST(legacy_queue_takes_any_power_of_two, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MMIO_LEGACY, .rings = RINGS_ALL)
{
    QVirtioFeatures none = {0};
    uint16_t most = 0;

    dev->bus->queue_max(dev, dev->driver->ping_queue, &most);
    if (most < 8) {
        test_skip(t, "the device offers a queue of %u entries only", most);
    }
    for (uint16_t size = most; size >= 8; size /= 4) {
        if (!require_ok(t, qvirtio_start_queues(dev, &none, t->ring, size)) ||
            !require_ok(t, qvirtio_start_finish(dev, t->ring)) ||
            !expect_ping(t, "virtio 4.2.4", dev, size) ||
            !require_ok(t, qvirtio_stop(dev))) {
            return;
        }
    }
}

/* Words past the first are no features of a version 1 device. */
VIRTIO_TEST(legacy_feature_word_0_stays, .flags = TEST_RAW, .buses = BUS_MMIO_LEGACY)
{
    for (unsigned i = 0; i < 3; i++) {
        qvirtio_mmio_write(dev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
        qvirtio_mmio_read(dev, VIRTIO_MMIO_DEVICE_FEATURES);
        qvirtio_mmio_write(dev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
        expect_eq(t, "virtio 4.2.2", qvirtio_mmio_read(dev, VIRTIO_MMIO_DEVICE_FEATURES),
                  dev->offered.word[0]);
    }
}
