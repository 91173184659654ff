/* SPDX-License-Identifier: MIT */
/*
 * Just enough of AML to find devices by their hardware id and to read where they are: a
 * bounded scan for Device objects whose _HID and _CRS are constants. Nothing is executed,
 * and no byte beyond the table is ever read.
 */
#ifndef KERNEL_ACPI_AML_H
#define KERNEL_ACPI_AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct AcpiDevice {
    /* "VR01" */
    char name[5];
    /* The first memory range. */
    uint64_t base, bytes;
    /* The first interrupt; -1: it has none. */
    int irq;
    bool is_edge, is_active_low;
    /* Why the above cannot be relied on, or NULL. */
    const char *fault;
} AcpiDevice;

/* Finds the next Device whose _HID is the string `hid` in the AML of a table, which
 * starts behind the table's header. *at is 0 at the start and moves. Returns false when
 * there are no more. Pure. */
bool acpi_aml_device(const uint8_t *aml, size_t bytes, const char *hid, size_t *at,
                     AcpiDevice *device);

#endif
