/* SPDX-License-Identifier: MIT */
/* kernel/acpi/aml.c: the scan for devices, in a table of any bytes and of its exact size.
 */
#include "kernel/acpi/aml.h"
#include "kernel/lib/string.h"
#include "tests/self/fuzz/fuzz.h"
#include <stdlib.h>

/* The bytes of a name, as 20.2.2 has them; only the first must be a lead character. */
static bool is_lead(char c)
{
    return (c >= 'A' && c <= 'Z') || c == '_';
}

static void check_device(const AcpiDevice *d)
{
    FUZZ_CHECK(is_lead(d->name[0]) && d->name[4] == 0, "a device has a name");
    FUZZ_CHECK(d->irq >= -1, "an interrupt is a number, or there is none");
    FUZZ_CHECK(d->base <= UINT32_MAX && d->bytes <= UINT32_MAX,
               "fixed memory has 32 bits");
    FUZZ_REACHED("a device");
    if (d->fault) {
        FUZZ_REACHED("a device with a fault");
        return;
    }
    FUZZ_CHECK(d->bytes > 0, "a device without a fault has memory");
    FUZZ_REACHED("a device that is sound");
    if (d->irq >= 0) {
        FUZZ_REACHED("an interrupt");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *aml = malloc(bytes ? bytes : 1);
    AcpiDevice d;
    size_t at = 0, before = 0;

    memcpy(aml, data, bytes);
    while (acpi_aml_device(aml, bytes, "LNRO0005", &at, &d)) {
        FUZZ_CHECK(at > before && at <= bytes, "the scan moves on");
        before = at;
        check_device(&d);
    }
    FUZZ_CHECK(at == bytes, "the scan ends at the end");
    free(aml);
    return 0;
}
