/* SPDX-License-Identifier: MIT */
/*
 * kernel/acpi/acpi.c and acpi/madt.c over tables of any bytes. The input is a row of
 * tables; a root table with the address of each comes first, and a root pointer before
 * it. Sums are made right where the input does not say otherwise: else nothing behind
 * them is reached.
 */
#include "kernel/acpi/acpi.h"
#include "kernel/lib/string.h"
#include "tests/self/fuzz/fuzz.h"
#include <stdlib.h>

#define MEMORY_BYTES     (1u << 20)
#define RSDP             0xf0000u
#define ROOT             0x10000u
#define TABLES           0x20000u
#define TABLES_MOST      12
#define HEADER           36u
#define TABLE_MOST_BYTES (HEADER + 255)
#define LINES_MOST       160 /* 64 entries, and each table at each look-up */

static uint8_t memory[MEMORY_BYTES];
static uint32_t table_at[TABLES_MOST];
static unsigned table_count;
static uint32_t end;

static void put(uint32_t at, uint64_t v, size_t bytes)
{
    memcpy(memory + at, &v, bytes);
}

static uint8_t sum(const uint8_t *at, size_t bytes)
{
    uint8_t s = 0;
    for (size_t i = 0; i < bytes; i++) {
        s += at[i];
    }
    return s;
}

static void seal(uint32_t at, size_t bytes, uint32_t fix)
{
    memory[at + fix] -= sum(memory + at, bytes);
}

/* Signature, then the length: the real one, or any; then what is in it. */
static void take_table(Fuzz *f)
{
    static const char *const signatures[] = {"APIC", "MCFG", "FACP", "DSDT",
                                             "RSDT", "XSDT", "SSDT", "\0\0\0\0"};
    unsigned flags = fuzz_u8(f), bytes = HEADER + fuzz_u8(f), at = end;

    memcpy(memory + at, signatures[flags % 8], 4);
    fuzz_take(f, memory + at + HEADER, bytes - HEADER);
    put(at + 4, flags & 8 ? fuzz_u32(f) : bytes, 4);
    if (!(flags & 16)) {
        seal(at, bytes, 9);
    }
    if (flags & 32 && bytes >= HEADER + 112 &&
        table_count > 0) { /* the FADT names a table by its address */
        put(at + (flags & 64 ? 140 : 40), table_at[table_count - 1], 4);
        seal(at, bytes, 9);
    }
    table_at[table_count++] = at;
    end += bytes;
}

static void make_root(Fuzz *f, unsigned flags)
{
    unsigned width = flags & 1 ? 8 : 4, bytes = HEADER + width * table_count;
    memcpy(memory + ROOT, flags & 1 ? "XSDT" : "RSDT", 4);
    for (unsigned i = 0; i < table_count; i++) {
        put(ROOT + HEADER + i * width, table_at[i], width);
    }
    if (flags & 2 && table_count > 0) { /* one of them leads anywhere */
        put(ROOT + HEADER + fuzz_below(f, table_count) * width, fuzz_u64(f), width);
    }
    put(ROOT + 4, flags & 4 ? fuzz_u32(f) : bytes, 4);
    seal(ROOT, bytes, 9);
    memcpy(memory + RSDP, "RSD PTR ", 8);
    memory[RSDP + 15] = flags & 1 ? 2 : 0;
    put(RSDP + 16, flags & 8 ? fuzz_u32(f) : ROOT, 4);
    put(RSDP + 20, 36, 4);
    put(RSDP + 24, flags & 16 ? fuzz_u64(f) : ROOT, 8);
    seal(RSDP, 20, 8);
    seal(RSDP, 36, 32);
}

static void check_table(const char *signature)
{
    for (unsigned nth = 0; nth < 3; nth++) {
        size_t bytes = 0, again = 0;
        const uint8_t *table = acpi_find_table(signature, nth, &bytes);
        if (!table) {
            continue;
        }
        FUZZ_CHECK(bytes >= HEADER && sum(table, bytes) == 0, "what is found is sound");
        FUZZ_CHECK(memcmp(table, signature, 4) == 0, "and what was asked for");
        FUZZ_CHECK(acpi_find_table(signature, nth, &again) && again == bytes,
                   "and is found again");
        FUZZ_REACHED("a table");
    }
}

/* One candidate in memory of its exact size. */
static void check_candidate(const uint8_t *data, size_t bytes)
{
    uint8_t *table = malloc(bytes ? bytes : 1);
    uint32_t length = 0;

    memcpy(table, data, bytes);
    if (!acpi_table_fault(table, bytes)) {
        memcpy(&length, table + 4, 4);
        FUZZ_CHECK(length >= HEADER && length <= bytes && sum(table, length) == 0,
                   "a candidate that passes is sound");
    }
    free(table);
}

static void check_madt(void)
{
    uint64_t address;
    uint32_t gsi;
    bool is_level, is_low;
    unsigned n = 0;

    while (acpi_ioapic(n, &address, &gsi)) {
        FUZZ_CHECK(++n <= MEMORY_BYTES / 12 && address <= UINT32_MAX, "I/O APICs end");
        FUZZ_REACHED("an I/O APIC");
    }
    for (unsigned line = 0; line < 16; line++) {
        if (acpi_gsi_wiring(line, &is_level, &is_low)) {
            FUZZ_REACHED("an override");
        }
    }
}

static void check_mcfg(void)
{
    uint64_t base;
    uint8_t first, last;

    if (acpi_mcfg(&base, &first, &last)) {
        FUZZ_CHECK(first <= last, "a window has buses");
        FUZZ_CHECK(base && base < 1ull << 52 &&
                       (uint64_t)(last + 1) << 20 <= (1ull << 52) - base,
                   "a window can be mapped");
        FUZZ_REACHED("a configuration window");
    }
}

static void check_dsdt(void)
{
    size_t bytes = 0;
    const uint8_t *dsdt = acpi_dsdt(&bytes);

    if (dsdt) {
        FUZZ_CHECK(bytes >= HEADER && memcmp(dsdt, "DSDT", 4) == 0, "the DSDT is one");
        FUZZ_REACHED("a DSDT");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    Fuzz f = {data, bytes};
    check_candidate(data, bytes);
    unsigned flags = fuzz_u8(&f);

    memset(memory + RSDP, 0, HEADER);
    memset(memory + ROOT, 0, 2 * HEADER + 8 * TABLES_MOST);
    memset(memory + TABLES, 0, TABLES_MOST * TABLE_MOST_BYTES);
    fuzz_memory = memory;
    fuzz_memory_bytes = sizeof(memory);
    end = TABLES;
    table_count = fuzz_lines = 0;
    for (unsigned n = fuzz_below(&f, TABLES_MOST + 1); table_count < n;) {
        take_table(&f);
    }
    make_root(&f, flags);
    acpi_init(flags & 32 ? RSDP : 0);
    check_table("APIC");
    check_table("MCFG");
    check_madt();
    check_mcfg();
    check_dsdt();
    FUZZ_CHECK(fuzz_lines <= LINES_MOST, "what is wrong is told in bounds");
    if (fuzz_lines) {
        FUZZ_REACHED("a table that is ignored");
    }
    fuzz_unmap_all();
    return 0;
}
