/* SPDX-License-Identifier: MIT */
/*
 * Every field of the device's config space (2.5): it exists, it has the value that the
 * truth says, it can be read before the features are negotiated, and it stays the same
 * over traffic, reset and a second life.
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

/* VERSION_1 is accepted first: before that a device may not know its byte order, which
 * another test is about. */
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
            require_that(t, seen == told[i], wanted, "%llu", (unsigned long long)seen);
            judged++;
        }
    }
    if (judged == 0) {
        test_skip(t,
                  "no value of its config space is known; pass know=TYPE.N.FIELD=VALUE");
    }
}

VIRTIO_TEST(config_space_holds_every_field, .flags = TEST_RAW,
            .why_not = config_why_no_const_field)
{
    const QVirtioField *f = NULL;
    size_t bytes = 0;
    require_ok(t, dev->bus->config_bytes(dev, &bytes));
    while ((f = config_next_field(dev, f, 0)) != NULL) {
        size_t end = f->offset + (size_t)f->width * f->count;
        require_that(t, end <= bytes, "room for every field that is on offer",
                     "%s ends at %zu of %zu bytes", f->name, end, bytes);
    }
}

/* "The device MUST allow reading of any device-specific configuration field before
 * FEATURES_OK is set". Optional fields count when their feature is offered. */
VIRTIO_TEST(fields_are_readable_before_features_ok, .flags = TEST_RAW,
            .why_not = config_why_no_const_field)
{
    const char *clause = qvirtio_is_legacy(dev) ? BASIS_NONE : "dev:2.5.2-1";
    ConfigValues early, late;
    if (!require_ok(t, qvirtio_begin(dev)) || !config_read_constants(t, dev, &early) ||
        !test_start(t, dev, NULL) || !config_read_constants(t, dev, &late)) {
        return;
    }
    const char *differs = config_first_difference(dev, &early, &late);
    expect_that(t, clause, differs == NULL,
                "the values that a working device has, before FEATURES_OK", "another %s",
                differs);
}

VIRTIO_TEST(fields_survive_traffic, .flags = TEST_PING,
            .why_not = config_why_no_const_field)
{
    ConfigValues before, after;
    if (!config_read_constants(t, dev, &before)) {
        return;
    }
    for (uint32_t n = 1; n <= 4; n++) {
        require_ping(t, dev, n);
    }
    if (config_read_constants(t, dev, &after)) {
        const char *differs = config_first_difference(dev, &before, &after);
        require_that(t, differs == NULL, "constant fields stay over traffic",
                     "another %s", differs);
    }
}

VIRTIO_TEST(fields_survive_reset, .why_not = config_why_no_const_field)
{
    ConfigValues before, after, again;
    if (!config_read_constants(t, dev, &before) || !require_ok(t, qvirtio_stop(dev)) ||
        !config_read_constants(t, dev, &after) || !test_start(t, dev, NULL) ||
        !config_read_constants(t, dev, &again)) {
        return;
    }
    const char *differs = config_first_difference(dev, &before, &after);
    require_that(t, differs == NULL, "constant fields stay over reset", "another %s",
                 differs);
    differs = config_first_difference(dev, &before, &again);
    require_that(t, differs == NULL, "constant fields are those of the life before",
                 "another %s", differs);
}
