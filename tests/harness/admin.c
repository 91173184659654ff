/* SPDX-License-Identifier: MIT */
/* Administration commands that have to succeed or fail: see admin_lib.h. */
#include "tests/harness/admin.h"

bool admin_sends(Test *t, QVirtioDevice *dev, AdminCommand *c)
{
    uint16_t first = 0, count = 0;

    if (!qvirtio_admin_queue(dev, c->queue)) {
        if (!require_ok(t, qvirtio_admin_queues(dev, &first, &count))) {
            return false;
        }
        test_skip(t, "administration virtqueue %u of %u, at index %u, is not driven here",
                  c->queue, count, first + c->queue);
        return false;
    }
    return require_ok(t, admin_do(dev, c));
}

bool admin_ends(Test *t, QVirtioDevice *dev, const char *clause, AdminCommand *c,
                uint16_t status)
{
    return admin_sends(t, dev, c) && expect_eq(t, clause, c->status, status);
}

bool admin_invalid(Test *t, QVirtioDevice *dev, const char *clause,
                   const char *of_qualifier, AdminCommand *c, uint16_t qualifier)
{
    return admin_sends(t, dev, c) &&
           expect_eq(t, clause, c->status, VIRTIO_ADMIN_STATUS_EINVAL) &&
           expect_eq(t, of_qualifier, c->qualifier, qualifier);
}

uint64_t admin_list(Test *t, QVirtioDevice *dev, uint16_t group)
{
    AdminCommand c = {.group = group, .result_bytes = 8};
    le64 list = le64_of(0);

    if (!admin_sends(t, dev, &c) ||
        (group == SELF && !require_eq(t, c.status, VIRTIO_ADMIN_STATUS_OK))) {
        return 0;
    }
    memcpy(&list, c.result,
           admin_result_bytes(&c) < sizeof(list) ? admin_result_bytes(&c) : sizeof(list));
    return c.status == VIRTIO_ADMIN_STATUS_OK ? le64_get(list) : 0;
}

AdminCommand admin_list_use(const le64 *list, uint16_t group)
{
    return (AdminCommand){.opcode = VIRTIO_ADMIN_CMD_LIST_USE,
                          .group = group,
                          .data = list,
                          .data_bytes = sizeof(*list)};
}

bool admin_uses(Test *t, QVirtioDevice *dev, uint16_t group, uint64_t list)
{
    const le64 wire = le64_of(list);
    AdminCommand c = admin_list_use(&wire, group);
    return admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK);
}

bool admin_uses_all(Test *t, QVirtioDevice *dev, uint16_t group, uint64_t needed)
{
    uint64_t list = admin_list(t, dev, group);

    if (t->has_failed || t->is_skipped) {
        return false;
    }
    if (needed & ~list) {
        test_skip(t, "group type %u has no command 0x%x", group,
                  __builtin_ctzll(needed & ~list));
        return false;
    }
    return admin_uses(t, dev, group, list & ADMIN_KNOWN_BITS);
}

bool admin_restarts(Test *t, QVirtioDevice *dev)
{
    QVirtioFeatures wanted = {0};
    qvirtio_features_set(&wanted, VIRTIO_F_ADMIN_VQ);
    return require_ok(t, qvirtio_start(dev, &wanted, t->ring));
}

bool admin_has_cap(Test *t, QVirtioDevice *dev, uint16_t id)
{
    AdminCommand c = {.opcode = VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY,
                      .result_bytes = VIRTIO_ADMIN_CAPS / 8};
    uint32_t byte = id / 8;

    return admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK) &&
           byte < admin_result_bytes(&c) && c.result[byte] >> id % 8 & 1;
}

bool admin_cap(Test *t, QVirtioDevice *dev, uint16_t id, AdminCap *cap)
{
    AdminCommand c = {.opcode = VIRTIO_ADMIN_CMD_DEVICE_CAP_GET,
                      .data = &cap->head,
                      .data_bytes = sizeof(cap->head),
                      .result_bytes = ADMIN_CAP_BYTES};

    *cap = (AdminCap){.head = {.id = le16_of(id)}};
    if (!admin_has_cap(t, dev, id)) {
        if (!t->has_failed && !t->is_skipped) {
            test_skip(t, "no capability 0x%x", id);
        }
        return false;
    }
    if (!admin_ends(t, dev, BASIS_NONE, &c, VIRTIO_ADMIN_STATUS_OK)) {
        return false;
    }
    cap->bytes = admin_result_bytes(&c);
    memcpy(cap->value, c.result, cap->bytes);
    return true;
}

AdminCommand admin_cap_set(const AdminCap *cap)
{
    return (AdminCommand){.opcode = VIRTIO_ADMIN_CMD_DRIVER_CAP_SET,
                          .data = cap,
                          .data_bytes = sizeof(cap->head) + cap->bytes};
}
