/* SPDX-License-Identifier: MIT */
/*
 * Packet receive filtering (5.1.9.5.1), the modes that let more pass: promiscuous,
 * all-multicast, all-unicast. In each state a frame that has to pass follows the one in
 * question, so that what did not come before it was dropped.
 */
#include "tests/net/net_lib.h"

#define BASIC FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_MAC)
#define EXTRA                                                              \
    FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_MAC, \
             VIRTIO_NET_F_CTRL_RX_EXTRA)

/* Frames of all three kinds pass. */
static void expect_everything(NetBench *b, const char *clause)
{
    expect_eq(b->t, clause, net_fate(b, net_stranger, b->mac), NET_PASSED);
    expect_eq(b->t, clause, net_fate(b, net_group, b->mac), NET_PASSED);
    expect_eq(b->t, clause, net_fate(b, net_broadcast, b->mac), NET_PASSED);
}

VIRTIO_TEST(promiscuous_mode_receives_everything, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_PROMISC, true)) {
        expect_everything(&b, "dev:5.1.9.5.1.1-2");
    }
}

/* "This SHOULD take effect even if one of the other modes ... is on." */
VIRTIO_TEST(promiscuous_mode_beats_every_other, .device = VIRTIO_ID_NET, .needs = EXTRA,
            .why_not = net_why_no_partner)
{
    static const uint8_t modes[] = {VIRTIO_NET_CTRL_RX_NOMULTI, VIRTIO_NET_CTRL_RX_NOUNI,
                                    VIRTIO_NET_CTRL_RX_NOBCAST,
                                    VIRTIO_NET_CTRL_RX_PROMISC};
    NetBench b;
    bool goes_on = net_bench_filtering(&b, t, dev);
    for (unsigned i = 0; goes_on && i < sizeof(modes); i++) {
        goes_on = net_mode(&b, modes[i], true);
    }
    if (goes_on) {
        expect_everything(&b, "dev:5.1.9.5.1.1-3");
    }
}

VIRTIO_TEST(promiscuous_mode_can_be_turned_off, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_PROMISC, true) &&
        require_eq(t, net_fate(&b, net_stranger, b.mac), NET_PASSED) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_PROMISC, false)) {
        expect_eq(t, "dev:5.1.9.5.2.1-4", net_fate(&b, net_stranger, b.mac), NET_DROPPED);
    }
}

VIRTIO_TEST(all_multicast_passes_every_group, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    static const uint8_t groups[][6] = {{0x01, 0x00, 0x5e, 0, 0, 1},
                                        {0x33, 0x33, 0, 0, 0, 1},
                                        {0xff, 0xff, 0xff, 0, 0, 0}};
    NetBench b;
    if (!net_bench_filtering(&b, t, dev) ||
        !net_mode(&b, VIRTIO_NET_CTRL_RX_ALLMULTI, true)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        expect_eq(t, "dev:5.1.9.5.1.1-4", net_fate(&b, groups[i], b.mac), NET_PASSED);
    }
}

VIRTIO_TEST(all_multicast_is_not_about_unicast, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_ALLMULTI, true)) {
        expect_eq(t, "dev:5.1.9.5.2.1-4", net_fate(&b, net_stranger, net_group),
                  NET_DROPPED);
    }
}

VIRTIO_TEST(all_unicast_passes_every_station, .device = VIRTIO_ID_NET, .needs = EXTRA,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_ALLUNI, true)) {
        expect_eq(t, "dev:5.1.9.5.1.1-6", net_fate(&b, net_stranger, b.mac), NET_PASSED);
    }
}

VIRTIO_TEST(all_unicast_is_not_about_multicast, .device = VIRTIO_ID_NET, .needs = EXTRA,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_ALLUNI, true)) {
        expect_eq(t, "dev:5.1.9.5.2.1-4", net_fate(&b, net_group, b.mac), NET_DROPPED);
    }
}
