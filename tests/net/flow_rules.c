/* SPDX-License-Identifier: MIT */
/*
 * What flow filters do (5.1.9.6): where a frame comes in, in which order groups and rules
 * are tried, and what comes before and behind them. Frames come from the partner.
 */
#include "tests/net/flow_lib.h"

#define FRAMES 4 /* of different lengths, which other steering may look at */

/* "the device MUST take the action": to either of two queues. */
FLOW_TEST(frame_goes_where_its_rule_says, .rings = RINGS_ALL)
{
    Flow f;

    if (!flow_open(t, dev, &f)) {
        return;
    }
    for (uint16_t pair = 0; pair < 2; pair++) {
        if (!flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DIRECT, .pair = pair})) {
            return;
        }
        for (uint32_t i = 0; i < FRAMES; i++) {
            if (!expect_eq(t, "dev:5.1.9.6.4-15b", flow_pair(&f, false, 64 + i), pair)) {
                return;
            }
        }
        require_eq(t, flow_destroy(&f, FLOW_RULE, 0), VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "Matching packet will be dropped by the device"; "if the packet is dropped at any
 * stage, the device MUST skip further processing". */
FLOW_TEST(frame_is_dropped_by_its_rule)
{
    Flow f;

    if (flow_open(t, dev, &f) && flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DROP})) {
        flow_drops(&f, "dev:5.1.9.6.4-19", f.b.mac);
    }
}

/* "Upon applying a flow filter rule to a packet, the device MUST STOP any further
 * application of rules and cease applying any other steering configurations": RSS leads
 * all flows to the first pair. */
FLOW_TEST(rule_comes_before_rss)
{
    static const uint16_t table[2] = {0, 0};
    Flow f;
    uint8_t data[NET_COMMAND_MAX];

    if (!flow_open(t, dev, &f)) {
        return;
    }
    if (!qvirtio_negotiated(dev, VIRTIO_NET_F_RSS)) {
        test_skip(t, "VIRTIO_NET_F_RSS not offered");
        return;
    }
    uint32_t bytes = net_rss_write(data, NET_HASH_TYPES, 1, table, 0);
    if (net_knows_hashes(&f.b, NET_HASH_TYPES) &&
        net_accepts(&f.b, BASIS_NONE, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_RSS_CONFIG,
                    data, bytes) &&
        flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DIRECT, .pair = 1})) {
        int pair = flow_pair(&f, false, 64);
        expect_eq(t, "dev:5.1.9.6.4-11", pair, 1);
        expect_eq(t, "dev:5.1.9.6.4-18", pair, 1);
        require_eq(t, flow_pair(&f, true, 64), 0);
    }
}

/* "the device MUST apply the rules from the group with the highest priority. If any rule
 * from this group is applied, the device MUST ignore the remaining groups." */
FLOW_TEST(highest_group_decides)
{
    Flow f;

    if (flow_open(t, dev, &f) && flow_has_group(&f, 1, 2) &&
        flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DIRECT, .pair = 0}) &&
        flow_has_rule(&f, 1, (FlowRule){.group = 1, .action = FLOW_DIRECT, .pair = 1})) {
        int pair = flow_pair(&f, false, 64);
        expect_eq(t, "dev:5.1.9.6.4-12", pair, 1);
        expect_eq(t, "dev:5.1.9.6.4-13", pair, 1);
    }
}

/* "If none of the rules from the highest priority group match, the device MUST apply the
 * rules from the group with the next highest priority". */
FLOW_TEST(next_group_is_consulted)
{
    Flow f;

    if (flow_open(t, dev, &f) && flow_has_group(&f, 1, 2) &&
        flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DROP}) &&
        flow_has_rule(
            &f, 1, (FlowRule){.group = 1, .action = FLOW_DIRECT, .is_for_all = true})) {
        flow_drops(&f, "dev:5.1.9.6.4-14", f.b.mac);
    }
}

/* "from the highest to the lowest priority until a rule matches". */
FLOW_TEST(highest_rule_decides)
{
    Flow f;

    if (flow_open(t, dev, &f) &&
        flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DIRECT, .pair = 0}) &&
        flow_has_rule(&f, 1,
                      (FlowRule){.action = FLOW_DIRECT, .priority = 1, .pair = 1})) {
        expect_eq(t, "dev:5.1.9.6.4-15a", flow_pair(&f, false, 64), 1);
    }
}

/* "If an action is taken, the device MUST not take any other action for this packet." */
FLOW_TEST(one_action_is_taken)
{
    Flow f;

    if (flow_open(t, dev, &f) && flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DROP}) &&
        flow_has_rule(&f, 1,
                      (FlowRule){.action = FLOW_DIRECT, .priority = 1, .pair = 1})) {
        expect_eq(t, "dev:5.1.9.6.4-16", flow_pair_if_any(&f, 64), 1);
    }
}

/* "if the receive virtqueue is reset, the device MUST drop such packets." */
FLOW_TEST(rule_for_a_reset_queue_drops)
{
    Flow f;

    if (!flow_open(t, dev, &f)) {
        return;
    }
    if (!qvirtio_negotiated(dev, VIRTIO_F_RING_RESET)) {
        test_skip(t, "VIRTIO_F_RING_RESET not offered");
        return;
    }
    if (flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DIRECT, .pair = 1}) &&
        flow_has_rule(&f, 1, (FlowRule){.action = FLOW_DIRECT, .is_for_all = true}) &&
        net_queue_reset(&f.b, 1)) {
        f.q.count = 1;
        flow_drops(&f, "dev:5.1.9.6.4-10", f.b.mac);
    }
}

/* "When the device drops the packet due to the configuration done using the control
 * virtqueue commands ... the device MUST skip flow filter rules for this packet": a
 * stranger's frame, without promiscuous mode. */
FLOW_TEST(filters_come_before_rules)
{
    Flow f;

    if (!flow_open(t, dev, &f)) {
        return;
    }
    if (!qvirtio_negotiated(dev, VIRTIO_NET_F_CTRL_RX)) {
        test_skip(t, "VIRTIO_NET_F_CTRL_RX not offered");
        return;
    }
    if (!net_mode(&f.b, VIRTIO_NET_CTRL_RX_PROMISC, false)) {
        return;
    }
    memcpy(f.b.mac, net_stranger, sizeof(f.b.mac));
    if (flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DIRECT, .pair = 1}) &&
        flow_filters(&f)) {
        flow_drops(&f, "dev:5.1.9.6.4-20", net_stranger);
    }
}
