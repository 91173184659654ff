/* SPDX-License-Identifier: MIT */
/*
 * The legacy interface of transitional devices (4.1.4.10, "Legacy Interfaces: A Note on
 * PCI Device Layout"). The catalogue has no rows for it, so no clauses are claimed.
 */
#include "tests/pci/pci_lib.h"

static const IoWindow *ports(const QVirtioDevice *dev)
{
    return &qvirtio_pci(dev)->legacy;
}

static size_t config_bytes(QVirtioDevice *dev)
{
    size_t known = dev->driver ? dev->driver->config_bytes : 0, reachable = 0;

    dev->bus->config_bytes(dev, &reachable);
    return known < reachable ? known : reachable;
}

static const char *why_no_config(QVirtioDevice *dev)
{
    return config_bytes(dev) ? NULL : "no device configuration of this type";
}

/* "the driver MAY access the device-specific configuration region using any width
 * accesses, and a transitional device MUST present driver with the same results". */
VIRTIO_TEST(legacy_config_reads_the_same_at_any_width, .flags = TEST_RAW,
            .buses = BUS_PCI_LEGACY, .why_not = why_no_config)
{
    const IoWindow *w = ports(dev);
    size_t bytes = config_bytes(dev) & ~(size_t)3;

    for (size_t i = 0; i < bytes; i += 4) {
        uint64_t at = VIRTIO_PCI_LEGACY_CONFIG + i;
        uint32_t whole = io_read32(w, at);

        expect_eq(t, NULL, io_read16(w, at) | (uint32_t)io_read16(w, at + 2) << 16,
                  whole);
        expect_eq(t, NULL,
                  io_read8(w, at) | (uint32_t)io_read8(w, at + 1) << 8 |
                      (uint32_t)io_read8(w, at + 2) << 16 |
                      (uint32_t)io_read8(w, at + 3) << 24,
                  whole);
    }
    expect_eq(t, NULL, io_read8(w, VIRTIO_PCI_LEGACY_DEVICE_STATUS), 0);
}

/* "once you enable MSI-X on the device, the other fields move. If you turn it off again,
 * they move back!" */
VIRTIO_TEST(legacy_config_moves_with_msix, .flags = TEST_RAW, .buses = BUS_PCI_LEGACY,
            .why_not = why_no_config)
{
    QVirtioPci *p = qvirtio_pci(dev);
    size_t bytes = config_bytes(dev);
    uint8_t off[256], on[256], again[256];

    if (p->why_no_msix) {
        test_skip(t, "%s", p->why_no_msix);
        return;
    }
    bytes = bytes < sizeof(off) ? bytes : sizeof(off);
    for (size_t i = 0; i < bytes; i++) {
        off[i] = io_read8(ports(dev), VIRTIO_PCI_LEGACY_CONFIG + i);
    }
    pci_msix_enable(p->function, &p->msix, true);
    for (size_t i = 0; i < bytes; i++) {
        on[i] = io_read8(ports(dev), VIRTIO_PCI_LEGACY_CONFIG_MSIX + i);
    }
    pci_msix_enable(p->function, &p->msix, false);
    for (size_t i = 0; i < bytes; i++) {
        again[i] = io_read8(ports(dev), VIRTIO_PCI_LEGACY_CONFIG + i);
    }
    expect_same(t, NULL, on, off, bytes);
    expect_same(t, NULL, again, off, bytes);
}

/* The queue's size is the device's to say: "There was no mechanism to negotiate the queue
 * size." */
VIRTIO_TEST(legacy_queue_size_is_read_only, .flags = TEST_RAW, .buses = BUS_PCI_LEGACY)
{
    uint16_t size, after;

    dev->bus->queue_max(dev, 0, &size);
    io_write16(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_SIZE, size / 2);
    dev->bus->queue_max(dev, 0, &after);
    expect_eq(t, NULL, after, size);
}

/* The page of the queue that is selected, each its own; none after reset. */
VIRTIO_TEST(legacy_queue_address_reads_back, .flags = TEST_PING, .buses = BUS_PCI_LEGACY)
{
    uint16_t queues = pci_queue_count(dev);

    expect_ping(t, NULL, dev, 1);
    for (uint16_t i = 0; i < queues; i++) {
        io_write16(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_SELECT, i);
        expect_eq(t, NULL, io_read32(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_ADDRESS),
                  dev->vq[i]->vring.desc_addr.raw >> VIRTIO_PCI_LEGACY_PAGE_SHIFT);
    }
    expect_ok(t, NULL, qvirtio_stop(dev));
    for (uint16_t i = 0; i < queues; i++) {
        io_write16(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_SELECT, i);
        expect_eq(t, NULL, io_read32(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_ADDRESS), 0);
    }
}

/* The features that the driver wrote stay in their register. */
VIRTIO_TEST(legacy_features_read_back, .flags = TEST_RAW, .buses = BUS_PCI_LEGACY)
{
    QVirtioFeatures wanted = dev->offered;

    qvirtio_features_clear(&wanted, VIRTIO_F_UNUSED);
    qvirtio_features_close(dev->driver, &wanted);
    expect_ok(t, NULL, qvirtio_begin(dev));
    dev->bus->set_features(dev, 0, wanted.word[0]);
    expect_eq(t, NULL, io_read32(ports(dev), VIRTIO_PCI_LEGACY_DRIVER_FEATURES),
              wanted.word[0]);
}
