/* SPDX-License-Identifier: MIT */
/*
 * Drivers that use registers as they must not (4.2.2.2): write what is read-only, read
 * what is write-only, use other widths, touch what is not described. The text leaves open
 * what comes of it; the device lives on.
 */
#include "tests/mmio/mmio_lib.h"

/* "MUST NOT write to the read-only registers". */
VIRTIO_TEST(read_only_registers_are_written, .violates = "4.2.2.2",
            .buses = BUS_MMIO_BOTH)
{
    MmioRegister r;

    qvirtio_mmio_select(dev, 0);
    qvirtio_mmio_write(dev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
    for (unsigned n = 0; mmio_register(n, &r); n++) {
        if (r.direction == MMIO_READ) {
            qvirtio_mmio_write(dev, r.at, 0xa5a5a5a5);
            qvirtio_mmio_write(dev, r.at, ~qvirtio_mmio_read(dev, r.at));
        }
    }
    expect_survives(t, dev);
}

/* "MUST NOT read from the write-only registers". */
VIRTIO_TEST(write_only_registers_are_read, .violates = "4.2.2.2", .buses = BUS_MMIO_BOTH)
{
    MmioRegister r;

    for (unsigned n = 0; mmio_register(n, &r); n++) {
        if (r.direction == MMIO_WRITE) {
            qvirtio_mmio_read(dev, r.at);
        }
    }
    expect_survives(t, dev);
}

/* "MUST only use 32 bit wide and aligned reads and writes": 8 and 16 bits, everywhere. */
VIRTIO_TEST(narrow_register_accesses, .violates = "4.2.2.2", .buses = BUS_MMIO_BOTH)
{
    const IoWindow *w = &qvirtio_mmio(dev)->registers;

    for (uint32_t at = 0; at < VIRTIO_MMIO_CONFIG; at++) {
        io_read8(w, at);
        if (at % 2 == 0) {
            io_read16(w, at);
        }
    }
    for (uint32_t at = 0; at < VIRTIO_MMIO_CONFIG; at += 2) {
        io_write16(w, at, 0);
        io_write8(w, at, 0);
    }
    expect_survives(t, dev);
}

/* "MUST NOT access memory locations not described in the table". */
VIRTIO_TEST(undescribed_registers_are_used, .violates = "4.2.2.2", .buses = BUS_MMIO_BOTH)
{
    MmioRegister r;
    unsigned n = 0;

    for (uint32_t at = 0; at < VIRTIO_MMIO_CONFIG; at += 4) {
        bool has_next = mmio_register(n, &r);
        if (has_next && r.at == at) {
            n++;
            continue;
        }
        qvirtio_mmio_read(dev, at);
        qvirtio_mmio_write(dev, at, 0xffffffff);
        qvirtio_mmio_write(dev, at, 1);
    }
    expect_survives(t, dev);
}

/* Queues that cannot be: selected, made ready, kicked. */
VIRTIO_TEST(queues_far_out_are_used, .violates = "4.2.3.2", .buses = BUS_MMIO_BOTH)
{
    static const uint32_t far[] = {0x3ff, 0x400, 0xffff, 0x10000, 0x7fffffff, 0xffffffff};

    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        qvirtio_mmio_write(dev, VIRTIO_MMIO_QUEUE_SEL, far[i]);
        qvirtio_mmio_read(dev, VIRTIO_MMIO_QUEUE_SIZE_MAX);
        if (!qvirtio_is_legacy(dev)) {
            qvirtio_mmio_write(dev, VIRTIO_MMIO_QUEUE_SIZE, 0);
            qvirtio_mmio_write(dev, VIRTIO_MMIO_QUEUE_READY, 1);
        }
        qvirtio_mmio_write(dev, VIRTIO_MMIO_QUEUE_NOTIFY, far[i]);
    }
    expect_survives(t, dev);
}

/* "Drivers not expecting shared memory MUST NOT use the shared memory registers". */
VIRTIO_TEST(shared_memory_is_asked_for, .violates = "4.2.3.1.1", .buses = BUS_MMIO)
{
    static const uint32_t ids[] = {0, 1, 0x7f, 0xff, 0x100, 0xffffffff};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        qvirtio_mmio_write(dev, VIRTIO_MMIO_SHM_SEL, ids[i]);
        for (uint32_t at = VIRTIO_MMIO_SHM_LEN_LOW; at <= VIRTIO_MMIO_SHM_BASE_HIGH;
             at += 4) {
            qvirtio_mmio_read(dev, at);
        }
    }
    expect_survives(t, dev);
}
