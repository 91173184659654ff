/* SPDX-License-Identifier: MIT */
/*
 * Access to config space (2.5, 4.1.3): widths, the generation, and writes. A driver must
 * read a field with the width of the field, and a field of 8 bytes as two dwords. Only
 * the legacy interface lets it use any width.
 */
#include "drivers/virtio/bus.h"
#include "tests/config/config_lib.h"

#define TRIES 16

static const QVirtioField *next_wide(QVirtioDevice *dev, const QVirtioField *f)
{
    unsigned moving = QVIRTIO_FIELD_WRITE_ONLY | QVIRTIO_FIELD_VOLATILE;
    do {
        f = config_next_field(dev, f, moving);
    } while (f && f->width != 8);
    return f;
}

static const char *has_no_wide_field(QVirtioDevice *dev)
{
    return next_wide(dev, NULL) ? NULL : "the device has no config field of 8 bytes";
}

static bool read_dword(Test *t, QVirtioDevice *dev, size_t off, uint64_t *value)
{
    return require_ok(t, qvirtio_config_read(dev, off, 4, value));
}

/* 4.1.3.2: "the device MUST allow driver independent access to high and low 32-bit parts
 * of the field". */
VIRTIO_TEST(wide_fields_read_in_halves, .flags = TEST_RAW, .buses = BUS_PCI,
            .why_not = has_no_wide_field)
{
    const QVirtioField *f = NULL;
    while ((f = next_wide(dev, f)) != NULL) {
        uint64_t whole, high, low;
        if (!config_read_element(t, dev, f, 0, &whole) ||
            !read_dword(t, dev, f->offset + 4, &high) ||
            !read_dword(t, dev, f->offset, &low)) {
            return;
        }
        expect_eq(t, "dev:4.1.3.2-1", high << 32 | low, whole);
    }
}

/* Legacy, 4.1.4.10: "a transitional device MUST present driver with the same results as
 * when accessed using the natural access method". */
VIRTIO_TEST(any_width_reads_the_same, .flags = TEST_RAW, .buses = BUS_PCI_LEGACY,
            .why_not = config_why_no_const_field)
{
    const QVirtioField *f = NULL;
    while ((f = config_next_field(dev, f, QVIRTIO_FIELD_WRITE_ONLY)) != NULL) {
        size_t bytes = (size_t)f->width * f->count;
        uint8_t natural[64], narrow[64];
        if (bytes > sizeof(natural)) {
            continue;
        }
        for (size_t i = 0; i < bytes; i++) {
            size_t element = i - i % f->width;
            require_ok(t, dev->bus->get_config(dev, f->offset + i, &narrow[i], 1));
            require_ok(t, dev->bus->get_config(dev, f->offset + element,
                                               &natural[element], f->width));
        }
        expect_same(t, "virtio 4.1.4.10", narrow, natural, bytes);
    }
}

static const char *has_no_generation(QVirtioDevice *dev)
{
    uint32_t generation;
    return dev->bus->config_generation(dev, &generation) == 0
               ? NULL
               : "this bus has no config generation";
}

/* 2.5: the generation count "will change whenever there is a possibility that two
 * accesses to the device configuration space can see different versions of that space".
 */
VIRTIO_TEST(equal_generations_show_equal_values, .buses = BUS_MODERN,
            .why_not = has_no_generation)
{
    for (unsigned i = 0; i < TRIES; i++) {
        uint32_t before = 0, after = 0;
        ConfigValues first, second;
        require_ok(t, dev->bus->config_generation(dev, &before));
        if (!config_read_constants(t, dev, &first) ||
            !config_read_constants(t, dev, &second)) {
            return;
        }
        require_ok(t, dev->bus->config_generation(dev, &after));
        const char *differs = config_first_difference(dev, &first, &second);
        expect_that(t, "virtio 2.5", before != after || !differs,
                    "the same values, or another generation", "another %s", differs);
    }
}

static const char *has_no_writable_field(QVirtioDevice *dev)
{
    const QVirtioField *f = NULL;
    while ((f = config_next_field(dev, f, QVIRTIO_FIELD_WRITE_ONLY)) != NULL) {
        if (f->flags & QVIRTIO_FIELD_WRITABLE) {
            return NULL;
        }
    }
    return "the device has no config field that the driver may both write and read";
}

/* A driver may write such a field at any time; with what it had, nothing is asked for. */
VIRTIO_TEST(writable_fields_may_be_written_as_they_are, .flags = TEST_RAW,
            .why_not = has_no_writable_field)
{
    QVirtioFeatures set = {0};
    const QVirtioField *f = NULL;
    config_add_features(dev, &set, QVIRTIO_FIELD_WRITABLE);
    if (!require_ok(t, qvirtio_start(dev, &set, t->ring))) {
        return;
    }
    while ((f = config_next_field(dev, f, QVIRTIO_FIELD_WRITE_ONLY)) != NULL) {
        uint64_t value;
        if (f->flags & QVIRTIO_FIELD_WRITABLE &&
            config_read_element(t, dev, f, 0, &value)) {
            require_ok(t, qvirtio_config_write(dev, f->offset, f->width, value));
        }
    }
    expect_survives(t, dev);
}
