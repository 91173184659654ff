/* SPDX-License-Identifier: MIT */
/*
 * What the tests of device parts (2.12.1.4, 2.14) share: a virtual function whose owner
 * reads and sets its device parts and stops it, with one resource object to get and one
 * to set.
 */
#ifndef PARTS_LIB_H
#define PARTS_LIB_H

#include "tests/admin/admin_lib.h"

/* The room for all device parts, and for the value of one, in bytes. */
#define PARTS_BYTES 8192
#define PARTS_VALUE 64
#define PARTS_BITS  (ADMIN_PART_BITS | ADMIN_OBJECT_BITS)

#define PARTS_STOP   (1u << VIRTIO_ADMIN_CMD_DEV_MODE_F_STOPPED)
#define PARTS_RESUME 0u

typedef struct Parts {
    /* The owner, and its virtual function 1. */
    Test *t;
    QVirtioDevice *dev, *member;
} Parts;

/* One device part. */
typedef struct Part {
    struct virtio_dev_part_hdr hdr;
    uint8_t value[PARTS_VALUE];
} Part;

/* Resets virtual function 1 and creates both resource objects. Returns false when the
 * test is over: it is skipped, or the failure is reported. */
bool parts_begin(Test *t, QVirtioDevice *dev, Parts *p);
/* Makes a command for virtual function 1. */
AdminCommand parts_command(uint16_t opcode, const void *data, uint32_t bytes);
/* Stops or resumes the function (PARTS_STOP, PARTS_RESUME). Returns the status. */
uint16_t parts_mode(Parts *p, uint8_t flags);
/* Resumes and resets the function. Every test that has stopped it must call this at its
 * end. */
void parts_end(Parts *p);
/* Stops the function. Returns false when that fails, which is reported. */
bool parts_stopped(Parts *p);
/* Reads all device parts into `to`, which has PARTS_BYTES. Returns how many bytes they
 * are, or 0 when that fails, which is reported. */
uint32_t parts_get(Parts *p, uint8_t *to);
/* Returns the first device part of this type, or NULL when there is none. */
const Part *parts_find(const uint8_t *parts, uint32_t bytes, uint16_t type);
/* Reads the device part of this type. Returns false when the test is over: it is skipped
 * when there is no such device part, or the failure is reported. */
bool parts_take(Parts *p, uint16_t type, Part *part);
/* Sets a device part, together with all those that the device sends before it. Returns
 * the status, or UINT16_MAX when that fails, which is reported. */
uint16_t parts_set(Parts *p, const Part *part);
/* Returns where the header behind the one at `at` is, or `bytes` when that was the last
 * one. */
uint32_t parts_next(const uint8_t *parts, uint32_t bytes, uint32_t at);

#endif
