/* SPDX-License-Identifier: MIT */
/*
 * Mergeable receive buffers (5.1.9.3, 5.1.9.4, MRG_RXBUF): a frame spread over as many
 * buffers as it needs, all but the last filled, all of them there at once, counted by
 * num_buffers. Buffers are posted by hand here, because their sizes are the subject.
 */
#include "tests/net/net_lib.h"

#define POOL_MAX 128

/* What became of one frame. */
typedef struct Merged {
    unsigned num_buffers; /* as the device says */
    unsigned used;        /* buffers taken for it */
    bool are_together;    /* all of them were used when the first one was seen */
    bool are_filled;      /* all but the last one */
    uint32_t bytes;       /* of the frame */
    uint8_t frame[NET_BUFFER_BYTES];
} Merged;

/* Posts count buffers of these bytes each. */
static bool post(NetBench *b, const uint16_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        NetBuffer *buffer = arena_lend(sizeof(*buffer), 8);
        uint8_t *at = buffer ? arena_lend(bytes[i], 2) : NULL;
        if (!at) {
            return require_ok(b->t, -QVIRTIO_NO_MEMORY);
        }
        *buffer = (NetBuffer){.at = at, .bytes = bytes[i]};
        memset(at, 0xa5, bytes[i]);
        QVirtioSg sg = {arena_map(at, bytes[i]), bytes[i]};
        if (!require_ok(b->t, qvirtqueue_add(b->rx.vq, &sg, 0, 1, buffer))) {
            return false;
        }
    }
    qvirtqueue_kick(b->rx.vq);
    return true;
}

/* Adds one used buffer to the frame; skip is the header in the first one. */
static void gather(Merged *m, const QVirtioUsed *used, uint32_t skip)
{
    const NetBuffer *buffer = used->token;
    uint32_t bytes = used->len > skip ? used->len - skip : 0;

    if (m->used + 1 < m->num_buffers && used->len != buffer->bytes) {
        m->are_filled = false;
    }
    if (m->bytes + bytes <= sizeof(m->frame)) {
        memcpy(m->frame + m->bytes, buffer->at + skip, bytes);
    }
    m->bytes += bytes;
    m->used++;
}

/* Takes one frame off the queue: the buffers that num_buffers says, without a wait once
 * the first was seen. */
static bool take(NetBench *b, Merged *m)
{
    QVirtioUsed used;
    bool legacy = qvirtio_is_legacy(b->dev);

    if (!require_ok(b->t, qvirtqueue_wait(b->rx.vq, &used))) {
        return false;
    }
    const struct virtio_net_hdr *hdr = (const void *)((const NetBuffer *)used.token)->at;
    m->num_buffers = virtio16_get(legacy, hdr->num_buffers);
    m->used = m->bytes = 0;
    m->are_together = m->are_filled = true;
    gather(m, &used, b->rx.hdr_bytes);
    while (m->used < m->num_buffers) {
        int got = qvirtqueue_get(b->rx.vq, &used);
        if (got != 1) {
            m->are_together = false;
            break;
        }
        gather(m, &used, 0);
    }
    return true;
}

/* What every spread frame has to keep (5.1.9.4.1, 5.1.9.3.2). `needed` is how many
 * buffers it cannot do without and cannot do with more of. */
static void judge(NetBench *b, const Merged *m, unsigned needed)
{
    Test *t = b->t;
    expect_eq(t, "dev:5.1.9.4.1-2", m->num_buffers, needed);
    expect_eq(t, "dev:5.1.9.3.2-1", m->num_buffers, m->used);
    expect_that(t, "dev:5.1.9.4.1-3", m->are_filled,
                "all buffers but the last are filled", "one is not");
    expect_that(t, "dev:5.1.9.4.1-4", m->are_together,
                "all buffers of the frame are used at once", "%u of %u", m->used,
                m->num_buffers);
}

/* A frame of `bytes` goes into these buffers, of which it needs so many. */
static void merge(NetBench *b, const uint16_t *sizes, unsigned count, unsigned needed,
                  uint32_t bytes)
{
    static Merged m;
    uint8_t *expected = arena_lend(bytes, 1);
    NetFrame f = net_frame(b, net_broadcast, bytes);

    if (!expected || !post(b, sizes, count) ||
        !require_ok(b->t, net_send(b->partner, &f, b->nonce)) || !take(b, &m)) {
        return;
    }
    judge(b, &m, needed);
    net_frame_write(&f, b->nonce, expected);
    if (require_eq(b->t, m.bytes, bytes)) {
        require_same(b->t, m.frame, expected, bytes);
    }
}

/* A bench whose queue is empty and for which nothing waits: what earlier tests left
 * behind came before this frame. */
static bool start(NetBench *b, Test *t, QVirtioDevice *dev)
{
    NetPacket packet;
    if (!net_bench(b, t, dev, 1)) {
        return false;
    }
    NetFrame f = net_frame(b, net_broadcast, NET_FRAME_MIN);
    return net_arrives(b, &f, &packet);
}

/* One frame into buffers of one size. */
static void spread(Test *t, QVirtioDevice *dev, uint16_t size, uint32_t bytes)
{
    uint16_t sizes[POOL_MAX];
    NetBench b;

    if (!start(&b, t, dev)) {
        return;
    }
    unsigned needed = (b.rx.hdr_bytes + bytes + size - 1) / size;
    unsigned count = needed + 4 < POOL_MAX ? needed + 4 : POOL_MAX;
    for (unsigned i = 0; i < count; i++) {
        sizes[i] = size;
    }
    merge(&b, sizes, count, needed, bytes);
}

VIRTIO_TEST(a_frame_is_spread_over_small_buffers, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_NET_F_MRG_RXBUF),
            .why_not = net_why_no_partner)
{
    spread(t, dev, 256, NET_FRAME_MAX);
}

/* "each buffer MUST be at least size of struct virtio_net_hdr" (5.1.9.3.1): exactly that
 * much leaves no room for the frame in the first one. */
VIRTIO_TEST(buffers_may_be_as_small_as_the_header, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_NET_F_MRG_RXBUF),
            .why_not = net_why_no_partner)
{
    spread(t, dev, net_hdr_bytes(dev), 300);
}

VIRTIO_TEST(a_frame_that_fits_exactly_takes_no_buffer_more, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_NET_F_MRG_RXBUF),
            .why_not = net_why_no_partner)
{
    spread(t, dev, 100, 500 - net_hdr_bytes(dev));
}

VIRTIO_TEST(a_frame_that_fits_one_buffer_takes_one, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_NET_F_MRG_RXBUF),
            .why_not = net_why_no_partner)
{
    spread(t, dev, NET_BUFFER_BYTES, NET_FRAME_MAX);
}

/* Sizes from the test's own stream: each buffer's limit is its own. */
VIRTIO_TEST(a_frame_is_spread_over_mixed_buffers, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_NET_F_MRG_RXBUF),
            .why_not = net_why_no_partner)
{
    uint16_t sizes[POOL_MAX];
    NetBench b;

    if (!start(&b, t, dev)) {
        return;
    }
    unsigned needed = 0;
    uint32_t bytes = NET_FRAME_MIN + random_below(&t->random, 1400);
    uint32_t room = 0, count = 64;
    for (unsigned i = 0; i < count; i++) {
        sizes[i] = b.rx.hdr_bytes + random_below(&t->random, 120);
        needed += room < b.rx.hdr_bytes + bytes;
        room += sizes[i];
    }
    merge(&b, sizes, count, needed, bytes);
}
