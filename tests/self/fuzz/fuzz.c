/* SPDX-License-Identifier: MIT */
/*
 * Inputs, claims and goals of fuzz targets, and what the kernel's pure code calls:
 * panic(), the console, physical memory, and two string functions whose own versions are
 * single instructions that a sanitizer cannot see into.
 */
#include "tests/self/fuzz/fuzz.h"
#include "kernel/console.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "kernel/panic.h"
#include <stdio.h>
#include <stdlib.h>

#define MAPS_MOST       4096
#define PHYSICAL_LIMIT  (1ull << 52) /* as the kernel's own page_map_device() has it */
#define MAPS_MOST_BYTES (64u << 20)

extern FuzzGoal __start_fuzz_goals[], __stop_fuzz_goals[];
int LLVMFuzzerInitialize(int *argc, char ***argv);

unsigned fuzz_lines;
const uint8_t *fuzz_memory;
size_t fuzz_memory_bytes;

static uint8_t *maps[MAPS_MOST];
static unsigned map_count;
static uint64_t mapped_bytes;

void fuzz_fail(const char *claim, const char *file, int line)
{
    fprintf(stderr, "%s:%d: it does not hold that %s\n", file, line, claim);
    abort();
}

static void tell_missed_goals(void)
{
    for (FuzzGoal *g = __start_fuzz_goals; g < __stop_fuzz_goals; g++) {
        if (!g->is_reached) {
            fprintf(stderr, "never reached: %s\n", g->what);
        }
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return atexit(tell_missed_goals);
}

size_t fuzz_take(Fuzz *f, void *to, size_t most)
{
    size_t n = f->left < most ? f->left : most;
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)to)[i] = f->at[i];
    }
    f->at += n;
    f->left -= n;
    return n;
}

uint64_t fuzz_u64(Fuzz *f)
{
    uint64_t v = 0;
    fuzz_take(f, &v, 8);
    return v;
}

uint32_t fuzz_u32(Fuzz *f)
{
    uint32_t v = 0;
    fuzz_take(f, &v, 4);
    return v;
}

uint16_t fuzz_u16(Fuzz *f)
{
    uint16_t v = 0;
    fuzz_take(f, &v, 2);
    return v;
}

uint8_t fuzz_u8(Fuzz *f)
{
    uint8_t v = 0;
    fuzz_take(f, &v, 1);
    return v;
}

unsigned fuzz_below(Fuzz *f, unsigned n)
{
    return fuzz_u8(f) % n;
}

void console_write(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK((bytes[i] >= ' ' && bytes[i] <= '~') || bytes[i] == '\n',
                   "the console shows printable text");
        fuzz_lines += bytes[i] == '\n';
    }
}

_Noreturn void panic(const char *format, ...)
{
    fuzz_fail("the kernel does not panic", format, 0);
}

volatile void *page_map_device(uint64_t physical, uint64_t bytes)
{
    FUZZ_CHECK(bytes > 0 && physical < PHYSICAL_LIMIT &&
                   bytes <= PHYSICAL_LIMIT - physical,
               "what is mapped has an address");
    mapped_bytes += bytes;
    FUZZ_CHECK(map_count < MAPS_MOST && mapped_bytes <= MAPS_MOST_BYTES,
               "what is mapped is bounded");
    uint8_t *map = malloc(bytes);
    memset(map, 0xff, bytes);
    if (physical < fuzz_memory_bytes) {
        size_t there = fuzz_memory_bytes - physical;
        memcpy(map, fuzz_memory + physical, there < bytes ? there : bytes);
    }
    return maps[map_count++] = map;
}

void fuzz_unmap_all(void)
{
    while (map_count > 0) {
        free(maps[--map_count]);
    }
    mapped_bytes = 0;
}

size_t memory_find_u64(const void *from, uint64_t word, size_t bytes)
{
    const uint8_t *at = from;
    for (size_t off = 0; off + 8 <= bytes; off += 8) {
        if (memcmp(at + off, &word, 8) == 0) {
            return off;
        }
    }
    return bytes / 8 * 8;
}

size_t memory_mismatch(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;
    size_t at = 0;
    while (at < bytes && x[at] == y[at]) {
        at++;
    }
    return at;
}
