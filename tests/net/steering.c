/* SPDX-License-Identifier: MIT */
/*
 * Several receive queues, and flows with known hashes; see steering.h.
 */
#include "tests/net/steering.h"
#include "drivers/virtio/bus.h"
#include "kernel/lib/inet_sum.h"
#include "tests/net/inet.h"

/* Key and vectors: "Verifying the RSS Hash Calculation", Microsoft. */
static const uint8_t key[40] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

const NetFlow net_flows[NET_FLOWS] = {
    {0x323e8fc2,
     0x51ccc178,
     {66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6}},
    {0xd718262a, 0xc626b0ea, {199, 92, 111, 2, 65, 69, 140, 83, 0x37, 0x96, 0x12, 0x83}},
    {0xd2d0a5de, 0x5c2b394a, {24, 19, 198, 95, 12, 22, 207, 184, 0x32, 0x62, 0x94, 0x88}},
    {0x82989176, 0xafc7327f, {38, 27, 205, 30, 209, 142, 163, 6, 0xbc, 0x64, 0x08, 0xa9}},
    {0x5d1809c5,
     0x10e828a2,
     {153, 39, 163, 191, 202, 188, 127, 2, 0xac, 0xdb, 0x05, 0x17}},
    {0x2cc18cd5, 0x40207d3d, {0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0,
                              0,    0,    0,    0,    0,    0,    0x07, 0x3f, 0xfe,
                              0x25, 0x01, 0x02, 0,    0,    3,    0,    0,    0,
                              0,    0,    0,    0,    1,    0x0a, 0xea, 0x06, 0xe6}},
    {0x0f0c461c, 0xdde51bbf, {0x3f, 0xfe, 0x05, 0x01, 0,    0x08, 0,    0,    0x02,
                              0x60, 0x97, 0xff, 0xfe, 0x40, 0xef, 0xab, 0xff, 0x02,
                              0,    0,    0,    0,    0,    0,    0,    0,    0,
                              0,    0,    0,    0,    1,    0x37, 0x96, 0x12, 0x83}},
    {0x4b61e985, 0x02d1feef, {0x3f, 0xfe, 0x19, 0x00, 0x45, 0x45, 0,    0x03, 0x02,
                              0,    0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf, 0xfe, 0x80,
                              0,    0,    0,    0,    0,    0,    0x02, 0,    0xf8,
                              0xff, 0xfe, 0x21, 0x67, 0xcf, 0xac, 0xdb, 0x94, 0x88}},
};

uint32_t net_flow_write(NetBench *b, unsigned i, bool is_tcp, uint8_t *to)
{
    const NetFlow *f = &net_flows[i];
    bool is_6 = i >= NET_FLOWS_IPV4;
    uint8_t flow[12], *l4 = to + INET_IP_AT + INET_IPV6_BYTES;
    memcpy(flow, f->bytes, 8);
    memcpy(flow + 8, f->bytes + (is_6 ? 32 : 8), 4);
    InetPacket p = {.is_tcp = is_tcp,
                    .to = b->mac,
                    .nonce = b->nonce,
                    .number = ++b->number,
                    .payload_bytes = 64,
                    .flow = flow};
    uint32_t bytes = inet_write(&p, to);
    if (is_6) {
        bytes = inet_wrap_ipv6(to, bytes, f->bytes);
        uint32_t l4_bytes = bytes - INET_IP_AT - INET_IPV6_BYTES;
        uint8_t *sum = l4 + (is_tcp ? INET_TCP_SUM : INET_UDP_SUM);
        inet_put16(sum, 0);
        inet_put16(
            sum, ~inet_sum(l4, l4_bytes,
                           inet_sum_pseudo(to + INET_IP_AT, is_tcp ? 6 : 17, l4_bytes)));
    }
    return bytes;
}

bool net_queues_post(NetBench *b, NetQueues *q, unsigned pair)
{
    net_rx_init(&q->rx[pair], b->dev->vq[2 * pair], NET_BUFFER_BYTES);
    return require_ok(b->t, net_rx_post(&q->rx[pair], 4));
}

bool net_queues_open(NetBench *b, NetQueues *q, Test *t, QVirtioDevice *dev,
                     unsigned least)
{
    uint64_t pairs = 1;
    bool has_pairs = qvirtio_negotiated(dev, VIRTIO_NET_F_MQ) ||
                     qvirtio_negotiated(dev, VIRTIO_NET_F_RSS);
    size_t at = offsetof(struct virtio_net_config, max_virtqueue_pairs);
    if (!net_bench(b, t, dev, 0) ||
        (has_pairs && !require_ok(t, qvirtio_config_read(dev, at, 2, &pairs)))) {
        return false;
    }
    if (pairs < least) {
        test_skip(t, "max_virtqueue_pairs is %u", (unsigned)pairs);
        return false;
    }
    q->count = pairs < NET_PAIRS_MOST ? (unsigned)pairs : NET_PAIRS_MOST;
    for (unsigned i = 0; i < q->count; i++) {
        if (!net_queues_post(b, q, i)) {
            return false;
        }
    }
    return true;
}

bool net_queue_reset(NetBench *b, unsigned pair)
{
    return require_ok(b->t, b->dev->bus->queue_reset(b->dev, 2 * pair));
}

bool net_queue_reopen(NetBench *b, unsigned pair)
{
    QVirtQueue *vq;
    return require_ok(b->t, qvirtqueue_open(b->dev, 2 * pair, 0, b->t->ring, &vq));
}

bool net_send_bytes(NetBench *b, const void *frame, uint32_t bytes)
{
    uint32_t hdr_bytes = net_hdr_bytes(b->partner);
    uint8_t *at = arena_lend(hdr_bytes + bytes, 2);
    if (!at) {
        return require_ok(b->t, -QVIRTIO_NO_MEMORY);
    }
    memset(at, 0, hdr_bytes);
    memcpy(at + hdr_bytes, frame, bytes);
    return require_ok(b->t, net_send_raw(b->partner, at, hdr_bytes + bytes, 1));
}

static bool has_any(void *arg)
{
    const NetQueues *q = arg;
    for (unsigned i = 0; i < q->count; i++) {
        if (qvirtqueue_has_used(q->rx[i].vq)) {
            return true;
        }
    }
    return false;
}

int net_queues_wait(NetBench *b, NetQueues *q)
{
    return qvirtio_wait(b->dev, "a frame in any receive queue", has_any, q,
                        wait_timeout_ns());
}

int net_queues_next(NetBench *b, NetQueues *q, NetPacket *packet)
{
    if (!require_ok(b->t, net_queues_wait(b, q))) {
        return -1;
    }
    for (unsigned i = 0; i < q->count; i++) {
        int got = net_rx_get(&q->rx[i], packet);
        if (got) {
            return require_that(b->t, got > 0, "a packet", "error %d", got) ? (int)i : -1;
        }
    }
    return -1;
}

int net_queues_find(NetBench *b, NetQueues *q, const void *frame, uint32_t bytes,
                    NetPacket *packet)
{
    for (;;) {
        int pair = net_queues_next(b, q, packet);
        if (pair < 0 ||
            (packet->bytes == bytes && memcmp(packet->frame, frame, bytes) == 0)) {
            return pair;
        }
        if (!require_ok(b->t, net_rx_again(&q->rx[pair], packet))) {
            return -1;
        }
    }
}

uint32_t net_rss_write(uint8_t to[NET_COMMAND_MAX], uint32_t types, uint16_t mask,
                       const uint16_t *table, uint16_t unclassified)
{
    struct virtio_net_rss_config c = {le32_of(types), le16_of(mask),
                                      le16_of(unclassified)};
    uint8_t *at = to + sizeof(c);
    memcpy(to, &c, sizeof(c));
    for (unsigned i = 0; i <= mask; i++, at += 2) {
        le16 entry = le16_of(table[i]);
        memcpy(at, &entry, 2);
    }
    *at++ = 1; /* max_tx_vq */
    *at++ = 0;
    *at++ = sizeof(key);
    memcpy(at, key, sizeof(key));
    return (uint32_t)(at + sizeof(key) - to);
}

bool net_knows_hashes(NetBench *b, uint32_t types)
{
    uint64_t known = 0;
    if (!require_ok(b->t,
                    qvirtio_config_read(
                        b->dev, offsetof(struct virtio_net_config, supported_hash_types),
                        4, &known))) {
        return false;
    }
    if (types & ~known) {
        test_skip(b->t, "the device does not know the hash types 0x%x",
                  types & ~(uint32_t)known);
    }
    return !(types & ~known);
}

bool net_hash_types(NetBench *b, uint32_t types)
{
    static const uint16_t first[1];
    uint8_t data[NET_COMMAND_MAX];
    bool is_rss = qvirtio_negotiated(b->dev, VIRTIO_NET_F_RSS);
    uint32_t bytes = net_rss_write(data, types, 0, first, 0);
    if (!net_knows_hashes(b, types)) {
        return false;
    }
    if (!is_rss) {
        memset(data + 4, 0, 8); /* reserved */
    }
    return net_accepts(b, BASIS_NONE, VIRTIO_NET_CTRL_MQ,
                       is_rss ? VIRTIO_NET_CTRL_MQ_RSS_CONFIG
                              : VIRTIO_NET_CTRL_MQ_HASH_CONFIG,
                       data, bytes);
}
