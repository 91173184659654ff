/* SPDX-License-Identifier: MIT */
/*
 * splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * 2014), FNV-1a, and the data pattern that both ends of a disk or a wire can compute for
 * themselves.
 */
#include "kernel/lib/random.h"
#include "kernel/lib/byteorder.h"
#include "kernel/lib/string.h"

#define GOLDEN_GAMMA 0x9e3779b97f4a7c15ull

uint64_t splitmix64(uint64_t x)
{
    uint64_t z = x + GOLDEN_GAMMA;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

uint64_t random_next(Random *r)
{
    uint64_t value = splitmix64(r->state);
    r->state += GOLDEN_GAMMA;
    return value;
}

/* The high half of a product: without division, and without the low bits' bias of a
 * remainder. */
uint64_t random_below(Random *r, uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)random_next(r) * bound) >> 64);
}

uint64_t hash_string(const char *s)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    for (; *s; s++) {
        hash = (hash ^ (uint8_t)*s) * 0x100000001b3ull;
    }
    return hash;
}

void pattern_fill(void *to, size_t bytes, uint64_t seed)
{
    uint8_t *at = to;
    uint64_t w = 0;
    for (; bytes >= 8; bytes -= 8, at += 8) {
        le64 word = le64_of(splitmix64(seed + w++));
        __builtin_memcpy(at, &word, 8);
    }
    if (bytes > 0) {
        le64 word = le64_of(splitmix64(seed + w));
        memcpy(at, &word, bytes);
    }
}

size_t pattern_mismatch(const void *from, size_t bytes, uint64_t seed)
{
    const uint8_t *base = from;
    for (size_t at = 0; at < bytes; at += 8) {
        size_t count = bytes - at < 8 ? bytes - at : 8;
        le64 word = le64_of(splitmix64(seed + at / 8)), seen = word;
        __builtin_memcpy(&seen, base + at, count);
        if (seen.raw != word.raw) {
            return at + memory_mismatch(&seen, &word, sizeof(word));
        }
    }
    return bytes;
}
