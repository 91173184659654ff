/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the file system device (5.11): FUSE requests on any of its
 * queues.
 */
#ifndef QVIRTIO_DEVICE_FS_H
#define QVIRTIO_DEVICE_FS_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_fs.h"

/* The buffer of a reply is filled with this before a request. */
#define FS_FILL 0xf5

/* One request and its reply. The arena lends both buffers. */
typedef struct FsRequest {
    QVirtQueue *vq;
    /* NULL when the arena is full. */
    struct fuse_in_header *out;
    /* NULL when the request has no reply. */
    struct fuse_out_header *in;
    /* The reply behind its header. */
    void *body;
    uint32_t out_bytes, in_bytes, used_len;
} FsRequest;

/* What follows the header of a request: an argument, then a name or data. */
typedef struct FsArgs {
    const void *arg;
    uint32_t arg_bytes;
    const void *more;
    uint32_t more_bytes;
} FsArgs;

#define FS_ARG(struct_)     .arg = &(struct_), .arg_bytes = sizeof(struct_)
#define FS_NAME(text)       .more = (text), .more_bytes = strlen(text) + 1
#define FS_DATA(from, size) .more = (from), .more_bytes = (size)
#define FS_NO_REPLY         0xffffffffu

/* Returns the first request queue. */
QVirtQueue *fs_request_queue(const QVirtioDevice *d);
/* Makes a request with `room` bytes for the body of the reply, or FS_NO_REPLY. Every
 * request gets another `unique`. */
FsRequest fs_request_on(QVirtQueue *vq, uint32_t opcode, uint64_t nodeid, uint32_t room,
                        FsArgs args);
/* Adds the request and does not kick. The token is r. */
int fs_add(FsRequest *r);
/* Adds the request, kicks, and waits until it is used. */
int fs_run(FsRequest *r);

#endif
