/* SPDX-License-Identifier: MIT */
/*
 * The arena: memory of one test. Everything a test lends to a device comes from here and
 * is dropped as one when the test ends. Every lent buffer stands between canaries;
 * arena_check() finds the first byte outside lent buffers that somebody changed.
 *
 * A dma_addr is what a device is told, and a type of its own: it comes from arena_map()
 * only: one to one, or as far away as an IOMMU translates it from.
 */
#ifndef KERNEL_ARENA_H
#define KERNEL_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t raw;
} dma_addr;

/* The memory the arena is made of: once, at boot. */
void arena_init(void *base, size_t bytes);

/* Start a fresh arena: everything lent before is gone, canaries are new. */
void arena_reset(void);

/*
 * Lends bytes, aligned (a power of two, at least 1), zeroed, canaries on both sides
 * touching the buffer as closely as possible on the far end. NULL when the arena is full:
 * an error of the test, never of the device.
 */
void *arena_lend(size_t bytes, size_t align);

/* The address a device uses for memory inside one lent buffer; panics for anything else.
 */
dma_addr arena_map(const void *at, size_t bytes);

/* From now on device addresses are so far beyond the memory that they are for: a device
 * behind an IOMMU is told these. arena_reset() makes them one to one again. */
void arena_set_dma_offset(uint64_t offset);

/* The way back, for the device side, of an address of memory itself: NULL when [at, at +
 * bytes) is not inside one lent buffer. */
void *arena_unmap(dma_addr at, size_t bytes);

typedef struct ArenaDamage {
    /* First changed byte. */
    uint64_t address;
    /* Relative to the nearest buffer: negative before it, or bytes past its end. */
    int64_t offset;
    size_t buffer_bytes;
    uint8_t expected, seen;
} ArenaDamage;

/* True when all canaries and all memory that was not lent are as they were left. */
bool arena_check(ArenaDamage *damage);

size_t arena_free_bytes(void);

#endif
