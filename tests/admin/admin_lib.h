/* SPDX-License-Identifier: MIT */
/*
 * What the tests of administration commands (2.12, 2.13) share beside the commands
 * themselves (tests/harness/admin.h): objects of any kind that the device has, and the
 * members of its SR-IOV group.
 */
#ifndef ADMIN_LIB_H
#define ADMIN_LIB_H

#include "tests/harness/admin.h"

/* A test of devices with administration virtqueues, which are open. That a device has
 * none is said once, by list_query_succeeds. */
#define ADMIN_TEST(id, ...)                                      \
    VIRTIO_TEST(id, .buses = ADMIN_BUSES, .flags = TEST_VARIANT, \
                .needs = FEATURES(VIRTIO_F_ADMIN_VQ), ##__VA_ARGS__)

/* ---- Resource objects ---- */

#define ADMIN_DATA_BYTES 32

/* A kind of objects. */
typedef struct AdminKind {
    /* For this type of devices; 0: all. */
    uint16_t type, group, device;
    /* That has their limit,. */
    uint16_t cap;
    uint16_t limit_at, limit_bytes;
    /* Where the limit for the second object is, if it has its own. */
    uint16_t second_at;
    /* And those to be set as well, ended by 0; NULL: none. */
    const uint16_t *others;
    /* Of the data. */
    uint32_t bytes;
    /* Of two objects. */
    uint8_t data[2][ADMIN_DATA_BYTES];
    /* Which no device takes. */
    uint8_t bad[ADMIN_DATA_BYTES];
    /* Whether this device can have objects of this data; NULL: any can. */
    bool (*fits)(Test *t, QVirtioDevice *dev);
} AdminKind;

typedef struct AdminObjects {
    Test *t;
    QVirtioDevice *dev;
    const AdminKind *kind;
    /* The device's. */
    AdminCap cap;
    uint64_t member;
    uint32_t limit;
    /* Opcodes. */
    uint16_t query, modify;
} AdminObjects;

/* The first kind that the device has, with its commands in use and no limit set;
 * Returns false when the test is over: it is skipped, or the failure is reported. */
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
