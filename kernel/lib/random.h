/* SPDX-License-Identifier: MIT */
/*
 * All randomness: splitmix64, seeded by the seed= word. Each test draws from its own
 * stream (seed xor hash of its id), so a test run alone sees the numbers that it sees in
 * a full run.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct Random {
    uint64_t state;
} Random;

/* One step of splitmix64 as a pure function: the n-th number of a stream in any order. */
uint64_t splitmix64(uint64_t x);

uint64_t random_next(Random *r);
/* 0 <= result < bound, bound > 0. */
uint64_t random_below(Random *r, uint64_t bound);
/* FNV-1a, for test ids. */
uint64_t hash_string(const char *s);
/* Fills words with word w = splitmix64(seed + w): disks and frames are checked against
 * it. */
void pattern_fill(void *to, size_t bytes, uint64_t seed);
/* Offset of the first byte that is not the pattern's, or bytes when all are. */
size_t pattern_mismatch(const void *from, size_t bytes, uint64_t seed);

#endif
