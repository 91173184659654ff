/* SPDX-License-Identifier: MIT */
/*
 * Device memory: entry.asm has mapped the image and RAM one to one up to 16 MiB; this
 * adds uncached windows above, one after the other, never taken down. A window keeps the
 * offset of its physical address within 2 MiB, so that a large one takes large pages. An
 * absent page stays between two windows.
 */
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/mem/page.h"
#include "kernel/panic.h"

#define WINDOWS_FROM   (32ull << 20)
#define WINDOWS_TO     (1ull << 47)
#define LARGE_BYTES    (1ull << 21)
#define PHYSICAL_LIMIT (1ull << 52)
#define WINDOWS_KEPT   64

#define ENTRY_PRESENT  (1ull << 0)
#define ENTRY_WRITABLE (1ull << 1)
#define ENTRY_UNCACHED \
    (1ull << 3 | 1ull << 4) /* PWT and PCD: UC in the PAT's reset value */
#define ENTRY_LARGE   (1ull << 7)
#define ENTRY_NX      (1ull << 63)
#define ENTRY_ADDRESS 0x000ffffffffff000ull
#define ENTRY_TABLE   (ENTRY_PRESENT | ENTRY_WRITABLE)
#define ENTRY_DEVICE  (ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_UNCACHED | ENTRY_NX)

enum { LEVEL_PAGE, LEVEL_LARGE, LEVEL_POINTERS, LEVEL_ROOT };

typedef struct Window {
    uint64_t physical, bytes, address;
} Window;

extern uint64_t page_map_root[]; /* entry.asm */

static Window windows[WINDOWS_KEPT];
static unsigned window_count;
static uint64_t next_address = WINDOWS_FROM;

/* The entry for an address at this level; tables on the way are made when they are
 * missing. */
static uint64_t *entry_of(uint64_t address, unsigned level)
{
    uint64_t *table = page_map_root;
    for (unsigned at = LEVEL_ROOT;; at--) {
        uint64_t *entry = &table[address >> (12 + 9 * at) & 511];
        if (at == level) {
            return entry;
        }
        if (!(*entry & ENTRY_PRESENT)) {
            *entry = (uintptr_t)page_alloc(1) | ENTRY_TABLE;
        }
        table = (uint64_t *)(uintptr_t)(*entry & ENTRY_ADDRESS);
    }
}

/* All three are multiples of a page. */
static void map_pages(uint64_t address, uint64_t physical, uint64_t bytes)
{
    while (bytes > 0) {
        uint64_t step = PAGE_BYTES;
        if (address % LARGE_BYTES == 0 && bytes >= LARGE_BYTES) {
            step = LARGE_BYTES;
            *entry_of(address, LEVEL_LARGE) = physical | ENTRY_DEVICE | ENTRY_LARGE;
        } else {
            *entry_of(address, LEVEL_PAGE) = physical | ENTRY_DEVICE;
        }
        address += step;
        physical += step;
        bytes -= step;
    }
}

/* What has been mapped before is used again. */
static volatile void *find_window(uint64_t physical, uint64_t bytes)
{
    for (unsigned i = 0; i < window_count; i++) {
        const Window *w = &windows[i];
        if (physical >= w->physical && physical - w->physical < w->bytes &&
            bytes <= w->bytes - (physical - w->physical)) {
            return (volatile void *)(uintptr_t)(w->address + (physical - w->physical));
        }
    }
    return NULL;
}

volatile void *page_map_device(uint64_t physical, uint64_t bytes)
{
    assert(bytes > 0 && physical < PHYSICAL_LIMIT && bytes <= PHYSICAL_LIMIT - physical);
    volatile void *known = find_window(physical, bytes);
    if (known) {
        return known;
    }
    uint64_t first = physical & ~(uint64_t)(PAGE_BYTES - 1);
    uint64_t end = (physical + bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    uint64_t address = next_address;
    if (end - first >= LARGE_BYTES) {
        address += (first - address) % LARGE_BYTES;
    }
    if (end - first > WINDOWS_TO - address) {
        panic("no room to map 0x%llx bytes of device memory", (unsigned long long)bytes);
    }
    map_pages(address, first, end - first);
    next_address = address + (end - first) + PAGE_BYTES;
    if (window_count < WINDOWS_KEPT) {
        windows[window_count++] = (Window){first, end - first, address};
    }
    return (volatile void *)(uintptr_t)(address + (physical - first));
}
