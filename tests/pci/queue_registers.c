/* SPDX-License-Identifier: MIT */
/*
 * Registers of one queue (4.1.4.3): which queues there are, sizes, addresses in two
 * halves, each queue with values of its own.
 */
#include "tests/pci/pci_lib.h"

#define MANY_QUEUES 64

static uint16_t queues_to_see(QVirtioDevice *dev)
{
    uint16_t queues = COMMON_READ16(dev, num_queues);

    return queues < MANY_QUEUES ? queues : MANY_QUEUES;
}

/* "The device MUST present a 0 in queue_size if the virtqueue corresponding to the
 * current queue_select is unavailable." The queue selected before is one that exists: its
 * size must not stay in sight. */
static void expect_unavailable(Test *t, QVirtioDevice *dev, uint16_t index)
{
    pci_queue_size(dev, 0);
    expect_eq(t, "dev:4.1.4.3.1-14", pci_queue_size(dev, index), 0);
}

VIRTIO_TEST(queues_past_the_last_have_size_0, .flags = TEST_RAW, .buses = BUS_PCI)
{
    uint16_t queues = COMMON_READ16(dev, num_queues);

    expect_unavailable(t, dev, queues);
    expect_unavailable(t, dev, (uint16_t)(queues + 1));
    expect_unavailable(t, dev, (uint16_t)(queues + 255));
}

VIRTIO_TEST(queues_far_past_the_last_have_size_0, .flags = TEST_RAW, .buses = BUS_PCI)
{
    static const uint16_t far[] = {0x400, 0x401, 0x1000, 0x7fff, 0x8000, 0xfffe, 0xffff};

    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        expect_unavailable(t, dev, far[i]);
    }
}

/* "If VIRTIO_F_RING_PACKED has not been negotiated, the device MUST present either a
 * value of 0 or a power of 2 in queue_size." */
VIRTIO_TEST(queue_sizes_are_powers_of_two, .flags = TEST_RAW, .buses = BUS_PCI)
{
    uint16_t queues = queues_to_see(dev);

    if (!pci_begin(t, dev)) {
        return;
    }
    for (uint16_t i = 0; i < queues; i++) {
        uint16_t size = pci_queue_size(dev, i);

        expect_that(t, "dev:4.1.4.3.1-15", (size & (size - 1)) == 0,
                    "0 or a power of two", "queue %u has %u", i, size);
    }
}

/* queue_size: "This can be modified by the driver to reduce memory requirements": to any
 * power of two that is lower. */
VIRTIO_TEST(smaller_queue_size_reads_back, .flags = TEST_RAW, .buses = BUS_PCI)
{
    uint16_t queues = queues_to_see(dev);

    if (!pci_begin(t, dev)) {
        return;
    }
    for (uint16_t i = 0; i < queues; i++) {
        for (uint16_t size = pci_queue_size(dev, i); size > 1; size /= 2) {
            COMMON_WRITE16(dev, queue_size, size / 2);
            if (!expect_eq(t, "virtio 4.1.4.3", COMMON_READ16(dev, queue_size),
                           size / 2)) {
                return;
            }
        }
    }
}

static const size_t halves[] = {
    COMMON_AT(queue_desc),       COMMON_AT(queue_desc) + 4, COMMON_AT(queue_driver),
    COMMON_AT(queue_driver) + 4, COMMON_AT(queue_device),   COMMON_AT(queue_device) + 4,
};
#define HALVES (sizeof(halves) / sizeof(halves[0]))

/* A value that says which queue and which half it belongs to; low halves are aligned. */
static uint32_t half_value(uint16_t queue, size_t half)
{
    return 0x01000000u + queue * 0x10000u + (uint32_t)half * 0x1000u;
}

/* 4.1.3.2: "For 64-bit device configuration fields, the device MUST allow driver
 * independent access to high and low 32-bit parts of the field": each half is written by
 * itself, high ones first, then each is read by itself. */
VIRTIO_TEST(queue_addresses_keep_both_halves, .flags = TEST_RAW, .buses = BUS_PCI)
{
    const IoWindow *w = &qvirtio_pci(dev)->common;
    uint16_t queues = queues_to_see(dev);

    if (!pci_begin(t, dev)) {
        return;
    }
    for (uint16_t i = 0; i < queues; i++) {
        bool is_available = pci_queue_size(dev, i) != 0;
        for (size_t n = HALVES; n-- > 0 && is_available;) {
            io_write32(w, halves[n], half_value(i, n));
        }
    }
    for (uint16_t i = 0; i < queues; i++) {
        bool is_available = pci_queue_size(dev, i) != 0;
        for (size_t n = 0; n < HALVES && is_available; n++) {
            if (!expect_eq(t, "dev:4.1.3.2-1", io_read32(w, halves[n]),
                           half_value(i, n))) {
                return;
            }
        }
    }
}

/* The same for 64-bit fields of the device configuration: halves in either order, and
 * twice, are the field. */
static const QVirtioField *wide_field(const QVirtioDevice *dev)
{
    const QVirtioField *f;

    for (unsigned n = 0; (f = pci_field(dev, n)) != NULL; n++) {
        if (f->width == 8 && !(f->flags & QVIRTIO_FIELD_VOLATILE)) {
            break;
        }
    }
    return f;
}

static const char *why_no_wide_field(QVirtioDevice *dev)
{
    return wide_field(dev) ? NULL : "no 64-bit field in this type's configuration";
}

VIRTIO_TEST(wide_config_field_is_read_in_halves, .flags = TEST_RAW, .buses = BUS_PCI,
            .why_not = why_no_wide_field)
{
    const QVirtioField *f = wide_field(dev);
    uint64_t value, high, low;

    require_ok(t, qvirtio_config_read(dev, f->offset, 8, &value));
    require_ok(t, qvirtio_config_read(dev, f->offset + 4, 4, &high));
    require_ok(t, qvirtio_config_read(dev, f->offset, 4, &low));
    expect_eq(t, "dev:4.1.3.2-1", high << 32 | low, value);
}

/* queue_enable: "1 - enabled; 0 - disabled", queue by queue, and traffic does not change
 * it; nor does it change queue_size, which is the driver's now. */
VIRTIO_TEST(queue_enable_reads_1_while_live, .flags = TEST_PING, .buses = BUS_PCI)
{
    uint16_t queues = pci_queue_count(dev);

    require_ping(t, dev, 1);
    for (uint16_t i = 0; i < queues && i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i]) {
            COMMON_WRITE16(dev, queue_select, i);
            expect_eq(t, "virtio 4.1.4.3", COMMON_READ16(dev, queue_enable), 1);
            expect_eq(t, "virtio 4.1.4.3", COMMON_READ16(dev, queue_size),
                      dev->vq[i]->size);
        }
    }
}

/* "the driver sends an available buffer notification to the device by writing only the
 * 16-bit notification value to the Queue Notify address of the virtqueue" (4.1.5.2): what
 * is selected then does not matter. */
VIRTIO_TEST(kick_does_not_depend_on_queue_select, .flags = TEST_PING, .buses = BUS_PCI)
{
    uint16_t queues = COMMON_READ16(dev, num_queues);

    for (uint32_t n = 1; n <= 4; n++) {
        COMMON_WRITE16(dev, queue_select, (uint16_t)(n % 2 ? queues : n % queues));
        expect_ping(t, "virtio 4.1.5.2", dev, n);
    }
}
