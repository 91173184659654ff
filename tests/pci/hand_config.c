/* SPDX-License-Identifier: MIT */
/*
 * A configuration that changes by itself, as PCI tells of it: the generation (4.1.4.3.1),
 * the ISR (4.1.4.5.1), the vector or none (4.1.5.4.1). The host makes a disk larger.
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/grow.h"
#include "tests/pci/pci_lib.h"

enum { ENTRY_NONE, ENTRY_PING, ENTRY_CONFIG, ENTRIES };

static const char *why_no_three_vectors(QVirtioDevice *dev)
{
    const char *why = pci_why_no_msix(dev);
    if (why) {
        return why;
    }
    return qvirtio_pci(dev)->msix.entries < ENTRIES ? "fewer than three MSI-X vectors"
                                                    : NULL;
}

/* "The device MUST present a changed config_generation after the driver has read a
 * device-specific configuration value which has changed since any part of the
 * device-specific configuration was last read." */
VIRTIO_TEST(generation_moves_when_the_configuration_changes, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND, .buses = BUS_PCI)
{
    uint64_t sectors = blk_disk(dev)->capacity;
    for (unsigned i = 1; i <= 2; i++) {
        uint8_t before = COMMON_READ8(dev, config_generation);
        uint32_t news = dev->config_irq.count;
        if (!grow_disk(t, dev, sectors + i * GROW_SECTORS) ||
            !require_ok(t, hand_await_news(dev, news)) ||
            !expect_ne(t, "dev:4.1.4.3.1-6", COMMON_READ8(dev, config_generation),
                       before)) {
            return;
        }
    }
}

/* A device that is driven by hand, and how the test goes on with it. */
static void with_bench(Test *t, QVirtioDevice *dev, uint16_t config,
                       void (*go)(Test *t, PciBench *b))
{
    PciBench b;
    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, ENTRIES)) {
        return;
    }
    if (pci_bench_maps(t, &b, QVIRTIO_IRQ_CONFIG, config) &&
        pci_bench_start(t, &b, ENTRY_PING, config)) {
        go(t, &b);
    }
    pci_bench_close(&b);
}

/* "The device MUST set the Device Configuration Interrupt bit in ISR status before
 * sending a device configuration change notification to the driver." Beside MSI-X this is
 * not judged, because "In this case, the ISR Status is unused" (4.1.5.1.2). */
VIRTIO_TEST(intx_tells_of_the_configuration, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_IRQ_INTX, .buses = BUS_PCI_BOTH,
            .why_not = pci_why_no_intx)
{
    if (!dev->config_irq.is_bound) {
        test_skip(t, "no interrupt for the configuration");
        return;
    }
    /* An interrupt counts for the configuration when the ISR says so. */
    uint32_t before = dev->config_irq.count;
    if (grow_disk(t, dev, blk_disk(dev)->capacity + GROW_SECTORS)) {
        expect_ok(t, "dev:4.1.4.5.1-2", hand_await_news(dev, before));
    }
}

/* The new capacity is seen, a later request has interrupted, then a reset: what has not
 * come by then was never sent. */
static void expect_silence(Test *t, PciBench *b)
{
    uint32_t before = pci_bench_count(b, ENTRY_PING);
    if (!grow_disk(t, b->dev, blk_disk(b->dev)->capacity + GROW_SECTORS) ||
        !require_ping(t, b->dev, 1) ||
        !pci_bench_after(t, BASIS_NONE, b, ENTRY_PING, before)) {
        return;
    }
    expect_eq(t, "dev:4.1.5.4.1-1", pci_pulls_intx(b->dev), false);
    pci_bench_settle(b);
    expect_eq(t, "dev:4.1.5.4.1-1", pci_bench_count(b, ENTRY_NONE), 0);
    expect_eq(t, "dev:4.1.5.4.1-1", pci_bench_count(b, ENTRY_CONFIG), 0);
}

/* "If ... the vector is NO_VECTOR, the device MUST NOT deliver an interrupt for device
 * configuration space changes." */
VIRTIO_TEST(configuration_without_a_vector_is_silent, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_RAW | TEST_PING, .buses = BUS_PCI,
            .why_not = why_no_three_vectors)
{
    with_bench(t, dev, VIRTIO_MSI_NO_VECTOR, expect_silence);
}
