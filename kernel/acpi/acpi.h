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

/* Finds the RSDP where the loader said (`rsdp`; 0 means that it did not say), else by a
 * scan of the BIOS areas. */
void acpi_init(uint64_t rsdp);

/* Returns the nth table with this signature, validated, and its length in *bytes; NULL
 * when there is none. */
const void *acpi_find_table(const char signature[4], unsigned nth, size_t *bytes);

/* Returns the table of AML that describes the machine's own devices, validated; NULL when
 * there is none. */
const void *acpi_dsdt(size_t *bytes);

/* Makes the checks of acpi_find_table() on one candidate. Returns NULL when the table is
 * fine, else what is wrong. Pure. */
const char *acpi_table_fault(const void *table, size_t most_bytes);

/* Gives the nth I/O APIC of the MADT. Returns false past the end. */
bool acpi_ioapic(unsigned n, uint64_t *address, uint32_t *first_gsi);

/* Gives what the MADT says about how this GSI is wired, where that differs from the rule
 * of its bus. Returns false when the MADT says nothing. */
bool acpi_gsi_wiring(uint32_t gsi, bool *is_level, bool *is_active_low);

/* Gives the memory-mapped configuration window of PCI. Returns false when there is no
 * MCFG. */
bool acpi_mcfg(uint64_t *base, uint8_t *first_bus, uint8_t *last_bus);

#endif
