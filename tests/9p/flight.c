/* SPDX-License-Identifier: MIT */
/*
 * Several 9P messages are in flight at once: replies may come back in any order, each
 * under the tag of its request. Other messages are divided into pieces.
 */
#include "tests/9p/p9_lib.h"

#define FLIGHT 16

VIRTIO_TEST(each_reply_has_its_requests_tag, .device = VIRTIO_ID_9P, .rings = RINGS_ALL,
            .why_not = p9_why_unknown)
{
    P9Request r[FLIGHT];
    QVirtioUsed used;
    uint8_t *all = arena_lend(P9_DATA_BYTES, 8);
    if (!all || !p9_session_open(t, dev, "data", P9_O_RDONLY)) {
        return;
    }
    pattern_fill(all, P9_DATA_BYTES, 0);
    for (unsigned i = 0; i < FLIGHT; i++) {
        r[i] = p9_request(dev, P9_HEADER_BYTES + 4 + 256, 1000 + i, P9_TREAD, "dqd", 1,
                          (uint64_t)i * 1000, 256);
        if (!require_ok(t, p9_add(&r[i]))) {
            return;
        }
    }
    qvirtqueue_kick(dev->vq[0]);
    for (unsigned i = 0; i < FLIGHT; i++) {
        if (!require_ok(t, qvirtqueue_wait(dev->vq[0], &used))) {
            return;
        }
        P9Request *reply = used.token;
        reply->used_len = used.claimed;
        if (expect_replied(t, "9P2000 intro", reply)) {
            uint32_t bytes = p9_size(reply) - 11;
            expect_le(t, "9P2000 read", bytes, 256);
            expect_same(t, "9P2000 read", reply->in + 11, all + (reply - r) * 1000,
                        bytes < 256 ? bytes : 256);
        }
    }
}

/* A flush of a message that was answered before, or never sent, is answered as any other
 * message. */
VIRTIO_TEST(flush_of_an_old_tag_is_answered, .device = VIRTIO_ID_9P)
{
    P9Request flush = p9_ask(dev, P9_TFLUSH, "w", 4711);
    if (p9_session(t, dev)) {
        expect_reply(t, "9P2000 flush", &flush);
    }
}

/* 2.7.4.1: "The device MUST NOT make assumptions about the particular arrangement of
 * descriptors." The pieces end inside headers, names and counts. */
VIRTIO_TEST(messages_in_pieces_are_understood, .device = VIRTIO_ID_9P, .rings = RINGS_ALL,
            .buses = BUS_MODERN, .why_not = p9_why_unknown)
{
    if (!p9_session(t, dev)) {
        return;
    }
    for (uint32_t cut = 1; cut < 23; cut += 3) {
        P9Request r = p9_ask_walk(dev, P9_ROOT, cut, "data");
        if (!r.out) {
            return;
        }
        QVirtioSg sg[4] = {
            {arena_map(r.out, cut), cut},
            {arena_map(r.out + cut, r.out_bytes - cut), r.out_bytes - cut},
            {arena_map(r.in, cut), cut},
            {arena_map(r.in + cut, r.in_bytes - cut), r.in_bytes - cut},
        };
        uint16_t count = 0;
        if (!require_ok(t, qvirtqueue_submit(dev->vq[0], sg, 2, 2, &r.used_len)) ||
            !expect_eq(t, "dev:2.7.4.1-1", p9_type(&r), P9_TWALK + 1) ||
            !expect_scan(t, "9P2000 walk", &r, "w", &count)) {
            return;
        }
        expect_eq(t, "9P2000 walk", count, 1);
    }
}

/* 2.7.8.2: "The device MUST write at least len bytes to descriptor". It may write more.
 */
VIRTIO_TEST(used_length_is_within_the_reply, .device = VIRTIO_ID_9P, .buses = BUS_MODERN)
{
    P9Request r = p9_ask(dev, P9_TGETATTR, "dq", P9_ROOT, P9_GETATTR_BASIC);
    if (p9_session(t, dev) && require_ok(t, p9_run(&r))) {
        expect_used_len(t, r.used_len, p9_size(&r));
    }
}
