/* SPDX-License-Identifier: MIT */
/*
 * Objects of flow filters (5.1.9.6): capabilities, groups, classifiers and rules, what
 * they depend on, and which of them are refused. What rules do is in flow_rules.c.
 */
#include "tests/net/flow_lib.h"

/* "the device MUST set VIRTIO_NET_FF_RESOURCE_CAP, VIRTIO_NET_FF_SELECTOR_CAP and
 * VIRTIO_NET_FF_ACTION_CAP capability": all or none. */
FLOW_TEST(flow_capabilities_come_together)
{
    unsigned listed = 0;

    if (!admin_uses_all(t, dev, SELF, ADMIN_CAP_BITS)) {
        return;
    }
    for (uint16_t id = VIRTIO_NET_FF_RESOURCE_CAP; id <= VIRTIO_NET_FF_ACTION_CAP; id++) {
        listed += admin_has_cap(t, dev, id);
    }
    if (listed) {
        expect_eq(t, "dev:5.1.9.6.4-1", listed, 3);
    } else if (!t->has_failed) {
        test_skip(t, "the device has no flow filters");
    }
}

/* "the device MUST support the setting of capability flags bits to all or fewer bits than
 * the one reported": one selector without its flags. */
FLOW_TEST(flow_capability_may_have_fewer_flags)
{
    AdminCap cap;

    if (!admin_uses_all(t, dev, SELF, ADMIN_CAP_BITS) ||
        !admin_cap(t, dev, VIRTIO_NET_FF_SELECTOR_CAP, &cap)) {
        return;
    }
    cap.value[0] = 1;
    cap.value[sizeof(struct virtio_net_ff_list) +
              offsetof(struct virtio_net_ff_selector, flags)] = 0;
    AdminCommand c = admin_cap_set(&cap);
    admin_ends(t, dev, "dev:2.12.1.2.4-3", &c, VIRTIO_ADMIN_STATUS_OK);
}

/* "the device MUST support the administration commands ... for the resource types". */
FLOW_TEST(flow_objects_are_created_and_destroyed)
{
    Flow f;
    const FlowRule rule = {.action = FLOW_DIRECT};
    static const uint16_t types[] = {FLOW_RULE, FLOW_CLASSIFIER, FLOW_GROUP};

    if (!flow_begin(t, dev, &f)) {
        return;
    }
    expect_eq(t, "dev:5.1.9.6.4-2", flow_create_group(&f, 0, 1), VIRTIO_ADMIN_STATUS_OK);
    expect_eq(t, "dev:5.1.9.6.4-2", flow_create_classifier(&f, 0, 0),
              VIRTIO_ADMIN_STATUS_OK);
    expect_eq(t, "dev:5.1.9.6.4-2", flow_create_rule(&f, 0, &rule),
              VIRTIO_ADMIN_STATUS_OK);
    for (unsigned i = 0; i < 3; i++) {
        require_eq(t, flow_destroy(&f, types[i], 0), VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "When any of the ... capability is disabled", objects are refused. */
FLOW_TEST(flow_objects_need_all_capabilities, .violates = "5.1.9.6.5")
{
    Flow f;
    AdminCap cap;

    if (!flow_begin(t, dev, &f) || !admin_cap(t, dev, VIRTIO_NET_FF_ACTION_CAP, &cap)) {
        return;
    }
    memset(cap.value, 0, cap.bytes);
    AdminCommand c = admin_cap_set(&cap);
    if (admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
        expect_ne(t, "dev:5.1.9.6.4-3", flow_create_group(&f, 0, 1),
                  VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "SHOULD set status to VIRTIO_ADMIN_STATUS_EINVAL ... if a flow filter group already
 * exists with the supplied group_priority." */
FLOW_TEST(flow_groups_have_priorities_of_their_own, .violates = "5.1.9.6.3.1")
{
    Flow f;

    if (flow_begin(t, dev, &f) && flow_has_group(&f, 0, 7)) {
        expect_eq(t, "dev:5.1.9.6.4-4", flow_create_group(&f, 1, 7),
                  VIRTIO_ADMIN_STATUS_EINVAL);
    }
}

static uint32_t lower(le32 a, le32 b)
{
    return le32_get(a) < le32_get(b) ? le32_get(a) : le32_get(b);
}

/* "if the number of flow filter group objects in the device exceeds the lower of the
 * configured driver capabilities groups_limit and rules_per_group_limit". */
FLOW_TEST(flow_groups_are_limited, .violates = "2.12.1.3.6")
{
    Flow f;

    if (!flow_begin(t, dev, &f)) {
        return;
    }
    uint32_t most = lower(f.limits.groups_limit, f.limits.rules_per_group_limit);
    if (most > 64) {
        test_skip(t, "the device takes %u groups", most);
        return;
    }
    for (uint32_t i = 0; i < most && !t->has_failed; i++) {
        expect_eq(t, "dev:2.12.1.3.5-8", flow_create_group(&f, i, (uint16_t)(i + 1)),
                  VIRTIO_ADMIN_STATUS_OK);
    }
    expect_eq(t, "dev:5.1.9.6.4-5", flow_create_group(&f, most, 99),
              VIRTIO_ADMIN_STATUS_ENOSPC);
}

FLOW_TEST(flow_classifiers_are_limited, .violates = "2.12.1.3.6")
{
    Flow f;

    if (!flow_begin(t, dev, &f)) {
        return;
    }
    uint32_t most = le32_get(f.limits.classifiers_limit);
    if (most > 64) {
        test_skip(t, "the device takes %u classifiers", most);
        return;
    }
    for (uint32_t i = 0; i < most && !t->has_failed; i++) {
        expect_eq(t, "dev:2.12.1.3.5-8", flow_create_classifier(&f, i, 0),
                  VIRTIO_ADMIN_STATUS_OK);
    }
    expect_eq(t, "dev:5.1.9.6.4-6", flow_create_classifier(&f, most, 0),
              VIRTIO_ADMIN_STATUS_ENOSPC);
}

/* "SHOULD set status to VIRTIO_ADMIN_STATUS_EBUSY" while a rule depends on them; the same
 * of objects in general (2.12.1.3.5). */
FLOW_TEST(flow_rule_keeps_group_and_classifier, .violates = "5.1.9.6.5")
{
    Flow f;

    if (!flow_open(t, dev, &f) ||
        !flow_has_rule(&f, 0, (FlowRule){.action = FLOW_DROP})) {
        return;
    }
    uint16_t group = flow_destroy(&f, FLOW_GROUP, 0);
    uint16_t classifier = flow_destroy(&f, FLOW_CLASSIFIER, 0);
    expect_eq(t, "dev:5.1.9.6.4-7", group, VIRTIO_ADMIN_STATUS_EBUSY);
    expect_eq(t, "dev:5.1.9.6.4-8", classifier, VIRTIO_ADMIN_STATUS_EBUSY);
    expect_eq(t, "dev:2.12.1.3.5-4", group, VIRTIO_ADMIN_STATUS_EBUSY);
    expect_eq(t, "dev:2.12.1.3.5-4", classifier, VIRTIO_ADMIN_STATUS_EBUSY);
}

/* "The device SHOULD fail the command VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE for the flow
 * filter rule resource object if" any of these is wrong. */
FLOW_TEST(malformed_flow_rules_are_refused, .violates = "5.1.9.6.3.3")
{
    Flow f;

    if (!flow_open(t, dev, &f)) {
        return;
    }
    const FlowRule wrong[] = {
        {.action = FLOW_DIRECT, .pair = 0x7000},
        {.action = FLOW_DIRECT, .priority = f.limits.last_rule_priority},
        {.action = FLOW_DIRECT, .key_bytes = FLOW_KEY_BYTES - 1},
        {.action = 0},
        {.action = 0x7f},
    };
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (!expect_ne(t, "dev:5.1.9.6.4-9", flow_create_rule(&f, i, &wrong[i]),
                       VIRTIO_ADMIN_STATUS_OK)) {
            return;
        }
    }
}

/* "this support is required even if all the bits of the masks are set for a field". */
FLOW_TEST(flow_classifier_may_be_called_partial)
{
    Flow f;

    if (!flow_begin(t, dev, &f)) {
        return;
    }
    if (!(f.eth_flags & VIRTIO_NET_FF_MASK_F_PARTIAL_MASK)) {
        test_skip(t, "the device knows no partial masks of Ethernet");
        return;
    }
    expect_eq(t, "dev:5.1.9.6.4-21",
              flow_create_classifier(&f, 0, VIRTIO_NET_FF_MASK_F_PARTIAL_MASK),
              VIRTIO_ADMIN_STATUS_OK);
}
