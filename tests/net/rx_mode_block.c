/* SPDX-License-Identifier: MIT */
/*
 * Packet receive filtering (5.1.9.5.1), the modes that suppress: no-multicast,
 * no-unicast, no-broadcast; what they win against and what they leave alone. Before each
 * the same frame is seen to pass, so that it is the mode that drops it.
 */
#include "tests/net/net_lib.h"

#define MODE_TEST(id)                                                         \
    VIRTIO_TEST(id, .device = VIRTIO_ID_NET, .why_not = net_why_no_partner,   \
                .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, \
                                  VIRTIO_NET_F_MAC, VIRTIO_NET_F_CTRL_RX_EXTRA))
#define NO_OTHER_MODE 0xff

/* With `other` on (or none), a frame passes until `mode` is on. */
static void expect_mode_blocks(Test *t, QVirtioDevice *dev, const char *clause,
                               uint8_t mode, uint8_t other, const uint8_t *to)
{
    NetBench b;
    if (!net_bench_filtering(&b, t, dev)) {
        return;
    }
    to = to ? to : b.mac;
    /* Unicast proves that multicast was dropped, and broadcast that unicast was. */
    const uint8_t *surely = to[0] & 1 ? b.mac : net_broadcast;
    if ((other == NO_OTHER_MODE || net_mode(&b, other, true)) &&
        require_eq(t, net_fate(&b, to, surely), NET_PASSED) && net_mode(&b, mode, true)) {
        expect_eq(t, clause, net_fate(&b, to, surely), NET_DROPPED);
    }
}

/* A group in the filter table, where no other mode lets it pass. */
MODE_TEST(no_multicast_drops_multicast)
{
    NetBench b;
    struct {
        virtio32 unicast, multicast;
        uint8_t mac[6];
    } table = {.multicast = virtio32_of(qvirtio_is_legacy(dev), 1)};

    memcpy(table.mac, net_group, 6);
    if (net_bench_filtering(&b, t, dev) &&
        net_accepts(&b, BASIS_NONE, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET,
                    &table, 14) &&
        require_eq(t, net_fate(&b, net_group, b.mac), NET_PASSED) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_NOMULTI, true)) {
        expect_eq(t, "dev:5.1.9.5.1.1-7", net_fate(&b, net_group, b.mac), NET_DROPPED);
    }
}

MODE_TEST(no_multicast_beats_all_multicast)
{
    expect_mode_blocks(t, dev, "dev:5.1.9.5.1.1-8", VIRTIO_NET_CTRL_RX_NOMULTI,
                       VIRTIO_NET_CTRL_RX_ALLMULTI, net_group);
}

MODE_TEST(no_multicast_spares_broadcast)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) &&
        net_mode(&b, VIRTIO_NET_CTRL_RX_NOMULTI, true)) {
        expect_eq(t, "dev:5.1.9.5.1.1-9", net_fate(&b, net_broadcast, b.mac), NET_PASSED);
    }
}

MODE_TEST(no_unicast_drops_unicast)
{
    expect_mode_blocks(t, dev, "dev:5.1.9.5.1.1-10", VIRTIO_NET_CTRL_RX_NOUNI,
                       NO_OTHER_MODE, NULL);
}

MODE_TEST(no_unicast_beats_all_unicast)
{
    expect_mode_blocks(t, dev, "dev:5.1.9.5.1.1-11", VIRTIO_NET_CTRL_RX_NOUNI,
                       VIRTIO_NET_CTRL_RX_ALLUNI, net_stranger);
}

MODE_TEST(no_broadcast_drops_broadcast)
{
    expect_mode_blocks(t, dev, "dev:5.1.9.5.1.1-12", VIRTIO_NET_CTRL_RX_NOBCAST,
                       NO_OTHER_MODE, net_broadcast);
}

MODE_TEST(no_broadcast_beats_all_multicast)
{
    expect_mode_blocks(t, dev, "dev:5.1.9.5.1.1-13", VIRTIO_NET_CTRL_RX_NOBCAST,
                       VIRTIO_NET_CTRL_RX_ALLMULTI, net_broadcast);
}

/* Each suppressing mode is taken back by its own 0. */
MODE_TEST(suppressing_modes_can_be_turned_off)
{
    static const uint8_t modes[] = {VIRTIO_NET_CTRL_RX_NOMULTI, VIRTIO_NET_CTRL_RX_NOUNI,
                                    VIRTIO_NET_CTRL_RX_NOBCAST};
    NetBench b;
    bool goes_on = net_bench_filtering(&b, t, dev) &&
                   net_mode(&b, VIRTIO_NET_CTRL_RX_ALLMULTI, true);
    for (unsigned i = 0; goes_on && i < sizeof(modes); i++) {
        goes_on = net_mode(&b, modes[i], true) && net_mode(&b, modes[i], false);
    }
    if (goes_on) {
        expect_eq(t, "dev:5.1.9.5.1.1-4", net_fate(&b, net_group, b.mac), NET_PASSED);
        require_eq(t, net_fate(&b, b.mac, net_group), NET_PASSED);
        require_eq(t, net_fate(&b, net_broadcast, b.mac), NET_PASSED);
    }
}

/* The modes are the driver's: a device that was reset has none of them. */
MODE_TEST(suppressing_modes_end_with_reset)
{
    NetBench b;
    if (!net_bench_filtering(&b, t, dev) ||
        !net_mode(&b, VIRTIO_NET_CTRL_RX_NOUNI, true)) {
        return;
    }
    if (net_fate(&b, b.mac, net_broadcast) != NET_DROPPED) {
        test_skip(t, "the device lets frames pass that NOUNI is about, which it may");
        return;
    }
    if (require_ok(t, qvirtio_stop(dev)) && test_start(t, dev, NULL) &&
        net_bench(&b, t, dev, 8)) {
        require_eq(t, net_fate(&b, b.mac, net_broadcast), NET_PASSED);
    }
}
