/* SPDX-License-Identifier: MIT */
/*
 * What the tests of virtio over channel I/O (4.3) share. These tests send channel
 * commands themselves. There are a table of the commands, a valid payload for each, and
 * functions that judge the answer.
 */
#ifndef CCW_LIB_H
#define CCW_LIB_H

#include "drivers/virtio/bus/ccw.h"
#include "tests/harness/test.h"

#define BUS_CCW_BOTH (BUS_CCW | BUS_CCW_LEGACY)

/* A command whose data has one length, which does not depend on the device. */
typedef struct CcwKind {
    uint8_t command;
    /* The length of its data. */
    uint8_t bytes;
    /* The lowest revision that has the command. */
    uint8_t first_revision;
    const char *name;
} CcwKind;

/* The room for a payload, in bytes. */
#define CCW_PAYLOAD_MAX 64

/* Returns the nth command that the device's revision knows, or NULL when there are fewer.
 * SET_VIRTIO_REV is not one of them. */
const CcwKind *ccw_kind(QVirtioDevice *dev, unsigned n);
/* Returns a payload that makes the command valid for a device that was just reset, in
 * CCW_PAYLOAD_MAX bytes of lent memory. Rings and indicators that it names are lent
 * too. */
void *ccw_payload(QVirtioDevice *dev, const CcwKind *kind);

/* Returns NULL when `err`, the result of the last command, is a unit check with command
 * reject, else what happened instead. */
const char *ccw_not_rejected(QVirtioDevice *dev, int err);
/* Returns NULL when `err` is a check of any kind, else what happened instead. */
const char *ccw_not_checked(QVirtioDevice *dev, int err);

/* Sends one command and waits for its end. Returns 0 or a negative error. */
int ccw_command(QVirtioDevice *dev, uint8_t command, const void *data, uint16_t count);
/* Sends SET_VIRTIO_REV. The bus does not learn of it: its record of the chosen revision
 * stays as it was. */
int ccw_set_revision(QVirtioDevice *dev, uint16_t revision);
/* Disables and enables the subchannel, after which no revision is chosen. Returns false
 * when that fails, which is reported. */
bool ccw_forget_revision(Test *t, QVirtioDevice *dev);

/* Starts the device with revision 1 or 2. Returns false when the test is over: it is
 * skipped, or the failure is reported. Every later reset in the test chooses the highest
 * revision again. */
bool ccw_start_as(Test *t, QVirtioDevice *dev, int revision);

/* Returns the queue that pings use. */
QVirtQueue *ccw_ping_queue(const QVirtioDevice *dev);

/* Sends a ping and expects the interrupt of its used buffer, with the indicators that the
 * bus has set up. */
void ccw_expect_interrupt(Test *t, QVirtioDevice *dev);

/* Starts the device without indicators, for a test that sets up its own. Returns false
 * when that fails, which is reported. */
bool ccw_start_silent(Test *t, QVirtioDevice *dev);

#endif
