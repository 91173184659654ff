/* SPDX-License-Identifier: MIT */
/*
 * The fields of 9P messages from and to values; see p9_fields.h. Nothing is read or
 * written beyond the end that the caller gives.
 */
#include "kernel/lib/p9_fields.h"
#include "kernel/lib/string.h"

#define QID_BYTES 13

static unsigned width_of(char letter)
{
    switch (letter) {
    case 'b':
        return 1;
    case 'w':
        return 2;
    case 'd':
        return 4;
    case 'q':
        return 8;
    default:
        return 0;
    }
}

static void put(uint8_t **to, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        *(*to)++ = value >> (8 * i);
    }
}

static uint64_t get(const uint8_t *from, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        value |= (uint64_t)from[i] << (8 * i);
    }
    return value;
}

/* Writes the fields, or where there is no place yet counts their bytes. */
uint32_t p9_pack_va(uint8_t *to, const char *format, va_list args)
{
    uint32_t bytes = 0;
    for (; *format; format++) {
        unsigned width = width_of(*format);
        const void *from = NULL;
        uint32_t count = 0;
        uint64_t value = 0;
        uint8_t packed[QID_BYTES];
        if (width) {
            value = width == 8 ? va_arg(args, uint64_t) : va_arg(args, uint32_t);
        } else if (*format == 's') {
            from = va_arg(args, const char *);
            value = count = strlen(from);
            width = 2;
        } else if (*format == 'Q') {
            const P9Qid *qid = va_arg(args, const P9Qid *);
            from = packed;
            count = p9_pack(packed, "bdq", qid->type, qid->version, qid->path);
        } else {
            value = count = va_arg(args, uint32_t);
            from = va_arg(args, const void *);
            width = 4;
        }
        bytes += width + count;
        if (to) {
            put(&to, value, width);
            memcpy(to, count ? from : to, count);
            to += count;
        }
    }
    return bytes;
}

uint32_t p9_pack(uint8_t *to, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    uint32_t bytes = p9_pack_va(to, format, args);
    va_end(args);
    return bytes;
}

/* Takes one field from `from`, where `left` bytes are. Returns how many bytes the field
 * has, or 0 when they are not all there. */
static uint32_t scan_field(const uint8_t *from, uint32_t left, char letter, void *to)
{
    unsigned width = width_of(letter);
    if (letter == 'Q') {
        P9Qid qid;
        if (left < QID_BYTES) {
            return 0;
        }
        qid = (P9Qid){get(from, 1), get(from + 1, 4), get(from + 5, 8)};
        if (to) {
            *(P9Qid *)to = qid;
        }
        return QID_BYTES;
    }
    if (letter == 's') {
        uint32_t bytes = left < 2 ? 0 : get(from, 2);
        if (left < 2 + bytes) {
            return 0;
        }
        if (to) {
            *(P9Text *)to = (P9Text){(const char *)from + 2, bytes};
        }
        return 2 + bytes;
    }
    if (left < width) {
        return 0;
    }
    uint64_t value = get(from, width);
    switch (to ? width : 0) {
    case 1:
        *(uint8_t *)to = value;
        break;
    case 2:
        *(uint16_t *)to = value;
        break;
    case 4:
        *(uint32_t *)to = value;
        break;
    case 8:
        *(uint64_t *)to = value;
        break;
    }
    return width;
}

bool p9_unpack_va(const uint8_t *from, uint32_t end, uint32_t *at, const char *format,
                  va_list args)
{
    for (; *format; format++) {
        void *to = va_arg(args, void *);
        uint32_t here = *at < end ? scan_field(from + *at, end - *at, *format, to) : 0;
        if (here == 0) {
            return false;
        }
        *at += here;
    }
    return true;
}

bool p9_unpack(const uint8_t *from, uint32_t end, uint32_t *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool is_whole = p9_unpack_va(from, end, at, format, args);
    va_end(args);
    return is_whole;
}
