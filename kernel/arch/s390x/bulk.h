/* SPDX-License-Identifier: MIT */
/*
 * Bulk memory. MOVE LONG EXTENDED copies and fills up to a page at a time, where a loop
 * costs an emulator a memory access a word; for comparing and searching the loop is the
 * faster one there, because an emulated CLCLE goes byte by byte.
 */
#ifndef KERNEL_ARCH_S390X_BULK_H
#define KERNEL_ARCH_S390X_BULK_H

#include <stddef.h>
#include <stdint.h>

/* An even register and the odd one behind it. */
typedef union BulkPair {
    unsigned __int128 both;
    struct {
        uint64_t address, bytes;
    };
} BulkPair;

/* Copies. Where the source is too short, the rest of the target is filled with the byte.
 */
static inline void bulk_move(void *to, size_t bytes, const void *from, size_t from_bytes,
                             uint8_t byte)
{
    BulkPair target = {.address = (uintptr_t)to, .bytes = bytes};
    BulkPair source = {.address = (uintptr_t)from, .bytes = from_bytes};
    __asm__ volatile("0: mvcle %0, %1, 0(%2)\n   jo 0b"
                     : "+d"(target.both), "+d"(source.both)
                     : "a"((uint64_t)byte)
                     : "cc", "memory");
}

static inline void bulk_copy(void *to, const void *from, size_t bytes)
{
    bulk_move(to, bytes, from, bytes, 0);
}

/* Copies the last byte first, for overlapping ranges whose target lies higher. */
static inline void bulk_copy_down(void *to, const void *from, size_t bytes)
{
    volatile uint8_t *target = to;
    const volatile uint8_t *source = from;
    while (bytes-- > 0) {
        target[bytes] = source[bytes];
    }
}

static inline void bulk_fill(void *to, uint8_t byte, size_t bytes)
{
    bulk_move(to, bytes, NULL, 0, byte);
}

/* Returns the index of the first byte that differs; `bytes` when there is none. */
static inline size_t bulk_mismatch(const void *a, const void *b, size_t bytes)
{
    const uint8_t *p = a, *q = b;
    size_t at = 0;
    for (; at + 8 <= bytes; at += 8) {
        uint64_t x, y;
        __builtin_memcpy(&x, p + at, 8);
        __builtin_memcpy(&y, q + at, 8);
        if (x != y) {
            break;
        }
    }
    while (at < bytes && p[at] == q[at]) {
        at++;
    }
    return at;
}

/* Returns the index of the first such byte; `bytes` when there is none. */
static inline size_t bulk_find(const void *from, uint8_t byte, size_t bytes)
{
    const uint8_t *p = from;
    size_t at = 0;
    while (at < bytes && p[at] != byte) {
        at++;
    }
    return at;
}

/* Returns the index of the first such word; `words` when there is none. */
static inline size_t bulk_find_word(const void *from, uint64_t word, size_t words)
{
    const uint64_t *p = from;
    size_t at = 0;
    while (at < words && p[at] != word) {
        at++;
    }
    return at;
}

#endif
