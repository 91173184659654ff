/* SPDX-License-Identifier: MIT */
/*
 * Reception without mergeable buffers (5.1.9.3, 5.1.9.4): frames from the other end of
 * the link arrive byte for byte, one buffer each, behind a header that says no more than
 * was negotiated.
 */
#include "tests/net/net_lib.h"

#define RANDOM_SIZES 12

VIRTIO_TEST(received_frames_are_unchanged, .device = VIRTIO_ID_NET, .rings = RINGS_ALL,
            .why_not = net_why_no_partner)
{
    static const uint16_t edges[] = {60, 61, 64, 127, 256, 511, 1024, 1513, 1514};
    NetBench b;
    bool goes_on = net_bench(&b, t, dev, 4);
    for (unsigned i = 0; goes_on && i < sizeof(edges) / sizeof(edges[0]); i++) {
        NetFrame f = net_frame(&b, net_broadcast, edges[i]);
        goes_on = net_is_received(&b, &f);
    }
    for (unsigned i = 0; goes_on && i < RANDOM_SIZES; i++) {
        uint32_t span = NET_FRAME_MAX - NET_FRAME_MIN + 1;
        NetFrame f = net_frame(&b, b.mac, NET_FRAME_MIN + random_below(&t->random, span));
        goes_on = net_is_received(&b, &f);
    }
}

/* 5.1.9.4.1: without GUEST_CSUM "the device MUST set flags to zero"; without GUEST_TSO4
 * and its kin "the device MUST set gso_type to VIRTIO_NET_HDR_GSO_NONE". */
VIRTIO_TEST(receive_header_is_plain_without_offloads, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;

    if (!net_bench(&b, t, dev, 4)) {
        return;
    }
    NetFrame f = net_frame(&b, net_broadcast, 200);
    if (net_arrives(&b, &f, &packet)) {
        uint8_t flags = packet.hdr->flags;
        expect_eq(t, "dev:5.1.9.4.1-5a", flags, 0);
        expect_eq(t, "dev:5.1.9.4.1-24", flags & VIRTIO_NET_HDR_F_RSC_INFO, 0);
        expect_eq(t, "dev:5.1.9.4.1-21", packet.hdr->gso_type, VIRTIO_NET_HDR_GSO_NONE);
    }
}

/* 5.1.9.4.1: "If VIRTIO_NET_F_MRG_RXBUF has not been negotiated, the device MUST set
 * num_buffers to 1." The buffers hold something else before. */
VIRTIO_TEST(num_buffers_is_one_without_mergeable_buffers, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket packet;

    if (!net_bench(&b, t, dev, 4)) {
        return;
    }
    NetFrame f = net_frame(&b, net_broadcast, 200);
    if (net_arrives(&b, &f, &packet)) {
        uint16_t num_buffers = virtio16_get(false, packet.hdr->num_buffers);
        expect_eq(t, "dev:5.1.9.4.1-1", num_buffers, 1);
    }
}

/* 5.1.9.3.2: "The device MUST use only a single descriptor if VIRTIO_NET_F_MRG_RXBUF was
 * not negotiated." The next used buffer is the next frame's. */
VIRTIO_TEST(a_frame_takes_one_buffer_without_mergeable_buffers, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    NetBench b;
    NetPacket first, second;
    uint32_t number = 0;

    if (!net_bench(&b, t, dev, 8)) {
        return;
    }
    NetFrame large = net_frame(&b, net_broadcast, NET_FRAME_MAX);
    NetFrame next = net_frame(&b, net_broadcast, NET_FRAME_MIN);
    if (!net_arrives(&b, &large, &first) ||
        !require_ok(t, net_send(b.partner, &next, b.nonce)) ||
        !require_ok(t, net_rx_wait(&b.rx, &second))) {
        return;
    }
    require_eq(t, first.used, b.rx.hdr_bytes + NET_FRAME_MAX);
    net_frame_number(second.frame, second.bytes, b.nonce, &number);
    expect_eq(t, "dev:5.1.9.3.2-2", number, next.number);
}

/* Buffers cut into descriptors: header and frame fall apart anywhere (2.7.4.1). */
VIRTIO_TEST(receive_buffers_may_be_cut_anywhere, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    static const uint8_t parts[] = {2, 3, 7, 16};
    NetBench b;
    bool goes_on = net_bench(&b, t, dev, 2);

    for (unsigned i = 0; goes_on && i < sizeof(parts); i++) {
        /* A header cut in the middle, then one cut into single bytes. */
        b.rx.parts = parts[i];
        b.rx.first_part = parts[i] == 16 ? 1 : 5;
        goes_on = require_ok(t, net_rx_post(&b.rx, 2));
        /* The buffers of the round before come first. */
        for (unsigned k = 0; goes_on && k < 4; k++) {
            NetFrame f = net_frame(&b, net_broadcast, 700 + k);
            goes_on = net_is_received(&b, &f);
        }
    }
}

VIRTIO_TEST(reception_goes_on_after_running_dry, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    NetBench b;

    if (!net_bench(&b, t, dev, 0)) {
        return;
    }
    /* What becomes of frames that nobody has a buffer for is not said. */
    for (unsigned i = 0; i < 4; i++) {
        NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MIN);
        if (!require_ok(t, net_send(b.partner, &f, b.nonce))) {
            return;
        }
    }
    if (require_ok(t, net_rx_post(&b.rx, 8))) {
        NetFrame f = net_frame(&b, net_broadcast, 300);
        net_is_received(&b, &f);
    }
}

VIRTIO_TEST(a_burst_of_frames_arrives_in_order, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .why_not = net_why_no_partner)
{
    enum { FRAMES = 48 };
    NetBench b;

    if (!net_bench(&b, t, dev, FRAMES + 8)) {
        return;
    }
    uint32_t first = b.number + 1;
    for (unsigned i = 0; i < FRAMES; i++) {
        NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MIN + i);
        if (!require_ok(t, net_send(b.partner, &f, b.nonce))) {
            return;
        }
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        NetPacket packet;
        int err = net_rx_find(&b.rx, b.nonce, first + i, &packet);
        if (!require_ok(t, err) || !require_eq(t, packet.bytes, NET_FRAME_MIN + i)) {
            return;
        }
    }
}
