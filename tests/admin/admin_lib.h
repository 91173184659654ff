/* SPDX-License-Identifier: MIT */
/*
 * What the tests of administration commands (2.12, 2.13) share: commands that are judged
 * by their status, the two commands that every other one needs first, objects of any
 * kind that the device has, and the members of its SR-IOV group.
 */
#ifndef ADMIN_LIB_H
#define ADMIN_LIB_H

#include "drivers/virtio/device/admin.h"
#include "tests/harness/test.h"

#define SELF  VIRTIO_ADMIN_GROUP_TYPE_SELF
#define SRIOV VIRTIO_ADMIN_GROUP_TYPE_SRIOV

/* A test of devices with administration virtqueues, which are open. That a device has
 * none is said once, by list_query_succeeds. */
#define ADMIN_TEST(id, ...)                                      \
    VIRTIO_TEST(id, .buses = ADMIN_BUSES, .flags = TEST_VARIANT, \
                .needs = FEATURES(VIRTIO_F_ADMIN_VQ), ##__VA_ARGS__)
#define ADMIN_BUSES (BUS_PCI | BUS_SOFT)

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

/* ---- Resource objects ---- */

#define ADMIN_DATA_BYTES 32

/* A kind of objects. */
typedef struct AdminKind {
    uint16_t type, group, device; /* for this type of devices; 0: all */
    uint16_t cap;                 /* that has their limit, */
    uint16_t limit_at, limit_bytes;
    uint16_t second_at; /* where the limit for the second object is, if it has its own */
    const uint16_t *others; /* and those to be set as well, ended by 0; NULL: none */
    uint32_t bytes;         /* of the data */
    uint8_t data[2][ADMIN_DATA_BYTES]; /* of two objects */
    uint8_t bad[ADMIN_DATA_BYTES];     /* which no device takes */
    /* Whether this device can have objects of this data; NULL: any can. */
    bool (*fits)(Test *t, QVirtioDevice *dev);
} AdminKind;

typedef struct AdminObjects {
    Test *t;
    QVirtioDevice *dev;
    const AdminKind *kind;
    AdminCap cap; /* the device's */
    uint64_t member;
    uint32_t limit;
    uint16_t query, modify; /* opcodes */
} AdminObjects;

/* The first kind that the device has, with its commands in use and no limit set;
 * false: reported, or skipped. */
bool admin_objects_find(Test *t, QVirtioDevice *dev, AdminObjects *o);
/* Sets the capability to this limit, or to the device's own. */
bool admin_objects_limit(AdminObjects *o, uint32_t limit);
/* All of the above with the device's limit. */
bool admin_objects_begin(Test *t, QVirtioDevice *dev, AdminObjects *o);

uint16_t admin_create(AdminObjects *o, uint32_t id, unsigned which);
/* With other data than one of the two. */
uint16_t admin_object_do(AdminObjects *o, uint16_t opcode, uint32_t id, const void *data,
                         AdminCommand *done);
uint16_t admin_modify(AdminObjects *o, uint32_t id, unsigned which);
uint16_t admin_destroy(AdminObjects *o, uint32_t id);
/* The data, in result; or not OK. */
uint16_t admin_query(AdminObjects *o, uint32_t id, uint8_t *result);
bool admin_created(AdminObjects *o, uint32_t id, unsigned which);

#endif
