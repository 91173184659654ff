/* SPDX-License-Identifier: MIT */
/*
 * Config space, the queues and the FUSE session (5.11.4, 5.11.5, 5.11.6.1).
 */
#include "drivers/virtio/truths.h"
#include "tests/fs/fs_lib.h"

VIRTIO_TEST(tag_is_as_told, .device = VIRTIO_ID_FS, .flags = TEST_RAW)
{
    const char *told = qvirtio_truth(dev, "tag");
    size_t length = told ? strlen(told) : 0;
    uint64_t byte = 0;
    bool has_ended = false;
    for (size_t i = 0; i < VIRTIO_FS_TAG_BYTES; i++) {
        if (!require_ok(t, qvirtio_config_read(dev, i, 1, &byte))) {
            return;
        }
        has_ended |= byte == 0;
        /* "padded with NUL bytes if shorter than the available space" */
        if (has_ended) {
            expect_eq(t, "virtio 5.11.4", byte, 0);
        }
        if (told) {
            expect_eq(t, "virtio 5.11.4", byte, i < length ? (uint8_t)told[i] : 0);
        }
    }
}

/* "The device MUST set num_request_queues to 1 or greater." */
VIRTIO_TEST(there_is_a_request_queue, .device = VIRTIO_ID_FS, .flags = TEST_RAW)
{
    uint64_t queues = 0;
    size_t off = offsetof(struct virtio_fs_config, num_request_queues);
    if (require_ok(t, qvirtio_config_read(dev, off, 4, &queues))) {
        expect_ge(t, "dev:5.11.4.2-1", queues, 1);
    }
}

/* "The next FUSE_INIT message terminates the current session and starts a new session".
 */
VIRTIO_TEST(session_begins_on_each_queue, .device = VIRTIO_ID_FS, .rings = RINGS_ALL)
{
    struct fuse_init_in init = {FUSE_MAJOR, FUSE_MINOR, 65536, 0};
    uint16_t queues = dev->driver->queue_count(dev);
    for (uint16_t i = fs_request_queue(dev)->index; i < queues; i++) {
        FsRequest r =
            fs_request_on(dev->vq[i], FUSE_INIT, 0, FS_ROOM, (FsArgs){FS_ARG(init)});
        expect_served(t, "virtio 5.11.6.1", &r, FS_ANY);
    }
}

VIRTIO_TEST(second_init_begins_a_new_session, .device = VIRTIO_ID_FS,
            .why_not = fs_why_unknown)
{
    uint64_t node, fh;
    if (fs_session_open(t, dev, "data", FUSE_OPEN, &node, &fh)) {
        fs_session_by(t, "virtio 5.11.6.1", dev);
        fs_session_open(t, dev, "data", FUSE_OPEN, &node, &fh);
    }
}

VIRTIO_TEST(root_is_a_folder, .device = VIRTIO_ID_FS, .rings = RINGS_ALL)
{
    struct fuse_getattr_in in = {0};
    FsRequest r = fs_request(dev, FUSE_GETATTR, FUSE_ROOT_ID, FS_ARG(in));
    const struct fuse_attr_out *out = r.body;
    if (fs_session(t, dev) && expect_served(t, "FUSE GETATTR", &r, sizeof(*out))) {
        expect_eq(t, "FUSE GETATTR", out->attr.mode & FUSE_S_IFMT, FUSE_S_IFDIR);
    }
}

/* 2.7.4.1: "The device MUST NOT make assumptions about the particular arrangement of
 * descriptors." */
VIRTIO_TEST(requests_in_pieces_are_understood, .device = VIRTIO_ID_FS, .rings = RINGS_ALL,
            .why_not = fs_why_unknown)
{
    if (!fs_session(t, dev)) {
        return;
    }
    for (uint32_t cut = 41; cut < 45; cut++) {
        FsRequest r = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME("data"));
        uint8_t *out = (uint8_t *)r.out, *in = (uint8_t *)r.in;
        if (!out) {
            return;
        }
        QVirtioSg sg[4] = {
            {arena_map(out, cut), cut},
            {arena_map(out + cut, r.out_bytes - cut), r.out_bytes - cut},
            {arena_map(in, cut), cut},
            {arena_map(in + cut, r.in_bytes - cut), r.in_bytes - cut},
        };
        if (!require_ok(t, qvirtqueue_submit(r.vq, sg, 2, 2, &r.used_len)) ||
            !expect_eq(t, "dev:2.7.4.1-1", -r.in->error, 0)) {
            return;
        }
    }
}

/* 2.7.8.2: "The device MUST write at least len bytes to descriptor". It may write more.
 */
VIRTIO_TEST(reply_is_as_long_as_the_used_length, .device = VIRTIO_ID_FS)
{
    struct fuse_getattr_in in = {0};
    FsRequest r = fs_request(dev, FUSE_GETATTR, FUSE_ROOT_ID, FS_ARG(in));
    if (fs_session(t, dev) && require_ok(t, fs_run(&r))) {
        expect_used_len(t, r.used_len, r.in->len);
    }
}
