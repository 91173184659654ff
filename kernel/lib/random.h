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

/* Returns what one step of splitmix64 makes of x. It is a pure function: the numbers of a
 * stream can be made in any order. */
uint64_t splitmix64(uint64_t x);

uint64_t random_next(Random *r);
/* Returns a number of 0 to bound - 1. bound must not be 0. */
uint64_t random_below(Random *r, uint64_t bound);
/* Returns the FNV-1a hash of a text. It hashes the ids of tests. */
uint64_t hash_string(const char *s);
/* Fills words with word w = splitmix64(seed + w): disks and frames are checked against
 * it. */
void pattern_fill(void *to, size_t bytes, uint64_t seed);
/* Returns the offset of the first byte that is not the pattern's; `bytes` when all are.
 */
size_t pattern_mismatch(const void *from, size_t bytes, uint64_t seed);

#endif
