/* SPDX-License-Identifier: MIT */
/* Device parts of a virtual function: see parts_lib.h. */
#include "tests/admin/parts_lib.h"
#include "drivers/virtio/admin_queues.h"

#define GETS 0 /* the ids of the two resource objects */
#define SETS 1

/* How many bytes of a header identify a device part: all those before the length. */
#define PARTS_SELECTS offsetof(struct virtio_dev_part_hdr, length)

AdminCommand parts_command(uint16_t opcode, const void *data, uint32_t bytes)
{
    return (AdminCommand){
        .opcode = opcode, .group = SRIOV, .member = 1, .data = data, .data_bytes = bytes};
}

static bool create(Parts *p, uint32_t id, uint8_t type)
{
    struct {
        struct virtio_admin_cmd_resource_obj_data head;
        struct virtio_resource_obj_dev_parts object;
    } data = {
        .head.hdr = {.type = le16_of(VIRTIO_RESOURCE_OBJ_DEV_PARTS), .id = le32_of(id)},
        .object.type = type};
    AdminCommand c =
        parts_command(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE, &data, sizeof(data));
    return admin_ends(p->t, p->dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK);
}

/* "The driver SHOULD allocate sufficient response buffer to receive all the device
 * parts". */
/* Returns whether all device parts fit into PARTS_BYTES; if not, the test is skipped. */
static bool fit(Parts *p)
{
    const struct virtio_admin_cmd_dev_parts_data data = {
        .hdr = {.type = le16_of(VIRTIO_RESOURCE_OBJ_DEV_PARTS), .id = le32_of(GETS)},
        .type = VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_SIZE};
    AdminCommand c =
        parts_command(VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET, &data, sizeof(data));
    struct virtio_admin_cmd_dev_parts_metadata_result size = {le32_of(0), le32_of(0)};

    c.result_bytes = sizeof(size);
    if (!admin_ends(p->t, p->dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
        return false;
    }
    memcpy(&size, c.result, admin_result_bytes(&c));
    if (le32_get(size.count) > PARTS_BYTES) {
        test_skip(p->t,
                  "the device parts have %u bytes, more than the tests have room for",
                  le32_get(size.count));
        return false;
    }
    return true;
}

bool parts_begin(Test *t, QVirtioDevice *dev, Parts *p)
{
    AdminCap cap;

    *p = (Parts){.t = t, .dev = dev, .member = qvirtio_sriov_member(dev, 1)};
    if (!p->member) {
        test_skip(t, "no virtual function is enabled and driven here");
        return false;
    }
    if (!admin_uses_all(t, dev, SRIOV, PARTS_BITS) ||
        !admin_uses_all(t, dev, SELF, ADMIN_BIT(VIRTIO_ADMIN_CMD_DRIVER_CAP_SET)) ||
        !admin_cap(t, dev, VIRTIO_DEV_PARTS_CAP, &cap)) {
        return false;
    }
    if (cap.value[0] < 2 || cap.value[1] < 2) {
        test_skip(t, "the device takes fewer than two objects for device parts");
        return false;
    }
    AdminCommand c = admin_cap_set(&cap);
    return admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK) &&
           require_ok(t, qvirtio_reset(p->member)) &&
           create(p, GETS, VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_GET) &&
           create(p, SETS, VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_SET) && fit(p);
}

uint16_t parts_mode(Parts *p, uint8_t flags)
{
    const struct virtio_admin_cmd_dev_mode_set_data data = {flags};
    AdminCommand c = parts_command(VIRTIO_ADMIN_CMD_DEV_MODE_SET, &data, sizeof(data));
    return admin_sends(p->t, p->dev, &c) ? c.status : UINT16_MAX;
}

void parts_end(Parts *p)
{
    require_eq(p->t, parts_mode(p, PARTS_RESUME), VIRTIO_ADMIN_STATUS_OK);
    require_ok(p->t, qvirtio_reset(p->member));
}

bool parts_stopped(Parts *p)
{
    return require_eq(p->t, parts_mode(p, PARTS_STOP), VIRTIO_ADMIN_STATUS_OK);
}

uint32_t parts_get(Parts *p, uint8_t *to)
{
    const struct virtio_admin_cmd_dev_parts_data data = {
        .hdr = {.type = le16_of(VIRTIO_RESOURCE_OBJ_DEV_PARTS), .id = le32_of(GETS)},
        .type = VIRTIO_ADMIN_CMD_DEV_PARTS_GET_TYPE_ALL};
    AdminCommand c = parts_command(VIRTIO_ADMIN_CMD_DEV_PARTS_GET, &data, sizeof(data));

    c.result_bytes = PARTS_BYTES;
    if (!admin_ends(p->t, p->dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
        return 0;
    }
    memcpy(to, c.result, admin_result_bytes(&c));
    bool has_one = admin_result_bytes(&c) >= sizeof(struct virtio_dev_part_hdr);
    require_that(p->t, has_one, "parts", "%u bytes", admin_result_bytes(&c));
    return has_one ? admin_result_bytes(&c) : 0;
}

uint32_t parts_next(const uint8_t *parts, uint32_t bytes, uint32_t at)
{
    const struct virtio_dev_part_hdr *hdr = (const void *)(parts + at);
    uint64_t next = at + sizeof(*hdr) + (uint64_t)le32_get(hdr->length);

    /* Fewer bytes than a header has are the padding to 64 bits. */
    return next + sizeof(*hdr) <= bytes ? (uint32_t)next : bytes;
}

const Part *parts_find(const uint8_t *parts, uint32_t bytes, uint16_t type)
{
    for (uint32_t at = 0; at < bytes; at = parts_next(parts, bytes, at)) {
        const Part *part = (const void *)(parts + at);
        uint64_t end = at + sizeof(part->hdr) + (uint64_t)le32_get(part->hdr.length);
        if (le16_get(part->hdr.part_type) == type && end <= bytes) {
            return part;
        }
    }
    return NULL;
}

bool parts_take(Parts *p, uint16_t type, Part *part)
{
    uint8_t *parts = arena_lend(PARTS_BYTES, 8);
    uint32_t bytes = parts ? parts_get(p, parts) : 0;
    const Part *found = bytes ? parts_find(parts, bytes, type) : NULL;

    if (p->t->has_failed || !require_that(p->t, parts, "memory", "none")) {
        return false;
    }
    if (!found || le32_get(found->hdr.length) > PARTS_VALUE) {
        test_skip(p->t, "the device has no part 0x%x of a length that is known", type);
        return false;
    }
    *part = (Part){.hdr = found->hdr};
    memcpy(part->value, found->value, le32_get(found->hdr.length));
    return true;
}

uint16_t parts_set(Parts *p, const Part *part)
{
    const struct virtio_admin_cmd_resource_obj_cmd_hdr hdr = {
        .type = le16_of(VIRTIO_RESOURCE_OBJ_DEV_PARTS), .id = le32_of(SETS)};
    uint32_t last = sizeof(part->hdr) + le32_get(part->hdr.length), before = 0;
    uint8_t *data = arena_lend(sizeof(hdr) + PARTS_BYTES + sizeof(Part), 8);
    uint8_t *parts = data ? data + sizeof(hdr) : NULL;
    uint32_t bytes = data ? parts_get(p, parts) : 0;

    if (!require_that(p->t, data, "memory", "none") || !bytes) {
        return UINT16_MAX;
    }
    while (before < bytes && memcmp(parts + before, part, PARTS_SELECTS) != 0) {
        before = parts_next(parts, bytes, before);
    }
    memcpy(data, &hdr, sizeof(hdr));
    memcpy(parts + before, part, last);
    AdminCommand c =
        parts_command(VIRTIO_ADMIN_CMD_DEV_PARTS_SET, data, sizeof(hdr) + before + last);
    return admin_sends(p->t, p->dev, &c) ? c.status : UINT16_MAX;
}
