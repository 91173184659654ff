/* SPDX-License-Identifier: MIT */
/*
 * Capabilities (2.12.1.2): which commands exist for them, which values the driver may
 * set, and how long a value holds. Resource objects show what a limit does.
 */
#include "tests/admin/admin_lib.h"

/* "If the device supports capabilities, it MUST support the commands ..." */
ADMIN_TEST(capability_commands_come_together)
{
    uint64_t list = admin_list(t, dev, SELF);

    if (list & ADMIN_CAP_BITS) {
        expect_eq(t, "dev:2.12.1.2.4-1", list & ADMIN_CAP_BITS, ADMIN_CAP_BITS);
    } else if (!t->has_failed && !t->is_skipped) {
        test_skip(t, "the device supports no capabilities");
    }
}

/* Each listed capability has data, and the driver can set it to what the device reports.
 * "The device MUST support the setting of resource object limit driver capability to a
 * value that is same as or smaller than the one reported". */
ADMIN_TEST(every_listed_capability_can_be_set)
{
    AdminCommand c = {.opcode = VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY,
                      .result_bytes = VIRTIO_ADMIN_CAPS / 8};

    if (!admin_uses_all(t, dev, SELF, ADMIN_CAP_BITS) ||
        !admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
        return;
    }
    for (uint32_t id = 0; id < admin_result_bytes(&c) * 8 && !t->has_failed; id++) {
        AdminCap cap;
        if (!(c.result[id / 8] >> id % 8 & 1) || !admin_cap(t, dev, id, &cap)) {
            continue;
        }
        AdminCommand set = admin_cap_set(&cap);
        admin_ends(t, dev, "dev:2.12.1.2.4-2", &set, VIRTIO_ADMIN_STATUS_OK);
    }
}

ADMIN_TEST(lower_limits_can_be_set)
{
    AdminObjects o;

    if (!admin_objects_find(t, dev, &o)) {
        return;
    }
    for (uint32_t limit = o.limit; limit-- > 0 && !t->has_failed; limit /= 2) {
        AdminCap cap = o.cap;
        for (unsigned i = 0; i < o.kind->limit_bytes; i++) {
            cap.value[o.kind->limit_at + i] = (uint8_t)(limit >> (8 * i));
        }
        AdminCommand c = admin_cap_set(&cap);
        admin_ends(t, dev, "dev:2.12.1.2.4-2", &c, VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "The device SHOULD complete the comands ... with status set to
 * VIRTIO_ADMIN_STATUS_ENXIO if the capability id is not reported". */
ADMIN_TEST(unlisted_capability_is_not_there, .violates = "2.12.1.2.5")
{
    static const uint16_t ids[] = {0x7ff, 0xfff, 0x1000, 0xffff};
    const uint16_t opcodes[] = {VIRTIO_ADMIN_CMD_DEVICE_CAP_GET,
                                VIRTIO_ADMIN_CMD_DRIVER_CAP_SET};

    if (!admin_uses_all(t, dev, SELF, ADMIN_CAP_BITS)) {
        return;
    }
    for (unsigned i = 0; i < 8 && !t->has_failed; i++) {
        const AdminCap cap = {.head = {.id = le16_of(ids[i / 2])}, .bytes = 8};
        AdminCommand c = admin_cap_set(&cap);
        c.opcode = opcodes[i % 2];
        c.result_bytes = 8;
        if (!admin_has_cap(t, dev, ids[i / 2])) {
            admin_ends(t, dev, "dev:2.12.1.2.4-8", &c, VIRTIO_ADMIN_STATUS_ENXIO);
        }
    }
}

/* "The device MUST complete the commands ... with status set to
 * VIRTIO_ADMIN_STATUS_EINVAL if the commands are not for the self group type." The
 * specification then repeats the sentence with SHOULD, so two clauses are proven. */
ADMIN_TEST(capabilities_are_for_the_self_group, .violates = "2.12.1.6")
{
    const uint16_t opcodes[] = {VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY,
                                VIRTIO_ADMIN_CMD_DRIVER_CAP_SET};

    if (!admin_uses_all(t, dev, SELF, ADMIN_CAP_BITS)) {
        return;
    }
    for (unsigned i = 0; i < 2 && !t->has_failed; i++) {
        const AdminCap cap = {.head = {.id = le16_of(0)}, .bytes = 8};
        AdminCommand c = admin_cap_set(&cap);
        c.opcode = opcodes[i];
        c.group = SRIOV;
        c.member = 1;
        if (admin_sends(t, dev, &c)) {
            expect_eq(t, "dev:2.12.1.2.4-5", c.status, VIRTIO_ADMIN_STATUS_EINVAL);
            expect_eq(t, "dev:2.12.1.2.4-6", c.status, VIRTIO_ADMIN_STATUS_EINVAL);
        }
    }
}

/* "The device SHOULD treat the driver resource limits as zero if the driver has not set
 * such capability". */
ADMIN_TEST(limit_is_zero_until_it_is_set, .violates = "2.12.1.3.6")
{
    AdminObjects o;

    if (admin_objects_find(t, dev, &o)) {
        expect_ne(t, "dev:2.12.1.2.4-10", admin_create(&o, 0, 0), VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "Upon a device reset, the device MUST reset all driver capabilities": creating an
 * object fails again after the reset, as it failed before the limit was set. It may have
 * succeeded before, because the device has no limit until one is set, or because it has
 * kept the limit of another test. Then the test sets the limit to 0, and creating must
 * succeed after the reset. */
ADMIN_TEST(reset_resets_capabilities, .violates = "2.12.1.3.6")
{
    AdminObjects o;

    if (!admin_objects_find(t, dev, &o)) {
        return;
    }
    bool before = admin_create(&o, 0, 0) == VIRTIO_ADMIN_STATUS_OK;
    if (before) {
        admin_destroy(&o, 0);
    }
    if (!admin_objects_limit(&o, before ? 0 : o.limit)) {
        return;
    }
    if (before && admin_create(&o, 0, 0) == VIRTIO_ADMIN_STATUS_OK) {
        test_skip(t, "the device needs no capability to be set for objects");
        return;
    }
    if (admin_restarts(t, dev) && admin_objects_find(t, dev, &o)) {
        bool after = admin_create(&o, 0, 0) == VIRTIO_ADMIN_STATUS_OK;
        expect_eq(t, "dev:2.12.1.2.4-9", after, before);
    }
}

/* "SHOULD complete the command VIRTIO_ADMIN_CMD_DRIVER_CAP_SET with status set to
 * VIRTIO_ADMIN_STATUS_EBUSY if the command requests to disable a capability while the
 * device still has valid resource objects related to" it. */
ADMIN_TEST(capability_in_use_stays_enabled, .violates = "2.12.1.2.5")
{
    AdminObjects o;

    if (admin_objects_begin(t, dev, &o) && admin_created(&o, 0, 0)) {
        AdminCap none = o.cap;
        memset(none.value, 0, none.bytes);
        AdminCommand c = admin_cap_set(&none);
        admin_ends(t, dev, "dev:2.12.1.2.4-7", &c, VIRTIO_ADMIN_STATUS_EBUSY);
    }
}
