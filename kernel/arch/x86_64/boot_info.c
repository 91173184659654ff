/* SPDX-License-Identifier: MIT */
/*
 * What the loader left: command line, memory map, root pointer. Multiboot 0.6.96
 * section 3.3; for PVH the hvm_start_info of Xen's public headers. All but the command
 * line is copied at once, because the memory it stands in is not ours to keep;
 * kernel/main.c copies the command line before any of that memory is used.
 */
#include "boot_info.h"
#include "kernel/acpi/acpi.h"
#include "kernel/arch.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/panic.h"

#define PROTOCOL_MULTIBOOT 0x2031424du /* "MB1 " as the entry code stores it */
#define MAPPED_BYTES       (16u << 20)
#define LOW_MEMORY         (16u << 20) /* where page 0 can be read, entry.asm */
#define LOW_BYTES          4096u
#define RANGES_MOST        32

#define MULTIBOOT_HAS_MEMORY  (1u << 0)
#define MULTIBOOT_HAS_CMDLINE (1u << 2)
#define MULTIBOOT_HAS_MMAP    (1u << 6)
#define MULTIBOOT_HAS_LOADER  (1u << 9)
#define MEMORY_RAM            1

struct multiboot_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
    uint32_t mods_count, mods_addr, syms[4];
    uint32_t mmap_length, mmap_addr;
    uint32_t drives_length, drives_addr, config_table, boot_loader_name;
};
_Static_assert(sizeof(struct multiboot_info) == 68,
               "Multiboot 3.3 Boot information format");

struct multiboot_mmap_entry {
    uint32_t size; /* of what follows */
    uint64_t addr, len;
    uint32_t type;
} __attribute__((packed));

#define HVM_START_MAGIC 0x336ec578u

struct hvm_start_info {
    uint32_t magic, version, flags, nr_modules;
    uint64_t modlist_paddr, cmdline_paddr, rsdp_paddr;
    uint64_t memmap_paddr; /* from here on: version 1 */
    uint32_t memmap_entries, reserved;
};
_Static_assert(sizeof(struct hvm_start_info) == 56, "hvm_start_info");

struct hvm_memmap_entry {
    uint64_t addr, size;
    uint32_t type, reserved;
};

typedef struct RamRange {
    uint64_t from, to;
} RamRange;

extern const uint32_t boot_protocol, boot_info; /* entry.asm */

static RamRange ranges[RANGES_MOST];
static unsigned range_count;
static const char *cmdline = "";
static bool cmdline_has_path;
static char protocol_name[48];

/* The loader's data at this address, which must lie in what the entry code has mapped. */
static const void *loader_data(uint64_t address, const char *what)
{
    if (address >= MAPPED_BYTES) {
        panic("the loader put the %s at 0x%llx, beyond 16 MiB", what,
              (unsigned long long)address);
    }
    return (const void *)(uintptr_t)(address < LOW_BYTES ? LOW_MEMORY + address
                                                         : address);
}

/* Keeps the ranges in rising order; a range beyond the table's room is left out. */
static void add_range(uint64_t from, uint64_t bytes, uint32_t type)
{
    if (type != MEMORY_RAM || bytes == 0 || range_count == RANGES_MOST) {
        return;
    }
    unsigned at = range_count++;
    for (; at > 0 && ranges[at - 1].from > from; at--) {
        ranges[at] = ranges[at - 1];
    }
    ranges[at] = (RamRange){from, from + bytes};
}

static void read_multiboot_map(const struct multiboot_info *info)
{
    if (!(info->flags & MULTIBOOT_HAS_MMAP)) {
        if (info->flags & MULTIBOOT_HAS_MEMORY) {
            add_range(0, (uint64_t)info->mem_lower << 10, MEMORY_RAM);
            add_range(1u << 20, (uint64_t)info->mem_upper << 10, MEMORY_RAM);
        }
        return;
    }
    const uint8_t *at = loader_data(info->mmap_addr, "memory map");
    const uint8_t *end = at + info->mmap_length;
    while (at + sizeof(struct multiboot_mmap_entry) <= end) {
        const struct multiboot_mmap_entry *entry = (const void *)at;
        add_range(entry->addr, entry->len, entry->type);
        at += entry->size + sizeof(entry->size);
    }
}

static void read_multiboot(const struct multiboot_info *info)
{
    const char *loader = "";
    if (info->flags & MULTIBOOT_HAS_LOADER) {
        loader = loader_data(info->boot_loader_name, "loader's name");
    }
    ksnprintf(protocol_name, sizeof(protocol_name), "multiboot %s", loader);
    if (info->flags & MULTIBOOT_HAS_CMDLINE) {
        cmdline = loader_data(info->cmdline, "command line");
        cmdline_has_path = strcmp(loader, "qemu") == 0;
    }
    read_multiboot_map(info);
}

static void read_pvh(const struct hvm_start_info *info)
{
    string_copy(protocol_name, "pvh", sizeof(protocol_name));
    if (info->magic != HVM_START_MAGIC) {
        panic("PVH entry with start info magic 0x%x", info->magic);
    }
    if (info->cmdline_paddr) {
        cmdline = loader_data(info->cmdline_paddr, "command line");
    }
    acpi_init(info->rsdp_paddr);
    if (info->version < 1 || !info->memmap_paddr) {
        return;
    }
    const struct hvm_memmap_entry *map = loader_data(info->memmap_paddr, "memory map");
    for (uint32_t i = 0; i < info->memmap_entries; i++) {
        add_range(map[i].addr, map[i].size, map[i].type);
    }
}

void boot_info_read(void)
{
    const void *info = loader_data(boot_info, "boot information");
    if (boot_protocol == PROTOCOL_MULTIBOOT) {
        read_multiboot(info);
    } else {
        read_pvh(info);
    }
}

bool arch_ram_range(unsigned n, uint64_t *from, uint64_t *to)
{
    if (n >= range_count) {
        return false;
    }
    *from = ranges[n].from;
    *to = ranges[n].to;
    return true;
}

const char *arch_cmdline(bool *is_path_first)
{
    *is_path_first = cmdline_has_path;
    return cmdline;
}

const char *arch_boot_protocol(void)
{
    return protocol_name;
}
