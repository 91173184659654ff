/* SPDX-License-Identifier: MIT */
/* The memory of the persistent memory device, as its tests use it: see pmem_lib.h. */
#include "tests/pmem/pmem_lib.h"
#include "kernel/mem/page.h"

#define SECTOR_WORDS (PMEM_SECTOR_BYTES / 8)

uint64_t pmem_first_writable(const PmemRange *range)
{
    return range->bytes / PMEM_SECTOR_BYTES - PMEM_WRITABLE_SECTORS;
}

const char *pmem_why_not_writable(QVirtioDevice *dev)
{
    PmemRange range = {0};
    if (pmem_range(dev, &range) == 0 &&
        range.bytes >= 2 * PMEM_WRITABLE_SECTORS * PMEM_SECTOR_BYTES &&
        page_map_memory(range.start, PMEM_SECTOR_BYTES)) {
        return NULL;
    }
    return "the memory is smaller than 64 KiB, or cannot be mapped";
}

bool pmem_find(Test *t, QVirtioDevice *dev, PmemRange *range)
{
    return require_ok(t, pmem_range(dev, range));
}

static void *memory(const PmemRange *range, uint64_t sector, unsigned sectors)
{
    return page_map_memory(range->start + sector * PMEM_SECTOR_BYTES,
                           (uint64_t)sectors * PMEM_SECTOR_BYTES);
}

/* A medium that is read-only is told by nothing in config space. What it does to a write
 * is left open: here the write is lost, at once or until a flush is answered. */
bool pmem_find_writable(Test *t, QVirtioDevice *dev, PmemRange *range)
{
    uint32_t ret = PMEM_UNANSWERED;
    if (!pmem_find(t, dev, range)) {
        return false;
    }
    volatile uint64_t *at = memory(range, pmem_first_writable(range), 1);
    uint64_t was = *at, other = ~was;
    *at = other;
    bool is_kept = *at == other && require_ok(t, pmem_flush(dev, &ret)) && *at == other;
    *at = was;
    if (!is_kept && !t->has_failed) {
        test_skip(t, "the memory does not keep what is written: it is read-only");
    }
    return is_kept;
}

void pmem_write(QVirtioDevice *dev, const PmemRange *range, uint64_t sector,
                unsigned sectors, uint64_t seed)
{
    pattern_fill(memory(range, sector, sectors), sectors * PMEM_SECTOR_BYTES,
                 seed + sector * SECTOR_WORDS);
    test_announce_write(dev, sector, sectors, seed);
}

bool pmem_expect_sectors(Test *t, const ExpectAt *at, const PmemRange *range,
                         uint64_t sector, unsigned sectors, uint64_t seed)
{
    size_t bytes = sectors * PMEM_SECTOR_BYTES;
    size_t same = pattern_mismatch(memory(range, sector, sectors), bytes,
                                   seed + sector * SECTOR_WORDS);
    return expect_condition(t, at, same == bytes, "the content that belongs there",
                            "another byte at offset %zu of %u sectors at %llu", same,
                            sectors, (unsigned long long)sector);
}

bool pmem_flushes(Test *t, QVirtioDevice *dev)
{
    uint32_t ret = PMEM_UNANSWERED;
    return require_ok(t, pmem_flush(dev, &ret)) && require_eq(t, ret, PMEM_DONE);
}
