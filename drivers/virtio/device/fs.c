/* SPDX-License-Identifier: MIT */
/*
 * The driver of the file system device (5.11). Its ping is FUSE_INIT, which ends the
 * session before it (5.11.6.1), so pings do not depend on each other. Requests go to the
 * first request queue. Where notifications are negotiated, only tests receive them.
 */
#include "drivers/virtio/device/fs.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/string.h"

#define READAHEAD 65536u

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_FS_F_NOTIFICATION, .name = "NOTIFICATION"},
    {.name = NULL},
};

#define CONFIG(f) offsetof(struct virtio_fs_config, f)

/* The tag is a text, so it is no field here; tests/fs reads it. */
static const QVirtioField fields[] = {
    {.name = "num_request_queues",
     .offset = CONFIG(num_request_queues),
     .width = 4,
     .count = 1,
     .feature = FEATURES_END},
    {.name = "notify_buf_size",
     .offset = CONFIG(notify_buf_size),
     .width = 4,
     .count = 1,
     .feature = VIRTIO_FS_F_NOTIFICATION},
    {.name = NULL},
};

static uint16_t first_request_queue(const QVirtioDevice *d)
{
    return 1 + qvirtio_negotiated(d, VIRTIO_FS_F_NOTIFICATION);
}

static uint16_t queue_count(QVirtioDevice *d)
{
    uint64_t n = 0;
    int err = qvirtio_config_read(d, CONFIG(num_request_queues), 4, &n);
    unsigned most = QVIRTIO_MAX_QUEUES - first_request_queue(d);
    n = err || n == 0 ? 1 : n;
    return first_request_queue(d) + (n < most ? n : most);
}

QVirtQueue *fs_request_queue(const QVirtioDevice *d)
{
    return d->vq[first_request_queue(d)];
}

FsRequest fs_request_on(QVirtQueue *vq, uint32_t opcode, uint64_t nodeid, uint32_t room,
                        FsArgs args)
{
    static uint64_t last_unique;
    uint32_t in_bytes = room == FS_NO_REPLY ? 0 : sizeof(struct fuse_out_header) + room;
    FsRequest r = {.vq = vq, .in_bytes = in_bytes};
    r.out_bytes = sizeof(*r.out) + args.arg_bytes + args.more_bytes;
    r.in = in_bytes ? arena_lend(in_bytes, 8) : NULL;
    r.out = in_bytes && !r.in ? NULL : arena_lend(r.out_bytes, 8);
    if (!r.out) {
        return r;
    }
    *r.out = (struct fuse_in_header){
        .len = r.out_bytes,
        .opcode = opcode,
        .unique = ++last_unique,
        .nodeid = nodeid,
    };
    uint8_t *to = (uint8_t *)(r.out + 1);
    if (args.arg_bytes) {
        memcpy(to, args.arg, args.arg_bytes);
    }
    if (args.more_bytes) {
        memcpy(to + args.arg_bytes, args.more, args.more_bytes);
    }
    if (r.in) {
        memset(r.in, FS_FILL, in_bytes);
        r.body = r.in + 1;
    }
    return r;
}

static void map(const FsRequest *r, QVirtioSg sg[2])
{
    sg[0] = (QVirtioSg){arena_map(r->out, r->out_bytes), r->out_bytes};
    if (r->in) {
        sg[1] = (QVirtioSg){arena_map(r->in, r->in_bytes), r->in_bytes};
    }
}

int fs_add(FsRequest *r)
{
    QVirtioSg sg[2];
    if (!r->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    map(r, sg);
    return qvirtqueue_add(r->vq, sg, 1, r->in != NULL, r);
}

int fs_run(FsRequest *r)
{
    QVirtioSg sg[2];
    if (!r->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    map(r, sg);
    return qvirtqueue_submit(r->vq, sg, 1, r->in != NULL, &r->used_len);
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    struct fuse_init_in init = {FUSE_MAJOR, FUSE_MINOR, READAHEAD + number, 0};
    FsRequest r = fs_request_on(fs_request_queue(d), FUSE_INIT, 0,
                                sizeof(struct fuse_init_out), (FsArgs){FS_ARG(init)});
    if (!r.out) {
        return -QVIRTIO_NO_MEMORY;
    }
    r.out->unique = 1 + (uint64_t)number;
    *ping = QVIRTIO_PING_OF(d, number, &r);
    return 0;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    const struct fuse_out_header *header = ping->in;
    const struct fuse_init_out *init = (const void *)(header + 1);
    if (header->unique != 1 + (uint64_t)ping->number) {
        return "the answer is to another request";
    }
    (void)used_len;
    if (header->error) {
        return "FUSE_INIT failed";
    }
    return init->major == FUSE_MAJOR && init->minor >= 12 &&
                   init->max_readahead <= READAHEAD + ping->number
               ? NULL
               : "the answer's version or readahead is none that was asked for";
}

QVIRTIO_DRIVER(fs, .device_id = VIRTIO_ID_FS, .name = "fs", .features = features,
               .fields = fields, .config_bytes = sizeof(struct virtio_fs_config),
               .ping_queue = 1, .queue_count = queue_count, .ping_make = ping_make,
               .ping_check = ping_check);
