/* SPDX-License-Identifier: MIT */
/* Rules, and where frames go by them: see flow_lib.h. */
#include "tests/net/flow_lib.h"

#define ETH_AT (sizeof(struct virtio_net_ff_list))

static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static bool set_cap(Flow *f, uint16_t id, AdminCap *cap)
{
    if (!admin_cap(f->t, f->dev, id, cap)) {
        return false;
    }
    AdminCommand c = admin_cap_set(cap);
    return admin_ends(f->t, f->dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK);
}

/* Do the tests' rules fit in? Priorities 0 and 1 are below the last one, which the text
 * calls the highest as well as too high. */
static bool has_room(Flow *f)
{
    const struct virtio_net_ff_cap_data *l = &f->limits;

    if (le32_get(l->groups_limit) < 2 || le32_get(l->rules_limit) < 2 ||
        le32_get(l->rules_per_group_limit) < 2 || !le32_get(l->classifiers_limit) ||
        l->last_rule_priority < 2) {
        test_skip(f->t, "the device takes too few groups, rules or priorities");
        return false;
    }
    return true;
}

static bool has_actions(Flow *f, const AdminCap *cap)
{
    unsigned found = 0;
    for (unsigned i = 0; i < cap->value[0] && ETH_AT + i < cap->bytes; i++) {
        uint8_t action = cap->value[ETH_AT + i];
        found += action == FLOW_DROP || action == FLOW_DIRECT;
    }
    if (found != 2) {
        test_skip(f->t, "the device's filters cannot both drop and direct");
    }
    return found == 2;
}

bool flow_begin(Test *t, QVirtioDevice *dev, Flow *f)
{
    AdminCap cap;

    *f = (Flow){.t = t, .dev = dev};
    if (!admin_uses_all(t, dev, SELF, ADMIN_OBJECT_BITS) ||
        !set_cap(f, VIRTIO_NET_FF_RESOURCE_CAP, &cap)) {
        return false;
    }
    memcpy(&f->limits, cap.value, sizeof(f->limits));
    if (!has_room(f) || !set_cap(f, VIRTIO_NET_FF_ACTION_CAP, &cap) ||
        !has_actions(f, &cap) || !set_cap(f, VIRTIO_NET_FF_SELECTOR_CAP, &cap)) {
        return false;
    }
    const uint8_t *mask = cap.value + ETH_AT + sizeof(struct virtio_net_ff_selector);
    f->eth_flags = cap.value[ETH_AT + 1];
    if (cap.value[ETH_AT] != VIRTIO_NET_FF_MASK_TYPE_ETH || memcmp(mask, all, 6) != 0) {
        test_skip(t, "the device's filters cannot match destinations");
        return false;
    }
    return true;
}

bool flow_open(Test *t, QVirtioDevice *dev, Flow *f)
{
    if (!flow_begin(t, dev, f) || !net_queues_open(&f->b, &f->q, t, dev, 2)) {
        return false;
    }
    const le16 pairs = le16_of(2);
    return net_accepts(&f->b, BASIS_NONE, VIRTIO_NET_CTRL_MQ,
                       VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, &pairs, sizeof(pairs)) &&
           flow_has_group(f, 0, 1) &&
           require_eq(t, flow_create_classifier(f, 0, 0), VIRTIO_ADMIN_STATUS_OK);
}

uint16_t flow_do(Flow *f, uint16_t opcode, uint16_t type, uint32_t id, const void *data,
                 uint32_t bytes)
{
    struct {
        struct virtio_admin_cmd_resource_obj_data head;
        uint8_t data[64];
    } request = {.head.hdr = {.type = le16_of(type), .id = le32_of(id)}};
    AdminCommand c = {.opcode = opcode,
                      .data = &request,
                      .data_bytes = sizeof(request.head) + bytes,
                      .result_bytes = 64};

    memcpy(request.data, data, bytes);
    return admin_sends(f->t, f->dev, &c) ? c.status : UINT16_MAX;
}

uint16_t flow_create_group(Flow *f, uint32_t id, uint16_t priority)
{
    const struct virtio_net_resource_obj_ff_group group = {le16_of(priority)};
    return flow_do(f, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE, FLOW_GROUP, id, &group,
                   sizeof(group));
}

uint16_t flow_create_classifier(Flow *f, uint32_t id, uint8_t flags)
{
    struct {
        struct virtio_net_ff_list list;
        struct virtio_net_ff_selector eth;
        uint8_t mask[FLOW_KEY_BYTES];
    } data = {.list = {.count = 1},
              .eth = {.type = VIRTIO_NET_FF_MASK_TYPE_ETH,
                      .flags = flags,
                      .length = FLOW_KEY_BYTES}};

    memcpy(data.mask, all, sizeof(all));
    return flow_do(f, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE, FLOW_CLASSIFIER, id, &data,
                   sizeof(data));
}

uint16_t flow_create_rule(Flow *f, uint32_t id, const FlowRule *r)
{
    struct {
        struct virtio_net_resource_obj_ff_rule rule;
        uint8_t key[FLOW_KEY_BYTES];
    } data = {.rule = {.group_id = le32_of(r->group),
                       .classifier_id = le32_of(r->classifier),
                       .rule_priority = r->priority,
                       .key_length = r->key_bytes ? r->key_bytes : FLOW_KEY_BYTES,
                       .action = r->action,
                       .vq_index = le16_of(2 * r->pair)}};

    memcpy(data.key, r->is_for_all ? all : f->b.mac, sizeof(all));
    return flow_do(f, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE, FLOW_RULE, id, &data,
                   sizeof(data));
}

uint16_t flow_destroy(Flow *f, uint16_t type, uint32_t id)
{
    return flow_do(f, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_DESTROY, type, id, NULL, 0);
}

bool flow_has_group(Flow *f, uint32_t id, uint16_t priority)
{
    return require_eq(f->t, flow_create_group(f, id, priority), VIRTIO_ADMIN_STATUS_OK);
}

bool flow_has_rule(Flow *f, uint32_t id, FlowRule r)
{
    return require_eq(f->t, flow_create_rule(f, id, &r), VIRTIO_ADMIN_STATUS_OK);
}

/* Sends a frame. Returns false when that fails, which is reported. */
static bool sends(Flow *f, const uint8_t to[6], uint32_t bytes, uint8_t *frame)
{
    NetFrame made = net_frame(&f->b, to, bytes);
    net_frame_write(&made, f->b.nonce, frame);
    return net_send_bytes(&f->b, frame, bytes);
}

static bool is_frame(const NetPacket *p, const uint8_t *frame, uint32_t bytes)
{
    return p->bytes == bytes && memcmp(p->frame, frame, bytes) == 0;
}

int flow_pair(Flow *f, bool to_all, uint32_t bytes)
{
    uint8_t frame[NET_FRAME_MAX];
    NetPacket packet;

    if (!sends(f, to_all ? all : f->b.mac, bytes, frame)) {
        return -1;
    }
    int pair = net_queues_find(&f->b, &f->q, frame, bytes, &packet);
    return pair >= 0 && require_ok(f->t, net_rx_again(&f->q.rx[pair], &packet)) ? pair
                                                                                : -1;
}

/* Looks for the frame among what is in the queues already: where it was, else `seen`. */
static int look_for(Flow *f, const uint8_t *frame, uint32_t bytes, int seen)
{
    NetPacket packet;
    for (unsigned i = 0; i < f->q.count; i++) {
        while (net_rx_get(&f->q.rx[i], &packet) > 0) {
            seen = is_frame(&packet, frame, bytes) ? (int)i : seen;
            if (!require_ok(f->t, net_rx_again(&f->q.rx[i], &packet))) {
                return -1;
            }
        }
    }
    return seen;
}

/* Where the first of two frames is when the second, which goes to all, is there; the
 * queues may be looked at in another order than they were filled in. */
static int pair_before(Flow *f, const uint8_t to[6], uint32_t bytes)
{
    uint8_t frame[NET_FRAME_MAX], second[NET_FRAME_MAX];
    int seen = FLOW_NONE;
    bool is_second = false;

    if (!sends(f, to, bytes, frame) || !sends(f, all, bytes, second)) {
        return -1;
    }
    while (!is_second) {
        NetPacket packet;
        int pair = net_queues_next(&f->b, &f->q, &packet);
        if (pair < 0) {
            return -1;
        }
        seen = is_frame(&packet, frame, bytes) ? pair : seen;
        is_second = is_frame(&packet, second, bytes);
        if (!require_ok(f->t, net_rx_again(&f->q.rx[pair], &packet))) {
            return -1;
        }
    }
    return look_for(f, frame, bytes, seen);
}

bool flow_filters(Flow *f)
{
    int pair = pair_before(f, net_nobody, NET_FRAME_MIN);
    if (pair >= 0) {
        test_skip(f->t, "the device lets frames to nobody pass, which it may");
    }
    return pair == FLOW_NONE;
}

bool flow_drops(Flow *f, const char *clause, const uint8_t to[6])
{
    int pair = pair_before(f, to, NET_FRAME_MIN);
    return pair != -1 && expect_that(f->t, clause, pair == FLOW_NONE, "no such frame",
                                     "it on queue pair %d", pair);
}

int flow_pair_if_any(Flow *f, uint32_t bytes)
{
    return pair_before(f, f->b.mac, bytes);
}
