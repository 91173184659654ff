/* SPDX-License-Identifier: MIT */
/*
 * Every field of the device's config space (2.5): it exists, it has the value that the
 * truth says, it can be read before the features are negotiated, and it does not change
 * in silence. A reset may change any of them.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/printf.h"
#include "tests/config/config_lib.h"

/* Takes a text such as "52:54:00:12:34:56" apart, for fields of several bytes. */
static bool parse_bytes(const char *text, unsigned count, uint64_t *values)
{
    for (unsigned i = 0; i < count; i++) {
        char digits[5] = "0x";
        size_t n = 0;
        while (n < 2 && text[n] && text[n] != ':') {
            digits[2 + n] = text[n];
            n++;
        }
        digits[2 + n] = '\0';
        char end = i + 1 < count ? ':' : '\0';
        if (n == 0 || text[n] != end || !string_to_u64(digits, &values[i])) {
            return false;
        }
        text += n + 1;
    }
    return true;
}

/* Puts the field's values by the truth into told[]. Returns false when the truth says
 * nothing about the field, or nothing that fits it. */
static bool is_told(Test *t, QVirtioDevice *dev, const QVirtioField *f, uint64_t *told)
{
    const char *key = f->truth ? f->truth : f->name;
    const char *text = qvirtio_truth(dev, key);
    if (!text) {
        return false;
    }
    bool is_parsed = f->count == 1 ? string_to_u64(text, told)
                                   : f->count <= CONFIG_ELEMENTS_MAX &&
                                         parse_bytes(text, f->count, told);
    if (!is_parsed) {
        test_note(t, "know= says %s=%s, which is no value of that field", key, text);
    }
    return is_parsed;
}

/* What a field holds is said where chapter 5 lays out the config space of its type, such
 * as "the capacity of the device (expressed in 512-byte sectors)". VERSION_1 is accepted
 * first: before that a device may not know its byte order, which another test is about.
 */
VIRTIO_TEST(fields_are_as_told, .flags = TEST_RAW)
{
    const QVirtioFeatures set = qvirtio_baseline(dev);
    const QVirtioField *f = NULL;
    unsigned judged = 0;
    require_ok(t, qvirtio_begin(dev));
    require_ok(t, qvirtio_negotiate(dev, &set));
    while ((f = config_next_field(dev, f, QVIRTIO_FIELD_WRITE_ONLY)) != NULL) {
        uint64_t told[CONFIG_ELEMENTS_MAX], seen = 0;
        for (unsigned i = 0; is_told(t, dev, f, told) && i < f->count; i++) {
            if (!config_read_element(t, dev, f, i, &seen)) {
                return;
            }
            char wanted[80];
            ksnprintf(wanted, sizeof(wanted), "%s[%u] is %llu", f->name, i,
                      (unsigned long long)told[i]);
            expect_that(t, "virtio 5", seen == told[i], wanted, "%llu",
                        (unsigned long long)seen);
            judged++;
        }
    }
    if (judged == 0) {
        test_skip(t,
                  "no value of its config space is known; pass know=TYPE.N.FIELD=VALUE");
    }
}

/* 2.5.2: "The device MUST allow reading of any device-specific configuration field". */
VIRTIO_TEST(config_space_holds_every_field, .flags = TEST_RAW,
            .why_not = config_why_no_const_field)
{
    const QVirtioField *f = NULL;
    size_t bytes = 0;
    require_ok(t, dev->bus->config_bytes(dev, &bytes));
    while ((f = config_next_field(dev, f, 0)) != NULL) {
        size_t end = f->offset + (size_t)f->width * f->count;
        expect_that(t, "virtio 2.5", end <= bytes,
                    "room for every field that is on offer",
                    "%s ends at %zu of %zu bytes", f->name, end, bytes);
    }
}

/* "... before FEATURES_OK is set by the driver. This includes fields which are
 * conditional on feature bits, as long as those feature bits are offered by the device."
 * The values are compared with those of a life that accepts these features: without them
 * a field may not exist. */
VIRTIO_TEST(fields_are_readable_before_features_ok, .flags = TEST_RAW,
            .buses = BUS_MODERN, .why_not = config_why_no_const_field)
{
    ConfigValues early, late;
    QVirtioFeatures set = {0};
    config_add_features(dev, &set, 0);
    if (!require_ok(t, qvirtio_begin(dev)) || !config_read_constants(t, dev, &early) ||
        !require_ok(t, qvirtio_start(dev, &set, t->ring)) ||
        !config_read_constants(t, dev, &late)) {
        return;
    }
    const char *differs = config_first_difference(dev, &early, &late);
    expect_that(t, "dev:2.5.2-1", differs == NULL,
                "the values that a working device has, before FEATURES_OK", "another %s",
                differs);
}

/* 3.2: "a configuration change notification is sent when a device-specific configuration
 * change occurs". */
VIRTIO_TEST(fields_change_only_with_a_notification, .flags = TEST_PING,
            .why_not = config_why_no_const_field)
{
    ConfigValues before, after;
    if (!dev->config_irq.is_bound) {
        test_skip(t, "the configuration has no interrupt here");
        return;
    }
    uint32_t told = dev->config_irq.count;
    if (!config_read_constants(t, dev, &before)) {
        return;
    }
    for (uint32_t n = 1; n <= 4; n++) {
        require_ping(t, dev, n);
    }
    if (config_read_constants(t, dev, &after)) {
        const char *differs = config_first_difference(dev, &before, &after);
        expect_that(t, "virtio 3.2", !differs || dev->config_irq.count != told,
                    "the same values, or a notification", "another %s", differs);
    }
}
