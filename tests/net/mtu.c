/* SPDX-License-Identifier: MIT */
/*
 * The MTU once it is negotiated (5.1.4.1): frames up to it, and the Ethernet header more,
 * go out in one piece, and none that is longer comes in. The partner, which has not
 * negotiated it, may send what it likes.
 */
#include "tests/net/net_lib.h"

#define MTU FEATURES(VIRTIO_NET_F_MTU)

/* The longest frame that mtu allows, and room for one longer at both ends. */
static bool bench(NetBench *b, Test *t, QVirtioDevice *dev, uint32_t *longest)
{
    uint64_t mtu;
    NetRx *rx = net_partner_rx(dev);

    if (!net_bench(b, t, dev, 0) ||
        !require_ok(t, qvirtio_config_read(dev, offsetof(struct virtio_net_config, mtu),
                                           2, &mtu))) {
        return false;
    }
    *longest = NET_ETH_BYTES + mtu;
    b->rx.buffer_bytes = rx->buffer_bytes = NET_HDR_MAX + *longest + 4;
    return require_ok(t, net_rx_post(&b->rx, 4));
}

/* "The device MUST forward transmitted packets of up to mtu (plus low level ethernet
 * header length) ... without fragmentation". */
VIRTIO_TEST(a_frame_as_long_as_the_mtu_is_sent_whole, .device = VIRTIO_ID_NET,
            .needs = MTU, .why_not = net_why_no_partner)
{
    NetBench b;
    uint32_t longest;

    if (bench(&b, t, dev, &longest)) {
        NetFrame f = net_frame(&b, net_broadcast, longest);
        bool is_whole = net_is_sent(&b, &f, NULL, 1);
        expect_that(t, "dev:5.1.4.1-6", is_whole, "the frame arrives whole",
                    "see the first failure");
    }
}

VIRTIO_TEST(a_frame_as_long_as_the_mtu_is_received, .device = VIRTIO_ID_NET, .needs = MTU,
            .why_not = net_why_no_partner)
{
    NetBench b;
    uint32_t longest;

    if (bench(&b, t, dev, &longest)) {
        NetFrame f = net_frame(&b, net_broadcast,
                               longest < NET_FRAME_MAX ? longest : NET_FRAME_MAX);
        net_is_received(&b, &f);
    }
}

/* "The device MUST NOT pass received packets that exceed mtu (plus low level ethernet
 * header length) ... after VIRTIO_NET_F_MTU has been successfully negotiated." */
VIRTIO_TEST(a_frame_longer_than_the_mtu_is_dropped, .device = VIRTIO_ID_NET, .needs = MTU,
            .why_not = net_why_no_partner)
{
    NetBench b;
    uint32_t longest;

    if (!bench(&b, t, dev, &longest)) {
        return;
    }
    /* A partner without offloads sends no more than 1514 bytes (5.1.9.3). */
    if (longest >= NET_FRAME_MAX) {
        test_skip(t, "mtu %u: the partner may send no frame that is longer",
                  (unsigned)longest - NET_ETH_BYTES);
        return;
    }
    expect_eq(t, "dev:5.1.4.1-5", net_fate_long(&b, longest + 1), NET_DROPPED);
}
