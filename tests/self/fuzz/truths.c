/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio/truths.c: the input is what stands behind know=, and is looked for by
 * the target itself: a truth that is told is found whole, or the words are refused.
 */
#include "drivers/virtio/truths.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "kernel/cmdline.h"
#include "kernel/lib/string.h"
#include "tests/self/fuzz/fuzz.h"

static char text[CMDLINE_BYTES];

/* The first item "key=..." of the text: where its value begins, and how long it is. */
static const char *first_value(const char *key, size_t *bytes)
{
    const char *at = text + 5; /* know= */
    size_t n = strlen(key);
    while (at) {
        const char *comma = strchr(at, ',');
        if (strncmp(at, key, n) == 0 && at[n] == '=') {
            *bytes = (comma ? (size_t)(comma - at) : strlen(at)) - n - 1;
            return at + n + 1;
        }
        at = comma ? comma + 1 : NULL;
    }
    return NULL;
}

static void check_truth(const QVirtioDevice *d, const char *field, const char *with_bus,
                        const char *without_bus)
{
    size_t bytes = 0;
    const char *expected = first_value(with_bus, &bytes);
    const char *value = qvirtio_truth(d, field);
    uint64_t number;

    if (expected) {
        FUZZ_REACHED("a truth about one bus's device");
    } else {
        expected = first_value(without_bus, &bytes);
    }
    FUZZ_CHECK(!value == !expected, "what is told is known, and nothing else");
    if (value) {
        FUZZ_CHECK(strlen(value) == bytes && strncmp(value, expected, bytes) == 0,
                   "it is known whole");
        FUZZ_REACHED("a truth");
    }
    if (qvirtio_truth_u64(d, field, &number)) {
        FUZZ_REACHED("a number");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static QVirtioBus bus = {.name = "pci"};
    static QVirtioDevice d = {.bus = &bus, .name = "pci.blk.0"};
    Fuzz f = {data, bytes};

    memset(text, 0, sizeof(text));
    memcpy(text, "know=", 5);
    size_t n = 5 + fuzz_take(&f, text + 5, sizeof(text) - 6);
    for (size_t i = 5; i < n; i++) {
        if (text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r')) {
            text[i] = '_';
        }
    }
    cmdline_init(text, false);
    const char *fault = qvirtio_truth_fault();
    if (fault) {
        FUZZ_REACHED("an item that is refused");
        return 0;
    }
    check_truth(&d, "sectors", "pci.blk.0.sectors", "blk.0.sectors");
    check_truth(&d, "serial", "pci.blk.0.serial", "blk.0.serial");
    return 0;
}
