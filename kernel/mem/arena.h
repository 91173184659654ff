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

/* Gives the arena its memory, once at boot. */
void arena_init(void *base, size_t bytes);

/* Starts a fresh arena: everything lent before is gone, and the canaries are new. */
void arena_reset(void);

/*
 * Lends bytes, aligned (a power of two, at least 1), zeroed, canaries on both sides
 * touching the buffer as closely as possible on the far end. NULL when the arena is full:
 * an error of the test, never of the device.
 */
void *arena_lend(size_t bytes, size_t align);

/* Returns the address that a device uses for memory inside one lent buffer. It panics for
 * any other memory. */
dma_addr arena_map(const void *at, size_t bytes);

/* Adds an offset to all device addresses from now on: a device behind an IOMMU is given
 * these. arena_reset() sets it to 0 again. */
void arena_set_dma_offset(uint64_t offset);

/* Returns the memory at a device address, for the device side. Returns NULL when [at, at
 * + bytes) is not inside one lent buffer. */
void *arena_unmap(dma_addr at, size_t bytes);

typedef struct ArenaDamage {
    /* First changed byte. */
    uint64_t address;
    /* Relative to the nearest buffer: negative before it, or bytes past its end. */
    int64_t offset;
    size_t buffer_bytes;
    uint8_t expected, seen;
} ArenaDamage;

/* Returns true when all canaries, and all memory that was not lent, are as they were
 * left. */
bool arena_check(ArenaDamage *damage);

size_t arena_free_bytes(void);

#endif
