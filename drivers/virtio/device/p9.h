/* SPDX-License-Identifier: MIT */
/*
 * The 9P transport, for tests: messages put together and taken apart by a format, one
 * letter a field:
 *
 *     b w d q   1, 2, 4 and 8 bytes (q: uint64_t)
 *     s         a string; taken apart: P9Text
 *     D         count[4] and as many bytes: uint32_t, pointer
 *     Q         a qid: pointer to a P9Qid
 */
#ifndef QVIRTIO_DEVICE_P9_H
#define QVIRTIO_DEVICE_P9_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_9p.h"

#define P9_FILL 0x9b /* what a reply's buffer holds before */

typedef struct P9Qid {
    uint8_t type;
    uint32_t version;
    uint64_t path;
} P9Qid;

typedef struct P9Text {
    const char *at;
    uint16_t bytes;
} P9Text;

/* One request and its reply; both buffers are lent by the arena. */
typedef struct P9Request {
    QVirtioDevice *dev;
    uint8_t *out, *in; /* out NULL: no memory */
    uint32_t out_bytes, in_bytes;
    uint32_t used_len;
} P9Request;

/* A message with this tag; `room` is for the reply. */
P9Request p9_request(QVirtioDevice *d, uint32_t room, uint16_t tag, uint8_t type,
                     const char *format, ...);
/* Publishes nothing yet: several may be added before a kick. The token is the request. */
int p9_add(P9Request *r);
int p9_run(P9Request *r);

uint32_t p9_size(const P9Request *r); /* what the reply's header says */
uint8_t p9_type(const P9Request *r);
uint16_t p9_tag(const P9Request *r);

/* The fields alone: written behind each other, how many bytes they are; and taken from
 * from[*at] on, which moves, false when they do not end before from[end]. */
uint32_t p9_pack(uint8_t *to, const char *format, ...);
bool p9_unpack(const uint8_t *from, uint32_t end, uint32_t *at, const char *format, ...);
/* Takes a reply apart behind its header; false: it is shorter than that. A field's
 * pointer may be NULL. */
bool p9_scan(const P9Request *r, const char *format, ...);
/* The same from byte `at` on, which moves. */
bool p9_scan_at(const P9Request *r, uint32_t *at, const char *format, ...);

#endif
