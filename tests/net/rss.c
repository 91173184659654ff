/* SPDX-License-Identifier: MIT */
/*
 * Receive-side scaling (5.1.9.5.7) and its contexts (5.1.9.5.8): the queue of a frame is
 * the one that the table has for its hash, or the one for frames without a hash.
 */
#include "tests/net/steering.h"

#define RSS     FEATURES(VIRTIO_NET_F_RSS, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MAC)
#define CONTEXT FEATURES(VIRTIO_NET_F_RSS_CONTEXT, VIRTIO_NET_F_RSS, VIRTIO_NET_F_CTRL_VQ)
#define MASK    7

/* A table that tells entries apart as well as two queues can. */
static const uint16_t table[MASK + 1] = {1, 0, 1, 1, 0, 0, 0, 1};

static bool configure(NetBench *b, uint16_t unclassified)
{
    uint8_t data[NET_COMMAND_MAX];
    uint32_t bytes = net_rss_write(data, NET_HASH_TYPES, MASK, table, unclassified);
    return net_knows_hashes(b, NET_HASH_TYPES) &&
           net_accepts(b, BASIS_NONE, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_RSS_CONFIG,
                       data, bytes);
}

/* The pair that this frame comes in on. Returns -1 when that fails, which is reported. */
static int pair_of(NetBench *b, NetQueues *q, const void *frame, uint32_t bytes)
{
    NetPacket packet;
    int pair = net_send_bytes(b, frame, bytes)
                   ? net_queues_find(b, q, frame, bytes, &packet)
                   : -1;
    return pair >= 0 && require_ok(b->t, net_rx_again(&q->rx[pair], &packet)) ? pair : -1;
}

/* "Apply indirection_table_mask to the calculated hash and use the result as the index in
 * the indirection table to get the destination receive virtqueue". */
VIRTIO_TEST(rss_table_decides_on_the_queue, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = RSS, .why_not = net_why_no_partner)
{
    NetBench b;
    NetQueues q;
    uint8_t frame[256];
    if (!net_queues_open(&b, &q, t, dev, 2) || !configure(&b, 0)) {
        return;
    }
    for (unsigned i = 0; i < NET_FLOWS; i++) {
        uint32_t bytes = net_flow_write(&b, i, true, frame);
        int pair = pair_of(&b, &q, frame, bytes);
        if (pair < 0 || !expect_eq(t, "dev:5.1.9.5.7.3-1", pair,
                                   table[net_flows[i].tcp_hash & MASK])) {
            return;
        }
    }
}

/* "If the device did not calculate the hash for the specific packet, the device directs
 * the packet to the receiveq specified by unclassified_queue". */
VIRTIO_TEST(frames_without_a_hash_go_to_the_unclassified_queue, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = RSS, .why_not = net_why_no_partner)
{
    NetBench b;
    NetQueues q;
    uint8_t frame[NET_FRAME_MIN];
    if (!net_queues_open(&b, &q, t, dev, 2) || !configure(&b, 1)) {
        return;
    }
    NetFrame f = net_frame(&b, b.mac, NET_FRAME_MIN);
    net_frame_write(&f, b.nonce, frame);
    int pair = pair_of(&b, &q, frame, sizeof(frame));
    if (pair >= 0) {
        expect_eq(t, "dev:5.1.9.5.7.3-1", pair, 1);
    }
}

/* "If the destination receive queue is being reset ..., the device MUST drop the packet":
 * it is not there when the queue is back. */
VIRTIO_TEST(frames_for_an_rss_queue_in_reset_are_dropped, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .why_not = net_why_no_partner,
            .needs = FEATURES(VIRTIO_NET_F_RSS, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MAC,
                              VIRTIO_F_RING_RESET))
{
    NetBench b;
    NetQueues q;
    uint8_t frame[NET_FRAME_MIN];
    if (!net_queues_open(&b, &q, t, dev, 2) || !configure(&b, 1) ||
        !net_queue_reset(&b, 1)) {
        return;
    }
    NetFrame lost = net_frame(&b, b.mac, NET_FRAME_MIN);
    net_frame_write(&lost, b.nonce, frame);
    if (!net_send_bytes(&b, frame, sizeof(frame)) ||
        !require_ok(t, net_sent(b.partner)) || !net_queue_reopen(&b, 1) ||
        !net_queues_post(&b, &q, 1)) {
        return;
    }
    NetPacket packet;
    uint32_t number = 0;
    NetFrame f = net_frame(&b, b.mac, NET_FRAME_MIN);
    net_frame_write(&f, b.nonce, frame);
    if (net_send_bytes(&b, frame, sizeof(frame)) &&
        require_ok(t, net_rx_wait(&q.rx[1], &packet))) {
        net_frame_number(packet.frame, packet.bytes, b.nonce, &number);
        expect_ne(t, "dev:5.1.9.5.7.3-2", number, lost.number);
    }
}

/* ---- Contexts ---- */

static bool max_contexts(Test *t, QVirtioDevice *dev, le16 *most)
{
    NetCommand c = {.class = VIRTNET_RSS_CTX_CTRL,
                    .command = VIRTNET_RSS_CTX_CTRL_CAP_GET,
                    .data = "",
                    .result_bytes = sizeof(*most),
                    .result_comes_first = true};
    if (!require_ok(t, net_ask(dev, &c)) || !require_eq(t, c.ack, VIRTIO_NET_OK)) {
        return false;
    }
    memcpy(most, c.result, sizeof(*most));
    return true;
}

VIRTIO_TEST(there_is_an_rss_context, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = CONTEXT)
{
    le16 most;
    if (max_contexts(t, dev, &most)) {
        expect_ge(t, "dev:5.1.9.5.8.3-1", le16_get(most), 1);
    }
}

static int add_context(QVirtioDevice *dev, uint16_t id, uint8_t *ack)
{
    static const uint16_t first[1];
    uint8_t data[8 + NET_COMMAND_MAX] = {(uint8_t)id, (uint8_t)(id >> 8)};
    uint32_t bytes = net_rss_write(data + 8, VIRTIO_NET_HASH_TYPE_IPv4, 0, first, 0);
    return net_command(dev, VIRTNET_RSS_CTX_CTRL, VIRTNET_RSS_CTX_CTRL_ADD, data,
                       8 + bytes, ack);
}

/* "Upon reset, the device MUST clear all previously configured RSS contexts": all of them
 * can be added again. */
VIRTIO_TEST(rss_contexts_are_gone_after_reset, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = CONTEXT)
{
    le16 most;
    uint8_t ack;
    if (!max_contexts(t, dev, &most)) {
        return;
    }
    for (uint16_t id = 1; id <= le16_get(most) && id <= 16; id++) {
        if (!require_ok(t, add_context(dev, id, &ack)) ||
            !require_eq(t, ack, VIRTIO_NET_OK)) {
            return;
        }
    }
    if (!require_ok(t, qvirtio_stop(dev)) || !test_start(t, dev, NULL)) {
        return;
    }
    for (uint16_t id = 1; id <= le16_get(most) && id <= 16; id++) {
        if (!require_ok(t, add_context(dev, id, &ack)) ||
            !expect_eq(t, "dev:5.1.9.5.8.3-2", ack, VIRTIO_NET_OK)) {
            return;
        }
    }
}
