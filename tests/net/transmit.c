/* SPDX-License-Identifier: MIT */
/*
 * Transmission (5.1.9.2): what the driver sends arrives at the other end of the link byte
 * for byte, whatever its size, however it is cut into descriptors, and whatever the
 * header's unused fields hold.
 */
#include "tests/net/net_lib.h"

#define RANDOM_SIZES 12

static const uint16_t edge_sizes[] = {60,  61,  63,  64,   65,   127,  128,
                                      256, 511, 512, 1023, 1024, 1513, 1514};

VIRTIO_TEST(transmitted_frames_arrive_unchanged, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    NetBench b;
    bool goes_on = net_bench(&b, t, dev, 0);
    for (unsigned i = 0; goes_on && i < sizeof(edge_sizes) / sizeof(edge_sizes[0]); i++) {
        NetFrame f = net_frame(&b, net_broadcast, edge_sizes[i]);
        goes_on = net_is_sent(&b, &f, NULL, 1);
    }
    for (unsigned i = 0; goes_on && i < RANDOM_SIZES; i++) {
        uint32_t span = NET_FRAME_MAX - NET_FRAME_MIN + 1;
        NetFrame f =
            net_frame(&b, net_broadcast, NET_FRAME_MIN + random_below(&t->random, span));
        goes_on = net_is_sent(&b, &f, NULL, 1);
    }
}

/* 2.7.4.1: "The device MUST NOT make assumptions about the particular arrangement of
 * descriptors." The header is the first thing an implementation takes for granted. */
VIRTIO_TEST(transmitted_frames_may_be_cut_anywhere, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    static const uint16_t parts[] = {2, 3, 7, 17, TEST_CHAIN_MOST};
    NetBench b;
    bool goes_on = net_bench(&b, t, dev, 0);
    for (unsigned i = 0; goes_on && i < sizeof(parts) / sizeof(parts[0]); i++) {
        NetFrame f = net_frame(&b, net_broadcast,
                               parts[i] == TEST_CHAIN_MOST ? NET_FRAME_MIN : 1000);
        uint32_t bytes = net_hdr_bytes(dev) + f.bytes;
        goes_on = net_is_sent(&b, &f, NULL, parts[i] < bytes ? parts[i] : bytes);
    }
}

VIRTIO_TEST(many_transmitted_frames_all_arrive, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    enum { FRAMES = 64 };
    NetBench b;
    NetRx *rx = net_partner_rx(dev);
    uint64_t arrived = 0;

    if (!net_bench(&b, t, dev, 0) || !require_ok(t, net_rx_post(rx, FRAMES + 8))) {
        return;
    }
    uint32_t first = b.number + 1;
    for (unsigned i = 0; i < FRAMES; i++) {
        NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MIN + i);
        if (!require_ok(t, net_send(dev, &f, b.nonce))) {
            return;
        }
    }
    while (arrived != UINT64_MAX) {
        NetPacket packet;
        uint32_t number;
        if (!require_ok(t, net_rx_wait(rx, &packet))) {
            return;
        }
        if (net_frame_number(packet.frame, packet.bytes, b.nonce, &number)) {
            arrived |= 1ull << (number - first);
            if (!require_eq(t, packet.bytes, NET_FRAME_MIN + number - first)) {
                return;
            }
        }
    }
    require_ok(t, net_sent(dev));
}

/* 5.1.9.2.2: "If VIRTIO_NET_HDR_F_NEEDS_CSUM bit in flags is not set, the device MUST NOT
 * use the csum_start and csum_offset." */
VIRTIO_TEST(checksum_fields_are_unused_without_their_flag, .device = VIRTIO_ID_NET,
            .wants = FEATURES(VIRTIO_NET_F_CSUM), .why_not = net_why_no_partner)
{
    static const uint16_t starts[] = {0, 14, 34, 59, 1000, 0xffff};
    bool legacy = qvirtio_is_legacy(dev), goes_on = true;
    NetBench b;

    if (!net_bench(&b, t, dev, 0)) {
        return;
    }
    for (unsigned i = 0; goes_on && i < sizeof(starts) / sizeof(starts[0]); i++) {
        NetFrame f = net_frame(&b, net_broadcast, 100);
        struct virtio_net_hdr hdr = {
            .csum_start = virtio16_of(legacy, starts[i]),
            .csum_offset = virtio16_of(legacy, 16),
        };
        goes_on = net_is_sent(&b, &f, &hdr, 1);
    }
    expect_that(t, "dev:5.1.9.2.2-2", goes_on, "frames arrive unchanged",
                "see the first failure");
}

/* A driver SHOULD set hdr_len to no less than the headers' length (5.1.9.2.1), where it
 * can segment at all; "The device MUST NOT rely on hdr_len to be correct." (5.1.9.2.2) */
VIRTIO_TEST(segmentation_fields_are_unused_without_their_type, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.2.1",
            .wants = FEATURES(VIRTIO_NET_F_CSUM, VIRTIO_NET_F_HOST_TSO4),
            .why_not = net_why_no_partner)
{
    static const uint16_t lengths[] = {0, 1, 54, 1514, 0xffff};
    bool legacy = qvirtio_is_legacy(dev), goes_on = true;
    NetBench b;

    if (!net_bench(&b, t, dev, 0)) {
        return;
    }
    for (unsigned i = 0; goes_on && i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        NetFrame f = net_frame(&b, net_broadcast, 100);
        struct virtio_net_hdr hdr = {
            .hdr_len = virtio16_of(legacy, lengths[i]),
            .gso_size = virtio16_of(legacy, lengths[i]),
        };
        goes_on = net_is_sent(&b, &f, &hdr, 1);
    }
    bool can_segment = qvirtio_negotiated(dev, VIRTIO_NET_F_HOST_TSO4);
    expect_that(t, can_segment ? "dev:5.1.9.2.2-7" : BASIS_NONE, goes_on,
                "frames arrive unchanged", "see the first failure");
}

/* A driver without CSUM MUST set flags to zero (5.1.9.2.1); "The device MUST ignore flag
 * bits that it does not recognize." (5.1.9.2.2) Bit 7 has no meaning yet. */
VIRTIO_TEST(unknown_header_flags_are_ignored, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.2.1", .why_not = net_why_no_partner)
{
    struct virtio_net_hdr hdr = {.flags = 0x80};
    NetBench b;

    if (!net_bench(&b, t, dev, 0)) {
        return;
    }
    NetFrame f = net_frame(&b, net_broadcast, 100);
    bool is_sent = net_is_sent(&b, &f, &hdr, 1);
    expect_that(t, "dev:5.1.9.2.2-1", is_sent, "the frame arrives unchanged",
                "see the first failure");
    expect_survives(t, dev);
}
