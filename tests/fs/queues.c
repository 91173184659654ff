/* SPDX-License-Identifier: MIT */
/*
 * The queues of the file system device: many requests in flight, the hiprio queue beside
 * busy request queues (5.11.6.2), and notifications (5.11.6.3).
 */
#include "kernel/clock.h"
#include "tests/fs/fs_lib.h"
#include "tests/harness/hand.h"

#define FLIGHT       16
#define NOTIFY_BYTES offsetof(struct virtio_fs_config, notify_buf_size)

VIRTIO_TEST(requests_in_flight_get_their_own_data, .device = VIRTIO_ID_FS,
            .rings = RINGS_ALL, .why_not = fs_why_unknown)
{
    FsRequest r[FLIGHT];
    QVirtioUsed used;
    uint64_t node, fh;
    uint8_t *all = arena_lend(FS_DATA_BYTES, 8);
    if (!all || !fs_session_open(t, dev, "data", FUSE_OPEN, &node, &fh)) {
        return;
    }
    pattern_fill(all, FS_DATA_BYTES, 0);
    for (unsigned i = 0; i < FLIGHT; i++) {
        r[i] = fs_read_request(dev, node, fh, i * 1000, 256);
        if (!require_ok(t, fs_add(&r[i]))) {
            return;
        }
    }
    qvirtqueue_kick(r[0].vq);
    for (unsigned i = 0; i < FLIGHT; i++) {
        if (!require_ok(t, qvirtqueue_wait(r[0].vq, &used))) {
            return;
        }
        FsRequest *reply = used.token;
        reply->used_len = used.len;
        if (fs_expect_used(t, EXPECT_AT("FUSE READ", "reply"), reply, true, 256)) {
            expect_same(t, "FUSE READ", reply->body, all + (reply - r) * 1000, 256);
        }
    }
}

static FsRequest forget(QVirtioDevice *dev, uint64_t node)
{
    struct fuse_forget_in in = {.nlookup = 1};
    return fs_request_on(dev->vq[VIRTIO_FS_HIPRIO], FUSE_FORGET, node, FS_NO_REPLY,
                         (FsArgs){FS_ARG(in)});
}

VIRTIO_TEST(forget_is_used_without_a_reply, .device = VIRTIO_ID_FS, .rings = RINGS_ALL,
            .why_not = fs_why_unknown)
{
    struct fuse_entry_out entry, again = {0};
    if (!fs_session(t, dev) || !fs_lookup(t, dev, FUSE_ROOT_ID, "data", &entry) ||
        !fs_lookup(t, dev, FUSE_ROOT_ID, "data", &again)) {
        return;
    }
    FsRequest r = forget(dev, entry.nodeid);
    if (require_ok(t, fs_run(&r))) {
        require_eq(t, r.used_len, 0);
    }
    fs_lookup(t, dev, FUSE_ROOT_ID, "data", &again);
}

/* One request is always in flight until the device serves the hiprio queue, or until the
 * time is over. "The device MUST NOT pause processing of the hiprio queue due to activity
 * on a normal request queue." */
VIRTIO_TEST(hiprio_is_served_beside_busy_requests, .device = VIRTIO_ID_FS,
            .why_not = fs_why_unknown)
{
    struct fuse_entry_out entry;
    struct fuse_getattr_in in = {0};
    QVirtQueue *hiprio = dev->vq[VIRTIO_FS_HIPRIO], *vq = fs_request_queue(dev);
    FsRequest busy[2];
    QVirtioUsed used;
    if (!fs_session(t, dev) || !fs_lookup(t, dev, FUSE_ROOT_ID, "data", &entry)) {
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        busy[i] = fs_request(dev, FUSE_GETATTR, FUSE_ROOT_ID, FS_ARG(in));
        if (!require_ok(t, fs_add(&busy[i]))) {
            return;
        }
    }
    qvirtqueue_kick(vq);
    FsRequest urgent = forget(dev, entry.nodeid);
    if (!require_ok(t, fs_add(&urgent))) {
        return;
    }
    qvirtqueue_kick(hiprio);
    uint64_t end = clock_ns() + wait_timeout_ns();
    while (!qvirtqueue_has_used(hiprio) && clock_ns() < end) {
        if (!require_ok(t, qvirtqueue_wait(vq, &used)) ||
            !require_ok(t, fs_add(used.token))) {
            return;
        }
        qvirtqueue_kick(vq);
    }
    expect_eq(t, "dev:5.11.6.2.1-1", qvirtqueue_get(hiprio, &used), 1);
}

/* "The device MUST set notify_buf_size to be large enough to hold any of the FUSE notify
 * messages that this device emits." */
VIRTIO_TEST(notifications_fit_their_buffers, .device = VIRTIO_ID_FS, .flags = TEST_HAND,
            .needs = FEATURES(VIRTIO_FS_F_NOTIFICATION))
{
    QVirtQueue *vq = dev->vq[VIRTIO_FS_NOTIFICATION];
    uint64_t bytes = 0;
    QVirtioUsed used;
    if (!require_ok(t, qvirtio_config_read(dev, NOTIFY_BYTES, 4, &bytes)) ||
        !require_ge(t, bytes, sizeof(struct fuse_out_header)) ||
        !require_le(t, bytes, 65536)) {
        return;
    }
    struct fuse_out_header *message = arena_lend(bytes, 8);
    if (!message || !fs_session(t, dev)) {
        return;
    }
    QVirtioSg sg = {arena_map(message, bytes), bytes};
    if (!require_ok(t, qvirtqueue_add(vq, &sg, 0, 1, message))) {
        return;
    }
    qvirtqueue_kick(vq);
    if (!hand_do(t, dev, "notify") || !require_ok(t, qvirtqueue_wait(vq, &used))) {
        return;
    }
    expect_eq(t, "FUSE notify", message->unique, 0);
    expect_ge(t, "FUSE notify", message->len, sizeof(*message));
    expect_le(t, "dev:5.11.4.2-2", message->len, bytes);
}
