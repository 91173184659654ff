/* SPDX-License-Identifier: MIT */
/* kernel/acpi/acpi.c and acpi/madt.c: sound tables are found; unsound ones named and
 * ignored.
 */
#include "kernel/acpi/acpi.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

#define RSDP 0xf0010u
#define RSDT 0x80000u
#define MADT 0x81000u
#define MCFG 0x82000u

static void put32(uint32_t at, uint32_t v)
{
    memcpy(check_memory + at, &v, sizeof(v));
}

/* Makes the bytes' sum zero by the one at fix. */
static void seal(uint32_t at, uint32_t bytes, uint32_t fix)
{
    uint8_t sum = 0;
    check_memory[at + fix] = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        sum += check_memory[at + i];
    }
    check_memory[at + fix] = (uint8_t)-sum;
}

static void put_table(uint32_t at, const char *signature, uint32_t bytes)
{
    memcpy(check_memory + at, signature, 4);
    put32(at + 4, bytes);
    seal(at, bytes, 9);
}

/* Root pointer, RSDT with two entries, MADT with two I/O APICs and an override, MCFG. */
static void put_all(void)
{
    static const uint8_t entries[] = {
        1, 12, 0, 0, 0x00, 0x00, 0xc0, 0xfe, 0,  0, 0, 0, /* I/O APIC, GSI 0 */
        2, 10, 0, 9, 9,    0,    0,    0,    13, 0,       /* 9: active high, level */
        1, 12, 1, 0, 0x00, 0x00, 0xc1, 0xfe, 24, 0, 0, 0, /* I/O APIC, GSI 24 */
    };
    static const uint8_t window[] = {0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 0, 2, 255};
    memset(check_memory, 0, sizeof(check_memory));
    memcpy(check_memory + MADT + 44, entries, sizeof(entries));
    put_table(MADT, "APIC", 44 + sizeof(entries));
    memcpy(check_memory + MCFG + 44, window, sizeof(window));
    put_table(MCFG, "MCFG", 60);
    put32(RSDT + 36, MADT);
    put32(RSDT + 40, MCFG);
    put_table(RSDT, "RSDT", 44);
    memcpy(check_memory + RSDP, "RSD PTR ", 8);
    put32(RSDP + 16, RSDT);
    seal(RSDP, 20, 8);
    acpi_init(0);
    check_console();
}

static bool finds(const char *signature)
{
    size_t bytes;
    return acpi_find_table(signature, 0, &bytes) != NULL;
}

static void finds_tables(void)
{
    size_t bytes = 0;
    put_all();
    CHECK(acpi_find_table("APIC", 0, &bytes) == check_memory + MADT, "a table is found");
    CHECK_EQ(bytes, 78, "with its length");
    CHECK(acpi_find_table("APIC", 1, &bytes) == NULL, "there is no second one");
    CHECK(!finds("HPET"), "what is not there is not found");
    CHECK_TEXT(check_console(), "", "and nothing is said");
    put_all();
    acpi_init(RSDP);
    check_memory[RSDP + 0x100] = 1;
    CHECK(finds("MCFG"), "the loader's root pointer is taken");
    put_all();
    memmove(check_memory + 0x9fc00, check_memory + RSDP, 36);
    memset(check_memory + RSDP, 0, 36);
    put32(0x40e, 0x9fc0);
    CHECK(finds("MCFG"), "a root pointer in the EBDA is found");
    put_all();
    memmove(check_memory + 0xe0008, check_memory + RSDP, 36);
    memset(check_memory + RSDP, 0, 36);
    CHECK(!finds("MCFG"), "one off its 16-byte boundary is none");
    memset(check_memory, 0, sizeof(check_memory));
    acpi_init(0);
    CHECK(!finds("APIC"), "no root pointer, no tables");
}

static void refuses_unsound_tables(void)
{
    put_all();
    check_memory[MADT + 50] ^= 1;
    CHECK(!finds("APIC"), "a wrong checksum is refused");
    CHECK_TEXT(check_console(), "# acpi: table APIC at 0x81000 ignored: wrong checksum\n",
               "and named");
    CHECK(!finds("APIC"), "refused again");
    CHECK_TEXT(check_console(), "", "but named once");
    CHECK(finds("MCFG"), "the other tables stay");
    put_all();
    put32(MADT + 4, 20);
    CHECK(!finds("APIC"), "a table shorter than its header is refused");
    put_all();
    put32(MADT + 4, 0x7fffffff);
    CHECK(!finds("APIC"), "an impossible length is refused");
    CHECK_TEXT(check_console(),
               "# acpi: table APIC at 0x81000 ignored: impossible length\n", "and named");
    put_all();
    check_memory[RSDT + 20] ^= 1;
    CHECK(!finds("APIC"), "so is a wrong root table");
    put_all();
    check_memory[RSDP + 9] ^= 1;
    CHECK(!finds("APIC"), "and a wrong root pointer");
    put_all();
    put32(RSDT + 36, 0xfffff000);
    seal(RSDT, 44, 9);
    CHECK(finds("MCFG") && !finds("APIC"), "an entry into nowhere is passed over");
}

/* Found by tests/self/fuzz: what is printed or followed has bounds. */
static void bounds_what_it_says(void)
{
    size_t bytes = 0;
    put_all();
    memcpy(check_memory + RSDT, "\n\001ok", 4);
    check_memory[RSDT + 9]++;
    CHECK(!finds("APIC"), "a root table with a wrong checksum is refused");
    CHECK_TEXT(check_console(), "# acpi: table ??ok at 0x80000 ignored: wrong checksum\n",
               "and its name is printable");
    put_all();
    for (uint32_t i = 0; i < 100; i++) {
        put32(RSDT + 36 + 4 * i, i < 63 ? 0xfffff000 : i == 63 ? MADT : MCFG);
    }
    put_table(RSDT, "RSDT", 436);
    CHECK(acpi_find_table("APIC", 0, &bytes) && !finds("MCFG"),
          "of an endless root table the first 64 entries are followed");
    CHECK_TEXT(check_console(),
               "# acpi: the root table has more than 64 entries: the rest is ignored\n",
               "and that is told");
}

static void takes_the_xsdt(void)
{
    put_all();
    memmove(check_memory + 0x83000, check_memory + RSDT, 36);
    put32(0x83000 + 36, MCFG);
    put32(0x83000 + 40, 0);
    put32(0x83000 + 44, MADT);
    put32(0x83000 + 48, 0x100000); /* beyond 2^36 */
    put_table(0x83000, "XSDT", 52);
    check_memory[RSDP + 15] = 2;
    put32(RSDP + 20, 36);
    put32(RSDP + 24, 0x83000);
    seal(RSDP, 20, 8);
    seal(RSDP, 36, 32);
    check_memory[RSDT + 20] ^= 1; /* which must not matter */
    CHECK(finds("MCFG"), "the XSDT is used where there is one");
    CHECK(!finds("APIC"), "an address beyond all memory is refused");
    check_memory[RSDP + 33] ^= 1;
    check_memory[RSDT + 20] ^= 1;
    acpi_init(0);
    CHECK(finds("APIC"), "a wrong extended checksum leaves the RSDT");
}

static void judges_one_candidate(void)
{
    put_all();
    CHECK(acpi_table_fault(check_memory + MADT, 78) == NULL,
          "a sound table has no fault");
    CHECK_TEXT(acpi_table_fault(check_memory + MADT, 77), "longer than there is room",
               "a table that is cut");
    CHECK_TEXT(acpi_table_fault(check_memory + MADT, 35), "no room for a header",
               "less than a header");
}

static void reads_the_madt(void)
{
    uint64_t address = 0;
    uint32_t gsi = 0;
    bool is_level = false, is_low = true;
    put_all();
    CHECK(acpi_ioapic(1, &address, &gsi), "the second I/O APIC is found");
    CHECK(address == 0xfec10000 && gsi == 24, "with its address and first GSI");
    CHECK(!acpi_ioapic(2, &address, &gsi), "there is no third");
    CHECK(acpi_gsi_wiring(9, &is_level, &is_low), "an override is found");
    CHECK(is_level && !is_low, "level and active high");
    CHECK(!acpi_gsi_wiring(10, &is_level, &is_low), "GSI 10 has none");
    check_memory[MADT + 44 + 12 + 1] = 0;
    put_table(MADT, "APIC", 78);
    CHECK(acpi_ioapic(0, &address, &gsi) && !acpi_ioapic(1, &address, &gsi),
          "an entry of length 0 ends the walk");
    put_all();
    check_memory[MADT + 44 + 12 + 10 + 1] = 200;
    put_table(MADT, "APIC", 78);
    CHECK(!acpi_ioapic(1, &address, &gsi), "so does one that is longer than the table");
    put_all();
    check_memory[MADT + 44 + 1] = 8;
    put_table(MADT, "APIC", 78);
    CHECK(!acpi_ioapic(0, &address, &gsi) || address != 0xfec00000,
          "an entry too short for its type is passed over");
}

static void reads_the_mcfg(void)
{
    uint64_t base = 0;
    uint8_t first = 0, last = 0;
    put_all();
    CHECK(acpi_mcfg(&base, &first, &last), "the window is found");
    CHECK(base == 0xb0000000 && first == 2 && last == 255, "as the table has it");
    put_table(MCFG, "MCFG", 59);
    acpi_init(0);
    CHECK(!acpi_mcfg(&base, &first, &last), "an entry that is cut is none");
    put_all();
    check_memory[MCFG + 44 + 8] = 1;
    put_table(MCFG, "MCFG", 60);
    CHECK(!acpi_mcfg(&base, &first, &last), "another segment's window is not ours");
    put_all();
    memset(check_memory + MCFG + 44, 0xff, 8);
    put_table(MCFG, "MCFG", 60);
    CHECK(!acpi_mcfg(&base, &first, &last), "a window beyond all memory is none");
    CHECK_TEXT(check_console(),
               "# acpi: MCFG ignored: impossible window at 0xffffffffffffffff\n",
               "and is named");
}

int main(void)
{
    finds_tables();
    refuses_unsound_tables();
    bounds_what_it_says();
    takes_the_xsdt();
    judges_one_candidate();
    reads_the_madt();
    reads_the_mcfg();
    return check_done();
}
