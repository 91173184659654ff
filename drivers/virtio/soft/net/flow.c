/* SPDX-License-Identifier: MIT */
/*
 * Flow filters of the first software NIC (5.1.9.6): groups, classifiers and rules as
 * objects of administration commands, and what happens to a frame that a rule matches.
 * Rules can match any bits of the headers of Ethernet, IPv4 and UDP.
 */
#include "drivers/virtio/soft/core/admin.h"
#include "drivers/virtio/soft/net/net.h"
#include "drivers/virtio/spec/virtio_net_ff.h"
#include "kernel/lib/string.h"

SOFT_FAULT(flags_are_all_or_nothing, "dev:2.12.1.2.4-3",
           "refuses a selector without the flags that it has");
SOFT_FAULT(flow_capability_is_not_listed, "dev:5.1.9.6.4-1",
           "lists no capability for the actions of flow filters");
SOFT_FAULT(flow_groups_are_unknown, "dev:5.1.9.6.4-2", "knows no groups");
SOFT_FAULT(flow_classifiers_are_unknown, "dev:5.1.9.6.4-2", "knows no classifiers");
SOFT_FAULT(flow_rules_are_unknown, "dev:5.1.9.6.4-2",
           "knows no rules, but groups and classifiers");
SOFT_FAULT(flow_without_capability, "dev:5.1.9.6.4-3",
           "serves flow objects although the actions are not enabled");
SOFT_FAULT(flow_priority_twice, "dev:5.1.9.6.4-4",
           "takes two groups of the same priority");
SOFT_FAULT(flow_groups_are_invalid, "dev:5.1.9.6.4-5",
           "answers EINVAL to one group too many");
SOFT_FAULT(flow_classifiers_are_invalid, "dev:5.1.9.6.4-6",
           "answers EINVAL to one classifier too many");
SOFT_FAULT(flow_group_goes_first, "dev:5.1.9.6.4-7", "destroys a group that has rules");
SOFT_FAULT(flow_classifier_goes_first, "dev:5.1.9.6.4-8",
           "destroys a classifier that a rule uses");
SOFT_FAULT(flow_rules_are_unchecked, "dev:5.1.9.6.4-9",
           "takes rules with wrong queues, priorities, keys and actions");
SOFT_FAULT(flow_to_reset_queue_is_steered, "dev:5.1.9.6.4-10",
           "steers a frame elsewhere when its rule's queue is reset");
SOFT_FAULT(rss_after_flow, "dev:5.1.9.6.4-11", "steers by RSS what a rule has directed");
SOFT_FAULT(low_groups_first, "dev:5.1.9.6.4-12", "consults the lowest group first");
SOFT_FAULT(one_group_only, "dev:5.1.9.6.4-14", "consults the highest group only");
SOFT_FAULT(low_rules_first, "dev:5.1.9.6.4-15a", "tries the lowest rule first");
SOFT_FAULT(rules_do_nothing, "dev:5.1.9.6.4-15b", "steers as if there were no rules");
SOFT_FAULT(drops_after_directing, "dev:5.1.9.6.4-16",
           "drops what another rule has directed");
SOFT_FAULT(dropped_flow_is_steered, "dev:5.1.9.6.4-19",
           "steers a frame that a rule has dropped");
SOFT_FAULT(flow_before_filters, "dev:5.1.9.6.4-20",
           "directs frames that the MAC filter drops");
SOFT_FAULT(partial_flag_wants_partial_masks, "dev:5.1.9.6.4-21",
           "refuses a selector that may be partial and is not");

#define GROUPS      4
#define CLASSIFIERS 4
#define RULES       6
#define ETH_BYTES   14
#define IPV4_BYTES  20
#define UDP_BYTES   8
#define PRIORITIES  8
#define KEY_BYTES   (ETH_BYTES + IPV4_BYTES + UDP_BYTES)

typedef struct virtio_net_resource_obj_ff_rule Rule;
typedef struct virtio_net_ff_selector Selector;

static const struct virtio_net_ff_cap_data resources = {
    .groups_limit = {BYTEORDER_LE(32, GROUPS)},
    .classifiers_limit = {BYTEORDER_LE(32, CLASSIFIERS)},
    .rules_limit = {BYTEORDER_LE(32, RULES)},
    .rules_per_group_limit = {BYTEORDER_LE(32, RULES)},
    .last_rule_priority = PRIORITIES,
    .selectors_per_classifier_limit = 3,
};

static const struct {
    struct virtio_net_ff_list list;
    Selector eth;
    uint8_t eth_mask[ETH_BYTES];
    Selector ipv4;
    uint8_t ipv4_mask[IPV4_BYTES];
    Selector udp;
    uint8_t udp_mask[UDP_BYTES];
} selectors = {
    .list = {.count = 3},
    .eth = {VIRTIO_NET_FF_MASK_TYPE_ETH, VIRTIO_NET_FF_MASK_F_PARTIAL_MASK, {0}, 14, {0}},
    .eth_mask = {[0 ... ETH_BYTES - 1] = 0xff},
    .ipv4 = {VIRTIO_NET_FF_MASK_TYPE_IPV4, 0, {0}, IPV4_BYTES, {0}},
    .ipv4_mask = {[0 ... IPV4_BYTES - 1] = 0xff},
    .udp = {VIRTIO_NET_FF_MASK_TYPE_UDP, 0, {0}, UDP_BYTES, {0}},
    .udp_mask = {[0 ... UDP_BYTES - 1] = 0xff},
};

static const struct {
    struct virtio_net_ff_list list;
    uint8_t action[2];
} actions = {{.count = 2},
             {VIRTIO_NET_FF_ACTION_DROP, VIRTIO_NET_FF_ACTION_DIRECT_RX_VQ}};

/* ---- Capabilities ---- */

static bool takes_resources(const uint8_t *driver, const uint8_t *device, uint32_t bytes)
{
    for (unsigned i = 0; i < 4; i++) {
        le32 mine, wanted;
        memcpy(&wanted, driver + 4 * i, sizeof(wanted));
        memcpy(&mine, device + 4 * i, sizeof(mine));
        if (le32_get(wanted) > le32_get(mine)) {
            return false;
        }
    }
    return driver[16] <= device[16] && driver[17] <= device[17] && bytes > 17;
}

/* Returns the selector of this type in the device's list, or NULL. */
static const Selector *selector_of(uint8_t type)
{
    return type == VIRTIO_NET_FF_MASK_TYPE_ETH    ? &selectors.eth
           : type == VIRTIO_NET_FF_MASK_TYPE_IPV4 ? &selectors.ipv4
           : type == VIRTIO_NET_FF_MASK_TYPE_UDP  ? &selectors.udp
                                                  : NULL;
}

/* Checks that a list consists of selectors that the device has. Returns how many bytes
 * the list is, or -1 when it is wrong. */
static int check_selectors(const uint8_t *list, uint32_t bytes)
{
    uint32_t at = sizeof(struct virtio_net_ff_list), keys = 0;
    for (unsigned i = 0; i < list[0]; i++) {
        const Selector *s = (const void *)(list + at);
        const Selector *mine = at + sizeof(*s) <= bytes ? selector_of(s->type) : NULL;
        if (!mine || s->length != mine->length || at + sizeof(*s) + s->length > bytes) {
            return -1;
        }
        keys += s->length;
        at += sizeof(*s) + s->length;
    }
    return (int)keys;
}

static bool takes_selectors(const uint8_t *driver, const uint8_t *device, uint32_t bytes)
{
    if (soft_fault(flags_are_all_or_nothing) && driver[9] != device[9]) {
        return false;
    }
    return driver[0] <= device[0] && check_selectors(driver, bytes) >= 0;
}

static bool takes_actions(const uint8_t *driver, const uint8_t *device, uint32_t bytes)
{
    for (unsigned i = 0; i < driver[0]; i++) {
        if (i >= device[0] || 8 + i >= bytes || driver[8 + i] < 1 || driver[8 + i] > 2) {
            return false;
        }
    }
    return true;
}

/* Returns true when all capabilities are set and not empty. 5.1.9.6.4: "When any of the
 * ... capability is disabled". */
static bool is_enabled(const SoftDevice *s)
{
    const uint8_t *r = soft_admin_cap(s, VIRTIO_NET_FF_RESOURCE_CAP);
    const uint8_t *f = soft_admin_cap(s, VIRTIO_NET_FF_SELECTOR_CAP);
    const uint8_t *a = soft_admin_cap(s, VIRTIO_NET_FF_ACTION_CAP);

    return r && r[0] && f && f[0] && ((a && a[0]) || soft_fault(flow_without_capability));
}

/* ---- Objects ---- */

static uint32_t group_limit(const uint8_t *cap, const uint8_t *object)
{
    const struct virtio_net_ff_cap_data *c = (const void *)cap;
    (void)object;
    return le32_get(c->groups_limit);
}

static uint32_t classifier_limit(const uint8_t *cap, const uint8_t *object)
{
    const struct virtio_net_ff_cap_data *c = (const void *)cap;
    (void)object;
    return le32_get(c->classifiers_limit);
}

static uint32_t rule_limit(const uint8_t *cap, const uint8_t *object)
{
    const struct virtio_net_ff_cap_data *c = (const void *)cap;
    uint32_t all = le32_get(c->rules_limit), group = le32_get(c->rules_per_group_limit);
    (void)object;
    return all < group ? all : group;
}

static bool is_full(const SoftDevice *s, uint32_t id, unsigned at)
{
    const uint8_t *cap = soft_admin_cap(s, VIRTIO_NET_FF_RESOURCE_CAP);
    return cap && id >= cap[at];
}

static uint16_t priority_of(const SoftObject *group)
{
    const struct virtio_net_resource_obj_ff_group *g = (const void *)group->data;
    return le16_get(g->group_priority);
}

static uint16_t check_group(SoftDevice *s, uint32_t id, const uint8_t *object,
                            uint32_t bytes)
{
    const struct virtio_net_resource_obj_ff_group *g = (const void *)object;
    (void)bytes;
    if (soft_fault(flow_groups_are_unknown) ||
        (soft_fault(flow_groups_are_invalid) && is_full(s, id, 0))) {
        return VIRTIO_ADMIN_STATUS_EINVAL;
    }
    for (uint32_t i = 0; i < GROUPS && !soft_fault(flow_priority_twice); i++) {
        const SoftObject *o = soft_object_find(s, VIRTIO_NET_RESOURCE_OBJ_FF_GROUP, i);
        if (o && i != id && priority_of(o) == le16_get(g->group_priority)) {
            return VIRTIO_ADMIN_STATUS_EINVAL;
        }
    }
    return VIRTIO_ADMIN_STATUS_OK;
}

static uint16_t check_classifier(SoftDevice *s, uint32_t id, const uint8_t *object,
                                 uint32_t bytes)
{
    if (soft_fault(flow_classifiers_are_unknown) ||
        (soft_fault(flow_classifiers_are_invalid) && is_full(s, id, 4))) {
        return VIRTIO_ADMIN_STATUS_EINVAL;
    }
    bool is_right = object[0] >= 1 && object[0] <= 3 &&
                    object[8] == VIRTIO_NET_FF_MASK_TYPE_ETH &&
                    check_selectors(object, bytes) >= 0 &&
                    !(object[9] && soft_fault(partial_flag_wants_partial_masks));
    return is_right ? VIRTIO_ADMIN_STATUS_OK : VIRTIO_ADMIN_STATUS_EINVAL;
}

/* Returns true when it is the index of a receive queue. */
static bool is_receiveq(uint16_t index)
{
    return index < 2 * SOFT_NET_PAIRS && index % 2 == 0;
}

static uint16_t check_rule(SoftDevice *s, uint32_t id, const uint8_t *object,
                           uint32_t bytes)
{
    const Rule *r = (const void *)object;
    const SoftObject *group =
        soft_object_find(s, VIRTIO_NET_RESOURCE_OBJ_FF_GROUP, le32_get(r->group_id));
    const SoftObject *classifier = soft_object_find(
        s, VIRTIO_NET_RESOURCE_OBJ_FF_CLASSIFIER, le32_get(r->classifier_id));
    bool is_direct = r->action == VIRTIO_NET_FF_ACTION_DIRECT_RX_VQ;
    (void)id;
    if (!group || !classifier || soft_fault(flow_rules_are_unknown)) {
        return VIRTIO_ADMIN_STATUS_EINVAL;
    }
    int keys = check_selectors(classifier->data, classifier->bytes);
    bool is_right = (is_direct || r->action == VIRTIO_NET_FF_ACTION_DROP) &&
                    (!is_direct || is_receiveq(le16_get(r->vq_index))) &&
                    r->rule_priority < PRIORITIES && r->key_length == keys &&
                    bytes >= sizeof(*r) + r->key_length;
    return is_right || soft_fault(flow_rules_are_unchecked) ? VIRTIO_ADMIN_STATUS_OK
                                                            : VIRTIO_ADMIN_STATUS_EINVAL;
}

/* Returns true when a rule uses this group, or this classifier. */
static bool is_ruled(SoftDevice *s, uint32_t id, bool as_group)
{
    for (uint32_t i = 0; i < RULES; i++) {
        const SoftObject *o = soft_object_find(s, VIRTIO_NET_RESOURCE_OBJ_FF_RULE, i);
        const Rule *r = o ? (const void *)o->data : NULL;
        if (r && le32_get(as_group ? r->group_id : r->classifier_id) == id) {
            return true;
        }
    }
    return false;
}

static bool group_is_needed(SoftDevice *s, uint32_t id)
{
    return is_ruled(s, id, true) && !soft_fault(flow_group_goes_first);
}

static bool classifier_is_needed(SoftDevice *s, uint32_t id)
{
    return is_ruled(s, id, false) && !soft_fault(flow_classifier_goes_first);
}

/* ---- Frames ---- */

/* Compares the headers that the classifier selects, which follow each other. */
static bool matches(const SoftObject *classifier, const uint8_t *key, const SoftPacket *p)
{
    const uint8_t *list = classifier->data;
    uint32_t at = sizeof(struct virtio_net_ff_list), off = 0;

    for (unsigned i = 0; i < list[0]; i++) {
        const Selector *s = (const void *)(list + at);
        const uint8_t *mask = list + at + sizeof(*s);
        for (unsigned n = 0; n < s->length; n++) {
            if (off + n >= p->bytes || (p->frame[off + n] ^ key[off + n]) & mask[n]) {
                return false;
            }
        }
        off += s->length;
        at += sizeof(*s) + s->length;
    }
    return true;
}

/* Returns the first rule of a group that matches. */
static const Rule *find_rule(SoftDevice *s, uint32_t group, const SoftPacket *p)
{
    const Rule *best = NULL;
    for (uint32_t i = 0; i < RULES; i++) {
        const SoftObject *o = soft_object_find(s, VIRTIO_NET_RESOURCE_OBJ_FF_RULE, i);
        const Rule *r = o ? (const void *)o->data : NULL;
        const SoftObject *c =
            r ? soft_object_find(s, VIRTIO_NET_RESOURCE_OBJ_FF_CLASSIFIER,
                                 le32_get(r->classifier_id))
              : NULL;
        if (!c || le32_get(r->group_id) != group ||
            !matches(c, (const uint8_t *)(r + 1), p)) {
            continue;
        }
        if (soft_fault(drops_after_directing) && r->action == VIRTIO_NET_FF_ACTION_DROP) {
            return r;
        }
        bool is_better = best && (soft_fault(low_rules_first)
                                      ? r->rule_priority < best->rule_priority
                                      : r->rule_priority > best->rule_priority);
        best = !best || is_better ? r : best;
    }
    return best;
}

/* Returns the rank of a group. Groups are asked from the highest rank to the lowest. */
static int rank_of(const SoftObject *group)
{
    return soft_fault(low_groups_first) ? UINT16_MAX - priority_of(group)
                                        : priority_of(group);
}

/* Returns the group with the highest rank below this one, or NULL. */
static const SoftObject *next_group(SoftDevice *s, int below)
{
    const SoftObject *best = NULL;
    for (uint32_t i = 0; i < GROUPS; i++) {
        const SoftObject *o = soft_object_find(s, VIRTIO_NET_RESOURCE_OBJ_FF_GROUP, i);
        if (o && rank_of(o) < below && (!best || rank_of(o) > rank_of(best))) {
            best = o;
        }
    }
    return best;
}

bool soft_net_flow(SoftDevice *s, const SoftPacket *p, int *queue)
{
    const Rule *rule = NULL;
    const SoftObject *group = s->admin ? next_group(s, UINT16_MAX + 1) : NULL;

    while (group && !rule && !soft_fault(rules_do_nothing)) {
        rule = find_rule(s, group->id, p);
        group = soft_fault(one_group_only) ? NULL : next_group(s, rank_of(group));
    }
    if (!rule) {
        return false;
    }
    *queue = rule->action == VIRTIO_NET_FF_ACTION_DROP ? -1 : le16_get(rule->vq_index);
    if (*queue < 0 || !s->queue[*queue].is_enabled) {
        bool is_reset = *queue >= 0;
        *queue = -1;
        return !(is_reset ? soft_fault(flow_to_reset_queue_is_steered)
                          : soft_fault(dropped_flow_is_steered));
    }
    return !(soft_net_of(s)->steering.is_rss && soft_fault(rss_after_flow));
}

bool soft_net_flow_first(SoftDevice *s, const SoftPacket *p)
{
    int queue;
    return soft_fault(flow_before_filters) && soft_net_flow(s, p, &queue) && queue >= 0;
}

static const SoftCapKind caps[] = {
    {VIRTIO_NET_FF_RESOURCE_CAP, sizeof(resources), &resources, takes_resources, NULL},
    {VIRTIO_NET_FF_SELECTOR_CAP, sizeof(selectors), &selectors, takes_selectors, NULL},
    {VIRTIO_NET_FF_ACTION_CAP, 10, &actions, takes_actions,
     &soft_fault_flow_capability_is_not_listed},
};

static const SoftObjectKind objects[] = {
    {.type = VIRTIO_NET_RESOURCE_OBJ_FF_GROUP,
     .cap = VIRTIO_NET_FF_RESOURCE_CAP,
     .bytes = sizeof(struct virtio_net_resource_obj_ff_group),
     .most_bytes = sizeof(struct virtio_net_resource_obj_ff_group),
     .limit = group_limit,
     .check = check_group,
     .is_enabled = is_enabled,
     .is_needed = group_is_needed},
    {.type = VIRTIO_NET_RESOURCE_OBJ_FF_CLASSIFIER,
     .cap = VIRTIO_NET_FF_RESOURCE_CAP,
     .bytes = sizeof(struct virtio_net_ff_list),
     .most_bytes = SOFT_ADMIN_OBJECT_BYTES,
     .limit = classifier_limit,
     .check = check_classifier,
     .is_enabled = is_enabled,
     .is_needed = classifier_is_needed},
    {.type = VIRTIO_NET_RESOURCE_OBJ_FF_RULE,
     .cap = VIRTIO_NET_FF_RESOURCE_CAP,
     .bytes = sizeof(Rule),
     .most_bytes = sizeof(Rule) + KEY_BYTES,
     .limit = rule_limit,
     .check = check_rule,
     .is_enabled = is_enabled},
};

const SoftAdminKind soft_net_admin = {
    .caps = caps, .cap_count = 3, .objects = objects, .object_count = 3};
