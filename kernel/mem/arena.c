/* SPDX-License-Identifier: MIT */
/*
 * The arena: a bump allocator over one region, low to high. Whatever is not lent is
 * canary, up to one page behind the last buffer. The list of lent buffers grows down from
 * the region's end; it is sorted by address by itself. Filling and checking are bulk
 * instructions against a block of canary: they run around every test.
 */
#include "kernel/mem/arena.h"
#include "kernel/lib/string.h"
#include "kernel/panic.h"

#define GAP_BYTES  64u   /* least canary between two buffers */
#define TAIL_BYTES 4096u /* canary that is kept and checked behind the last buffer */

/*
 * A canary byte is a function of its address: block[address % PERIOD_BYTES]. The period
 * is no power of two, so that a write shifted by pages is seen as well. The block holds
 * many periods: a run of PIECE_BYTES from any phase lies in it.
 */
#define PERIOD_WORDS  61u
#define PERIOD_BYTES  (PERIOD_WORDS * 8u)
#define BLOCK_PERIODS 16u /* a power of two: it is filled by doubling */
#define PIECE_BYTES   ((BLOCK_PERIODS - 1) * PERIOD_BYTES)

typedef struct Lent {
    uintptr_t from, to;
} Lent;

static uint8_t block[BLOCK_PERIODS * PERIOD_BYTES] __attribute__((aligned(8)));
static uintptr_t region_from, region_to;
static Lent
    *newest; /* newest[0] is the last buffer lent, newest[lent_count - 1] the first */
static size_t lent_count;
static uintptr_t used_to;   /* end of the last buffer, or region_from */
static uintptr_t canary_to; /* everything from used_to to here is canary */
static uint64_t dma_offset;
static bool is_intact; /* arena_check() has found all canaries in place since */

/* The end of the piece of [from, to) that one comparison with the block covers. */
static uintptr_t piece_end(uintptr_t from, uintptr_t to)
{
    return to - from > PIECE_BYTES ? from + PIECE_BYTES : to;
}

static void canary_fill(uintptr_t from, uintptr_t to)
{
    while (from < to) {
        uintptr_t end = piece_end(from, to);
        memcpy((void *)from, block + from % PERIOD_BYTES, end - from);
        from = end;
    }
}

/* The first byte of [from, to) that is not canary, or to. */
static uintptr_t canary_mismatch(uintptr_t from, uintptr_t to)
{
    while (from < to) {
        uintptr_t end = piece_end(from, to);
        size_t same =
            memory_mismatch((void *)from, block + from % PERIOD_BYTES, end - from);
        if (from + same < end) {
            return from + same;
        }
        from = end;
    }
    return to;
}

/* One period of words without a pattern of their own, then copies, doubling. */
static void block_init(void)
{
    uint64_t word = 0;
    for (size_t at = 0; at < PERIOD_BYTES; at += 8) {
        word += 0x9e3779b97f4a7c15ull;
        __builtin_memcpy(block + at, &word, 8);
    }
    for (size_t have = PERIOD_BYTES; have < sizeof(block); have *= 2) {
        memcpy(block + have, block, have);
    }
}

void arena_init(void *base, size_t bytes)
{
    block_init();
    region_from = (uintptr_t)base;
    region_to = region_from + bytes;
    used_to = canary_to = region_from;
    newest = (Lent *)(region_to & ~(sizeof(Lent) - 1));
    lent_count = 0;
    is_intact = false;
    arena_reset();
}

void arena_reset(void)
{
    dma_offset = 0;

    uintptr_t touched = used_to + TAIL_BYTES;
    for (size_t i = 0; i < lent_count && is_intact; i++) {
        canary_fill(newest[i].from, newest[i].to); /* all else is canary already */
    }
    if (!is_intact) {
        canary_fill(region_from, touched);
        canary_to = canary_to > touched ? canary_to : touched;
    }
    newest += lent_count;
    lent_count = 0;
    used_to = region_from;
    is_intact = true;
}

void *arena_lend(size_t bytes, size_t align)
{
    assert(align > 0 && (align & (align - 1)) == 0);
    uintptr_t from = (used_to + GAP_BYTES + align - 1) & ~(uintptr_t)(align - 1);
    uintptr_t limit = (uintptr_t)(newest - 1);
    if (from < used_to || from > limit || bytes > limit - from ||
        TAIL_BYTES > limit - from - bytes) {
        return NULL;
    }
    uintptr_t to = from + bytes;
    if (canary_to < to + TAIL_BYTES) {
        canary_fill(canary_to < to ? to : canary_to, to + TAIL_BYTES);
        if (canary_to < from) {
            canary_fill(canary_to, from);
        }
        canary_to = to + TAIL_BYTES;
    }
    newest--;
    lent_count++;
    is_intact = false;
    if (canary_to > (uintptr_t)newest) { /* the list grew into an earlier test's canary */
        canary_to = (uintptr_t)newest;
    }
    *newest = (Lent){from, to};
    used_to = to;
    return memset((void *)from, 0, bytes);
}

/* The lent buffer that [from, from + bytes) lies in, or NULL: the list falls from high to
 * low. */
static const Lent *find_lent(uintptr_t from, size_t bytes)
{
    size_t low = 0, high = lent_count;
    while (low < high) { /* the first entry that starts at or below from */
        size_t middle = low + (high - low) / 2;
        if (newest[middle].from <= from) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if (low == lent_count) {
        return NULL;
    }
    const Lent *lent = &newest[low];
    return from <= lent->to && bytes <= lent->to - from ? lent : NULL;
}

dma_addr arena_map(const void *at, size_t bytes)
{
    if (!find_lent((uintptr_t)at, bytes)) {
        panic("arena_map: [%p, +%zu) is in no lent buffer", at, bytes);
    }
    return (dma_addr){(uintptr_t)at + dma_offset};
}

void arena_set_dma_offset(uint64_t offset)
{
    dma_offset = offset;
}

void *arena_unmap(dma_addr at, size_t bytes)
{
    if (at.raw > UINTPTR_MAX) {
        return NULL;
    }
    return find_lent((uintptr_t)at.raw, bytes) ? (void *)(uintptr_t)at.raw : NULL;
}

/* Describes the damage at address, between the buffer below and the one above (either may
 * be NULL). */
static void describe(ArenaDamage *damage, uintptr_t address, const Lent *below,
                     const Lent *above)
{
    *damage = (ArenaDamage){
        .address = address,
        .expected = block[address % PERIOD_BYTES],
        .seen = *(const uint8_t *)address,
    };
    if (above && (!below || above->from - address < address - below->to + 1)) {
        damage->offset = -(int64_t)(above->from - address);
        damage->buffer_bytes = above->to - above->from;
    } else if (below) {
        damage->offset = (int64_t)(address - below->to);
        damage->buffer_bytes = below->to - below->from;
    }
}

bool arena_check(ArenaDamage *damage)
{
    uintptr_t from = region_from;
    const Lent *below = NULL;
    for (size_t i = lent_count + 1;
         i-- > 0;) { /* oldest first; the last gap is the tail */
        const Lent *above = i > 0 ? &newest[i - 1] : NULL;
        uintptr_t to = above ? above->from : used_to + TAIL_BYTES;
        uintptr_t at = canary_mismatch(from, to);
        if (at < to) {
            is_intact = false;
            describe(damage, at, below, above);
            return false;
        }
        from = above ? above->to : to;
        below = above;
    }
    is_intact = true;
    return true;
}

size_t arena_free_bytes(void)
{
    uintptr_t limit = (uintptr_t)(newest - 1);
    uintptr_t taken = used_to + GAP_BYTES + TAIL_BYTES;
    return taken < limit ? limit - taken : 0;
}
