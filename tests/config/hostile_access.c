/* SPDX-License-Identifier: MIT */
/*
 * Drivers that access config space in ways that they must not: they write read-only
 * fields, read fields that do not exist, and use wrong widths (2.5.1, 4.1.3.1, and the
 * driver requirements of each device type in 5).
 */
#include "drivers/virtio/bus.h"
#include "tests/config/config_lib.h"

#define RAW_BYTES 128

/* The driver writes the inverted value to every field that only the device may write, and
 * then what was there, for devices that let it. Legacy interfaces let drivers write some
 * of these fields, so they are not tested. */
VIRTIO_TEST(read_only_fields_are_written, .violates = "5", .buses = BUS_MODERN,
            .why_not = config_why_no_const_field)
{
    const unsigned others =
        QVIRTIO_FIELD_WRITABLE | QVIRTIO_FIELD_WRITE_ONLY | QVIRTIO_FIELD_VOLATILE;
    const QVirtioField *f = NULL;
    while ((f = config_next_field(dev, f, others)) != NULL) {
        uint64_t before;
        if (!config_read_element(t, dev, f, 0, &before)) {
            return;
        }
        qvirtio_config_write(dev, f->offset, f->width, ~before);
        qvirtio_config_write(dev, f->offset, f->width, before);
    }
    expect_survives(t, dev);
}

static const char *has_all_fields(QVirtioDevice *dev)
{
    const QVirtioField *f = dev->driver ? dev->driver->fields : NULL;
    for (; f && f->name; f++) {
        if (f->feature != FEATURES_END && !qvirtio_offers(dev, f->feature)) {
            return NULL;
        }
    }
    return "no config field of this device type is known to be missing";
}

/* The test breaks this rule: "For optional configuration space fields, the driver MUST
 * check that the corresponding feature is offered". */
VIRTIO_TEST(absent_fields_are_harmless, .violates = "2.5.1", .why_not = has_all_fields)
{
    for (const QVirtioField *f = dev->driver->fields; f->name; f++) {
        if (f->feature != FEATURES_END && !qvirtio_offers(dev, f->feature)) {
            uint64_t value;
            qvirtio_config_read(dev, f->offset, f->width, &value);
        }
    }
    expect_survives(t, dev);
}

/* The driver reads with each width at each offset, aligned or not, whether there is a
 * field or not. */
VIRTIO_TEST(odd_config_reads_are_harmless, .violates = "4.1.3.1")
{
    size_t bytes = 0;
    uint64_t value;
    require_ok(t, dev->bus->config_bytes(dev, &bytes));
    bytes = bytes < RAW_BYTES ? bytes : RAW_BYTES;
    for (size_t width = 1; width <= 8; width *= 2) {
        for (size_t off = 0; off + width <= bytes; off++) {
            dev->bus->get_config(dev, off, &value, width);
        }
    }
    expect_survives(t, dev);
}
