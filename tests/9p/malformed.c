/* SPDX-License-Identifier: MIT */
/*
 * Messages that break the rules of 9P. These rules bind the client, and virtio does not
 * say what the device does then. The VMM must survive, and the device must work after a
 * reset.
 */
#include "tests/9p/p9_lib.h"

/* Sends the message in buffers of other lengths than its own: `out` bytes are readable
 * and `in` bytes are writable. */
static void submit_cut(Test *t, P9Request *r, uint32_t out, uint32_t in)
{
    if (!r->out) {
        return;
    }
    QVirtioSg sg[2] = {{arena_map(r->out, out), out},
                       {arena_map(r->in, r->in_bytes), in}};
    QVirtQueue *vq = r->dev->vq[0];
    if (require_ok(t, qvirtqueue_add(vq, sg + !out, out != 0, in != 0, r))) {
        qvirtqueue_kick(vq);
        expect_survives(t, r->dev);
    }
}

VIRTIO_TEST(message_without_a_whole_header_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TCLUNK, "d", 1);
    submit_cut(t, &r, 6, r.in_bytes);
}

VIRTIO_TEST(message_without_room_for_a_reply_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TCLUNK, "d", 1);
    submit_cut(t, &r, r.out_bytes, 3);
}

VIRTIO_TEST(message_that_is_only_read_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TCLUNK, "d", 1);
    submit_cut(t, &r, r.out_bytes, 0);
}

VIRTIO_TEST(message_that_is_only_written_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TCLUNK, "d", 1);
    submit_cut(t, &r, 0, r.in_bytes);
}

VIRTIO_TEST(message_cut_within_a_field_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TVERSION, "ds", P9_MSIZE, "9P2000.L");
    submit_cut(t, &r, r.out_bytes - 3, r.in_bytes);
}

VIRTIO_TEST(name_longer_than_its_message_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask_walk(dev, P9_ROOT, 1, "data");
    if (p9_session(t, dev) && r.out) {
        memset(r.out + P9_HEADER_BYTES + 10, 0xff, 2);
        submit_cut(t, &r, r.out_bytes, r.in_bytes);
    }
}

VIRTIO_TEST(size_that_lies_is_survived, .device = VIRTIO_ID_9P, .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TCLUNK, "d", 1);
    if (p9_session(t, dev) && r.out) {
        memset(r.out, 0xff, 4);
        submit_cut(t, &r, r.out_bytes, r.in_bytes);
    }
}

VIRTIO_TEST(walk_of_too_many_names_is_survived, .device = VIRTIO_ID_9P, .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TWALK, "ddw", P9_ROOT, 1, 0xffff);
    if (p9_session(t, dev)) {
        submit_cut(t, &r, r.out_bytes, r.in_bytes);
    }
}

/* No message fits into a msize of 8 bytes. */
VIRTIO_TEST(msize_too_small_for_a_message_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TVERSION, "ds", 8, "9P2000.L");
    submit_cut(t, &r, r.out_bytes, r.in_bytes);
}

VIRTIO_TEST(message_before_any_session_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TGETATTR, "dq", P9_ROOT, P9_GETATTR_BASIC);
    submit_cut(t, &r, r.out_bytes, r.in_bytes);
}

VIRTIO_TEST(unknown_message_is_survived, .device = VIRTIO_ID_9P, .violates = "9P")
{
    P9Request r = p9_ask(dev, 250, "d", 0);
    if (p9_session(t, dev)) {
        submit_cut(t, &r, r.out_bytes, r.in_bytes);
    }
}

VIRTIO_TEST(error_as_a_request_is_survived, .device = VIRTIO_ID_9P, .violates = "9P")
{
    P9Request r = p9_ask(dev, P9_TLERROR, "d", 5);
    if (p9_session(t, dev)) {
        submit_cut(t, &r, r.out_bytes, r.in_bytes);
    }
}

VIRTIO_TEST(unknown_fid_is_survived, .device = VIRTIO_ID_9P, .violates = "9P")
{
    P9Request attr = p9_ask(dev, P9_TGETATTR, "dq", 77, P9_GETATTR_BASIC);
    P9Request read = p9_ask(dev, P9_TREAD, "dqd", 78, 0ull, 16);
    P9Request clunk = p9_ask(dev, P9_TCLUNK, "d", 79);
    P9Request walk = p9_ask_walk(dev, 80, 1, "data");
    if (p9_session(t, dev) && require_ok(t, p9_add(&attr)) &&
        require_ok(t, p9_add(&read)) && require_ok(t, p9_add(&clunk))) {
        submit_cut(t, &walk, walk.out_bytes, walk.in_bytes);
    }
}

/* "a proposed newfid (which must not be in use unless it is the same as fid)". */
VIRTIO_TEST(walk_to_a_fid_in_use_is_survived, .device = VIRTIO_ID_9P, .violates = "9P",
            .why_not = p9_why_unknown)
{
    P9Request r = p9_ask_walk(dev, P9_ROOT, 1, "empty");
    if (p9_session_at(t, dev, "data")) {
        submit_cut(t, &r, r.out_bytes, r.in_bytes);
    }
}

VIRTIO_TEST(read_larger_than_its_reply_is_survived, .device = VIRTIO_ID_9P,
            .violates = "9P", .why_not = p9_why_unknown)
{
    P9Request r = p9_ask(dev, P9_TREAD, "dqd", 1, 0ull, 10000);
    if (p9_session_open(t, dev, "data", P9_O_RDONLY)) {
        submit_cut(t, &r, r.out_bytes, 100);
    }
}
