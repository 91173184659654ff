/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the 9P transport: messages are put together and taken apart by
 * a format string with one letter for each field (kernel/lib/p9_fields.h).
 */
#ifndef QVIRTIO_DEVICE_P9_H
#define QVIRTIO_DEVICE_P9_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_9p.h"
#include "kernel/lib/p9_fields.h"

/* The buffer of a reply is filled with this before a request. */
#define P9_FILL 0x9b

/* One request and its reply. The arena lends both buffers. */
typedef struct P9Request {
    QVirtioDevice *dev;
    /* `out` is NULL when the arena is full. */
    uint8_t *out, *in;
    uint32_t out_bytes, in_bytes;
    uint32_t used_len;
} P9Request;

/* Makes a message with this tag and type, and `room` bytes for the reply. */
P9Request p9_request(QVirtioDevice *d, uint32_t room, uint16_t tag, uint8_t type,
                     const char *format, ...);
/* Adds the request and does not kick, so several may be added before a kick. The token is
 * r. */
int p9_add(P9Request *r);
/* Adds the request, kicks, and waits until it is used. */
int p9_run(P9Request *r);

/* Return what the header of the reply says. */
uint32_t p9_size(const P9Request *r);
uint8_t p9_type(const P9Request *r);
uint16_t p9_tag(const P9Request *r);

/* Reads the fields behind the header of a reply. Returns false when the reply is too
 * short for them. A field's pointer may be NULL. */
bool p9_scan(const P9Request *r, const char *format, ...);
/* Does the same from byte *at on, and moves *at behind the fields. */
bool p9_scan_at(const P9Request *r, uint32_t *at, const char *format, ...);

#endif
