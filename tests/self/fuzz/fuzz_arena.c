/* SPDX-License-Identifier: MIT */
/*
 * kernel/mem/arena.h for fuzz targets: what is not lent is poisoned, so that the
 * sanitizer sees the first byte that is touched outside a lent buffer. Devices get small
 * addresses that are the same in every run. There are no canaries to check.
 */
#include "kernel/lib/string.h"
#include "kernel/mem/arena.h"
#include "kernel/panic.h"
#include <sanitizer/asan_interface.h>

#define REGION_BYTES (1u << 19)
#define GAP_BYTES    64u
#define FIRST_ADDR   0x10000u /* what a device calls the region's first byte */
#define LENT_MOST    1024

typedef struct Lent {
    uint8_t *from;
    size_t bytes;
} Lent;

static uint8_t region[REGION_BYTES] __attribute__((aligned(4096)));
static Lent lent[LENT_MOST];
static unsigned lent_count;
static size_t used;

void arena_reset(void)
{
    ASAN_POISON_MEMORY_REGION(region, sizeof(region));
    lent_count = 0;
    used = 0;
}

void *arena_lend(size_t bytes, size_t align)
{
    size_t from = (used + GAP_BYTES + align - 1) & ~(align - 1);
    if (from > REGION_BYTES || bytes > REGION_BYTES - from || lent_count == LENT_MOST) {
        return NULL;
    }
    used = from + bytes;
    lent[lent_count++] = (Lent){region + from, bytes};
    ASAN_UNPOISON_MEMORY_REGION(region + from, bytes);
    return memset(region + from, 0, bytes);
}

static bool is_lent(const uint8_t *at, size_t bytes)
{
    for (unsigned i = 0; i < lent_count; i++) {
        size_t off = (size_t)(at - lent[i].from);
        if (at >= lent[i].from && off <= lent[i].bytes && bytes <= lent[i].bytes - off) {
            return true;
        }
    }
    return false;
}

dma_addr arena_map(const void *at, size_t bytes)
{
    if (!is_lent(at, bytes)) {
        panic("arena_map: [%p, +%zu) is in no lent buffer", at, bytes);
    }
    return (dma_addr){FIRST_ADDR + (uint64_t)((const uint8_t *)at - region)};
}

void *arena_unmap(dma_addr at, size_t bytes)
{
    if (at.raw < FIRST_ADDR || at.raw - FIRST_ADDR > REGION_BYTES) {
        return NULL;
    }
    uint8_t *p = region + (at.raw - FIRST_ADDR);
    return is_lent(p, bytes) ? p : NULL;
}
