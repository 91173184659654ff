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

/* Sends it; false: reported, or there is no queue for it and the test is skipped. */
bool admin_sends(Test *t, QVirtioDevice *dev, AdminCommand *c);
/* ... and it ends with this status; false: reported. */
bool admin_ends(Test *t, QVirtioDevice *dev, const char *clause, AdminCommand *c,
                uint16_t status);
/* ... with EINVAL and this qualifier, of which each has its clause. */
bool admin_invalid(Test *t, QVirtioDevice *dev, const char *clause,
                   const char *of_qualifier, AdminCommand *c, uint16_t qualifier);

/* Which commands there are for a group, of the first 64; 0: reported, or there are none
 * because the group does not exist. */
uint64_t admin_list(Test *t, QVirtioDevice *dev, uint16_t group);
/* The command that uses a list of them, which must stay valid; and it is sent. */
AdminCommand admin_list_use(const le64 *list, uint16_t group);
bool admin_uses(Test *t, QVirtioDevice *dev, uint16_t group, uint64_t list);
/* All that there are and are known here; false: reported, or skipped because not all
 * `needed` are there. */
bool admin_uses_all(Test *t, QVirtioDevice *dev, uint16_t group, uint64_t needed);
/* "The driver SHOULD NOT set bits ... if it is not familiar with" them. */
#define ADMIN_KNOWN_BITS (ADMIN_BIT(VIRTIO_ADMIN_CMDS) - 1)
/* A new life of the device. */
bool admin_restarts(Test *t, QVirtioDevice *dev);

/* ---- Capabilities ---- */

#define ADMIN_CAP_BYTES 512

typedef struct AdminCap {
    struct virtio_admin_cmd_cap_data head;
    uint8_t value[ADMIN_CAP_BYTES];
    uint32_t bytes; /* of value */
} AdminCap;

bool admin_has_cap(Test *t, QVirtioDevice *dev, uint16_t id);
/* The device's, or nothing: reported, or skipped. */
bool admin_cap(Test *t, QVirtioDevice *dev, uint16_t id, AdminCap *cap);
AdminCommand admin_cap_set(const AdminCap *cap);

#endif
