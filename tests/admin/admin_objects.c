/* SPDX-License-Identifier: MIT */
/* Resource objects of whichever kind a device has: see admin_lib.h. */
#include "drivers/virtio/spec/virtio_net_ff.h"
#include "tests/admin/admin_lib.h"

static const uint16_t flow_caps[] = {VIRTIO_NET_FF_SELECTOR_CAP, VIRTIO_NET_FF_ACTION_CAP,
                                     0};

/* Returns whether the first selector is for Ethernet and can match whole destination
 * addresses and EtherTypes. */
static bool can_match(Test *t, QVirtioDevice *dev)
{
    static const uint8_t whole[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const uint32_t mask =
        sizeof(struct virtio_net_ff_list) + sizeof(struct virtio_net_ff_selector);
    AdminCap cap;
    return admin_has_cap(t, dev, VIRTIO_NET_FF_SELECTOR_CAP) &&
           admin_cap(t, dev, VIRTIO_NET_FF_SELECTOR_CAP, &cap) && cap.value[0] &&
           cap.value[sizeof(struct virtio_net_ff_list)] == VIRTIO_NET_FF_MASK_TYPE_ETH &&
           memcmp(cap.value + mask, whole, 6) == 0 &&
           memcmp(cap.value + mask + 12, whole, 2) == 0;
}

static const AdminKind kinds[] = {
    /* Flow classifiers of one selector, whose mask has 14 bytes. */
    {.type = VIRTIO_NET_RESOURCE_OBJ_FF_CLASSIFIER,
     .group = SELF,
     .device = VIRTIO_ID_NET,
     .cap = VIRTIO_NET_FF_RESOURCE_CAP,
     .limit_at = offsetof(struct virtio_net_ff_cap_data, classifiers_limit),
     .limit_bytes = 4,
     .others = flow_caps,
     .bytes = 30,
     .data = {{1, [8] = VIRTIO_NET_FF_MASK_TYPE_ETH, [12] = 14, [16 ... 21] = 0xff},
              {1, [8] = VIRTIO_NET_FF_MASK_TYPE_ETH, [12] = 14, [28 ... 29] = 0xff}},
     .bad = {1, [8] = 0x7f, [12] = 14},
     .fits = can_match},
    {.type = VIRTIO_RESOURCE_OBJ_DEV_PARTS,
     .group = SRIOV,
     .cap = VIRTIO_DEV_PARTS_CAP,
     .limit_bytes = 1,
     .second_at = offsetof(struct virtio_dev_parts_cap, set_parts_resource_objects_limit),
     .bytes = sizeof(struct virtio_resource_obj_dev_parts),
     .data = {{VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_GET},
              {VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_SET}},
     .bad = {0x7f}},
};

static uint32_t limit_in(const AdminCap *cap, const AdminKind *kind, uint16_t at)
{
    uint32_t limit = 0;
    for (unsigned i = 0; i < kind->limit_bytes; i++) {
        limit |= (uint32_t)cap->value[at + i] << (8 * i);
    }
    return limit;
}

/* Returns the lower one of both objects' limits: ids must be below it. */
static uint32_t lower_limit(const AdminCap *cap, const AdminKind *kind)
{
    uint32_t first = limit_in(cap, kind, kind->limit_at);
    uint32_t second = kind->second_at ? limit_in(cap, kind, kind->second_at) : first;
    return first < second ? first : second;
}

static bool has_kind(Test *t, QVirtioDevice *dev, const AdminKind *kind)
{
    bool is_of_type = !kind->device || kind->device == dev->device_id;
    bool has_group = kind->group == SELF || qvirtio_sriov_member(dev, 1);

    return is_of_type && has_group &&
           !(ADMIN_OBJECT_BITS & ~admin_list(t, dev, kind->group)) &&
           admin_has_cap(t, dev, kind->cap) && (!kind->fits || kind->fits(t, dev));
}

/* Sets the other capabilities that the kind needs, each to all that the device has. */
static bool set_others(AdminObjects *o)
{
    AdminCap cap;
    for (const uint16_t *id = o->kind->others; id && *id; id++) {
        if (!admin_cap(o->t, o->dev, *id, &cap)) {
            return false;
        }
        AdminCommand c = admin_cap_set(&cap);
        if (!admin_ends(o->t, o->dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
            return false;
        }
    }
    return true;
}

bool admin_objects_find(Test *t, QVirtioDevice *dev, AdminObjects *o)
{
    *o = (AdminObjects){.t = t, .dev = dev};
    if (!admin_uses_all(t, dev, SELF, ADMIN_CAP_BITS)) {
        return false;
    }
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !o->kind; i++) {
        o->kind = has_kind(t, dev, &kinds[i]) ? &kinds[i] : NULL;
    }
    if (t->has_failed || t->is_skipped) {
        return false;
    }
    if (!o->kind) {
        test_skip(t, "the device has no objects of a kind that is known here");
        return false;
    }
    o->member = o->kind->group == SRIOV;
    bool is_ready = (o->kind->group == SELF ||
                     admin_uses_all(t, dev, o->kind->group, ADMIN_OBJECT_BITS)) &&
                    admin_cap(t, dev, o->kind->cap, &o->cap);
    o->limit = lower_limit(&o->cap, o->kind);
    if (is_ready && o->limit < 2) {
        test_skip(t, "the device takes %u objects, and two are needed", o->limit);
        return false;
    }
    return is_ready && set_others(o);
}

bool admin_objects_limit(AdminObjects *o, uint32_t limit)
{
    AdminCap cap = o->cap;
    for (unsigned i = 0; i < o->kind->limit_bytes; i++) {
        cap.value[o->kind->limit_at + i] = (uint8_t)(limit >> (8 * i));
    }
    AdminCommand c = admin_cap_set(&cap);
    return admin_ends(o->t, o->dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK);
}

bool admin_objects_begin(Test *t, QVirtioDevice *dev, AdminObjects *o)
{
    return admin_objects_find(t, dev, o) && admin_objects_limit(o, o->limit);
}

uint16_t admin_object_do(AdminObjects *o, uint16_t opcode, uint32_t id, const void *data,
                         AdminCommand *done)
{
    struct {
        struct virtio_admin_cmd_resource_obj_data head;
        uint8_t data[ADMIN_DATA_BYTES];
    } request = {.head = {.hdr = {.type = le16_of(o->kind->type), .id = le32_of(id)}}};
    AdminCommand c = {.opcode = opcode,
                      .group = o->kind->group,
                      .member = o->member,
                      .data = &request,
                      .data_bytes = sizeof(request.head),
                      .result_bytes = o->kind->bytes};

    if (data) {
        memcpy(request.data, data, o->kind->bytes);
        c.data_bytes += o->kind->bytes;
    }
    if (!admin_sends(o->t, o->dev, &c)) {
        return UINT16_MAX;
    }
    if (done) {
        *done = c;
    }
    return c.status;
}

uint16_t admin_create(AdminObjects *o, uint32_t id, unsigned which)
{
    return admin_object_do(o, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE, id,
                           o->kind->data[which], NULL);
}

uint16_t admin_destroy(AdminObjects *o, uint32_t id)
{
    return admin_object_do(o, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_DESTROY, id, NULL, NULL);
}

uint16_t admin_modify(AdminObjects *o, uint32_t id, unsigned which)
{
    return admin_object_do(o, o->modify, id, o->kind->data[which], NULL);
}

/*
 * The table of 2.12.1 and the sections of MODIFY and QUERY give these two commands each
 * other's opcodes. The tests use the opcodes of the sections, unless the device follows
 * the table. It does when QUERY succeeds without data, or when QUERY is refused and
 * MODIFY answers with data.
 */
static bool learn_opcodes(AdminObjects *o, uint32_t id, unsigned which)
{
    AdminCommand c;
    uint16_t status =
        admin_object_do(o, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_QUERY, id, NULL, &c);
    bool is_swapped = status == VIRTIO_ADMIN_STATUS_OK && admin_result_bytes(&c) == 0;

    if (status != VIRTIO_ADMIN_STATUS_OK && status != UINT16_MAX) {
        status = admin_object_do(o, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_MODIFY, id, NULL, &c);
        is_swapped = status == VIRTIO_ADMIN_STATUS_OK && admin_result_bytes(&c) > 0;
    }
    o->query = VIRTIO_ADMIN_CMD_RESOURCE_OBJ_QUERY;
    o->modify = VIRTIO_ADMIN_CMD_RESOURCE_OBJ_MODIFY;
    if (is_swapped) {
        o->query = VIRTIO_ADMIN_CMD_RESOURCE_OBJ_MODIFY;
        o->modify = VIRTIO_ADMIN_CMD_RESOURCE_OBJ_QUERY;
        return require_eq(o->t, admin_modify(o, id, which), VIRTIO_ADMIN_STATUS_OK);
    }
    return status != UINT16_MAX;
}

uint16_t admin_query(AdminObjects *o, uint32_t id, uint8_t *result)
{
    AdminCommand c;
    uint16_t status = admin_object_do(o, o->query, id, NULL, &c);
    if (status == VIRTIO_ADMIN_STATUS_OK && result) {
        uint32_t bytes = admin_result_bytes(&c);
        memset(result, 0, o->kind->bytes);
        memcpy(result, c.result, bytes < o->kind->bytes ? bytes : o->kind->bytes);
    }
    return status;
}

bool admin_created(AdminObjects *o, uint32_t id, unsigned which)
{
    Test *t = o->t;
    return require_eq(t, admin_create(o, id, which), VIRTIO_ADMIN_STATUS_OK) &&
           (o->query || learn_opcodes(o, id, which));
}
