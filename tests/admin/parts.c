/* SPDX-License-Identifier: MIT */
/*
 * Device parts of a virtual function (2.12.1.4, 2.14): which commands exist, in which
 * order the device parts come, how often they can be read, and what the metadata says of
 * them.
 */
#include "tests/admin/parts_lib.h"

/* "A device MUST either support all of, or none of" them. */
ADMIN_TEST(part_commands_come_together)
{
    uint64_t list = admin_list(t, dev, SRIOV);

    if (list & ADMIN_PART_BITS) {
        expect_eq(t, "dev:2.12.1.4.4.1-1", list & PARTS_BITS, PARTS_BITS);
    } else if (!t->has_failed && !t->is_skipped) {
        test_skip(t, "the device has no commands for device parts of an SR-IOV group");
    }
}

/* "The device MUST support getting the device parts multiple times", while the device
 * runs and while it is stopped. */
ADMIN_TEST(parts_are_got_again)
{
    Parts p;

    if (!parts_begin(t, dev, &p) ||
        !require_ok(t, qvirtio_start(p.member, NULL, t->ring))) {
        return;
    }
    uint8_t *parts = arena_lend(PARTS_BYTES, 8);
    if (!require_that(t, parts, "memory", "none")) {
        return;
    }
    if (parts_get(&p, parts) && parts_stopped(&p)) {
        const struct virtio_admin_cmd_dev_parts_data data = {
            .type = VIRTIO_ADMIN_CMD_DEV_PARTS_GET_TYPE_ALL};
        AdminCommand c =
            parts_command(VIRTIO_ADMIN_CMD_DEV_PARTS_GET, &data, sizeof(data));
        c.result_bytes = PARTS_BYTES;
        if (admin_ends(t, dev, "dev:2.12.1.4.4.1-2", &c, VIRTIO_ADMIN_STATUS_OK) &&
            expect_eq(t, "virtio 2.12.1.4", parts_get(&p, parts),
                      admin_result_bytes(&c))) {
            /* "The device can be stopped to prevent device parts from changing." */
            expect_same(t, "virtio 2.12.1.4", c.result, parts, admin_result_bytes(&c));
        }
        parts_end(&p);
    }
}

/* Returns the bit that stands for a device part in a mask of those seen, in the order of
 * the specification's table. Returns 0 for a type that is not in the table. */
static uint32_t part_bit(const struct virtio_dev_part_hdr *hdr)
{
    uint32_t n = (uint32_t)le16_get(hdr->part_type) - VIRTIO_DEV_PART_DEV_FEATURES;
    return le16_get(hdr->part_type) <= VIRTIO_DEV_PART_VQ_NOTIFY_CFG && n < 32 ? 1u << n
                                                                               : 0;
}

#define BIT_OF(type) (1u << ((type)-VIRTIO_DEV_PART_DEV_FEATURES))

/* Checks the order of one header; `before` is the mask of those that came before it. */
static void expect_order(Test *t, const struct virtio_dev_part_hdr *hdr, uint32_t before)
{
    uint32_t bit = part_bit(hdr);
    const uint32_t device = BIT_OF(VIRTIO_DEV_PART_DEV_FEATURES);
    const uint32_t both = device | BIT_OF(VIRTIO_DEV_PART_DRV_FEATURES);

    if (!bit) {
        return;
    }
    expect_eq(t, "dev:2.12.1.4.4.1-3", before & ~(2 * bit - 1), 0);
    if (bit &
        (BIT_OF(VIRTIO_DEV_PART_DRV_FEATURES) | BIT_OF(VIRTIO_DEV_PART_PCI_COMMON_CFG))) {
        expect_eq(t, "dev:2.12.1.4.4.1-24", before & device, device);
    }
    if (bit & BIT_OF(VIRTIO_DEV_PART_PCI_COMMON_CFG)) {
        expect_eq(t, "dev:2.12.1.4.4.1-25", before & device, device);
        expect_eq(t, "dev:2.12.1.4.4.1-26", before & both, both);
    }
}

ADMIN_TEST(parts_come_in_order)
{
    Parts p;

    if (!parts_begin(t, dev, &p)) {
        return;
    }
    uint8_t *parts = arena_lend(PARTS_BYTES, 8);
    if (!require_that(t, parts, "memory", "none")) {
        return;
    }
    uint32_t bytes = parts_get(&p, parts), before = 0;
    for (uint32_t at = 0; at < bytes && !t->has_failed;
         at = parts_next(parts, bytes, at)) {
        const struct virtio_dev_part_hdr *hdr = (const void *)(parts + at);
        expect_order(t, hdr, before);
        before |= part_bit(hdr);
    }
}

/* The device sends selected device parts in the order of the table, whatever order the
 * driver's list has. It may send more of them, because some "MUST be preceded by"
 * others. */
ADMIN_TEST(selected_parts_come_in_order)
{
    Parts p;
    struct {
        struct virtio_admin_cmd_dev_parts_data head;
        struct virtio_dev_part_hdr list[2];
    } data = {.head.type = VIRTIO_ADMIN_CMD_DEV_PARTS_GET_TYPE_SELECTED};
    AdminCommand c = parts_command(VIRTIO_ADMIN_CMD_DEV_PARTS_GET, &data, sizeof(data));
    Part status, features;

    c.result_bytes = PARTS_BYTES;
    if (!parts_begin(t, dev, &p) ||
        !parts_take(&p, VIRTIO_DEV_PART_DEVICE_STATUS, &status) ||
        !parts_take(&p, VIRTIO_DEV_PART_DRV_FEATURES, &features)) {
        return;
    }
    data.list[0] = status.hdr;
    data.list[1] = features.hdr;
    if (admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
        uint32_t bytes = admin_result_bytes(&c);
        const Part *first = parts_find(c.result, bytes, VIRTIO_DEV_PART_DRV_FEATURES);
        const Part *second = parts_find(c.result, bytes, VIRTIO_DEV_PART_DEVICE_STATUS);
        /* The driver asks for "specific device parts". */
        if (expect_that(t, "virtio 2.12.1.4", first && second, "both parts",
                        "one, or none")) {
            expect_that(t, "dev:2.12.1.4.4.1-3", first < second,
                        "DRV_FEATURES, then DEVICE_STATUS", "the other order");
        }
    }
}

static bool metadata(Parts *p, uint8_t type, AdminCommand *c)
{
    const struct virtio_admin_cmd_dev_parts_data data = {.type = type};
    *c = parts_command(VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET, &data, sizeof(data));
    c->result_bytes = PARTS_BYTES;
    return admin_ends(p->t, p->dev, BASIS_NONE, c, VIRTIO_ADMIN_STATUS_OK);
}

/* "the maximum size of the device parts, the count of device parts, and a list of the
 * device part headers": they agree with the device parts that the driver then reads. */
ADMIN_TEST(metadata_tells_of_all_parts)
{
    Parts p;
    AdminCommand size, count, list;
    uint32_t seen = 0;

    if (!parts_begin(t, dev, &p)) {
        return;
    }
    uint8_t *parts = arena_lend(PARTS_BYTES, 8);
    if (!require_that(t, parts, "memory", "none")) {
        return;
    }
    uint32_t bytes = parts_get(&p, parts);
    for (uint32_t at = 0; at < bytes; at = parts_next(parts, bytes, at)) {
        seen++;
    }
    if (!bytes || !metadata(&p, VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_SIZE, &size) ||
        !metadata(&p, VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_COUNT, &count) ||
        !metadata(&p, VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_LIST, &list)) {
        return;
    }
    expect_ge(t, "virtio 2.12.1.4.3", le32_get(*(const le32 *)size.result) + 7, bytes);
    expect_ge(t, "virtio 2.12.1.4.3", le32_get(*(const le32 *)count.result), seen);
    expect_eq(t, "virtio 2.12.1.4.3", le32_get(*(const le32 *)list.result),
              le32_get(*(const le32 *)count.result));
    expect_same(t, "virtio 2.12.1.4.3", list.result + 8, parts,
                sizeof(struct virtio_dev_part_hdr));
}

/* "The command responds with the status VIRTIO_ADMIN_STATUS_ENOMEM when the size of
 * command_specific_result is not sufficient"; then it "MUST NOT have any side effects,
 * making it safe to retry". */
ADMIN_TEST(metadata_can_be_asked_for_again)
{
    Parts p;
    const struct virtio_admin_cmd_dev_parts_data data = {
        .type = VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_LIST};
    AdminCommand c =
        parts_command(VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET, &data, sizeof(data));

    c.result_bytes = 8;
    if (!parts_begin(t, dev, &p) || !admin_sends(t, dev, &c)) {
        return;
    }
    /* 2.13.1 allows a device to cut the answer of any command. */
    if (c.status == VIRTIO_ADMIN_STATUS_OK) {
        test_skip(
            t, "the device cuts the list to the size of the buffer, so it does not fail");
        return;
    }
    if (!expect_eq(t, "virtio 2.12.1.4.3", c.status, VIRTIO_ADMIN_STATUS_ENOMEM)) {
        return;
    }
    c.result_bytes = PARTS_BYTES;
    c.in_bytes = 0;
    admin_ends(t, dev, "dev:2.13.1-9", &c, VIRTIO_ADMIN_STATUS_OK);
}
