/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the entropy device (5.4) share: one request, and bytes gathered over
 * as many requests as the device needs. Both assert what holds for every answer.
 */
#ifndef RNG_LIB_H
#define RNG_LIB_H

#include "tests/harness/test.h"

/* Returns memory that is lent to the device and filled with pattern_fill(seed). Returns
 * NULL when that fails, which is reported. */
uint8_t *rng_lend(Test *t, size_t bytes, uint64_t seed);
/* Puts `bytes` lent bytes into the queue and waits. How many came. Returns 0 when that
 * fails, which is reported. */
uint32_t rng_read(Test *t, QVirtioDevice *dev, void *at, uint32_t bytes);
/* Fills `at` over as many requests as it takes. */
bool rng_gather(Test *t, QVirtioDevice *dev, uint8_t *at, uint32_t bytes);
/* Takes the next used buffer of the queue, and gives how much of it was written. Returns
 * false when that fails, which is reported. */
bool rng_take(Test *t, QVirtioDevice *dev, QVirtioUsed *used);

#endif
