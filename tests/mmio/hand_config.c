/* SPDX-License-Identifier: MIT */
/*
 * A configuration that changes by itself, as MMIO tells of it: ConfigGeneration (4.2.2.1)
 * and InterruptStatus. The host makes a disk larger.
 */
#include "tests/harness/grow.h"
#include "tests/mmio/mmio_lib.h"

/* "The device MUST change value returned in ConfigGeneration if there is any risk of a
 * device seeing an inconsistent configuration state." A capacity of 64 bits is read in
 * two halves. */
VIRTIO_TEST(generation_register_moves_with_the_configuration, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND, .buses = BUS_MMIO)
{
    uint64_t sectors = blk_disk(dev)->capacity;
    for (unsigned i = 1; i <= 2; i++) {
        uint32_t before = qvirtio_mmio_read(dev, VIRTIO_MMIO_CONFIG_GENERATION);
        uint32_t news = dev->config_irq.count;
        if (!grow_disk(t, dev, sectors + i * GROW_SECTORS) ||
            !require_ok(t, hand_await_news(dev, news)) ||
            !expect_ne(t, "dev:4.2.2.1-6",
                       qvirtio_mmio_read(dev, VIRTIO_MMIO_CONFIG_GENERATION), before)) {
            return;
        }
    }
}

VIRTIO_TEST(interrupt_status_tells_of_the_configuration, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_RAW | TEST_PING, .buses = BUS_MMIO_BOTH)
{
    /* "This is how the device sends ... a configuration change notification". */
    if (mmio_start_polled(t, dev) &&
        grow_disk(t, dev, blk_disk(dev)->capacity + GROW_SECTORS)) {
        expect_ok(t, "virtio 4.2.3.4",
                  mmio_wait_status(dev, VIRTIO_MMIO_INTERRUPT_CONFIG));
    }
}
