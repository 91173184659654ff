/* SPDX-License-Identifier: MIT */
/*
 * Checksum and segmentation offloads as the receiving driver sees them (5.1.9.4.1): a
 * partner that may leave checksums and segmentation to its device sends such packets;
 * what arrives is as finished as the features of the device under test ask. Needs a
 * backend that carries the header (a tap, not a hub).
 */
#include "tests/net/inet.h"
#include "tests/net/net_lib.h"

#define LARGE_BYTES 3000
#define SEGMENT     1000

/* The partner sends the packet; its device is asked to finish the checksum, and to cut a
 * TCP packet into segments. */
static bool send_marked(NetBench *b, const InetPacket *p, bool is_ecn)
{
    bool legacy = qvirtio_is_legacy(b->partner);
    uint32_t hdr_bytes = net_hdr_bytes(b->partner);
    uint8_t *at = arena_lend(hdr_bytes + INET_TCP_BYTES + p->payload_bytes, 2);
    struct virtio_net_hdr hdr = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = p->is_tcp ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_NONE,
        .hdr_len = virtio16_of(legacy, inet_header_bytes(p)),
        .gso_size = virtio16_of(legacy, p->is_tcp ? SEGMENT : 0),
        .csum_start = virtio16_of(legacy, INET_L4_AT),
        .csum_offset = virtio16_of(legacy, p->is_tcp ? INET_TCP_SUM : INET_UDP_SUM),
    };

    if (!at) {
        return require_ok(b->t, -QVIRTIO_NO_MEMORY);
    }
    memcpy(at, &hdr, hdr_bytes < sizeof(hdr) ? hdr_bytes : sizeof(hdr));
    uint32_t bytes = inet_write(p, at + hdr_bytes);
    if (is_ecn) {
        at[offsetof(struct virtio_net_hdr, gso_type)] |= VIRTIO_NET_HDR_GSO_ECN;
        at[hdr_bytes + INET_L4_AT + 13] |= 0x80; /* CWR */
    }
    return require_ok(b->t, net_send_raw(b->partner, at, hdr_bytes + bytes, 1));
}

static bool send_partial(NetBench *b, const InetPacket *p)
{
    return send_marked(b, p, false);
}

/* Waits for the packet, or for its first segment. */
static bool receive(NetBench *b, const InetPacket *p, NetPacket *packet)
{
    for (;;) {
        if (!require_ok(b->t, net_rx_wait(&b->rx, packet))) {
            return false;
        }
        if (inet_is(p, packet->frame, packet->bytes)) {
            return true;
        }
        if (!require_ok(b->t, net_rx_again(&b->rx, packet))) {
            return false;
        }
    }
}

/* A bench with large buffers; skipped where the partner cannot send what is needed. */
static bool bench(NetBench *b, Test *t, QVirtioDevice *dev, unsigned bit,
                  const char *name)
{
    if (!net_bench(b, t, dev, 0)) {
        return false;
    }
    if (!qvirtio_negotiated(b->partner, bit)) {
        test_skip(t, "the partner does not offer %s", name);
        return false;
    }
    b->rx.buffer_bytes = 65612; /* 5.1.9.3.1: at least 65609 with segmentation */
    return require_ok(t, net_rx_post(&b->rx, 4));
}

static InetPacket packet_for(NetBench *b, bool is_tcp, uint32_t bytes)
{
    return (InetPacket){
        .is_tcp = is_tcp,
        .to = b->mac,
        .nonce = b->nonce,
        .number = ++b->number,
        .payload_bytes = bytes,
        .is_partial = true,
    };
}

/* "If VIRTIO_NET_F_GUEST_CSUM is not negotiated, the device MUST set flags to zero and
 * SHOULD supply a fully checksummed packet to the driver." */
VIRTIO_TEST(checksums_are_complete_without_guest_csum, .device = VIRTIO_ID_NET,
            .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;
    if (!bench(&b, t, dev, VIRTIO_NET_F_CSUM, "VIRTIO_NET_F_CSUM")) {
        return;
    }
    InetPacket p = packet_for(&b, false, 301);
    if (send_partial(&b, &p) && receive(&b, &p, &packet)) {
        expect_eq(t, "dev:5.1.9.4.1-5a", packet.hdr->flags, 0);
        bool is_right = inet_checksum_is_right(packet.frame, packet.bytes);
        expect_that(t, "dev:5.1.9.4.1-5b", is_right, "a right UDP checksum",
                    "a wrong one");
    }
}

/* With GUEST_CSUM the checksum may be left to the driver: then the pseudo header's sum is
 * there, and csum_start and csum_offset say how to go on. */
VIRTIO_TEST(partial_checksums_can_be_finished, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_GUEST_CSUM), .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;
    if (!bench(&b, t, dev, VIRTIO_NET_F_CSUM, "VIRTIO_NET_F_CSUM")) {
        return;
    }
    InetPacket p = packet_for(&b, false, 301);
    if (!send_partial(&b, &p) || !receive(&b, &p, &packet)) {
        return;
    }
    bool legacy = qvirtio_is_legacy(dev);
    if (packet.hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        uint16_t start = virtio16_get(legacy, packet.hdr->csum_start);
        uint16_t offset = virtio16_get(legacy, packet.hdr->csum_offset);
        uint16_t left = inet_sum(packet.frame + INET_L4_AT + INET_UDP_SUM, 2, 0);
        expect_eq(t, "dev:5.1.9.4.1-17", left,
                  inet_frame_pseudo_sum(packet.frame, packet.bytes));
        expect_eq(t, "dev:5.1.9.4.1-18", start, INET_L4_AT);
        expect_eq(t, "dev:5.1.9.4.1-18", offset, INET_UDP_SUM);
    } else {
        bool is_right = inet_checksum_is_right(packet.frame, packet.bytes);
        require_that(t, is_right, "a right UDP checksum", "a wrong one");
    }
}

/* Segments of a large TCP packet: none is longer than the wire allows, and all of its
 * payload comes. */
VIRTIO_TEST(large_packets_come_in_segments_without_guest_tso, .device = VIRTIO_ID_NET,
            .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;
    uint32_t payload = 0;
    if (!bench(&b, t, dev, VIRTIO_NET_F_HOST_TSO4, "VIRTIO_NET_F_HOST_TSO4")) {
        return;
    }
    InetPacket p = packet_for(&b, true, LARGE_BYTES);
    bool goes_on = send_partial(&b, &p) && receive(&b, &p, &packet);
    while (goes_on) {
        expect_eq(t, "dev:5.1.9.4.1-6", packet.hdr->gso_type, VIRTIO_NET_HDR_GSO_NONE);
        require_le(t, packet.bytes, NET_FRAME_MAX);
        payload += packet.bytes - INET_TCP_BYTES;
        goes_on = payload < LARGE_BYTES && !t->has_failed &&
                  require_ok(t, net_rx_again(&b.rx, &packet)) &&
                  require_ok(t, net_rx_wait(&b.rx, &packet));
    }
    require_eq(t, payload, LARGE_BYTES);
}

/* A packet left in one piece says how it would be cut (5.1.9.4.1). */
VIRTIO_TEST(large_packets_say_how_to_cut_them, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_GUEST_CSUM, VIRTIO_NET_F_GUEST_TSO4),
            .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;
    if (!bench(&b, t, dev, VIRTIO_NET_F_HOST_TSO4, "VIRTIO_NET_F_HOST_TSO4")) {
        return;
    }
    InetPacket p = packet_for(&b, true, LARGE_BYTES);
    if (!send_partial(&b, &p) || !receive(&b, &p, &packet)) {
        return;
    }
    if (packet.hdr->gso_type == VIRTIO_NET_HDR_GSO_NONE) {
        test_skip(t, "the backend cuts large packets itself");
        return;
    }
    bool legacy = qvirtio_is_legacy(dev);
    uint16_t gso_size = virtio16_get(legacy, packet.hdr->gso_size);
    uint16_t hdr_len = virtio16_get(legacy, packet.hdr->hdr_len);
    uint8_t needs_csum = packet.hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    require_eq(t, packet.hdr->gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
    expect_ne(t, "dev:5.1.9.4.1-22a", needs_csum, 0);
    expect_eq(t, "dev:5.1.9.4.1-22b", gso_size, SEGMENT);
    expect_ge(t, "dev:5.1.9.4.1-25", hdr_len, INET_TCP_BYTES);
}

/* A large TCP packet comes in whole. Skipped where it does not. */
static bool receive_large(NetBench *b, bool is_ecn, NetPacket *packet)
{
    InetPacket p = packet_for(b, true, LARGE_BYTES);
    if (!send_marked(b, &p, is_ecn) || !receive(b, &p, packet)) {
        return false;
    }
    bool is_whole = packet->hdr->gso_type != VIRTIO_NET_HDR_GSO_NONE;
    if (!is_whole) {
        test_skip(b->t, "the backend cuts large packets itself");
    }
    return is_whole;
}

/* "unless the VIRTIO_NET_F_GUEST_ECN feature is negotiated, in which case the device MUST
 * set the VIRTIO_NET_HDR_GSO_ECN bit in gso_type." */
VIRTIO_TEST(large_packets_with_ecn_are_marked, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_GUEST_CSUM, VIRTIO_NET_F_GUEST_TSO4,
                              VIRTIO_NET_F_GUEST_ECN),
            .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;
    if (bench(&b, t, dev, VIRTIO_NET_F_HOST_ECN, "VIRTIO_NET_F_HOST_ECN") &&
        receive_large(&b, true, &packet)) {
        expect_ne(t, "dev:5.1.9.4.1-12b", packet.hdr->gso_type & VIRTIO_NET_HDR_GSO_ECN,
                  0);
    }
}

/* "If VIRTIO_NET_F_RSC_EXT was negotiated, the device MUST also set
 * VIRTIO_NET_HDR_F_RSC_INFO bit in flags, set csum_start to number of coalesced TCP
 * segments and set csum_offset to number of received duplicated ACK segments." */
VIRTIO_TEST(large_packets_tell_what_they_are_made_of, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_RSC_EXT, VIRTIO_NET_F_GUEST_CSUM,
                              VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_CSUM,
                              VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6),
            .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;
    if (bench(&b, t, dev, VIRTIO_NET_F_HOST_TSO4, "VIRTIO_NET_F_HOST_TSO4") &&
        receive_large(&b, false, &packet)) {
        bool legacy = qvirtio_is_legacy(dev);
        expect_ne(t, "dev:5.1.9.4.1-23", packet.hdr->flags & VIRTIO_NET_HDR_F_RSC_INFO,
                  0);
        expect_eq(t, "dev:5.1.9.4.1-23", virtio16_get(legacy, packet.hdr->csum_start),
                  (LARGE_BYTES + SEGMENT - 1) / SEGMENT);
        expect_eq(t, "dev:5.1.9.4.1-23", virtio16_get(legacy, packet.hdr->csum_offset),
                  0);
    }
}
