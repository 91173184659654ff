/* SPDX-License-Identifier: MIT */
/*
 * The fields of 9P messages, little-endian, by a format of one letter a field:
 *
 *     b w d q   1, 2, 4 and 8 bytes (q: uint64_t)
 *     s         a string; taken apart: P9Text
 *     D         count[4] and as many bytes: uint32_t, pointer
 *     Q         a qid: pointer to a P9Qid
 */
#ifndef KERNEL_P9_FIELDS_H
#define KERNEL_P9_FIELDS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct P9Qid {
    uint8_t type;
    uint32_t version;
    uint64_t path;
} P9Qid;

typedef struct P9Text {
    const char *at;
    uint16_t bytes;
} P9Text;

/* Writes the fields behind each other to `to`, or nothing where it is NULL. Returns how
 * many bytes they are. */
uint32_t p9_pack(uint8_t *to, const char *format, ...);
uint32_t p9_pack_va(uint8_t *to, const char *format, va_list args);
/* Takes fields from from[*at] on, and moves *at. Returns false when they do not end
 * before from[end]. Each argument is a pointer to the field's value, which may be NULL.
 */
bool p9_unpack(const uint8_t *from, uint32_t end, uint32_t *at, const char *format, ...);
bool p9_unpack_va(const uint8_t *from, uint32_t end, uint32_t *at, const char *format,
                  va_list args);

#endif
