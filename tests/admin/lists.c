/* SPDX-License-Identifier: MIT */
/*
 * Lists of commands (2.12.1.5). The device keeps reporting a command that it has once
 * reported. A list that the driver uses decides which commands are legal until the driver
 * uses another list. Each group type has its own list. A list that the device has
 * accepted once is accepted again.
 */
#include "tests/admin/admin_lib.h"

/* "If a command completes successfully, the device MUST set status to
 * VIRTIO_ADMIN_STATUS_OK." The query has no reason to fail. */
VIRTIO_TEST(list_query_succeeds, .buses = ADMIN_BUSES,
            .needs = FEATURES(VIRTIO_F_ADMIN_VQ))
{
    AdminCommand c = {.opcode = VIRTIO_ADMIN_CMD_LIST_QUERY, .result_bytes = 8};

    if (admin_ends(t, dev, "dev:2.12.1.5-5", &c, VIRTIO_ADMIN_STATUS_OK)) {
        /* "used with VIRTIO_ADMIN_STATUS_OK"; "always set ... returned by" the query. */
        expect_eq(t, "virtio 2.12.1", c.qualifier, VIRTIO_ADMIN_STATUS_Q_OK);
        expect_eq(t, "virtio 2.12.1", c.result[0] & ADMIN_LIST_BITS, ADMIN_LIST_BITS);
    }
}

/* Finds a command that is in the list, has no data, and changes nothing. Returns false
 * when the test is over. */
static bool find_harmless(Test *t, QVirtioDevice *dev, uint16_t *opcode)
{
    uint64_t list = admin_list(t, dev, SELF);

    *opcode = VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY;
    if (t->has_failed || t->is_skipped) {
        return false;
    }
    if (!(list & ADMIN_BIT(*opcode))) {
        test_skip(t, "the self group has no command without effects but LIST_QUERY");
        return false;
    }
    return true;
}

/* "the device MUST set the list of legal commands used by the driver to the one
 * supplied". */
ADMIN_TEST(list_that_was_used_last_counts)
{
    AdminCommand c = {.result_bytes = 64};

    if (find_harmless(t, dev, &c.opcode) && admin_uses(t, dev, SELF, ADMIN_LIST_BITS) &&
        admin_uses(t, dev, SELF, ADMIN_LIST_BITS | ADMIN_BIT(c.opcode)) &&
        admin_ends(t, dev, "dev:2.12.1.5-12", &c, VIRTIO_ADMIN_STATUS_OK) &&
        admin_uses(t, dev, SELF, ADMIN_LIST_BITS)) {
        admin_invalid(t, dev, "dev:2.12.1.5-12", NULL, &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE);
    }
}

/* "before receiving VIRTIO_ADMIN_CMD_LIST_USE ... the list of legal commands used by the
 * driver consists of the two commands". */
ADMIN_TEST(other_commands_wait_for_list_use, .violates = "2.12.1.6")
{
    AdminCommand c = {.result_bytes = 64};

    if (find_harmless(t, dev, &c.opcode)) {
        admin_invalid(t, dev, "dev:2.12.1.5-11", "dev:2.12.1.5-13b", &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE);
    }
}

/* "The device MUST validate commands against the list used by the driver and MUST fail
 * any commands not in the list". */
ADMIN_TEST(command_outside_the_list_is_refused, .violates = "2.12.1.6")
{
    AdminCommand c = {.result_bytes = 64};

    if (find_harmless(t, dev, &c.opcode) && admin_uses(t, dev, SELF, ADMIN_LIST_BITS)) {
        admin_invalid(t, dev, "dev:2.12.1.5-13a", "dev:2.12.1.5-13b", &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE);
    }
}

/* "The list of supported commands reported by the device MUST NOT shrink", whichever list
 * the driver uses, and after a reset. */
ADMIN_TEST(reported_commands_stay_reported)
{
    uint64_t first = admin_list(t, dev, SELF), again;

    if (t->has_failed || t->is_skipped || !admin_uses(t, dev, SELF, ADMIN_LIST_BITS)) {
        return;
    }
    again = admin_list(t, dev, SELF);
    expect_eq(t, "dev:2.12.1.5-14a", first & ~again, 0);
    if (admin_uses(t, dev, SELF, first & ADMIN_KNOWN_BITS) && admin_restarts(t, dev)) {
        again = admin_list(t, dev, SELF);
        expect_eq(t, "dev:2.12.1.5-14c", first & ~again, 0);
    }
}

/* "after a device or system reset the device SHOULD complete successfully any following
 * calls to VIRTIO_ADMIN_CMD_LIST_USE with the same list of commands". The driver need not
 * have asked for the list before. */
ADMIN_TEST(list_is_good_again_after_reset)
{
    const le64 list = le64_of(admin_list(t, dev, SELF) & ADMIN_KNOWN_BITS);
    AdminCommand c = admin_list_use(&list, SELF);

    if (t->has_failed || t->is_skipped ||
        !admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK) ||
        !admin_restarts(t, dev)) {
        return;
    }
    c = admin_list_use(&list, SELF);
    if (admin_sends(t, dev, &c)) {
        expect_ne(t, "dev:2.12.1.5-15b", c.status, VIRTIO_ADMIN_STATUS_EINVAL);
        expect_eq(t, "dev:2.12.1.5-15a", c.status, VIRTIO_ADMIN_STATUS_OK);
    }
}

/* "commands for each group type MUST operate independently of each other". */
ADMIN_TEST(groups_use_lists_of_their_own, .violates = "2.12.1.6")
{
    uint64_t list = admin_list(t, dev, SRIOV) & ~ADMIN_LIST_BITS;
    AdminCommand c = {.group = SRIOV, .member = 1};

    if (t->has_failed || t->is_skipped) {
        return;
    }
    if (!list) {
        test_skip(t, "only one group type of the device has commands");
        return;
    }
    c.opcode = (uint16_t)(63 - __builtin_clzll(list));
    if (admin_uses_all(t, dev, SELF, 0)) {
        admin_invalid(t, dev, "dev:2.12.1.5-10a", NULL, &c,
                      VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE);
    }
}
