/* SPDX-License-Identifier: MIT */
/*
 * Administration commands (2.12.1) in tests of any suite: each is judged by its status.
 * The two commands that every other one needs first, and capabilities (2.12.1.3).
 */
#ifndef HARNESS_ADMIN_H
#define HARNESS_ADMIN_H

#include "drivers/virtio/device/admin.h"
#include "tests/harness/test.h"

/* Buses that have administration virtqueues. */
#define ADMIN_BUSES (BUS_PCI | BUS_SOFT)

#define SELF  VIRTIO_ADMIN_GROUP_TYPE_SELF
#define SRIOV VIRTIO_ADMIN_GROUP_TYPE_SRIOV

/* Sends a command and waits for its answer. Returns false when the test is over: the
 * failure is reported, or there is no queue for the command and the test is skipped. */
bool admin_sends(Test *t, QVirtioDevice *dev, AdminCommand *c);
/* Sends a command, which must end with this status. Returns false when it does not, which
 * is reported. */
bool admin_ends(Test *t, QVirtioDevice *dev, const char *clause, AdminCommand *c,
                uint16_t status);
/* Sends a command, which must end with EINVAL and this qualifier; each has its clause. */
bool admin_invalid(Test *t, QVirtioDevice *dev, const char *clause,
                   const char *of_qualifier, AdminCommand *c, uint16_t qualifier);

/* Returns which of the first 64 commands a group has, as a mask. Returns 0 when that
 * cannot be read, which is reported, or when the group does not exist. */
uint64_t admin_list(Test *t, QVirtioDevice *dev, uint16_t group);
/* Makes the command LIST_USE for a list of commands, which must stay valid; the second
 * function sends it as well. */
AdminCommand admin_list_use(const le64 *list, uint16_t group);
bool admin_uses(Test *t, QVirtioDevice *dev, uint16_t group, uint64_t list);
/* Uses all commands that the group has and that are known here. Returns false when the
 * test is over: the failure is reported, or not all `needed` commands are there and the
 * test is skipped. */
bool admin_uses_all(Test *t, QVirtioDevice *dev, uint16_t group, uint64_t needed);
/* "The driver SHOULD NOT set bits ... if it is not familiar with" them. */
#define ADMIN_KNOWN_BITS (ADMIN_BIT(VIRTIO_ADMIN_CMDS) - 1)
/* Begins a new life of the device. */
bool admin_restarts(Test *t, QVirtioDevice *dev);

/* ---- Capabilities ---- */

#define ADMIN_CAP_BYTES 512

typedef struct AdminCap {
    struct virtio_admin_cmd_cap_data head;
    uint8_t value[ADMIN_CAP_BYTES];
    /* Of value. */
    uint32_t bytes;
} AdminCap;

bool admin_has_cap(Test *t, QVirtioDevice *dev, uint16_t id);
/* Reads a capability of the device. Returns false when the test is over: the failure is
 * reported, or the device has no such capability and the test is skipped. */
bool admin_cap(Test *t, QVirtioDevice *dev, uint16_t id, AdminCap *cap);
AdminCommand admin_cap_set(const AdminCap *cap);

#endif
