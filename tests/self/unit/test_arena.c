/* SPDX-License-Identifier: MIT */
/* kernel/mem/arena.c: lending, mapping, and canaries that no write outside a buffer
 * escapes.
 */
#include "kernel/lib/string.h"
#include "kernel/mem/arena.h"
#include "tests/self/unit/check.h"

#define REGION_BYTES (256u << 10)

static uint8_t region[REGION_BYTES] __attribute__((aligned(65536)));

static bool is_zero(const uint8_t *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (from[i] != 0) {
            return false;
        }
    }
    return true;
}

static void lends(void)
{
    arena_reset();
    bool is_aligned = true, is_cleared = true;
    for (size_t align = 1; align <= 8192; align *= 2) {
        uint8_t *at = arena_lend(align + 3, align);
        is_aligned &= (uintptr_t)at % align == 0;
        is_cleared &= is_zero(at, align + 3);
        memset(at, 0xff, align + 3);
    }
    CHECK(is_aligned, "buffers have the alignment that was asked for");
    CHECK(is_cleared, "buffers are zeroed");
    ArenaDamage damage;
    CHECK(arena_check(&damage), "writing all of every buffer damages nothing");
    arena_reset();
    CHECK(is_zero(arena_lend(30000, 1), 30000),
          "buffers are zeroed after others as well");
    CHECK_PANICS(arena_lend(8, 3), "an alignment that is no power of two is our mistake");
}

/* Writes one byte at an offset from a buffer, and undoes it after the check. */
static bool finds_write(uint8_t *buffer, size_t bytes, int64_t offset,
                        ArenaDamage *damage)
{
    uint8_t *at = offset < 0 ? buffer + offset : buffer + bytes + offset;
    uint8_t before = *at, after = before ^ 0xff;
    *at = after;
    bool is_found = !arena_check(damage) && damage->address == (uintptr_t)at &&
                    damage->expected == before && damage->seen == after;
    *at = before;
    return is_found && damage->offset == offset && damage->buffer_bytes == bytes;
}

static void finds_damage(void)
{
    static const size_t sizes[] = {1, 7, 8, 64, 100, 4096, 5000};
    ArenaDamage damage;
    bool finds = true;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        arena_reset();
        arena_lend(3, 1);
        uint8_t *buffer = arena_lend(sizes[i], 4096);
        uint8_t *next = arena_lend(16, 16);
        for (int64_t off = 0; off < 16; off++) {
            finds &= finds_write(buffer, sizes[i], -1 - off, &damage);
            finds &= finds_write(buffer, sizes[i], off, &damage);
        }
        finds &= finds_write(next, 16, 4095, &damage);
        finds &= arena_check(&damage);
    }
    CHECK(finds, "a byte before, behind and one page behind is found, with its offset");
    arena_reset();
    region[0]++;
    CHECK(!arena_check(&damage) && damage.buffer_bytes == 0, "damage without any buffer");
    arena_reset();
    CHECK(arena_check(&damage), "a reset mends what was damaged");
    uint8_t *unchecked = arena_lend(64, 64);
    unchecked[64]++;
    arena_reset();
    CHECK(arena_check(&damage), "also what nobody has checked");
}

/* The tail of one buffer written to the next page, as a wrong page number would. */
static void finds_shifted_canaries(void)
{
    ArenaDamage damage;
    arena_reset();
    uint8_t *buffer = arena_lend(64, 4096);
    arena_lend(64, 8192);
    memcpy(buffer + 1024, buffer + 512, 256);
    CHECK(!arena_check(&damage), "canaries in the wrong place are damage");
    arena_reset();
    uint8_t *low = arena_lend(16, 4096), *high = arena_lend(16, 16384);
    CHECK(high - low > 8192, "there is a page of canary between");
    memcpy(low + 4096 + 64, low + 64, 512);
    CHECK(!arena_check(&damage), "also when they come from the page before");
}

static void survives_any_order(void)
{
    ArenaDamage damage;
    bool is_intact = true;
    for (unsigned round = 0; round < 200; round++) {
        arena_reset();
        unsigned count = round % 7 == 0 ? 1000 : round % 5 + 1;
        size_t bytes = round % 7 == 1 ? arena_free_bytes() : 10 + round * 13;
        for (unsigned i = 0; i < count; i++) {
            uint8_t *at = arena_lend(i == 0 ? bytes : 24, 8);
            if (at) {
                memset(at, 0xee, i == 0 ? bytes : 24);
            }
        }
        is_intact &= round % 3 == 0 || arena_check(&damage);
    }
    CHECK(is_intact, "many small and few large buffers in turn leave the canaries whole");
}

static void fills_up(void)
{
    arena_reset();
    CHECK(arena_lend(REGION_BYTES, 1) == NULL, "what does not fit is refused");
    CHECK(arena_lend(SIZE_MAX, 1) == NULL, "as is what overflows");
    CHECK(arena_lend(8, (size_t)1 << 62) == NULL, "or cannot be aligned");
    size_t free = arena_free_bytes();
    CHECK(arena_lend(free, 1) != NULL, "what is said to be free can be lent");
    CHECK(arena_lend(1, 1) == NULL, "and then nothing more");
    ArenaDamage damage;
    CHECK(arena_check(&damage), "a full arena is intact");
    arena_reset();
    CHECK_EQ(arena_free_bytes(), free, "a reset gives all back");
}

static void maps(void)
{
    arena_reset();
    uint8_t *a = arena_lend(100, 16), *b = arena_lend(4096, 4096), *c = arena_lend(1, 1);
    CHECK_EQ(arena_map(a, 100).raw, (uintptr_t)a, "a whole buffer is mapped");
    CHECK_EQ(arena_map(b + 4000, 96).raw, (uintptr_t)b + 4000, "or its end");
    CHECK_EQ(arena_map(c, 1).raw, (uintptr_t)c, "the last buffer too");
    CHECK_PANICS(arena_map(a, 101), "one byte more is refused");
    CHECK_PANICS(arena_map(a - 1, 1), "so is one before");
    CHECK_PANICS(arena_map(a + 50, SIZE_MAX), "and what overflows");
    CHECK(arena_unmap((dma_addr){(uintptr_t)b}, 4096) == b, "unmap is the way back");
    CHECK(arena_unmap((dma_addr){(uintptr_t)b}, 4097) == NULL, "with the same bounds");
    CHECK(arena_unmap((dma_addr){0}, 1) == NULL, "from nowhere comes nothing");
    arena_reset();
    CHECK(arena_unmap((dma_addr){(uintptr_t)b}, 1) == NULL,
          "a reset forgets the buffers");
}

int main(void)
{
    arena_init(region, sizeof(region));
    lends();
    finds_damage();
    finds_shifted_canaries();
    survives_any_order();
    fills_up();
    maps();
    return check_done();
}
