/* SPDX-License-Identifier: MIT */
/*
 * The legacy interface of transitional devices (4.1.4.10, "Legacy Interfaces: A Note on
 * PCI Device Layout"). The catalogue has no rows for it: sentences of that section are
 * the basis.
 */
#include "drivers/virtio/bus.h"
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

/* A field from its parts of this width, as the guest (little-endian here) sees it. */
static uint64_t field_by_parts(const IoWindow *w, const QVirtioField *f, unsigned width)
{
    uint64_t at = VIRTIO_PCI_LEGACY_CONFIG + f->offset, value = 0;

    for (unsigned i = f->width; i > 0;) {
        i -= width;
        value = value << (8 * width % 64) | (width == 1   ? io_read8(w, at + i)
                                             : width == 2 ? io_read16(w, at + i)
                                                          : io_read32(w, at + i));
    }
    return value;
}

/* "the driver MAY access the device-specific configuration region using any width
 * accesses, and a transitional device MUST present driver with the same results". */
VIRTIO_TEST(legacy_config_reads_the_same_at_any_width, .flags = TEST_RAW,
            .buses = BUS_PCI_LEGACY, .why_not = why_no_config)
{
    const QVirtioField *f;
    bool has_wide = false;

    for (unsigned n = 0; (f = pci_field(dev, n)) != NULL; n++) {
        uint64_t bytes = field_by_parts(ports(dev), f, 1);

        for (unsigned width = 2; width <= 4 && width <= f->width; width *= 2) {
            expect_eq(t, "virtio 4.1.4.10", field_by_parts(ports(dev), f, width), bytes);
            has_wide = true;
        }
    }
    if (!has_wide) {
        test_skip(t, "no field wider than a byte");
    }
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
    expect_same(t, "virtio 4.1.4.10", on, off, bytes);
    expect_same(t, "virtio 4.1.4.10", again, off, bytes);
}

/* The queue's size is the device's to say: "There was no mechanism to negotiate the queue
 * size", and the field is read-only. */
VIRTIO_TEST(legacy_queue_size_is_written, .violates = "4.1.4.10", .flags = TEST_RAW,
            .buses = BUS_PCI_LEGACY)
{
    uint16_t size;

    dev->bus->queue_max(dev, 0, &size);
    io_write16(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_SIZE, size / 2);
    expect_survives(t, dev);
}

/* "Queue Address" is read and written (R+W): the page of the queue that is selected, each
 * its own. */
VIRTIO_TEST(legacy_queue_address_reads_back, .flags = TEST_PING, .buses = BUS_PCI_LEGACY)
{
    uint16_t queues = pci_queue_count(dev);

    require_ping(t, dev, 1);
    for (uint16_t i = 0; i < queues; i++) {
        if (dev->vq[i]) {
            io_write16(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_SELECT, i);
            expect_eq(t, "virtio 4.1.4.10",
                      io_read32(ports(dev), VIRTIO_PCI_LEGACY_QUEUE_ADDRESS),
                      dev->vq[i]->vring.desc_addr.raw >> VIRTIO_PCI_LEGACY_PAGE_SHIFT);
        }
    }
}

/* "Driver Features" is read and written (R+W). */
VIRTIO_TEST(legacy_features_read_back, .flags = TEST_RAW, .buses = BUS_PCI_LEGACY)
{
    QVirtioFeatures wanted = dev->offered;

    qvirtio_features_clear(&wanted, VIRTIO_F_UNUSED);
    pci_keep_known(dev, &wanted);
    require_ok(t, qvirtio_begin(dev));
    dev->bus->set_features(dev, 0, wanted.word[0]);
    expect_eq(t, "virtio 4.1.4.10",
              io_read32(ports(dev), VIRTIO_PCI_LEGACY_DRIVER_FEATURES), wanted.word[0]);
}
