/* SPDX-License-Identifier: MIT */
/*
 * ACPI 6.5, section 5.2: the root pointer, the root table, and the few tables that are
 * looked up in it. Nothing happens before the first look-up; each table is checked when
 * somebody wants it. AML is looked at in aml.c only.
 */
#include "kernel/acpi/acpi.h"
#include "kernel/lib/byteorder.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

#define TABLE_MOST_BYTES (1u << 20)
#define ADDRESS_LIMIT    (1ull << 36) /* firmware's tables lie lower; any CPU gets there */
#define WINDOW_LIMIT     (1ull << 52) /* no physical address is longer */
#define HEADER_BYTES     36u
#define FOUND_MOST       8
#define ENTRIES_MOST     64 /* of the root table; firmware has a dozen or two */

#define BIOS_AREA_FROM  0xe0000u
#define BIOS_AREA_HIGH  0xf0000u /* where firmware puts the root pointer more often */
#define BIOS_AREA_TO    0x100000u
#define EBDA_SEGMENT    0x40eu
#define EBDA_SEEN_BYTES 1024u

struct acpi_rsdp {
    char signature[8];
    uint8_t checksum;
    char oem_id[6];
    uint8_t revision;
    le32 rsdt_address;
    le32 length; /* from here on: revision 2 */
    le64 xsdt_address;
    uint8_t extended_checksum;
    uint8_t reserved[3];
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_rsdp) == 36, "5.2.5.3 Root System Description Pointer");

struct acpi_header {
    char signature[4];
    le32 length;
    uint8_t revision, checksum;
    char oem_id[6], oem_table_id[8];
    le32 oem_revision, creator_id, creator_revision;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_header) == HEADER_BYTES,
               "5.2.6 System Description Table Header");

static uint64_t rsdp_address;
static bool is_searched;
static const struct acpi_header *root; /* RSDT or XSDT, checked; NULL: none */
static size_t root_bytes;
static unsigned root_entry_bytes;

/* What has been looked up: a table is checked, and a bad one reported, once. */
typedef struct Found {
    char signature[4];
    unsigned nth;
    const void *table; /* NULL: there is none */
    size_t bytes;
} Found;

static Found found[FOUND_MOST];
static unsigned found_count;

static uint8_t byte_sum(const void *from, size_t bytes)
{
    const uint8_t *at = from;
    uint8_t sum = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum += at[i];
    }
    return sum;
}

const char *acpi_table_fault(const void *table, size_t most_bytes)
{
    const struct acpi_header *header = table;
    if (most_bytes < HEADER_BYTES) {
        return "no room for a header";
    }
    uint32_t bytes = le32_get(header->length);
    if (bytes < HEADER_BYTES) {
        return "shorter than its header";
    }
    if (bytes > most_bytes) {
        return "longer than there is room";
    }
    return byte_sum(table, bytes) == 0 ? NULL : "wrong checksum";
}

void acpi_init(uint64_t rsdp)
{
    rsdp_address = rsdp;
    is_searched = false;
    found_count = 0;
    root = NULL;
}

static void tell_impossible(uint64_t physical)
{
    kprintf("# acpi: table at 0x%llx ignored: impossible address\n",
            (unsigned long long)physical);
}

/* What stands where a signature should may be anything. */
static void tell_fault(const struct acpi_header *header, uint64_t physical,
                       const char *fault)
{
    char name[5] = "";
    for (unsigned i = 0; i < 4; i++) {
        char c = header->signature[i];
        name[i] = c > ' ' && c <= '~' ? c : '?';
    }
    kprintf("# acpi: table %s at 0x%llx ignored: %s\n", name,
            (unsigned long long)physical, fault);
}

/* Maps a table with its whole length; NULL, with a note, when it is not sound. */
static const struct acpi_header *map_table(uint64_t physical, size_t *bytes)
{
    if (physical >= ADDRESS_LIMIT) {
        tell_impossible(physical);
        return NULL;
    }
    const struct acpi_header *header =
        (const void *)page_map_device(physical, HEADER_BYTES);
    uint32_t length = le32_get(header->length);
    const char *fault = NULL;
    if (length >= HEADER_BYTES && length <= TABLE_MOST_BYTES) {
        header = (const void *)page_map_device(physical, length);
        fault = acpi_table_fault(header, length);
    } else {
        fault = "impossible length";
    }
    if (fault) {
        tell_fault(header, physical, fault);
        return NULL;
    }
    *bytes = length;
    return header;
}

/* The root pointer in [from, to), on a 16-byte boundary; 0 when there is none. One that
 * is not sound is passed over, and left in *unsound. */
static uint64_t scan_for_rsdp(uint32_t from, uint32_t to, uint64_t *unsound)
{
    enum { SMALL = offsetof(struct acpi_rsdp, length) };
    const uint64_t signature = 0x2052545020445352ull; /* "RSD PTR " */
    const uint8_t *area = (const uint8_t *)page_map_device(from, to - from);
    size_t bytes = to - from, at = 0;
    while (at + SMALL <= bytes) {
        at += memory_find_u64(area + at, signature, bytes - at);
        if (at % 16 == 0 && at + SMALL <= bytes) {
            if (byte_sum(area + at, SMALL) == 0) {
                return from + at;
            }
            *unsound = from + at;
        }
        at += 8;
    }
    return 0;
}

static uint64_t find_rsdp(void)
{
    uint64_t unsound = 0;
    uint64_t at = scan_for_rsdp(BIOS_AREA_HIGH, BIOS_AREA_TO, &unsound);
    if (!at) {
        at = scan_for_rsdp(BIOS_AREA_FROM, BIOS_AREA_HIGH, &unsound);
    }
    if (!at) {
        uint16_t segment = *(const volatile uint16_t *)page_map_device(EBDA_SEGMENT, 2);
        uint32_t ebda = (uint32_t)segment << 4;
        at = ebda >= 0x400 ? scan_for_rsdp(ebda, ebda + EBDA_SEEN_BYTES, &unsound) : 0;
    }
    /* It is judged, and told, like one that the loader names. */
    return at ? at : unsound;
}

/* The address in entry i of the root table; 0 past the end. */
static uint64_t root_entry(size_t i)
{
    size_t off = HEADER_BYTES + i * root_entry_bytes;
    if (!root || i == ENTRIES_MOST || off + root_entry_bytes > root_bytes) {
        return 0;
    }
    uint64_t address = 0;
    __builtin_memcpy(&address, (const uint8_t *)root + off, root_entry_bytes);
    return le64_get((le64){address});
}

/* What is wrong with the root table's entries is told here, once. */
static void judge_root(void)
{
    uint64_t address;
    for (size_t i = 0; (address = root_entry(i)) != 0; i++) {
        if (address >= ADDRESS_LIMIT) {
            tell_impossible(address);
        }
    }
    if (root && root_bytes > HEADER_BYTES + ENTRIES_MOST * root_entry_bytes) {
        kprintf("# acpi: the root table has more than %d entries: the rest is ignored\n",
                ENTRIES_MOST);
    }
}

/* Follows the root pointer: to the XSDT where there is a sound one, else to the RSDT. */
static void find_root(void)
{
    is_searched = true;
    uint64_t at = rsdp_address ? rsdp_address : find_rsdp();
    if (!at || at >= ADDRESS_LIMIT) {
        return;
    }
    const struct acpi_rsdp *rsdp = (const void *)page_map_device(at, sizeof(*rsdp));
    if (memcmp(rsdp->signature, "RSD PTR ", 8) != 0 ||
        byte_sum(rsdp, offsetof(struct acpi_rsdp, length)) != 0) {
        kprintf("# acpi: root pointer at 0x%llx ignored: wrong signature or checksum\n",
                (unsigned long long)at);
        return;
    }
    uint64_t xsdt = rsdp->revision >= 2 ? le64_get(rsdp->xsdt_address) : 0;
    if (xsdt && byte_sum(rsdp, sizeof(*rsdp)) == 0) {
        root = map_table(xsdt, &root_bytes);
        root_entry_bytes = 8;
    }
    if (!root && le32_get(rsdp->rsdt_address)) {
        root = map_table(le32_get(rsdp->rsdt_address), &root_bytes);
        root_entry_bytes = 4;
    }
    judge_root();
}

static const void *search_table(const char signature[4], unsigned nth, size_t *bytes)
{
    uint64_t address;
    for (size_t i = 0; (address = root_entry(i)) != 0; i++) {
        if (address >= ADDRESS_LIMIT) {
            continue;
        }
        const struct acpi_header *header =
            (const void *)page_map_device(address, HEADER_BYTES);
        if (memcmp(header->signature, signature, 4) == 0) {
            header = map_table(address, bytes);
            if (header && nth-- == 0) {
                return header;
            }
        }
    }
    return NULL;
}

const void *acpi_find_table(const char signature[4], unsigned nth, size_t *bytes)
{
    for (unsigned i = 0; i < found_count; i++) {
        if (memcmp(found[i].signature, signature, 4) == 0 && found[i].nth == nth) {
            *bytes = found[i].bytes;
            return found[i].table;
        }
    }
    if (!is_searched) {
        find_root();
    }
    Found f = {.nth = nth};
    memcpy(f.signature, signature, sizeof(f.signature));
    f.table = search_table(signature, nth, &f.bytes);
    if (found_count < FOUND_MOST) {
        found[found_count++] = f;
    }
    *bytes = f.bytes;
    return f.table;
}

const void *acpi_dsdt(size_t *bytes)
{
    enum { DSDT = 40, X_DSDT = 140 };
    size_t fadt_bytes;
    const uint8_t *fadt = acpi_find_table("FACP", 0, &fadt_bytes);
    uint64_t address = 0;

    if (fadt && fadt_bytes >= X_DSDT + 8) {
        __builtin_memcpy(&address, fadt + X_DSDT, 8);
    }
    if (address == 0 && fadt && fadt_bytes >= DSDT + 4) {
        __builtin_memcpy(&address, fadt + DSDT, 4);
    }
    address = le64_get((le64){address});
    const struct acpi_header *dsdt = address ? map_table(address, bytes) : NULL;
    return dsdt && memcmp(dsdt->signature, "DSDT", 4) == 0 ? dsdt : NULL;
}

/* A megabyte for each bus, up to the last. */
static bool is_window(uint64_t base, uint8_t last_bus)
{
    uint64_t bytes = (last_bus + 1ull) << 20;
    return base != 0 && base < WINDOW_LIMIT && bytes <= WINDOW_LIMIT - base;
}

bool acpi_mcfg(uint64_t *base, uint8_t *first_bus, uint8_t *last_bus)
{
    enum { ENTRIES = 44, ENTRY_BYTES = 16 };
    size_t bytes;
    const uint8_t *table = acpi_find_table("MCFG", 0, &bytes);
    for (size_t at = ENTRIES; table && at + ENTRY_BYTES <= bytes; at += ENTRY_BYTES) {
        le64 address;
        le16 segment;
        __builtin_memcpy(&address, table + at, 8);
        __builtin_memcpy(&segment, table + at + 8, 2);
        uint8_t first = table[at + 10], last = table[at + 11];
        if (le16_get(segment) != 0 || first > last) {
            continue;
        }
        if (!is_window(le64_get(address), last)) {
            kprintf("# acpi: MCFG ignored: impossible window at 0x%llx\n",
                    (unsigned long long)le64_get(address));
            return false;
        }
        *base = le64_get(address);
        *first_bus = first;
        *last_bus = last;
        return true;
    }
    return false;
}
