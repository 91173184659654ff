/* SPDX-License-Identifier: MIT */
/*
 * Message framing (2.7.4): "The device MUST NOT make assumptions about the particular
 * arrangement of descriptors." Requests are cut at places no driver would choose, into
 * pieces that lie apart in memory at any address. Chains stay short here: a device MAY
 * have a reasonable limit (chains.c asks for long ones).
 */
#include "tests/ring/ring_lib.h"

#define PIECES_PER_PART 8

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The ring holds a chain of that many pieces in each format. */
static unsigned piece_limit(QVirtioDevice *dev)
{
    return smaller(ring_queue(dev)->size, 2 * PIECES_PER_PART);
}

VIRTIO_TEST(requests_cut_anywhere_work, .rings = RINGS_ALL, .flags = TEST_PING,
            .wants = FEATURES(VIRTIO_F_ANY_LAYOUT), .why_not = ring_why_not_framing)
{
    for (uint32_t round = 0; round < 4; round++) {
        RingChain *c = ring_chain_make(t, dev, round);
        if (!c) {
            return;
        }
        /* One piece is kept for the rest of each part. */
        unsigned limit = piece_limit(dev);
        unsigned cuts = limit > 2 ? random_below(&t->random, limit - 1) : 0;
        while (cuts-- > 0 && ring_chain_left(c) > 1) {
            uint32_t most = smaller(ring_chain_left(c), 48);
            if (!ring_chain_cut(t, c, 1 + random_below(&t->random, most))) {
                return;
            }
        }
        if (!ring_chain_run(t, CONTENT_CLAUSE(t, &c->ping, "dev:2.7.4.1-1"), c)) {
            return;
        }
    }
}

VIRTIO_TEST(one_byte_descriptors_work, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    RingChain *c = ring_chain_make(t, dev, 0);
    if (!c) {
        return;
    }
    unsigned pieces = (c->ping.out_bytes > 0) + (c->ping.in_bytes > 0);
    unsigned limit = piece_limit(dev);
    unsigned single = limit < pieces ? 0 : limit / pieces - 1;

    for (unsigned i = 0; i < single && c->out_cut_bytes + 1 < c->ping.out_bytes; i++) {
        ring_chain_cut(t, c, 1);
    }
    if (c->out_cut_bytes < c->ping.out_bytes) {
        ring_chain_cut(t, c, 0);
    }
    for (unsigned i = 0; i < single && c->in_cut_bytes + 1 < c->ping.in_bytes; i++) {
        ring_chain_cut(t, c, 1);
    }
    ring_chain_run(t, CONTENT_CLAUSE(t, &c->ping, "dev:2.7.4.1-1"), c);
}

VIRTIO_TEST(header_splits_at_every_byte, .rings = RINGS_SPLIT | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    QVirtioPing sample = {0};
    if (!require_ok(t, dev->driver->ping_make(dev, 0, &sample))) {
        return;
    }
    if (sample.out_bytes < 2) {
        test_skip(t, "the ping of this device has no header");
        return;
    }
    for (uint32_t at = 1; at < smaller(sample.out_bytes, 17); at++) {
        RingChain *c = ring_chain_make(t, dev, at);
        if (!c || !ring_chain_cut(t, c, at) ||
            !ring_chain_run(t, CONTENT_CLAUSE(t, &c->ping, "dev:2.7.4.1-1"), c)) {
            return;
        }
    }
}

VIRTIO_TEST(answer_splits_at_every_byte_of_its_end, .rings = RINGS_SPLIT | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    for (uint32_t tail = 1; tail <= 9; tail++) {
        RingChain *c = ring_chain_make(t, dev, tail);
        if (!c) {
            return;
        }
        if (c->ping.in_bytes <= tail) {
            if (tail == 1) {
                test_skip(t, "the ping of this device writes less than two bytes");
            }
            return;
        }
        bool is_cut = c->ping.out_bytes == 0 || ring_chain_cut(t, c, 0);
        if (!is_cut || !ring_chain_cut(t, c, c->ping.in_bytes - tail) ||
            !ring_chain_run(t, CONTENT_CLAUSE(t, &c->ping, "dev:2.7.4.1-1"), c)) {
            return;
        }
    }
}
