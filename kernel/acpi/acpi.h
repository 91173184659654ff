/* SPDX-License-Identifier: MIT */
/*
 * The static ACPI tables that this kernel needs. Every table's length and checksum is
 * checked first; a bad one is reported by name and treated as absent.
 */
#ifndef KERNEL_ACPI_H
#define KERNEL_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Finds the RSDP: where the loader said (0: nowhere), else by scanning the BIOS areas. */
void acpi_init(uint64_t rsdp);

/* The nth table with this signature, validated; NULL when there is none. bytes gets its
 * length. */
const void *acpi_find_table(const char signature[4], unsigned nth, size_t *bytes);

/* The table of AML that describes the machine's own devices, validated; NULL when there
 * is none. */
const void *acpi_dsdt(size_t *bytes);

/* Pure: the checks that acpi_find_table makes on one candidate. NULL when fine, else what
 * is wrong. */
const char *acpi_table_fault(const void *table, size_t most_bytes);

/* The nth I/O APIC of the MADT; false past the end. */
bool acpi_ioapic(unsigned n, uint64_t *address, uint32_t *first_gsi);

/* The MADT's word on how this GSI is wired, where it differs from its bus's rule; false
 * when it says nothing. */
bool acpi_gsi_wiring(uint32_t gsi, bool *is_level, bool *is_active_low);

/* The PCI memory-mapped configuration window: false when there is no MCFG. */
bool acpi_mcfg(uint64_t *base, uint8_t *first_bus, uint8_t *last_bus);

#endif
