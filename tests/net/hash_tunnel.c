/* SPDX-License-Identifier: MIT */
/*
 * The hash of a packet in a tunnel (5.1.9.4.4.4): of its outer header, unless its type of
 * tunnel is enabled. Outer and inner packets are flows with known hashes.
 */
#include "kernel/lib/inet_sum.h"
#include "tests/net/inet.h"
#include "tests/net/steering.h"

#define TUNNELS                                                                        \
    FEATURES(VIRTIO_NET_F_HASH_TUNNEL, VIRTIO_NET_F_HASH_REPORT, VIRTIO_NET_F_CTRL_VQ, \
             VIRTIO_NET_F_MAC)
#define VXLAN VIRTIO_NET_HASH_TUNNEL_TYPE_VXLAN
#define OUTER 0
#define INNER 1

static const char *why_no_vxlan(QVirtioDevice *dev)
{
    uint64_t types = 0;
    qvirtio_config_read(dev, offsetof(struct virtio_net_config, supported_tunnel_types),
                        4, &types);
    const char *why = net_why_no_partner(dev);
    return why ? why : types & VXLAN ? NULL : "supported_tunnel_types has no VXLAN";
}

static uint8_t set_tunnels(NetBench *b, uint32_t types)
{
    le32 data = le32_of(types);
    uint8_t ack = 0xff;
    require_ok(b->t,
               net_command(b->dev, VIRTIO_NET_CTRL_HASH_TUNNEL,
                           VIRTIO_NET_CTRL_HASH_TUNNEL_SET, &data, sizeof(data), &ack));
    return ack;
}

/* Receives a UDP packet of flow OUTER with a packet of flow INNER in a VXLAN tunnel; the
 * hash that is reported of its addresses. */
static bool read_hash(NetBench *b, NetQueues *q, uint32_t *hash)
{
    uint8_t frame[256], inner[128];
    NetPacket packet;
    uint32_t bytes = net_flow_write(b, INNER, true, inner);
    InetPacket outer = {.to = b->mac,
                        .nonce = b->nonce,
                        .number = ++b->number,
                        .payload_bytes = 8 + bytes,
                        .flow = net_flows[OUTER].bytes};
    uint32_t all = inet_write(&outer, frame);
    inet_put16(frame + INET_L4_AT + 2, 4789);
    inet_put16(frame + INET_L4_AT + INET_UDP_SUM, 0);
    memset(frame + INET_UDP_BYTES, 0, 8);
    frame[INET_UDP_BYTES] = 0x08;
    memcpy(frame + INET_UDP_BYTES + 8, inner, bytes);
    if (!net_send_bytes(b, frame, all) ||
        net_queues_find(b, q, frame, all, &packet) < 0) {
        return false;
    }
    const struct virtio_net_hdr_long *h = (const void *)packet.hdr;
    *hash = le32_get(h->hash_value);
    return require_ok(b->t, net_rx_again(&q->rx[0], &packet));
}

static bool open(NetBench *b, NetQueues *q, Test *t, QVirtioDevice *dev)
{
    return net_queues_open(b, q, t, dev, 1) &&
           net_hash_types(b, VIRTIO_NET_HASH_TYPE_IPv4);
}

VIRTIO_TEST(hash_of_an_enabled_tunnel_is_the_inner_one, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = TUNNELS, .why_not = why_no_vxlan)
{
    NetBench b;
    NetQueues q;
    uint32_t hash;
    if (open(&b, &q, t, dev) && require_eq(t, set_tunnels(&b, VXLAN), VIRTIO_NET_OK) &&
        read_hash(&b, &q, &hash)) {
        require_eq(t, hash, net_flows[INNER].ip_hash);
    }
}

/* "If the (outer) header of the received packet does not match any encapsulation types
 * enabled in enabled_tunnel_types, the device MUST calculate the hash on the outer
 * header." */
VIRTIO_TEST(hash_of_a_tunnel_that_is_not_enabled_is_the_outer_one,
            .device = VIRTIO_ID_NET, .buses = BUS_MODERN, .needs = TUNNELS,
            .why_not = why_no_vxlan)
{
    NetBench b;
    NetQueues q;
    uint32_t hash;
    if (open(&b, &q, t, dev) && read_hash(&b, &q, &hash)) {
        expect_eq(t, "dev:5.1.9.4.4.4-1", hash, net_flows[OUTER].ip_hash);
    }
}

/* "sets enabled_tunnel_types to 0 ... or upon the device reset, the device MUST disable
 * the inner header hash for all encapsulation types." */
VIRTIO_TEST(no_tunnel_types_turn_inner_hashes_off, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = TUNNELS, .why_not = why_no_vxlan)
{
    NetBench b;
    NetQueues q;
    uint32_t hash;
    if (open(&b, &q, t, dev) && require_eq(t, set_tunnels(&b, VXLAN), VIRTIO_NET_OK) &&
        require_eq(t, set_tunnels(&b, 0), VIRTIO_NET_OK) && read_hash(&b, &q, &hash)) {
        expect_eq(t, "dev:5.1.9.4.4.4-3", hash, net_flows[OUTER].ip_hash);
    }
}

VIRTIO_TEST(reset_turns_inner_hashes_off, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = TUNNELS, .why_not = why_no_vxlan)
{
    NetBench b;
    NetQueues q;
    uint32_t hash;
    if (net_bench(&b, t, dev, 0) &&
        require_eq(t, set_tunnels(&b, VXLAN), VIRTIO_NET_OK) &&
        require_ok(t, qvirtio_stop(dev)) && test_start(t, dev, NULL) &&
        open(&b, &q, t, dev) && read_hash(&b, &q, &hash)) {
        expect_eq(t, "dev:5.1.9.4.4.4-3", hash, net_flows[OUTER].ip_hash);
    }
}

/* "The driver MUST NOT set any bits in enabled_tunnel_types which are not set in
 * supported_tunnel_types." The device "SHOULD respond ... with VIRTIO_NET_ERR". */
VIRTIO_TEST(unsupported_tunnel_types_are_refused, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .violates = "5.1.9.4.4.5", .needs = TUNNELS)
{
    NetBench b;
    if (net_bench(&b, t, dev, 0)) {
        expect_eq(t, "dev:5.1.9.4.4.4-2", set_tunnels(&b, 1u << 31), VIRTIO_NET_ERR);
        expect_survives(t, dev);
    }
}
