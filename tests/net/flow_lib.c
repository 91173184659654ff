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
    return admin_ends(f->t, f->dev, NULL, &c, VIRTIO_ADMIN_STATUS_OK);
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
    if (!set_cap(f, VIRTIO_NET_FF_ACTION_CAP, &cap) ||
        !set_cap(f, VIRTIO_NET_FF_SELECTOR_CAP, &cap)) {
        return false;
    }
    const uint8_t *mask = cap.value + ETH_AT + sizeof(struct virtio_net_ff_selector);
    f->eth_flags = cap.value[ETH_AT + 1];
    if (cap.value[ETH_AT] != VIRTIO_NET_FF_MASK_TYPE_ETH || memcmp(mask, all, 6) != 0) {
        test_skip(t, "the device's filters cannot match destinations");
        return false;
    }
    return expect_ge(t, NULL, le32_get(f->limits.groups_limit), 2) &&
           expect_ge(t, NULL, le32_get(f->limits.rules_limit), 2);
}

bool flow_open(Test *t, QVirtioDevice *dev, Flow *f)
{
    if (!flow_begin(t, dev, f) || !net_queues_open(&f->b, &f->q, t, dev, 2)) {
        return false;
    }
    const le16 pairs = le16_of(2);
    return net_accepts(&f->b, NULL, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
                       &pairs, sizeof(pairs)) &&
           flow_has_group(f, 0, 1) &&
           expect_eq(t, NULL, flow_create_classifier(f, 0, 0), VIRTIO_ADMIN_STATUS_OK);
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
    return expect_eq(f->t, NULL, flow_create_group(f, id, priority),
                     VIRTIO_ADMIN_STATUS_OK);
}

bool flow_has_rule(Flow *f, uint32_t id, FlowRule r)
{
    return expect_eq(f->t, NULL, flow_create_rule(f, id, &r), VIRTIO_ADMIN_STATUS_OK);
}

/* Sends a frame; false: reported. */
static bool sends(Flow *f, const uint8_t to[6], uint32_t bytes, uint8_t *frame)
{
    NetFrame made = net_frame(&f->b, to, bytes);
    net_frame_write(&made, f->b.nonce, frame);
    return net_send_bytes(&f->b, frame, bytes);
}

/* The next one that comes in is this frame. */
static int comes_next(Flow *f, const char *clause, const uint8_t *frame, uint32_t bytes)
{
    NetPacket packet;
    int pair = net_queues_next(&f->b, &f->q, &packet);
    bool is_it =
        pair >= 0 && packet.bytes == bytes && memcmp(packet.frame, frame, bytes) == 0;

    if (pair < 0 || !expect_that(f->t, clause, is_it, "the frame that was sent",
                                 "another one, of %u bytes", packet.bytes)) {
        return -1;
    }
    return expect_ok(f->t, NULL, net_rx_again(&f->q.rx[pair], &packet)) ? pair : -1;
}

int flow_pair(Flow *f, bool to_all, uint32_t bytes)
{
    uint8_t frame[NET_FRAME_MAX];
    return sends(f, to_all ? all : f->b.mac, bytes, frame)
               ? comes_next(f, NULL, frame, bytes)
               : -1;
}

bool flow_drops(Flow *f, const char *clause, const uint8_t to[6])
{
    uint8_t frame[NET_FRAME_MAX], second[NET_FRAME_MAX];
    return sends(f, to, NET_FRAME_MIN, frame) && sends(f, all, 100, second) &&
           comes_next(f, clause, second, 100) >= 0;
}

/* What comes next is it, or the one that was sent behind it. */
int flow_pair_if_any(Flow *f, uint32_t bytes)
{
    uint8_t frame[NET_FRAME_MAX], second[NET_FRAME_MAX];
    NetPacket packet;

    if (!sends(f, f->b.mac, bytes, frame) || !sends(f, all, bytes, second)) {
        return -1;
    }
    int pair = net_queues_next(&f->b, &f->q, &packet);
    return pair < 0 || memcmp(packet.frame, frame, bytes) == 0 ? pair : FLOW_NONE;
}
