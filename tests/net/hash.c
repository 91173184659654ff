/* SPDX-License-Identifier: MIT */
/*
 * Hash reports (5.1.9.4.4, 5.1.9.4.5): the hash of a received packet is the Toeplitz hash
 * of the fields that its type names. The answers are the published ones.
 */
#include "tests/net/steering.h"

#define REPORT FEATURES(VIRTIO_NET_F_HASH_REPORT, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MAC)

/* Sends a packet of each of the flows [first, end); each is reported as said. */
static void expect_reports(Test *t, QVirtioDevice *dev, uint32_t types, bool is_tcp,
                           bool has_ports, uint16_t report_v4, uint16_t report_v6)
{
    NetBench b;
    NetQueues q;
    NetPacket packet;
    uint8_t frame[256];
    if (!net_queues_open(&b, &q, t, dev, 1) || !net_hash_types(&b, types)) {
        return;
    }
    for (unsigned i = 0; i < NET_FLOWS; i++) {
        const NetFlow *f = &net_flows[i];
        uint16_t report = i < NET_FLOWS_IPV4 ? report_v4 : report_v6;
        uint32_t bytes = net_flow_write(&b, i, is_tcp, frame);
        if (!net_send_bytes(&b, frame, bytes) ||
            net_queues_find(&b, &q, frame, bytes, &packet) < 0) {
            return;
        }
        const struct virtio_net_hdr_long *h = (const void *)packet.hdr;
        require_eq(t, le16_get(h->hash_report), report);
        if (report != VIRTIO_NET_HASH_REPORT_NONE) {
            require_eq(t, le32_get(h->hash_value), has_ports ? f->tcp_hash : f->ip_hash);
        }
        if (t->has_failed || !require_ok(t, net_rx_again(&q.rx[0], &packet))) {
            return;
        }
    }
}

VIRTIO_TEST(hash_of_addresses_is_the_published_one, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = REPORT, .why_not = net_why_no_partner)
{
    expect_reports(t, dev, VIRTIO_NET_HASH_TYPE_IPv4 | VIRTIO_NET_HASH_TYPE_IPv6, true,
                   false, VIRTIO_NET_HASH_REPORT_IPv4, VIRTIO_NET_HASH_REPORT_IPv6);
}

VIRTIO_TEST(hash_of_tcp_is_the_published_one, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = REPORT, .why_not = net_why_no_partner)
{
    expect_reports(t, dev, NET_HASH_TYPES, true, true, VIRTIO_NET_HASH_REPORT_TCPv4,
                   VIRTIO_NET_HASH_REPORT_TCPv6);
}

VIRTIO_TEST(hash_of_udp_is_the_published_one, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = REPORT, .why_not = net_why_no_partner)
{
    expect_reports(t, dev, NET_HASH_TYPES, false, true, VIRTIO_NET_HASH_REPORT_UDPv4,
                   VIRTIO_NET_HASH_REPORT_UDPv6);
}

/* Ports count only where a type with ports is enabled. */
VIRTIO_TEST(hash_of_udp_falls_back_to_addresses, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = REPORT, .why_not = net_why_no_partner)
{
    expect_reports(t, dev,
                   VIRTIO_NET_HASH_TYPE_IPv4 | VIRTIO_NET_HASH_TYPE_TCPv4 |
                       VIRTIO_NET_HASH_TYPE_IPv6 | VIRTIO_NET_HASH_TYPE_TCPv6,
                   false, false, VIRTIO_NET_HASH_REPORT_IPv4,
                   VIRTIO_NET_HASH_REPORT_IPv6);
}

/* "Initially the device has all hash types disabled and reports only NONE"
 * (5.1.9.5.6); and so with a type that is not the packet's. */
VIRTIO_TEST(no_hash_is_reported_of_other_types, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = REPORT, .why_not = net_why_no_partner)
{
    expect_reports(t, dev, VIRTIO_NET_HASH_TYPE_TCPv4 | VIRTIO_NET_HASH_TYPE_TCPv6, false,
                   false, VIRTIO_NET_HASH_REPORT_NONE, VIRTIO_NET_HASH_REPORT_NONE);
}
