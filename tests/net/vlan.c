/* SPDX-License-Identifier: MIT */
/*
 * VLAN filtering (5.1.9.5.3): tagged frames pass by their id once CTRL_VLAN is
 * negotiated, and all of them where it is not. Untagged frames are not its business.
 */
#include "tests/net/net_lib.h"

#define VLAN                                                               \
    FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_MAC, \
             VIRTIO_NET_F_CTRL_VLAN)
#define NO_VLAN FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_MAC)

static const uint16_t ids[] = {1, 31, 32, 100, 2048, 4094};
#define IDS (sizeof(ids) / sizeof(ids[0]))

/* Adds an id to the filter table or deletes it. */
static bool change(NetBench *b, uint8_t command, uint16_t id)
{
    virtio16 data = virtio16_of(qvirtio_is_legacy(b->dev), id);
    return net_accepts(b, BASIS_NONE, VIRTIO_NET_CTRL_VLAN, command, &data, sizeof(data));
}

static NetFate fate(NetBench *b, uint16_t id)
{
    return net_fate_vlan(b, b->mac, id, b->mac);
}

VIRTIO_TEST(every_vlan_passes_without_vlan_filtering, .device = VIRTIO_ID_NET,
            .needs = NO_VLAN, .why_not = net_why_no_partner)
{
    NetBench b;
    bool goes_on = net_bench_filtering(&b, t, dev);
    for (unsigned i = 0; goes_on && i < IDS; i++) {
        goes_on = expect_eq(t, "dev:5.1.9.5.3.1-1", fate(&b, ids[i]), NET_PASSED);
    }
}

VIRTIO_TEST(listed_vlans_pass, .device = VIRTIO_ID_NET, .needs = VLAN,
            .why_not = net_why_no_partner)
{
    NetBench b;
    bool goes_on = net_bench_filtering(&b, t, dev);
    for (unsigned i = 0; goes_on && i < IDS; i++) {
        goes_on = change(&b, VIRTIO_NET_CTRL_VLAN_ADD, ids[i]);
    }
    for (unsigned i = 0; goes_on && i < IDS; i++) {
        goes_on = expect_eq(t, "dev:5.1.9.5.3.1-2a", fate(&b, ids[i]), NET_PASSED);
    }
}

/* "the device starts with an empty VLAN filter table" */
VIRTIO_TEST(unlisted_vlans_are_dropped, .device = VIRTIO_ID_NET, .needs = VLAN,
            .why_not = net_why_no_partner)
{
    NetBench b;
    const char *clause = "dev:5.1.9.5.3.1-2b";
    bool goes_on = net_bench_filtering(&b, t, dev);
    for (unsigned i = 0; goes_on && i < IDS; i++) {
        goes_on = expect_eq(t, clause, fate(&b, ids[i]), NET_DROPPED);
    }
    if (goes_on && change(&b, VIRTIO_NET_CTRL_VLAN_ADD, 100)) {
        expect_eq(t, clause, fate(&b, 101), NET_DROPPED);
        expect_eq(t, clause, fate(&b, 99), NET_DROPPED);
    }
}

VIRTIO_TEST(a_deleted_vlan_is_dropped_again, .device = VIRTIO_ID_NET, .needs = VLAN,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) && change(&b, VIRTIO_NET_CTRL_VLAN_ADD, 100) &&
        change(&b, VIRTIO_NET_CTRL_VLAN_ADD, 101) &&
        expect_eq(t, "dev:5.1.9.5.3.1-2a", fate(&b, 100), NET_PASSED) &&
        change(&b, VIRTIO_NET_CTRL_VLAN_DEL, 100)) {
        expect_eq(t, "dev:5.1.9.5.3.1-2b", fate(&b, 100), NET_DROPPED);
        expect_eq(t, "dev:5.1.9.5.3.1-2a", fate(&b, 101), NET_PASSED);
    }
}

VIRTIO_TEST(vlan_filtering_spares_untagged_frames, .device = VIRTIO_ID_NET, .needs = VLAN,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev)) {
        require_eq(t, net_fate(&b, b.mac, net_broadcast), NET_PASSED);
    }
}

/* The priority and drop-eligible bits beside the id are no part of it. */
VIRTIO_TEST(vlan_priority_is_no_part_of_the_id, .device = VIRTIO_ID_NET, .needs = VLAN,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (net_bench_filtering(&b, t, dev) && change(&b, VIRTIO_NET_CTRL_VLAN_ADD, 100)) {
        expect_eq(t, "dev:5.1.9.5.3.1-2a", fate(&b, 0xf000 | 100), NET_PASSED);
    }
}
