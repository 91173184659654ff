/* SPDX-License-Identifier: MIT */
/*
 * ACPI 6.5, section 5.2.12: the Multiple APIC Description Table, as far as interrupt
 * lines need it: I/O APICs and interrupt source overrides.
 */
#include "kernel/acpi/acpi.h"
#include "kernel/lib/byteorder.h"

#define MADT_ENTRIES 44u

#define MADT_IOAPIC         1
#define MADT_IOAPIC_BYTES   12
#define MADT_OVERRIDE       2
#define MADT_OVERRIDE_BYTES 10

#define MPS_POLARITY_MASK 0x3u
#define MPS_ACTIVE_LOW    0x3u
#define MPS_TRIGGER_MASK  0xcu
#define MPS_LEVEL         0xcu

static uint32_t read32(const uint8_t *from)
{
    le32 v;
    __builtin_memcpy(&v, from, sizeof(v));
    return le32_get(v);
}

/*
 * The next entry of a type with at least this many bytes; *at is 0 at the start. Ends at
 * an entry whose length cannot be.
 */
static const uint8_t *next_entry(uint8_t type, unsigned least_bytes, size_t *at)
{
    size_t bytes;
    const uint8_t *madt = acpi_find_table("APIC", 0, &bytes);
    if (!madt) {
        return NULL;
    }
    size_t off = *at ? *at : MADT_ENTRIES;
    while (off + 2 <= bytes && madt[off + 1] >= 2 && madt[off + 1] <= bytes - off) {
        const uint8_t *entry = madt + off;
        off += entry[1];
        if (entry[0] == type && entry[1] >= least_bytes) {
            *at = off;
            return entry;
        }
    }
    return NULL;
}

bool acpi_ioapic(unsigned n, uint64_t *address, uint32_t *first_gsi)
{
    size_t at = 0;
    const uint8_t *entry;
    while ((entry = next_entry(MADT_IOAPIC, MADT_IOAPIC_BYTES, &at)) != NULL) {
        if (n-- == 0) {
            *address = read32(entry + 4);
            *first_gsi = read32(entry + 8);
            return true;
        }
    }
    return false;
}

bool acpi_gsi_wiring(uint32_t gsi, bool *is_level, bool *is_active_low)
{
    size_t at = 0;
    const uint8_t *entry;
    while ((entry = next_entry(MADT_OVERRIDE, MADT_OVERRIDE_BYTES, &at)) != NULL) {
        if (read32(entry + 4) == gsi) {
            /* 0 in either field: as the bus has it, and the bus is ISA: edge, active
             * high. */
            *is_level = (entry[8] & MPS_TRIGGER_MASK) == MPS_LEVEL;
            *is_active_low = (entry[8] & MPS_POLARITY_MASK) == MPS_ACTIVE_LOW;
            return true;
        }
    }
    return false;
}
