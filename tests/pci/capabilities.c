/* SPDX-License-Identifier: MIT */
/*
 * The virtio capabilities (4.1.4): which there are, how they are aligned, that they stay
 * inside their BARs. Those of the notification structure are in notification.c.
 */
#include "tests/pci/pci_lib.h"

/* PCI Local Bus 3.0, 6.7: every pointer leads on, and the last is 0. */
VIRTIO_TEST(capability_list_ends, .flags = TEST_OUTSIDE, .buses = BUS_PCI_BOTH)
{
    PciCapWalk walk;

    qvirtio_pci_caps_start(qvirtio_pci(dev)->function, &walk);
    while (pci_cap_walk_next(&walk)) {
    }
    expect_fine(t, "PCI-3.0 6.7", walk.fault);
}

static unsigned count_caps(const QVirtioDevice *dev, uint8_t cfg_type)
{
    QVirtioPciCap cap;
    unsigned n = 0;

    while (pci_cap(dev, cfg_type, n, &cap)) {
        n++;
    }
    return n;
}

/* Counts those that a driver of today can use. */
static unsigned count_usable(const QVirtioDevice *dev, uint8_t cfg_type)
{
    QVirtioPciCap cap;
    unsigned usable = 0;

    for (unsigned n = 0; pci_cap(dev, cfg_type, n, &cap); n++) {
        usable += !qvirtio_pci_cap_fault(qvirtio_pci(dev)->function, &cap);
    }
    return usable;
}

/* 4.1.4.3.1, 4.1.4.4.1, 4.1.4.5.1, 4.1.4.9.1: "The device MUST present at least one" of
 * each. 4.1.4.6: "The device MUST present at least one VIRTIO_PCI_CAP_DEVICE_CFG
 * capability for any device type which has a device-specific configuration." */
VIRTIO_TEST(structures_are_all_present, .flags = TEST_OUTSIDE, .buses = BUS_PCI)
{
    expect_ge(t, "dev:4.1.4.3.1-2", count_usable(dev, VIRTIO_PCI_CAP_COMMON_CFG), 1);
    expect_ge(t, "dev:4.1.4.4.1-1", count_usable(dev, VIRTIO_PCI_CAP_NOTIFY_CFG), 1);
    expect_ge(t, "dev:4.1.4.5.1-1", count_usable(dev, VIRTIO_PCI_CAP_ISR_CFG), 1);
    expect_ge(t, "dev:4.1.4.9.1-1", count_caps(dev, VIRTIO_PCI_CAP_PCI_CFG), 1);
    if (dev->driver && dev->driver->config_bytes > 0) {
        expect_ge(t, "virtio 4.1.4.6", count_usable(dev, VIRTIO_PCI_CAP_DEVICE_CFG), 1);
    }
}

static void expect_aligned(Test *t, const char *clause, QVirtioDevice *dev,
                           uint8_t cfg_type, unsigned to)
{
    QVirtioPciCap cap;

    for (unsigned n = 0; pci_structure(dev, cfg_type, n, &cap); n++) {
        expect_eq(t, clause, cap.offset % to, 0);
    }
}

/* 4.1.4.3.1 and 4.1.4.6.1: "offset MUST be 4-byte aligned". */
VIRTIO_TEST(structures_are_aligned, .flags = TEST_OUTSIDE, .buses = BUS_PCI)
{
    expect_aligned(t, "dev:4.1.4.3.1-1", dev, VIRTIO_PCI_CAP_COMMON_CFG, 4);
    expect_aligned(t, "dev:4.1.4.6.1-1", dev, VIRTIO_PCI_CAP_DEVICE_CFG, 4);
}

/* "bar ... used to map the structure into Memory or I/O Space", "offset indicates where
 * the structure begins relative to the base address associated with the BAR", "length
 * indicates the length of the structure": every structure is inside its BAR, and as long
 * as its fields. */
VIRTIO_TEST(structures_are_inside_their_bars, .flags = TEST_OUTSIDE, .buses = BUS_PCI)
{
    static const uint8_t types[] = {VIRTIO_PCI_CAP_COMMON_CFG, VIRTIO_PCI_CAP_NOTIFY_CFG,
                                    VIRTIO_PCI_CAP_ISR_CFG, VIRTIO_PCI_CAP_DEVICE_CFG};
    const PciFunction *f = qvirtio_pci(dev)->function;
    QVirtioPciCap cap;

    for (size_t i = 0; i < sizeof(types); i++) {
        for (unsigned n = 0; pci_structure(dev, types[i], n, &cap); n++) {
            expect_fine(t, "virtio 4.1.4", qvirtio_pci_cap_fault(f, &cap));
        }
    }
}

static const char *why_no_shm(QVirtioDevice *dev)
{
    return count_caps(dev, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG)
               ? NULL
               : "no shared memory capability";
}

/* 4.1.4.7.1: the region "MUST be contained within the BAR"; "The cap.id MUST be unique
 * for any one device instance." */
VIRTIO_TEST(shared_memory_regions_are_told_apart, .flags = TEST_OUTSIDE, .buses = BUS_PCI,
            .why_not = why_no_shm)
{
    const PciFunction *f = qvirtio_pci(dev)->function;
    uint64_t seen[4] = {0};
    QVirtioPciCap cap;

    for (unsigned n = 0; pci_structure(dev, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, n, &cap);
         n++) {
        uint64_t bit = 1ull << (cap.id % 64);

        expect_fine(t, "dev:4.1.4.7.1-1", qvirtio_pci_cap_fault(f, &cap));
        expect_that(t, "dev:4.1.4.7.1-2", !(seen[cap.id / 64] & bit), "an id of its own",
                    "id %u again", cap.id);
        seen[cap.id / 64] |= bit;
    }
}

static const char *why_no_vendor_data(QVirtioDevice *dev)
{
    return count_caps(dev, VIRTIO_PCI_CAP_VENDOR_CFG) ? NULL
                                                      : "no vendor data capability";
}

/* 4.1.4.8.1: "The value vendor_id MUST NOT equal 0x1AF4", "a multiple of 4 bytes", "Reads
 * of the Vendor data capability by the driver MUST NOT have any side effects": a second
 * reading shows the same, and the device still works. */
VIRTIO_TEST(vendor_data_is_safe_to_read, .flags = TEST_PING, .buses = BUS_PCI,
            .why_not = why_no_vendor_data)
{
    const PciFunction *f = qvirtio_pci(dev)->function;
    QVirtioPciCap cap;

    for (unsigned n = 0; pci_cap(dev, VIRTIO_PCI_CAP_VENDOR_CFG, n, &cap); n++) {
        uint16_t vendor_at =
            cap.at + (uint16_t)offsetof(struct virtio_pci_vndr_data, vendor_id);
        uint8_t first[256], second[256];

        for (unsigned i = 0; i < cap.cap_len; i++) {
            first[i] = pci_read8(f, (uint16_t)(cap.at + i));
        }
        for (unsigned i = 0; i < cap.cap_len; i++) {
            second[i] = pci_read8(f, (uint16_t)(cap.at + i));
        }
        expect_ne(t, "dev:4.1.4.8.1-1", pci_read16(f, vendor_at), VIRTIO_PCI_VENDOR);
        expect_eq(t, "dev:4.1.4.8.1-2", cap.cap_len % 4, 0);
        expect_same(t, "dev:4.1.4.8.1-3", second, first, cap.cap_len);
    }
    expect_ping(t, "dev:4.1.4.8.1-3", dev, 1);
}
