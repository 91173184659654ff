/* SPDX-License-Identifier: MIT */
/*
 * Wrong commands (2.12.1.5): the group, the opcode or the member is invalid. The device
 * must check them in this order. A command that fails must change nothing.
 */
#include "tests/admin/admin_lib.h"

#define NO_GROUP  0x1234
#define NO_OPCODE 0x7ff0

/* "if group_type is invalid, status_qualifier MUST be set to
 * VIRTIO_ADMIN_STATUS_Q_INVALID_GROUP", whatever else is wrong in the command. */
ADMIN_TEST(unknown_group_is_invalid, .violates = "2.12.1.6")
{
    const uint16_t opcodes[] = {VIRTIO_ADMIN_CMD_LIST_QUERY, NO_OPCODE};

    for (unsigned i = 0; i < 2 && !t->has_failed && !t->is_skipped; i++) {
        AdminCommand c = {.opcode = opcodes[i], .group = NO_GROUP, .result_bytes = 8};
        admin_invalid(t, dev, "dev:2.12.1.5-1", "dev:2.12.1.5-2", &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_GROUP);
    }
}

ADMIN_TEST(unknown_opcode_is_invalid, .violates = "2.12.1.6")
{
    AdminCommand c = {.opcode = NO_OPCODE, .result_bytes = 8};

    if (admin_uses_all(t, dev, SELF, 0)) {
        admin_invalid(t, dev, "dev:2.12.1.5-1", "dev:2.12.1.5-3", &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE);
    }
}

/* The device works after an invalid command: "the device MUST NOT enter an error state as
 * a result of this command". */
ADMIN_TEST(invalid_command_breaks_nothing, .violates = "2.12.1.6")
{
    AdminCommand c = {.opcode = NO_OPCODE};

    if (admin_uses_all(t, dev, SELF, 0) &&
        admin_ends(t, dev, "dev:2.12.1.5-1", &c, VIRTIO_ADMIN_STATUS_EINVAL)) {
        expect_that(t, "dev:2.12.1.5-7c",
                    !qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET),
                    "a device that works", "NEEDS_RESET");
        c = (AdminCommand){.result_bytes = 8};
        admin_ends(t, dev, SAFETY, &c, VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "otherwise, if group_member_id is not between 1 and NumVFs inclusive, the device MUST
 * fail all commands with ... VIRTIO_ADMIN_STATUS_Q_INVALID_MEMBER". */
ADMIN_TEST(member_behind_the_last_is_invalid, .violates = "2.12.1.6")
{
    const struct virtio_admin_cmd_dev_mode_set_data data = {0};
    uint16_t vfs = 0;
    AdminCommand c = {.opcode = VIRTIO_ADMIN_CMD_DEV_MODE_SET,
                      .group = SRIOV,
                      .data = &data,
                      .data_bytes = sizeof(data)};

    if (qvirtio_sriov_vfs(dev, &vfs) || vfs == 0) {
        test_skip(t, "no virtual function is enabled");
        return;
    }
    if (admin_uses_all(t, dev, SRIOV, ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_MODE_SET))) {
        c.member = vfs + 1u;
        admin_invalid(t, dev, "dev:2.12.1.5-17b", "dev:2.12.1.5-4", &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_MEMBER);
    }
}

/* "if the device does not have an SR-IOV Extended Capability or if VF Enable is clear
 * then the device MUST fail all commands with ... EINVAL and ... INVALID_GROUP". */
ADMIN_TEST(sr_iov_group_needs_virtual_functions, .violates = "2.12.1.6")
{
    uint16_t vfs = 0;
    AdminCommand c = {.opcode = VIRTIO_ADMIN_CMD_LIST_QUERY, .group = SRIOV};

    if (qvirtio_sriov_vfs(dev, &vfs)) {
        test_skip(t, "extended config space cannot be reached without an MCFG window");
    } else if (vfs) {
        test_skip(t, "virtual functions are enabled");
    } else {
        admin_invalid(t, dev, "dev:2.12.1.5-17a", "dev:2.12.1.5-17a", &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_GROUP);
    }
}

/* "If status is set to VIRTIO_ADMIN_STATUS_EINVAL, the device state MUST NOT change": a
 * list that the device refuses does not replace the list in use. */
ADMIN_TEST(refused_list_changes_nothing, .violates = "2.12.1.6")
{
    const uint64_t harmless = ADMIN_BIT(VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY);
    uint64_t list = admin_list(t, dev, SELF);
    const le64 wrong = le64_of(list | 1ull << 63);
    AdminCommand use = admin_list_use(&wrong, SELF);
    AdminCommand c = {.opcode = VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY, .result_bytes = 64};

    if (!admin_uses_all(t, dev, SELF, harmless) || !admin_sends(t, dev, &use)) {
        return;
    }
    if (list >> 63 || use.status != VIRTIO_ADMIN_STATUS_EINVAL) {
        test_skip(t, "the device takes a list with a command that it does not have");
        return;
    }
    admin_ends(t, dev, "dev:2.12.1.5-7a", &c, VIRTIO_ADMIN_STATUS_OK);
}

/* "If a command fails, the device MUST set status to a value different from
 * VIRTIO_ADMIN_STATUS_OK": no device can execute an opcode without meaning. */
ADMIN_TEST(failure_is_not_reported_as_success, .violates = "2.12.1.6")
{
    AdminCommand c = {.opcode = NO_OPCODE, .result_bytes = 8};

    if (admin_sends(t, dev, &c)) {
        expect_ne(t, "dev:2.12.1.5-6", c.status, VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "that is the command MUST NOT have any side effects on the device": the object was not
 * created, so a valid one can be created under the same id. */
ADMIN_TEST(invalid_object_is_not_created, .violates = "2.12.1.3.6")
{
    AdminObjects o;

    if (!admin_objects_begin(t, dev, &o)) {
        return;
    }
    uint16_t status =
        admin_object_do(&o, VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE, 0, o.kind->bad, NULL);
    if (status == VIRTIO_ADMIN_STATUS_OK) {
        test_skip(t, "the device takes an object that no section defines");
    } else if (status == VIRTIO_ADMIN_STATUS_EINVAL) {
        expect_eq(t, "dev:2.12.1.5-7b", admin_create(&o, 0, 0), VIRTIO_ADMIN_STATUS_OK);
    } else if (!t->has_failed) {
        test_skip(t, "the device refuses an invalid object with status %u, not EINVAL",
                  status);
    }
}

/* "If a command fails, the device state generally SHOULD NOT change". */
ADMIN_TEST(refused_create_leaves_the_object, .violates = "2.12.1.3.6")
{
    AdminObjects o;
    uint8_t seen[ADMIN_DATA_BYTES];

    if (admin_objects_begin(t, dev, &o) && admin_created(&o, 0, 0) &&
        require_ne(t, admin_create(&o, 0, 1), VIRTIO_ADMIN_STATUS_OK) &&
        require_eq(t, admin_query(&o, 0, seen), VIRTIO_ADMIN_STATUS_OK)) {
        expect_same(t, "dev:2.12.1.5-8", seen, o.kind->data[0], o.kind->bytes);
    }
}
