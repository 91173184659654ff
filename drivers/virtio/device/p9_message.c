/* SPDX-License-Identifier: MIT */
/*
 * 9P messages from and to their fields (p9.h). A reply is never read beyond what its
 * header and the used length both cover.
 */
#include "drivers/virtio/device/p9.h"
#include "kernel/string.h"
#include <stdarg.h>

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
static uint32_t put_fields(uint8_t *to, const char *format, va_list args)
{
    uint32_t bytes = 0;
    for (; *format; format++) {
        unsigned width = width_of(*format);
        const void *from = NULL;
        uint32_t count = 0;
        uint64_t value = 0;
        uint8_t packed[P9_QID_BYTES];
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
    uint32_t bytes = put_fields(to, format, args);
    va_end(args);
    return bytes;
}

P9Request p9_request(QVirtioDevice *d, uint32_t room, uint16_t tag, uint8_t type,
                     const char *format, ...)
{
    P9Request r = {.dev = d, .in_bytes = room};
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    r.out_bytes = P9_HEADER_BYTES + put_fields(NULL, format, args);
    r.in = arena_lend(room, 1);
    r.out = r.in ? arena_lend(r.out_bytes, 1) : NULL;
    if (r.out) {
        uint8_t *to = r.out;
        put(&to, r.out_bytes, 4);
        put(&to, type, 1);
        put(&to, tag, 2);
        put_fields(to, format, again);
        memset(r.in, P9_FILL, room);
    }
    va_end(again);
    va_end(args);
    return r;
}

int p9_add(P9Request *r)
{
    if (!r->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    QVirtioSg sg[2] = {
        {arena_map(r->out, r->out_bytes), r->out_bytes},
        {arena_map(r->in, r->in_bytes), r->in_bytes},
    };
    return qvirtqueue_add(r->dev->vq[0], sg, 1, 1, r);
}

int p9_run(P9Request *r)
{
    if (!r->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    QVirtioSg sg[2] = {
        {arena_map(r->out, r->out_bytes), r->out_bytes},
        {arena_map(r->in, r->in_bytes), r->in_bytes},
    };
    return qvirtqueue_submit(r->dev->vq[0], sg, 1, 1, &r->used_len);
}

uint32_t p9_size(const P9Request *r)
{
    return get(r->in, 4);
}

uint8_t p9_type(const P9Request *r)
{
    return r->in[4];
}

uint16_t p9_tag(const P9Request *r)
{
    return get(r->in + 5, 2);
}

/* One field at `from`, of which `left` bytes are there: how many it takes, 0: too few. */
static uint32_t scan_field(const uint8_t *from, uint32_t left, char letter, void *to)
{
    unsigned width = width_of(letter);
    if (letter == 'Q') {
        P9Qid qid;
        if (left < P9_QID_BYTES) {
            return 0;
        }
        qid = (P9Qid){get(from, 1), get(from + 1, 4), get(from + 5, 8)};
        if (to) {
            *(P9Qid *)to = qid;
        }
        return P9_QID_BYTES;
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

static bool scan(const uint8_t *from, uint32_t end, uint32_t *at, const char *format,
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
    bool is_whole = scan(from, end, at, format, args);
    va_end(args);
    return is_whole;
}

static uint32_t end_of(const P9Request *r)
{
    return p9_size(r) < r->used_len ? p9_size(r) : r->used_len;
}

bool p9_scan_at(const P9Request *r, uint32_t *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool is_whole = scan(r->in, end_of(r), at, format, args);
    va_end(args);
    return is_whole;
}

bool p9_scan(const P9Request *r, const char *format, ...)
{
    uint32_t at = P9_HEADER_BYTES;
    va_list args;
    va_start(args, format);
    bool is_whole = scan(r->in, end_of(r), &at, format, args);
    va_end(args);
    return is_whole;
}
