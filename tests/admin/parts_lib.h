/* SPDX-License-Identifier: MIT */
/*
 * What the tests of device parts (2.12.1.4, 2.14) share: a virtual function that its
 * owner looks at, stops and changes, by one object to get and one to set.
 */
#ifndef PARTS_LIB_H
#define PARTS_LIB_H

#include "tests/admin/admin_lib.h"

#define PARTS_BYTES 8192
#define PARTS_VALUE 64
#define PARTS_BITS  (ADMIN_PART_BITS | ADMIN_OBJECT_BITS)

#define PARTS_STOP   (1u << VIRTIO_ADMIN_CMD_DEV_MODE_F_STOPPED)
#define PARTS_RESUME 0u

typedef struct Parts {
    Test *t;
    QVirtioDevice *dev, *member;
} Parts;

/* One part, alone. */
typedef struct Part {
    struct virtio_dev_part_hdr hdr;
    uint8_t value[PARTS_VALUE];
} Part;

/* Virtual function 1, reset, with both objects there. Returns false when the test is
 * over: it is skipped, or the failure is reported. */
bool parts_begin(Test *t, QVirtioDevice *dev, Parts *p);
/* A command about it. */
AdminCommand parts_command(uint16_t opcode, const void *data, uint32_t bytes);
/* Stops or resumes it: the status. */
uint16_t parts_mode(Parts *p, uint8_t flags);
/* Resumes and resets it: behind every test that has stopped it. */
void parts_end(Parts *p);
bool parts_stopped(Parts *p);
/* All parts: how many bytes. Returns 0 when that fails, which is reported. */
uint32_t parts_get(Parts *p, uint8_t *to);
/* The part of this type, the first of its kind; NULL: there is none. */
const Part *parts_find(const uint8_t *parts, uint32_t bytes, uint16_t type);
/* All of it as it is now; false: it is not among the parts, and the test is skipped. */
bool parts_take(Parts *p, uint16_t type, Part *part);
/* Sets it, behind all those that the device puts before it: the status. */
uint16_t parts_set(Parts *p, const Part *part);
/* Where the next header is; bytes: there is none. */
uint32_t parts_next(const uint8_t *parts, uint32_t bytes, uint32_t at);

#endif
