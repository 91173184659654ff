/* SPDX-License-Identifier: MIT */
/*
 * The common configuration structure (4.1.4.3): feature windows, fields that only the
 * device writes, and reset as its registers show it. Registers of one queue are in
 * queue_registers.c.
 */
#include "drivers/virtio/bus.h"
#include "tests/pci/pci_lib.h"

static uint32_t device_feature(QVirtioDevice *dev, uint32_t select)
{
    COMMON_WRITE32(dev, device_feature_select, select);
    return COMMON_READ32(dev, device_feature);
}

/* "The device MUST present the feature bits it is offering in device_feature, starting at
 * bit device_feature_select * 32 for any device_feature_select written by the driver." A
 * future edition may have features past bit 127, which are looked at and not judged; past
 * bit 8191, where the other buses end (4.3.2.4), there are none. */
VIRTIO_TEST(feature_window_takes_any_select, .flags = TEST_RAW, .buses = BUS_PCI)
{
    static const uint32_t far[] = {4, 5, 31, 32, 0xff, 0x100, 0x10000, 0x80000000, ~0u};

    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        uint32_t word = random_below(&t->random, QVIRTIO_FEATURE_WORDS);
        uint32_t bits = device_feature(dev, far[i]);

        if (far[i] >= 0x100) {
            expect_eq(t, "dev:4.1.4.3.1-3", bits, 0);
        }
        expect_eq(t, "dev:4.1.4.3.1-3", device_feature(dev, word),
                  dev->offered.word[word]);
    }
}

/* The two selects are two registers: writing one does not move the other's window. */
VIRTIO_TEST(feature_windows_are_apart, .flags = TEST_RAW, .buses = BUS_PCI)
{
    for (uint32_t word = 0; word < QVIRTIO_FEATURE_WORDS; word++) {
        COMMON_WRITE32(dev, device_feature_select, word);
        COMMON_WRITE32(dev, driver_feature_select, word ^ 1);
        expect_eq(t, "dev:4.1.4.3.1-3", COMMON_READ32(dev, device_feature),
                  dev->offered.word[word]);
    }
}

static uint32_t driver_feature(QVirtioDevice *dev, uint32_t select)
{
    COMMON_WRITE32(dev, driver_feature_select, select);
    return COMMON_READ32(dev, driver_feature);
}

/* "The device MUST present any valid feature bits the driver has written in
 * driver_feature, starting at bit driver_feature_select * 32 ... Valid feature bits are
 * those which are subset of the corresponding device_feature bits." */
VIRTIO_TEST(accepted_features_read_back, .flags = TEST_RAW, .buses = BUS_PCI)
{
    QVirtioFeatures written = dev->offered;

    for (unsigned round = 0; round < 8; round++) {
        if (!require_ok(t, qvirtio_begin(dev))) {
            return;
        }
        for (uint32_t word = 0; word < QVIRTIO_FEATURE_WORDS; word++) {
            dev->bus->set_features(dev, word, written.word[word]);
        }
        for (uint32_t word = QVIRTIO_FEATURE_WORDS; word-- > 0;) {
            expect_eq(t, "dev:4.1.4.3.1-4",
                      driver_feature(dev, word) & dev->offered.word[word],
                      written.word[word]);
        }
        for (uint32_t word = 0; word < QVIRTIO_FEATURE_WORDS; word++) {
            written.word[word] =
                dev->offered.word[word] & (uint32_t)random_next(&t->random);
        }
        qvirtio_features_close(dev->driver, &written);
    }
}

/* num_queues: "The device specifies the maximum number of virtqueues supported here":
 * some of them may be unavailable, but none that the type has is past it. */
VIRTIO_TEST(num_queues_is_the_maximum, .flags = TEST_RAW, .buses = BUS_PCI)
{
    uint16_t queues = COMMON_READ16(dev, num_queues);

    if (pci_begin(t, dev)) {
        expect_ge(t, "virtio 4.1.4.3", queues, pci_queue_count(dev));
    }
}

/* "If VIRTIO_F_ADMIN_VQ has been negotiated, the value admin_queue_index MUST be equal
 * to, or bigger than num_queues; also, admin_queue_num MUST be smaller than, or equal to
 * 0x10000 - admin_queue_index". */
VIRTIO_TEST(admin_queues_are_behind_the_others, .flags = TEST_RAW, .buses = BUS_PCI,
            .needs = FEATURES(VIRTIO_F_ADMIN_VQ))
{
    /* The structure has these fields: its length says so (4.1.4). */
    if (!pci_begin(t, dev) ||
        !expect_ge(t, "virtio 4.1.4.3", qvirtio_pci(dev)->common.bytes,
                   sizeof(struct virtio_pci_common_cfg))) {
        return;
    }
    uint16_t index = COMMON_READ16(dev, admin_queue_index);
    expect_ge(t, "dev:4.1.4.3.1-16a", index, COMMON_READ16(dev, num_queues));
    expect_le(t, "dev:4.1.4.3.1-16b", COMMON_READ16(dev, admin_queue_num),
              0x10000u - index);
}

/* "The device MUST reset when 0 is written to device_status, and present a 0 in
 * device_status once that is done": traffic before, and nothing of it is left. "The
 * device MUST present a 0 in queue_enable on reset." */
VIRTIO_TEST(zero_status_resets_all_registers, .flags = TEST_PING, .buses = BUS_PCI)
{
    uint16_t queues = pci_queue_count(dev);

    require_ping(t, dev, 1);
    expect_ok(t, "dev:4.1.4.3.1-7", qvirtio_stop(dev));
    /* The bus has seen a 0; now a second look. */
    expect_eq(t, "dev:4.1.4.3.1-7", COMMON_READ8(dev, device_status), 0);
    for (uint16_t i = 0; i < queues; i++) {
        COMMON_WRITE16(dev, queue_select, i);
        expect_eq(t, "dev:4.1.4.3.1-8", COMMON_READ16(dev, queue_enable), 0);
    }
    if (test_start(t, dev, NULL)) {
        expect_ping(t, "dev:4.1.4.3.1-7", dev, 2);
    }
}

/* 4.1.4.3.2: "The driver MUST NOT write to device_feature, num_queues, config_generation,
 * queue_notify_off". */
VIRTIO_TEST(fields_of_the_device_written, .violates = "4.1.4.3.2", .flags = TEST_PING,
            .buses = BUS_PCI)
{
    uint16_t queues = COMMON_READ16(dev, num_queues);
    uint32_t bits = device_feature(dev, 1);

    COMMON_WRITE32(dev, device_feature, ~bits);
    COMMON_WRITE16(dev, num_queues, (uint16_t)(queues + 1));
    COMMON_WRITE8(dev, config_generation, 0xa5);
    COMMON_WRITE16(dev, queue_select, pci_ping_queue(dev)->index);
    COMMON_WRITE16(dev, queue_notify_off, 0xffff);
    expect_survives(t, dev);
}

/* 4.1.4.3.2: "The driver MUST NOT write a 0 to queue_enable." */
VIRTIO_TEST(zero_written_to_queue_enable, .violates = "4.1.4.3.2", .flags = TEST_PING,
            .buses = BUS_PCI)
{
    COMMON_WRITE16(dev, queue_select, pci_ping_queue(dev)->index);
    COMMON_WRITE16(dev, queue_enable, 0);
    expect_survives(t, dev);
}

/* 4.1.3.1: 32-bit fields take 32-bit accesses, 16-bit fields 16-bit ones. Others may read
 * anything; the device stays whole. */
VIRTIO_TEST(registers_read_at_wrong_widths, .violates = "4.1.3.1", .flags = TEST_PING,
            .buses = BUS_PCI)
{
    const IoWindow *w = &qvirtio_pci(dev)->common;

    for (uint64_t off = 0; off < sizeof(struct virtio_pci_common_cfg); off++) {
        if (off + 4 <= w->bytes) {
            io_read8(w, off);
            io_read16(w, off);
            io_read32(w, off);
        }
    }
    expect_survives(t, dev);
}
