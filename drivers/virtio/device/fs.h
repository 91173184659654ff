/* SPDX-License-Identifier: MIT */
/*
 * The file system device (5.11), for tests: FUSE requests on any of its queues.
 */
#ifndef QVIRTIO_DEVICE_FS_H
#define QVIRTIO_DEVICE_FS_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_fs.h"

#define FS_FILL 0xf5 /* what a reply's buffer holds before */

/* One request and its reply; both buffers are lent by the arena. */
typedef struct FsRequest {
    QVirtQueue *vq;
    /* NULL when the arena is full. */
    struct fuse_in_header *out;
    /* The reply's header, or NULL when the request has no reply. */
    struct fuse_out_header *in;
    /* Behind `in`. */
    void *body;
    uint32_t out_bytes, in_bytes, used_len;
} FsRequest;

/* What comes behind the header: an argument, then a name or data. */
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
/* Prepares a request; `room` bytes are for the reply's body. */
FsRequest fs_request_on(QVirtQueue *vq, uint32_t opcode, uint64_t nodeid, uint32_t room,
                        FsArgs args);
/* Publishes nothing yet. The token is the request. */
int fs_add(FsRequest *r);
int fs_run(FsRequest *r);

#endif
