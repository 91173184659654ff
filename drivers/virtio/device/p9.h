/* SPDX-License-Identifier: MIT */
/*
 * The 9P transport, for tests: messages are put together and taken apart by a format of
 * one letter a field (kernel/lib/p9_fields.h).
 */
#ifndef QVIRTIO_DEVICE_P9_H
#define QVIRTIO_DEVICE_P9_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_9p.h"
#include "kernel/lib/p9_fields.h"

#define P9_FILL 0x9b /* what a reply's buffer holds before */

/* One request and its reply; both buffers are lent by the arena. */
typedef struct P9Request {
    QVirtioDevice *dev;
    /* Out NULL when the arena is full. */
    uint8_t *out, *in;
    uint32_t out_bytes, in_bytes;
    uint32_t used_len;
} P9Request;

/* Prepares a message with this tag; `room` bytes are for the reply. */
P9Request p9_request(QVirtioDevice *d, uint32_t room, uint16_t tag, uint8_t type,
                     const char *format, ...);
/* Publishes nothing yet: several may be added before a kick. The token is the request. */
int p9_add(P9Request *r);
int p9_run(P9Request *r);

uint32_t p9_size(const P9Request *r); /* what the reply's header says */
uint8_t p9_type(const P9Request *r);
uint16_t p9_tag(const P9Request *r);

/* Takes a reply apart behind its header. Returns false when the reply is shorter than the
 * format. A field's pointer may be NULL. */
bool p9_scan(const P9Request *r, const char *format, ...);
/* Does the same from byte `at` on, which moves. */
bool p9_scan_at(const P9Request *r, uint32_t *at, const char *format, ...);

#endif
