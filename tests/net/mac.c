/* SPDX-License-Identifier: MIT */
/*
 * MAC address filtering (5.1.9.5.2): the default address and its change, the table of
 * further addresses, its life and its overflow. Promiscuous mode is off throughout.
 */
#include "tests/net/net_lib.h"

#define BASIC FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_MAC)
#define SETTABLE                                                           \
    FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_MAC, \
             VIRTIO_NET_F_CTRL_MAC_ADDR)

static const uint8_t other[6] = {0x02, 0xfe, 0xed, 0, 0, 10};
static const uint8_t other_group[6] = {0x03, 0xfe, 0xed, 0, 0, 10};

/* Writes one table, `entries` copies of mac that differ in their last two bytes; where it
 * ends. */
static uint8_t *write_table(const QVirtioDevice *dev, uint8_t *at, uint32_t entries,
                            const uint8_t mac[6])
{
    virtio32 count = virtio32_of(qvirtio_is_legacy(dev), entries);
    memcpy(at, &count, sizeof(count));
    at += sizeof(count);
    for (uint32_t i = 0; i < entries; i++, at += 6) {
        memcpy(at, mac, 6);
        at[4] += i >> 8;
        at[5] += i;
    }
    return at;
}

/* Sets the table to so many unicast addresses from `net_stranger` on, and multicast ones
 * from `net_group` on. */
static bool set_table(NetBench *b, uint32_t unicast, uint32_t multicast)
{
    static uint8_t data[8 + 6 * 512];
    uint8_t *at = write_table(b->dev, data, unicast, net_stranger);
    at = write_table(b->dev, at, multicast, net_group);
    return net_accepts(b, BASIS_NONE, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET,
                       data, at - data);
}

VIRTIO_TEST(frames_for_other_stations_are_dropped, .device = VIRTIO_ID_NET,
            .needs = BASIC, .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev)) {
        const char *clause = "dev:5.1.9.5.2.1-4";
        expect_eq(t, clause, net_fate(&b, net_stranger, b.mac), NET_DROPPED);
        expect_eq(t, clause, net_fate(&b, net_group, b.mac), NET_DROPPED);
    }
}

VIRTIO_TEST(frames_for_its_own_address_pass, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev)) {
        require_eq(t, net_fate(&b, b.mac, net_broadcast), NET_PASSED);
    }
}

/* "The device MUST update the MAC filtering table before it consumes the
 * VIRTIO_NET_CTRL_MAC_TABLE_SET command": the first frame after it meets the new table.
 */
VIRTIO_TEST(the_mac_table_holds_once_it_is_set, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (!net_bench_filtering(&b, t, dev) || !set_table(&b, 1, 1)) {
        return;
    }
    const char *clause = "dev:5.1.9.5.2.1-2";
    expect_eq(t, clause, net_fate(&b, net_stranger, b.mac), NET_PASSED);
    expect_eq(t, clause, net_fate(&b, net_group, b.mac), NET_PASSED);
    expect_eq(t, "dev:5.1.9.5.2.1-4", net_fate(&b, other, b.mac), NET_DROPPED);
    expect_eq(t, "dev:5.1.9.5.2.1-4", net_fate(&b, other_group, b.mac), NET_DROPPED);
    require_eq(t, net_fate(&b, b.mac, net_broadcast), NET_PASSED);
}

VIRTIO_TEST(a_new_mac_table_replaces_the_old_one, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) && set_table(&b, 2, 2) && set_table(&b, 0, 0)) {
        const char *clause = "dev:5.1.9.5.2.1-4";
        expect_eq(t, clause, net_fate(&b, net_stranger, b.mac), NET_DROPPED);
        expect_eq(t, clause, net_fate(&b, net_group, b.mac), NET_DROPPED);
    }
}

VIRTIO_TEST(the_mac_table_is_empty_after_reset, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (!net_bench_filtering(&b, t, dev) || !net_filters(&b) || !set_table(&b, 1, 1) ||
        !require_eq(t, net_fate(&b, net_stranger, b.mac), NET_PASSED) ||
        !require_ok(t, qvirtio_stop(dev)) || !test_start(t, dev, NULL) ||
        !net_bench_filtering(&b, t, dev)) {
        return;
    }
    const char *clause = "dev:5.1.9.5.2.1-1";
    expect_eq(t, clause, net_fate(&b, net_stranger, b.mac), NET_DROPPED);
    expect_eq(t, clause, net_fate(&b, net_group, b.mac), NET_DROPPED);
}

/* A device may answer too many addresses by receiving all (5.1.9.5.2), not by losing one
 * that is in the table. */
VIRTIO_TEST(a_long_mac_table_loses_no_address, .device = VIRTIO_ID_NET, .needs = BASIC,
            .why_not = net_why_no_partner)
{
    static const uint16_t lengths[] = {63, 64, 65, 200};
    NetBench b;
    bool goes_on = net_bench_filtering(&b, t, dev);

    for (unsigned i = 0; goes_on && i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        uint8_t first[6], last[6], last_group[6];
        memcpy(first, net_stranger, 6);
        memcpy(last, net_stranger, 6);
        memcpy(last_group, net_group, 6);
        last[5] += lengths[i] - 1;
        last_group[5] += lengths[i] - 1;
        goes_on = set_table(&b, lengths[i], lengths[i]) &&
                  require_eq(t, net_fate(&b, first, b.mac), NET_PASSED) &&
                  require_eq(t, net_fate(&b, last, b.mac), NET_PASSED) &&
                  require_eq(t, net_fate(&b, last_group, b.mac), NET_PASSED);
    }
}

/* "The device MUST update mac in config space before it consumes the
 * VIRTIO_NET_CTRL_MAC_ADDR_SET command, if VIRTIO_NET_F_MAC has been negotiated." */
VIRTIO_TEST(a_new_address_shows_in_config_space, .device = VIRTIO_ID_NET,
            .needs = SETTABLE, .why_not = net_why_no_partner)
{
    NetBench b;
    uint8_t mac[6];

    if (!net_bench_filtering(&b, t, dev) ||
        !net_accepts(&b, BASIS_NONE, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET,
                     other, 6) ||
        !require_ok(t, qvirtio_config_snapshot(
                           dev, offsetof(struct virtio_net_config, mac), mac, 6))) {
        return;
    }
    expect_same(t, "dev:5.1.9.5.2.1-3", mac, other, 6);
}

VIRTIO_TEST(a_new_address_replaces_the_old_one, .device = VIRTIO_ID_NET,
            .needs = SETTABLE, .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) &&
        net_accepts(&b, BASIS_NONE, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET,
                    other, 6)) {
        require_eq(t, net_fate(&b, other, net_broadcast), NET_PASSED);
        expect_eq(t, "dev:5.1.9.5.2.1-4", net_fate(&b, b.mac, net_broadcast),
                  NET_DROPPED);
    }
}
