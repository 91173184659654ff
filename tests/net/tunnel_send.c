/* SPDX-License-Identifier: MIT */
/*
 * What a driver may and may not say in the long header of a packet that it sends
 * (5.1.9.2.2): fields that no bit speaks of are unused, packets whose tunnel bits
 * contradict each other are not accepted.
 */
#include "tests/net/tunnel.h"

#define PAYLOAD 900
#define SEGMENT 500
#define LONG    FEATURES(VIRTIO_NET_F_OUT_NET_HEADER, VIRTIO_NET_F_MAC)
#define HOST    FEATURES(TUNNEL_HOST, VIRTIO_NET_F_MAC)
#define REFUSED                                                            \
    .device = VIRTIO_ID_NET, .buses = BUS_MODERN, .violates = "5.1.9.2.1", \
    .why_not = net_why_no_partner

/* The partner gets the frame that is sent behind this header, as it is. */
static void expect_sent(Test *t, QVirtioDevice *dev, const char *clause,
                        const struct virtio_net_hdr_long *hdr)
{
    uint8_t frame[200];
    NetBench b;
    NetPacket packet;
    NetRx *rx = net_partner_rx(dev);
    if (!net_bench(&b, t, dev, 0) || !require_ok(t, net_rx_post(rx, 8))) {
        return;
    }
    NetFrame f = net_frame(&b, net_broadcast, sizeof(frame));
    NetFrame last = net_frame(&b, net_broadcast, NET_FRAME_MIN);
    net_frame_write(&f, b.nonce, frame);
    bool goes_on = tunnel_send(&b, dev, hdr, frame, sizeof(frame)) &&
                   require_ok(t, net_send(dev, &last, b.nonce));
    while (goes_on && require_ok(t, net_rx_wait(rx, &packet))) {
        uint32_t number = 0;
        net_frame_number(packet.frame, packet.bytes, b.nonce, &number);
        if (number == f.number || number == last.number) {
            bool is_same = packet.bytes == sizeof(frame) &&
                           memcmp(packet.frame, frame, sizeof(frame)) == 0;
            expect_that(t, clause, is_same, "the frame arrives unchanged",
                        number == f.number ? "it is changed" : "it is lost");
            return;
        }
        goes_on = require_ok(t, net_rx_again(rx, &packet));
    }
}

/* "and outer_nh_offset is nonzero, the device MAY use outer_nh_offset ... Otherwise,
 * device MUST NOT use the outer_nh_offset." */
VIRTIO_TEST(outer_header_at_0_is_unused, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = LONG, .why_not = net_why_no_partner)
{
    struct virtio_net_hdr_long hdr = {.outer_nh_offset = le16_of(0)};
    expect_sent(t, dev, "dev:5.1.9.2.2-4", &hdr);
}

/* "If VIRTIO_NET_HDR_F_SECURITY bit in flags is not set, the device MUST NOT use the
 * resource_id and resource_type." */
VIRTIO_TEST(ipsec_ids_are_unused_without_their_flag, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = LONG, .why_not = net_why_no_partner)
{
    struct virtio_net_hdr_long hdr = {.ipsec = {0x55, 0, 0, 0, 0x03, 0x02}};
    expect_sent(t, dev, "dev:5.1.9.2.2-13", &hdr);
}

/* "If the VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4 bit and ..._IPV6 bit in gso_type are not
 * set, the device MUST NOT use the outer_th_offset and inner_nh_offset." */
VIRTIO_TEST(tunnel_offsets_are_unused_without_a_tunnel, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = HOST, .why_not = net_why_no_partner)
{
    struct virtio_net_hdr_long hdr = {.outer_th_offset = le16_of(0x7fff),
                                      .inner_nh_offset = le16_of(0xffff)};
    expect_sent(t, dev, "dev:5.1.9.2.2-9", &hdr);
}

/* Sends a tunnel packet with this header, then a frame: did a piece of it arrive before
 * that? */
static NetFate tunnel_fate(Test *t, QVirtioDevice *dev,
                           const struct virtio_net_hdr_long *hdr)
{
    static uint8_t frame[TUNNEL_FRAME_MOST];
    NetBench b;
    NetPacket packet;
    NetFate fate = NET_DROPPED;
    NetRx *rx = net_partner_rx(dev);
    if (!net_bench(&b, t, dev, 0) || !require_ok(t, net_rx_post(rx, 8))) {
        return NET_UNKNOWN;
    }
    uint32_t bytes =
        tunnel_write(&b, net_broadcast, PAYLOAD,
                     hdr->hdr.flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM, frame);
    NetFrame last = net_frame(&b, net_broadcast, NET_FRAME_MIN);
    bool goes_on = tunnel_send(&b, dev, hdr, frame, bytes) &&
                   require_ok(t, net_send(dev, &last, b.nonce));
    while (goes_on && require_ok(t, net_rx_wait(rx, &packet))) {
        uint32_t number;
        if (net_frame_number(packet.frame, packet.bytes, b.nonce, &number) &&
            number == last.number) {
            return fate;
        }
        fate = tunnel_is(&b, &packet) ? NET_PASSED : fate;
        goes_on = require_ok(t, net_rx_again(rx, &packet));
    }
    return NET_UNKNOWN;
}

static void expect_refused(Test *t, QVirtioDevice *dev, const char *clause,
                           const struct virtio_net_hdr_long *hdr)
{
    expect_eq(t, clause, tunnel_fate(t, dev, hdr), NET_DROPPED);
    expect_survives(t, dev);
}

VIRTIO_TEST(large_tunnel_packet_is_sent, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = HOST, .why_not = net_why_no_partner)
{
    struct virtio_net_hdr_long hdr = tunnel_header(SEGMENT);
    require_eq(t, tunnel_fate(t, dev, &hdr), NET_PASSED);
}

VIRTIO_TEST(packet_with_both_tunnel_bits_is_refused, .needs = HOST, REFUSED)
{
    struct virtio_net_hdr_long hdr = tunnel_header(SEGMENT);
    hdr.hdr.gso_type |= VIRTIO_NET_HDR_GSO_TUNNEL_IPV6;
    expect_refused(t, dev, "dev:5.1.9.2.2-8", &hdr);
}

/* A tunnel bit, and NEEDS_CSUM clear, or DATA_VALID set, or nothing to cut. */
VIRTIO_TEST(tunnel_packet_without_needs_csum_is_refused, .needs = HOST, REFUSED)
{
    struct virtio_net_hdr_long hdr = tunnel_header(SEGMENT);
    hdr.hdr.flags = 0;
    expect_refused(t, dev, "dev:5.1.9.2.2-10", &hdr);
}

VIRTIO_TEST(tunnel_packet_with_data_valid_is_refused, .needs = HOST, REFUSED)
{
    struct virtio_net_hdr_long hdr = tunnel_header(SEGMENT);
    hdr.hdr.flags |= VIRTIO_NET_HDR_F_DATA_VALID;
    expect_refused(t, dev, "dev:5.1.9.2.2-10", &hdr);
}

VIRTIO_TEST(tunnel_packet_without_segmentation_is_refused, .needs = HOST, REFUSED)
{
    struct virtio_net_hdr_long hdr = tunnel_header(SEGMENT);
    hdr.hdr.gso_type = VIRTIO_NET_HDR_GSO_TUNNEL_IPV4;
    expect_refused(t, dev, "dev:5.1.9.2.2-10", &hdr);
}

/* UDP_TUNNEL_CSUM without a tunnel bit. */
VIRTIO_TEST(tunnel_checksum_without_a_tunnel_is_refused, REFUSED,
            .needs = FEATURES(TUNNEL_HOST, VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM,
                              VIRTIO_NET_F_MAC))
{
    struct virtio_net_hdr_long hdr = tunnel_header(0);
    hdr.hdr.flags |= VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
    expect_refused(t, dev, "dev:5.1.9.2.2-11", &hdr);
}
