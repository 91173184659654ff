/* SPDX-License-Identifier: MIT */
/*
 * 9P messages, made from fields and taken apart into fields (p9.h). A reply is not read
 * beyond the length in its header, nor beyond the used length.
 */
#include "drivers/virtio/device/p9.h"
#include "kernel/lib/string.h"
#include <stdarg.h>

P9Request p9_request(QVirtioDevice *d, uint32_t room, uint16_t tag, uint8_t type,
                     const char *format, ...)
{
    P9Request r = {.dev = d, .in_bytes = room};
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    r.out_bytes = P9_HEADER_BYTES + p9_pack_va(NULL, format, args);
    r.in = arena_lend(room, 1);
    r.out = r.in ? arena_lend(r.out_bytes, 1) : NULL;
    if (r.out) {
        uint8_t *to = r.out;
        to += p9_pack(to, "dbw", r.out_bytes, type, tag);
        p9_pack_va(to, format, again);
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
    uint32_t at = 0, size = 0;
    p9_unpack(r->in, P9_HEADER_BYTES, &at, "d", &size);
    return size;
}

uint8_t p9_type(const P9Request *r)
{
    return r->in[4];
}

uint16_t p9_tag(const P9Request *r)
{
    uint32_t at = 5;
    uint16_t tag = 0;
    p9_unpack(r->in, P9_HEADER_BYTES, &at, "w", &tag);
    return tag;
}

static uint32_t end_of(const P9Request *r)
{
    return p9_size(r) < r->in_bytes ? p9_size(r) : r->in_bytes;
}

bool p9_scan_at(const P9Request *r, uint32_t *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool is_whole = p9_unpack_va(r->in, end_of(r), at, format, args);
    va_end(args);
    return is_whole;
}

bool p9_scan(const P9Request *r, const char *format, ...)
{
    uint32_t at = P9_HEADER_BYTES;
    va_list args;
    va_start(args, format);
    bool is_whole = p9_unpack_va(r->in, end_of(r), &at, format, args);
    va_end(args);
    return is_whole;
}
