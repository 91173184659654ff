/* SPDX-License-Identifier: MIT */
/*
 * kernel/acpi/aml.c: devices by their hardware id, and no byte beyond the table: each
 * prefix and each single changed byte of a table is scanned in memory of its exact size.
 */
#include "kernel/acpi/aml.h"
#include "tests/self/unit/check.h"
#include <stdlib.h>
#include <string.h>

/* Device (VR03) { _HID "LNRO0005", _UID 3, _CRS { Memory32Fixed, Interrupt } }, as QEMU's
 * microvm has it, inside Scope (_SB). */
static const uint8_t vr03[] = {
    0x10, 0x4a, 0x04, '_',  'S',  'B',  '_',                                /* Scope */
    0x5b, 0x82, 0x42, 0x04, 'V',  'R',  '0',  '3',                          /* Device */
    0x08, '_',  'H',  'I',  'D',  0x0d, 'L',  'N',  'R',  'O',  '0',        /* _HID */
    '0',  '0',  '5',  0x00, 0x08, '_',  'U',  'I',  'D',  0x0a, 0x03,       /* _UID */
    0x08, '_',  'C',  'R',  'S',  0x11, 0x1a, 0x0a, 0x17,                   /* _CRS */
    0x86, 0x09, 0x00, 0x01, 0x00, 0x06, 0xb0, 0xfe, 0x00, 0x02, 0x00, 0x00, /* memory */
    0x89, 0x06, 0x00, 0x09, 0x01, 0x1b, 0x00, 0x00, 0x00, /* interrupt */
    0x79, 0x00,                                           /* end */
    0x08, '_',  'C',  'C',  'A',  0x01, 0x00, 0x00, 0x00,
};

static bool first(const uint8_t *aml, size_t bytes, AcpiDevice *device)
{
    size_t at = 0;
    return acpi_aml_device(aml, bytes, "LNRO0005", &at, device);
}

/* Scans a copy that ends where its memory ends. */
static void scan_copy(const uint8_t *aml, size_t bytes)
{
    uint8_t *copy = malloc(bytes ? bytes : 1);
    AcpiDevice device;
    size_t at = 0;

    memcpy(copy, aml, bytes);
    while (acpi_aml_device(copy, bytes, "LNRO0005", &at, &device)) {
    }
    free(copy);
}

static void test_device(void)
{
    AcpiDevice d;
    size_t at = 0;

    CHECK(acpi_aml_device(vr03, sizeof(vr03), "LNRO0005", &at, &d), "a device is found");
    CHECK_TEXT(d.name, "VR03", "by its name");
    CHECK_EQ(d.base, 0xfeb00600, "its memory begins where the descriptor says");
    CHECK_EQ(d.bytes, 0x200, "and is as long");
    CHECK_EQ(d.irq, 27, "its interrupt is the first of the list");
    CHECK(!d.is_edge && !d.is_active_low, "level and active high");
    CHECK(!d.fault, "nothing is wrong with it");
    CHECK(!acpi_aml_device(vr03, sizeof(vr03), "LNRO0005", &at, &d), "there is one");
    at = 0;
    CHECK(!acpi_aml_device(vr03, sizeof(vr03), "LNRO0006", &at, &d), "others are not");
}

static void test_faults(void)
{
    uint8_t bad[sizeof(vr03)];
    AcpiDevice d;

    memcpy(bad, vr03, sizeof(bad));
    bad[47] = 0x40; /* the memory descriptor's length */
    CHECK(first(bad, sizeof(bad), &d) && d.fault,
          "a descriptor that is too long is told");
    memcpy(bad, vr03, sizeof(bad));
    bad[46] = 0x87; /* no memory any more */
    CHECK(first(bad, sizeof(bad), &d) && d.fault, "a device without memory is told");
    memcpy(bad, vr03, sizeof(bad));
    bad[38] = 'X'; /* _CRS */
    CHECK(first(bad, sizeof(bad), &d) && d.fault, "a device without resources is told");
    memcpy(bad, vr03, sizeof(bad));
    bad[9] = 0x4f; /* the device's package */
    bad[10] = 0x7f;
    CHECK(!first(bad, sizeof(bad), &d), "a package longer than the table is no device");
}

static void test_bounds(void)
{
    uint8_t changed[sizeof(vr03)];

    for (size_t bytes = 0; bytes <= sizeof(vr03); bytes++) {
        scan_copy(vr03, bytes);
    }
    for (size_t i = 0; i < sizeof(vr03); i++) {
        for (unsigned v = 0; v < 256; v++) {
            memcpy(changed, vr03, sizeof(vr03));
            changed[i] = (uint8_t)v;
            scan_copy(changed, sizeof(vr03));
        }
    }
    CHECK(true, "no prefix and no changed byte makes the scan leave the table");
}

int main(void)
{
    test_device();
    test_faults();
    test_bounds();
    return check_done();
}
