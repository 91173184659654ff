/* SPDX-License-Identifier: MIT */
/*
 * How a function says what it is (4.1.2): vendor, device, revision and subsystem. A
 * function is transitional when it shows the legacy interface, in an I/O BAR 0
 * (4.1.4.10); the recommendations for non-transitional devices are for the others.
 */
#include "drivers/virtio/bus.h"
#include "tests/pci/pci_lib.h"

static const PciFunction *function_of(const QVirtioDevice *dev)
{
    return qvirtio_pci(dev)->function;
}

static bool is_transitional(const QVirtioDevice *dev)
{
    const PciFunction *f = function_of(dev);

    return qvirtio_pci_has_transitional_id(f) && f->bar[0].is_io;
}

static const char *why_not_modern_only(QVirtioDevice *dev)
{
    return is_transitional(dev) ? "a transitional device" : NULL;
}

static const char *why_not_transitional(QVirtioDevice *dev)
{
    return is_transitional(dev) ? NULL : "not a transitional device";
}

/* 4.1.2.1: "Devices MUST have the PCI Vendor ID 0x1AF4." By any access that config space
 * allows, in a device that works. */
VIRTIO_TEST(vendor_is_1af4_at_every_width, .flags = TEST_PING, .buses = BUS_PCI)
{
    const PciFunction *f = function_of(dev);

    require_ping(t, dev, 1);
    expect_eq(t, "dev:4.1.2.1-1", pci_read8(f, PCI_VENDOR_ID), 0xf4);
    expect_eq(t, "dev:4.1.2.1-1", pci_read8(f, PCI_VENDOR_ID + 1), 0x1a);
    expect_eq(t, "dev:4.1.2.1-1", pci_read16(f, PCI_VENDOR_ID), VIRTIO_PCI_VENDOR);
    expect_eq(t, "dev:4.1.2.1-1", pci_read32(f, PCI_VENDOR_ID) & 0xffff,
              VIRTIO_PCI_VENDOR);
}

static const struct {
    uint16_t pci, type;
} transitional_ids[] = {
    {0x1000, VIRTIO_ID_NET},     {0x1001, VIRTIO_ID_BLOCK}, {0x1002, VIRTIO_ID_BALLOON},
    {0x1003, VIRTIO_ID_CONSOLE}, {0x1004, VIRTIO_ID_SCSI},  {0x1005, VIRTIO_ID_RNG},
    {0x1009, VIRTIO_ID_9P},
};

static uint16_t type_of_pci_id(uint16_t id)
{
    for (size_t i = 0; i < sizeof(transitional_ids) / sizeof(transitional_ids[0]); i++) {
        if (transitional_ids[i].pci == id) {
            return transitional_ids[i].type;
        }
    }
    return id >= VIRTIO_PCI_DEVICE_MODERN ? id - VIRTIO_PCI_DEVICE_MODERN : 0;
}

/* 4.1.2.1: "Devices MUST either have the PCI Device ID calculated by adding 0x1040 to the
 * Virtio Device ID ... or have the Transitional PCI Device ID". That it is of this type
 * is shown by its answer to a request of this type. */
VIRTIO_TEST(device_id_names_the_type_it_is, .buses = BUS_PCI,
            .why_not = qvirtio_why_no_ping)
{
    uint16_t id = pci_read16(function_of(dev), PCI_DEVICE_ID);

    if (id < VIRTIO_PCI_DEVICE_MODERN) {
        expect_eq(t, "dev:4.1.2.1-2", type_of_pci_id(id), dev->device_id);
    }
    expect_ping(t, "dev:4.1.2.1-2", dev, 1);
}

/* 4.1.2.1: "Non-transitional devices SHOULD have a PCI Device ID in the range 0x1040 to
 * 0x107f", "a PCI Revision ID of 1 or higher", "a PCI Subsystem Device ID of 0x40 or
 * higher": so that no legacy driver takes them for its own. */
VIRTIO_TEST(modern_only_device_scares_legacy_drivers, .flags = TEST_OUTSIDE,
            .buses = BUS_PCI, .why_not = why_not_modern_only)
{
    const PciFunction *f = function_of(dev);

    expect_ge(t, "dev:4.1.2.1-4", pci_read16(f, PCI_DEVICE_ID), VIRTIO_PCI_DEVICE_MODERN);
    expect_ge(t, "dev:4.1.2.1-5", pci_read8(f, PCI_REVISION_ID),
              VIRTIO_PCI_REVISION_MODERN);
    expect_ge(t, "dev:4.1.2.1-6", pci_read16(f, PCI_SUBSYSTEM_ID),
              VIRTIO_PCI_SUBSYSTEM_MODERN);
}

/* 4.1.2.3: "Transitional devices MUST have a PCI Revision ID of 0", "the PCI Subsystem
 * Device ID matching the Virtio Device ID", "the Transitional PCI Device ID in the range
 * 0x1000 to 0x103f. This is to match legacy drivers." */
VIRTIO_TEST(transitional_device_matches_legacy_drivers, .flags = TEST_OUTSIDE,
            .buses = BUS_PCI_BOTH, .why_not = why_not_transitional)
{
    const PciFunction *f = function_of(dev);
    uint16_t id = pci_read16(f, PCI_DEVICE_ID);

    expect_eq(t, "virtio 4.1.2.3", pci_read8(f, PCI_REVISION_ID), 0);
    expect_ge(t, "virtio 4.1.2.3", id, VIRTIO_PCI_DEVICE_FIRST);
    expect_le(t, "virtio 4.1.2.3", id, VIRTIO_PCI_DEVICE_MODERN - 1);
    expect_eq(t, "virtio 4.1.2.3", pci_read16(f, PCI_SUBSYSTEM_ID), type_of_pci_id(id));
}

/* A transitional device is one device with two doors. A driver uses one of them: "When
 * using the legacy interface, transitional drivers MUST use the legacy configuration
 * structure". */
VIRTIO_TEST(both_interfaces_are_used_at_once, .violates = "4.1.4.10", .flags = TEST_RAW,
            .buses = BUS_PCI, .why_not = why_not_transitional)
{
    QVirtioDevice *twin = qvirtio_device_find("pci-legacy", dev->device_id, dev->index);
    uint8_t status;

    if (!twin) {
        test_skip(t, "the legacy interface is not usable");
        return;
    }
    require_ok(t, qvirtio_begin(dev));
    twin->bus->get_status(twin, &status);
    twin->bus->set_status(twin, status | VIRTIO_STATUS_FAILED);
    twin->bus->set_status(twin, 0);
    dev->bus->get_status(dev, &status);
    expect_survives(t, dev);
}
