/* SPDX-License-Identifier: MIT */
/*
 * Physical memory, divided once: behind the image a pool of pages that are never given
 * back, then the arena. Only the RAM that the image lies in is used, and no more of it
 * than the boot code has mapped.
 */
#include "kernel/mem/page.h"
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/mem/arena.h"
#include "kernel/panic.h"

#define POOL_BYTES       (5u << 20)
#define ARENA_MOST_BYTES (8u << 20)
#define ARENA_MIN_BYTES  (2u << 20)
#define RAM_TOP          (16ull << 20) /* mapped by the boot code; more is never needed */

extern char image_begin[], image_end[];

static uintptr_t pool_next, pool_end;

/* The end of the RAM, from the image up; 0 when no range has the image in it. */
static uint64_t ram_end_above_image(void)
{
    uint64_t from, to;
    for (unsigned n = 0; arch_ram_range(n, &from, &to); n++) {
        if (from <= (uintptr_t)image_begin && to >= (uintptr_t)image_end) {
            return to < RAM_TOP ? to : RAM_TOP;
        }
    }
    return 0;
}

void page_init(void)
{
    uint64_t ram_end = ram_end_above_image();
    uint64_t arena = (uintptr_t)image_end + POOL_BYTES;
    if (ram_end < arena + ARENA_MIN_BYTES) {
        panic("too little RAM: it ends at %llu KiB, %llu KiB are needed",
              (unsigned long long)(ram_end >> 10),
              (unsigned long long)((arena + ARENA_MIN_BYTES) >> 10));
    }
    pool_next = (uintptr_t)image_end;
    pool_end = (uintptr_t)arena;
    uint64_t bytes = ram_end - arena;
    arena_init((void *)(uintptr_t)arena,
               bytes < ARENA_MOST_BYTES ? bytes : ARENA_MOST_BYTES);
}

void *page_alloc(unsigned count)
{
    size_t bytes = (size_t)count * PAGE_BYTES;
    if (bytes > pool_end - pool_next) {
        panic("out of pages: %u wanted, %zu left", count,
              (size_t)(pool_end - pool_next) / PAGE_BYTES);
    }
    void *pages = (void *)pool_next;
    pool_next += bytes;
    return memset(pages, 0, bytes);
}

void *page_map_memory(uint64_t physical, uint64_t bytes)
{
    if (physical < RAM_TOP && bytes <= RAM_TOP - physical &&
        page_is_ram(physical, physical + bytes)) {
        return (void *)(uintptr_t)physical;
    }
    return (void *)(uintptr_t)page_map_device(physical, bytes);
}

bool page_is_ram(uint64_t from, uint64_t to)
{
    uint64_t low, high;
    for (unsigned n = 0; arch_ram_range(n, &low, &high); n++) {
        if (from >= low && to <= high && from <= to) {
            return true;
        }
    }
    return false;
}
