/* SPDX-License-Identifier: MIT */
/*
 * What the tests of administration commands (2.12, 2.13) share beside the commands
 * themselves (tests/harness/admin.h): resource objects of whichever kind the device has.
 */
#ifndef ADMIN_LIB_H
#define ADMIN_LIB_H

#include "tests/harness/admin.h"

/* A test of devices with administration virtqueues, which are open. Only the SKIP of
 * list_query_succeeds says that a device has none. */
#define ADMIN_TEST(id, ...)                                      \
    VIRTIO_TEST(id, .buses = ADMIN_BUSES, .flags = TEST_VARIANT, \
                .needs = FEATURES(VIRTIO_F_ADMIN_VQ), ##__VA_ARGS__)

/* ---- Resource objects ---- */

#define ADMIN_DATA_BYTES 32

/* A kind of resource objects. */
typedef struct AdminKind {
    /* The type of the objects, the group type of their commands, and the type of device
     * that has such objects (0: any type). */
    uint16_t type, group, device;
    /* The capability that holds the limit of these objects. */
    uint16_t cap;
    /* Where the limit is in the capability's value, in bytes, and its width. */
    uint16_t limit_at, limit_bytes;
    /* Where the limit for objects with the data of data[1] is, if it is another one; else
     * 0. */
    uint16_t second_at;
    /* Other capabilities that must be set as well, ended by 0. May be NULL. */
    const uint16_t *others;
    /* The size of an object's data. */
    uint32_t bytes;
    /* The data of two objects that differ. */
    uint8_t data[2][ADMIN_DATA_BYTES];
    /* Data that no device accepts. */
    uint8_t bad[ADMIN_DATA_BYTES];
    /* Returns whether this device can have objects of this data. NULL: every device
     * can. */
    bool (*fits)(Test *t, QVirtioDevice *dev);
} AdminKind;

typedef struct AdminObjects {
    Test *t;
    QVirtioDevice *dev;
    const AdminKind *kind;
    /* The capability as the device reports it. */
    AdminCap cap;
    /* The group member that the commands are for: 0 in the self group, else 1. */
    uint64_t member;
    /* How many objects the device can have: ids must be below this. */
    uint32_t limit;
    /* The opcodes of these two commands, which the specification does not give
     * consistently (see admin_objects.c). They are 0 until the first admin_created(). */
    uint16_t query, modify;
} AdminObjects;

/* Finds the first kind of objects that the device has. Its commands are then in use, and
 * no limit is set. Returns false when the test is over: it is skipped, or the failure is
 * reported. */
bool admin_objects_find(Test *t, QVirtioDevice *dev, AdminObjects *o);
/* Sets the driver capability, with this limit. Returns false when that fails, which is
 * reported. */
bool admin_objects_limit(AdminObjects *o, uint32_t limit);
/* Does both of the above with the device's own limit. */
bool admin_objects_begin(Test *t, QVirtioDevice *dev, AdminObjects *o);

/* Creates an object with the data of data[which]. Returns the status, or UINT16_MAX when
 * the command was not answered, which is reported. The four functions below return the
 * same. */
uint16_t admin_create(AdminObjects *o, uint32_t id, unsigned which);
/* Sends any command for the object `id`, with data unless that is NULL. Copies the
 * command to *done unless that is NULL. */
uint16_t admin_object_do(AdminObjects *o, uint16_t opcode, uint32_t id, const void *data,
                         AdminCommand *done);
/* Gives the object the data of data[which]. */
uint16_t admin_modify(AdminObjects *o, uint32_t id, unsigned which);
uint16_t admin_destroy(AdminObjects *o, uint32_t id);
/* Asks for the object's data, which is in `result` when the status is OK; `result` may be
 * NULL. */
uint16_t admin_query(AdminObjects *o, uint32_t id, uint8_t *result);
/* Creates an object, and learns the opcodes by the first one. Returns false when that
 * fails, which is reported. */
bool admin_created(AdminObjects *o, uint32_t id, unsigned which);

#endif
