/* SPDX-License-Identifier: MIT */
/*
 * The header of received packets says nothing that was not negotiated, whatever protocol
 * the packet is of (5.1.9.4.1): no segmentation types, no tunnels, no security flags.
 * The partner sends finished packets; each arrives byte for byte.
 */
#include "tests/net/inet.h"
#include "tests/net/net_lib.h"

#define PAYLOAD_BYTES 600
#define VXLAN_BYTES   8
#define VXLAN_PORT    4789
#define TCP_FLAGS_AT  13
#define TCP_ECE_CWR   0xc0

typedef struct Sample {
    uint8_t *raw, *frame; /* raw: behind a header of zeros */
    uint32_t bytes;
} Sample;

static bool sample_open(NetBench *b, Sample *s)
{
    uint32_t most = NET_HDR_MAX + NET_FRAME_MAX;
    s->raw = arena_lend(most, 2);
    if (!s->raw) {
        return require_ok(b->t, -QVIRTIO_NO_MEMORY);
    }
    memset(s->raw, 0, most);
    s->frame = s->raw + net_hdr_bytes(b->partner);
    return true;
}

static void write_ipv4(NetBench *b, Sample *s, bool is_tcp)
{
    InetPacket p = {.is_tcp = is_tcp,
                    .to = b->mac,
                    .nonce = b->nonce,
                    .number = ++b->number,
                    .payload_bytes = PAYLOAD_BYTES};
    s->bytes = inet_write(&p, s->frame);
}

static void write_udp(NetBench *b, Sample *s)
{
    write_ipv4(b, s, false);
}

/* Its sender was told of congestion. */
static void write_congested(NetBench *b, Sample *s)
{
    write_ipv4(b, s, true);
    s->frame[INET_L4_AT + TCP_FLAGS_AT] |= TCP_ECE_CWR;
}

static void write_wrong_sum(NetBench *b, Sample *s)
{
    write_ipv4(b, s, true);
    s->frame[INET_L4_AT + INET_TCP_SUM] ^= 0x55;
}

/* The TCP packet once more, with another header around it. */
static void write_ipv6(NetBench *b, Sample *s)
{
    write_ipv4(b, s, true);
    s->bytes = inet_wrap_ipv6(s->frame, s->bytes, NULL);
}

/* A TCP packet inside a UDP one (RFC 7348); the outer checksum may be 0. */
static void write_tunnel(NetBench *b, Sample *s)
{
    uint8_t *udp = s->frame + INET_L4_AT;
    write_ipv4(b, s, false);
    InetPacket inner = {.is_tcp = true,
                        .to = b->mac,
                        .nonce = b->nonce,
                        .number = ++b->number,
                        .payload_bytes = PAYLOAD_BYTES - VXLAN_BYTES - INET_TCP_BYTES};
    udp[2] = VXLAN_PORT >> 8;
    udp[3] = VXLAN_PORT & 0xff;
    udp[INET_UDP_SUM] = udp[INET_UDP_SUM + 1] = 0;
    memset(s->frame + INET_UDP_BYTES, 0, VXLAN_BYTES);
    s->frame[INET_UDP_BYTES] = 0x08; /* the network's number is valid */
    inet_write(&inner, s->frame + INET_UDP_BYTES + VXLAN_BYTES);
}

/* Sends the frame and waits until it is there, bytes unchanged. Returns false when that
 * fails, which is reported. */
static bool arrives(NetBench *b, const Sample *s, NetPacket *packet)
{
    uint32_t hdr_bytes = net_hdr_bytes(b->partner);
    if (!require_ok(b->t, net_send_raw(b->partner, s->raw, hdr_bytes + s->bytes, 1))) {
        return false;
    }
    while (require_ok(b->t, net_rx_wait(&b->rx, packet))) {
        if (packet->bytes == s->bytes && memcmp(packet->frame, s->frame, s->bytes) == 0) {
            return true;
        }
        if (!require_ok(b->t, net_rx_again(&b->rx, packet))) {
            return false;
        }
    }
    return false;
}

/* The header of the packet that write() makes, as it arrives. Returns NULL when that
 * fails, which is reported. */
static const struct virtio_net_hdr *header_of(Test *t, QVirtioDevice *dev,
                                              void (*write)(NetBench *b, Sample *s))
{
    NetBench b;
    Sample s;
    NetPacket packet;
    if (!net_bench(&b, t, dev, 4) || !sample_open(&b, &s)) {
        return NULL;
    }
    write(&b, &s);
    return arrives(&b, &s, &packet) ? packet.hdr : NULL;
}

static uint8_t kind(const struct virtio_net_hdr *h)
{
    return h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
}

/* "If VIRTIO_NET_F_GUEST_TSO4 is not negotiated, the device MUST NOT set gso_type to
 * VIRTIO_NET_HDR_GSO_TCPV4"; and ECN only with GUEST_ECN. */
VIRTIO_TEST(tcpv4_packet_has_no_segmentation_type, .device = VIRTIO_ID_NET,
            .why_not = net_why_no_partner)
{
    const struct virtio_net_hdr *h = header_of(t, dev, write_congested);
    if (h) {
        expect_ne(t, "dev:5.1.9.4.1-6", kind(h), VIRTIO_NET_HDR_GSO_TCPV4);
        expect_eq(t, "dev:5.1.9.4.1-12a", h->gso_type & VIRTIO_NET_HDR_GSO_ECN, 0);
    }
}

VIRTIO_TEST(udp_packet_has_no_segmentation_type, .device = VIRTIO_ID_NET,
            .why_not = net_why_no_partner)
{
    const struct virtio_net_hdr *h = header_of(t, dev, write_udp);
    if (h) {
        expect_ne(t, "dev:5.1.9.4.1-7", kind(h), VIRTIO_NET_HDR_GSO_UDP);
        expect_ne(t, "dev:5.1.9.4.1-9", kind(h), VIRTIO_NET_HDR_GSO_UDP_L4);
    }
}

VIRTIO_TEST(tcpv6_packet_has_no_segmentation_type, .device = VIRTIO_ID_NET,
            .why_not = net_why_no_partner)
{
    const struct virtio_net_hdr *h = header_of(t, dev, write_ipv6);
    if (h) {
        expect_ne(t, "dev:5.1.9.4.1-8", kind(h), VIRTIO_NET_HDR_GSO_TCPV6);
    }
}

/* No GUEST_UDP_TUNNEL_GSO: nothing in the header speaks of a tunnel. */
VIRTIO_TEST(tunnelled_packet_has_no_tunnel_marks, .device = VIRTIO_ID_NET,
            .why_not = net_why_no_partner)
{
    const uint8_t tunnels =
        VIRTIO_NET_HDR_GSO_TUNNEL_IPV4 | VIRTIO_NET_HDR_GSO_TUNNEL_IPV6;
    const struct virtio_net_hdr *h = header_of(t, dev, write_tunnel);
    if (h) {
        expect_eq(t, "dev:5.1.9.4.1-10", h->gso_type & tunnels, 0);
        expect_eq(t, "dev:5.1.9.4.1-11", h->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM, 0);
        expect_eq(t, "dev:5.1.9.4.1-19a", h->gso_type, VIRTIO_NET_HDR_GSO_NONE);
    }
}

/* "if the packet goes through the IPsec processing. Otherwise, this bit MUST be cleared."
 */
VIRTIO_TEST(plain_packet_has_no_security_flags, .device = VIRTIO_ID_NET,
            .why_not = net_why_no_partner)
{
    const struct virtio_net_hdr *h = header_of(t, dev, write_udp);
    if (h) {
        expect_eq(t, "dev:5.1.9.4.1-31", h->flags & VIRTIO_NET_HDR_F_SECURITY, 0);
        expect_eq(t, "dev:5.1.9.4.1-34", h->flags & VIRTIO_NET_HDR_F_SECURITY_ERR, 0);
    }
}

/* "the device MAY set the VIRTIO_NET_HDR_F_DATA_VALID bit in flags, if so, the device
 * MUST validate the packet checksum." This one is wrong. */
VIRTIO_TEST(wrong_checksum_is_not_called_valid, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_GUEST_CSUM), .why_not = net_why_no_partner)
{
    const struct virtio_net_hdr *h = header_of(t, dev, write_wrong_sum);
    if (h) {
        expect_eq(t, "dev:5.1.9.4.1-26b", h->flags & VIRTIO_NET_HDR_F_DATA_VALID, 0);
        /* With NEEDS_CSUM it would have been found right, and then made partial. */
        expect_eq(t, "dev:5.1.9.4.1-16", h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
    }
}

/* "the device MAY set the outer_nh_offset ... if packet contains a valid network header.
 * Otherwise, the device MUST not use outer_nh_offset." This one is not IP. */
VIRTIO_TEST(no_network_header_is_shown_of_other_frames, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_NET_F_OUT_NET_HEADER),
            .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;
    if (!net_bench(&b, t, dev, 4)) {
        return;
    }
    NetFrame f = net_frame(&b, net_broadcast, 200);
    if (net_arrives(&b, &f, &packet)) {
        const struct virtio_net_hdr_long *h = (const void *)packet.hdr;
        expect_eq(t, "dev:5.1.9.4.1-14", le16_get(h->outer_nh_offset), 0);
    }
}
