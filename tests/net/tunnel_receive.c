/* SPDX-License-Identifier: MIT */
/*
 * Large packets in a UDP tunnel as the receiving driver sees them (5.1.9.4.1): the header
 * says where both packets begin, and nobody is left with an outer checksum that he did
 * not offer to finish.
 */
#include "kernel/lib/inet_sum.h"
#include "tests/net/tunnel.h"

#define PAYLOAD 2000
#define SEGMENT 700
#define BITS    (VIRTIO_NET_HDR_GSO_TUNNEL_IPV4 | VIRTIO_NET_HDR_GSO_TUNNEL_IPV6)
#define GUEST   FEATURES(TUNNEL_GUEST, VIRTIO_NET_F_MAC)
#define GUEST_SUM \
    FEATURES(TUNNEL_GUEST, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM, VIRTIO_NET_F_MAC)

/* The partner sends a large packet; packet is what arrives of it first. Skipped where it
 * cannot, or where it arrives in pieces and `whole` is wanted. */
static bool receive(Test *t, QVirtioDevice *dev, bool has_outer_sum, bool whole,
                    NetPacket *packet)
{
    static uint8_t frame[TUNNEL_FRAME_MOST];
    NetBench b;
    struct virtio_net_hdr_long hdr = tunnel_header(SEGMENT);
    if (!net_bench(&b, t, dev, 0)) {
        return false;
    }
    if (!qvirtio_negotiated(b.partner, has_outer_sum
                                           ? VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM
                                           : VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO)) {
        test_skip(t, "the partner cannot send large packets in tunnels");
        return false;
    }
    b.rx.buffer_bytes = 65612;
    if (has_outer_sum) {
        hdr.hdr.flags |= VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
    }
    uint32_t bytes = tunnel_write(&b, b.mac, PAYLOAD, has_outer_sum, frame);
    if (!require_ok(t, net_rx_post(&b.rx, 4)) ||
        !tunnel_send(&b, b.partner, &hdr, frame, bytes)) {
        return false;
    }
    while (require_ok(t, net_rx_wait(&b.rx, packet))) {
        if (tunnel_is(&b, packet)) {
            bool is_whole = packet->hdr->gso_type != VIRTIO_NET_HDR_GSO_NONE;
            if (whole && !is_whole) {
                test_skip(t, "the backend cuts large packets itself");
            }
            return is_whole || !whole;
        }
        if (!require_ok(t, net_rx_again(&b.rx, packet))) {
            return false;
        }
    }
    return false;
}

/* What stands in the place of the outer UDP checksum. */
static uint16_t outer_sum(const NetPacket *packet)
{
    return inet_get16(packet->frame + TUNNEL_UDP_AT + INET_UDP_SUM);
}

/* It is 0, or right as the packet is. The inner checksum may still be a partial one. */
static bool is_outer_finished(const NetPacket *packet)
{
    return outer_sum(packet) == 0 || inet_checksum_is_right(packet->frame, packet->bytes);
}

/* "MUST set the VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4 bit or the ..._IPV6 bit in gso_type
 * according to the inner network header protocol type, MUST set the outer_th_offset and
 * inner_nh_offset fields to the corresponding header information". */
VIRTIO_TEST(large_tunnel_packet_says_where_its_headers_are, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = GUEST, .why_not = net_why_no_partner)
{
    NetPacket packet;
    if (!receive(t, dev, false, true, &packet)) {
        return;
    }
    const struct virtio_net_hdr_long *h = (const void *)packet.hdr;
    uint8_t needs_csum = h->hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    expect_eq(t, "dev:5.1.9.4.1-19b", h->hdr.gso_type & BITS,
              VIRTIO_NET_HDR_GSO_TUNNEL_IPV4);
    expect_eq(t, "dev:5.1.9.4.1-19c", le16_get(h->outer_th_offset), TUNNEL_UDP_AT);
    expect_eq(t, "dev:5.1.9.4.1-19c", le16_get(h->inner_nh_offset), TUNNEL_INNER_NH);
    expect_ne(t, "dev:5.1.9.4.1-22a", needs_csum, 0);
    expect_eq(t, "dev:5.1.9.4.1-22b", virtio16_get(false, h->hdr.gso_size), SEGMENT);
    expect_ge(t, "dev:5.1.9.4.1-25", virtio16_get(false, h->hdr.hdr_len), TUNNEL_HEADERS);
    expect_eq(t, "dev:5.1.9.4.1-27", h->hdr.flags & VIRTIO_NET_HDR_F_DATA_VALID, 0);
}

/* "and the outer UDP header MUST NOT require checksum offload". */
VIRTIO_TEST(large_tunnel_packet_needs_no_outer_checksum, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = GUEST, .why_not = net_why_no_partner)
{
    NetPacket packet;
    if (receive(t, dev, false, true, &packet)) {
        expect_that(t, "dev:5.1.9.4.1-19d", is_outer_finished(&packet),
                    "an outer checksum of 0, or a right one", "0x%x", outer_sum(&packet));
    }
}

/* "If the VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM feature has not been negotiated, the
 * device MUST NOT send the driver GSO packets encapsulated in UDP tunnel and requiring
 * segmentation and outer checksum offload": it may cut them itself. */
VIRTIO_TEST(outer_checksum_is_finished_for_who_did_not_offer, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = GUEST, .why_not = net_why_no_partner)
{
    NetPacket packet;
    if (receive(t, dev, true, false, &packet)) {
        expect_that(t, "dev:5.1.9.4.1-20", is_outer_finished(&packet),
                    "an outer checksum of 0, or a right one", "0x%x", outer_sum(&packet));
    }
}

/* "MAY set the VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM bit in flags, if so the device MUST set
 * the packet outer UDP checksum stored in the receive buffer to the outer UDP pseudo
 * header." */
VIRTIO_TEST(outer_checksum_left_open_is_the_pseudo_header, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = GUEST_SUM, .why_not = net_why_no_partner)
{
    NetPacket packet;
    if (!receive(t, dev, true, true, &packet)) {
        return;
    }
    if (!(packet.hdr->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM)) {
        test_skip(t, "the device finishes outer checksums itself");
        return;
    }
    expect_eq(t, "dev:5.1.9.4.1-28b", outer_sum(&packet),
              inet_frame_pseudo_sum(packet.frame, packet.bytes));
}

/* "and the bit VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM is not set in flags, the device MUST
 * either provide a zero outer UDP header checksum or a fully checksummed outer UDP
 * header." */
VIRTIO_TEST(outer_checksum_not_left_open_is_finished, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = GUEST_SUM, .why_not = net_why_no_partner)
{
    NetPacket packet;
    if (!receive(t, dev, false, true, &packet)) {
        return;
    }
    if (packet.hdr->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM) {
        test_skip(t, "the device leaves all outer checksums open");
        return;
    }
    expect_that(t, "dev:5.1.9.4.1-29", is_outer_finished(&packet),
                "an outer checksum of 0, or a right one", "0x%x", outer_sum(&packet));
}
