/* SPDX-License-Identifier: MIT */
/*
 * Requests that break the rules: the VMM must survive, and the device must work after a
 * reset.
 */
#include "tests/fs/fs_lib.h"

static void submit(Test *t, QVirtioDevice *dev, FsRequest *r, uint32_t out, uint32_t in)
{
    if (!r->out || !fs_session(t, dev)) {
        return;
    }
    QVirtioSg sg[2] = {{arena_map(r->out, out), out},
                       {arena_map(r->in, r->in_bytes), in}};
    if (require_ok(t, qvirtqueue_add(r->vq, sg + !out, out != 0, in != 0, r))) {
        qvirtqueue_kick(r->vq);
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(request_without_a_whole_header_is_survived, .device = VIRTIO_ID_FS,
            .violates = "5.11.6.1")
{
    FsRequest r = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME("data"));
    submit(t, dev, &r, sizeof(*r.out) - 1, r.in_bytes);
}

VIRTIO_TEST(request_without_room_for_a_reply_is_survived, .device = VIRTIO_ID_FS,
            .violates = "5.11.6.1")
{
    FsRequest r = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME("data"));
    submit(t, dev, &r, r.out_bytes, sizeof(*r.in) - 1);
}

VIRTIO_TEST(request_that_is_only_written_is_survived, .device = VIRTIO_ID_FS,
            .violates = "5.11.6.1")
{
    FsRequest r = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME("data"));
    submit(t, dev, &r, 0, r.in_bytes);
}

VIRTIO_TEST(name_without_an_end_is_survived, .device = VIRTIO_ID_FS,
            .violates = "5.11.6.1")
{
    FsRequest r = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_DATA("data", 4));
    submit(t, dev, &r, r.out_bytes, r.in_bytes);
}

VIRTIO_TEST(length_that_lies_is_survived, .device = VIRTIO_ID_FS, .violates = "5.11.6.1")
{
    FsRequest r = fs_request(dev, FUSE_LOOKUP, FUSE_ROOT_ID, FS_NAME("data"));
    if (r.out) {
        r.out->len = 0xffffffff;
        submit(t, dev, &r, r.out_bytes, r.in_bytes);
    }
}

/* "The driver MUST not submit normal requests on the hiprio queue." */
VIRTIO_TEST(normal_request_on_hiprio_is_survived, .device = VIRTIO_ID_FS,
            .violates = "5.11.6.2.2")
{
    struct fuse_getattr_in in = {0};
    FsRequest r = fs_request_on(dev->vq[VIRTIO_FS_HIPRIO], FUSE_GETATTR, FUSE_ROOT_ID,
                                FS_ROOM, (FsArgs){FS_ARG(in)});
    submit(t, dev, &r, r.out_bytes, r.in_bytes);
}

/* "The driver MUST submit FUSE_INTERRUPT, FUSE_FORGET, and FUSE_BATCH_FORGET requests
 * solely on the hiprio queue." */
VIRTIO_TEST(forget_on_a_request_queue_is_survived, .device = VIRTIO_ID_FS,
            .violates = "5.11.6.2.2")
{
    struct fuse_forget_in in = {.nlookup = 1};
    FsRequest r = fs_request(dev, FUSE_FORGET, 0x123456789ull, FS_ARG(in));
    submit(t, dev, &r, r.out_bytes, r.in_bytes);
}

VIRTIO_TEST(unknown_request_is_survived, .device = VIRTIO_ID_FS, .violates = "5.11.6.1")
{
    FsRequest r = fs_request(dev, 4000, FUSE_ROOT_ID, .arg = NULL);
    submit(t, dev, &r, r.out_bytes, r.in_bytes);
}

VIRTIO_TEST(unknown_node_is_survived, .device = VIRTIO_ID_FS, .violates = "5.11.6.1")
{
    struct fuse_getattr_in in = {0};
    FsRequest attr = fs_request(dev, FUSE_GETATTR, 0x123456789ull, FS_ARG(in));
    FsRequest look = fs_request(dev, FUSE_LOOKUP, 0x123456788ull, FS_NAME("data"));
    submit(t, dev, &attr, attr.out_bytes, attr.in_bytes);
    submit(t, dev, &look, look.out_bytes, look.in_bytes);
}

VIRTIO_TEST(unknown_handle_is_survived, .device = VIRTIO_ID_FS, .violates = "5.11.6.1",
            .why_not = fs_why_unknown)
{
    uint64_t node, fh;
    if (fs_session_open(t, dev, "data", FUSE_OPEN, &node, &fh)) {
        FsRequest r = fs_read_request(dev, node, fh + 1000, 0, 16);
        if (require_ok(t, fs_add(&r))) {
            qvirtqueue_kick(r.vq);
            expect_survives(t, dev);
        }
    }
}

VIRTIO_TEST(released_handle_is_survived, .device = VIRTIO_ID_FS, .violates = "5.11.6.1",
            .why_not = fs_why_unknown)
{
    uint64_t node, fh;
    if (!fs_session_open(t, dev, "data", FUSE_OPEN, &node, &fh)) {
        return;
    }
    struct fuse_release_in in = {.fh = fh};
    FsRequest release = fs_request(dev, FUSE_RELEASE, node, FS_ARG(in));
    FsRequest read = fs_read_request(dev, node, fh, 0, 16);
    if (expect_served(t, "FUSE RELEASE", &release, 0) && require_ok(t, fs_add(&read))) {
        qvirtqueue_kick(read.vq);
        expect_survives(t, dev);
    }
}
