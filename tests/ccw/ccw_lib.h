/* SPDX-License-Identifier: MIT */
/*
 * For the tests of virtio over channel I/O (4.3), which send channel commands themselves:
 * a table of the commands with a valid payload for each, and what is wrong with an
 * answer. Indicators of one's own come from the arena.
 */
#ifndef CCW_LIB_H
#define CCW_LIB_H

#include "drivers/virtio/bus/ccw.h"
#include "tests/harness/test.h"

#define BUS_CCW_BOTH (BUS_CCW | BUS_CCW_LEGACY)

/* A command that has one length, whatever the device. */
typedef struct CcwKind {
    uint8_t command;
    uint8_t bytes;
    uint8_t first_revision;
    const char *name;
} CcwKind;

#define CCW_PAYLOAD_MAX 64

/* The nth command that the device's revision knows; NULL past the end. SET_VIRTIO_REV is
 * none of them. */
const CcwKind *ccw_kind(QVirtioDevice *dev, unsigned n);
/* Fills in what makes the command valid for a device that was just reset, from the arena
 * where it needs memory; CCW_PAYLOAD_MAX bytes. */
void *ccw_payload(QVirtioDevice *dev, const CcwKind *kind);

/* NULL when the last command got a unit check with command reject, else what it got. */
const char *ccw_not_rejected(QVirtioDevice *dev, int err);
/* NULL when the last command got a check of any kind. */
const char *ccw_not_checked(QVirtioDevice *dev, int err);

int ccw_command(QVirtioDevice *dev, uint8_t command, const void *data, uint16_t count);
/* SET_VIRTIO_REV, told apart from what the bus believes to be chosen. */
int ccw_set_revision(QVirtioDevice *dev, uint16_t revision);
/* Disables and enables the subchannel: the device has no revision. */
bool ccw_forget_revision(Test *t, QVirtioDevice *dev);

/* Starts the device by a revision of 1 or 2. Returns false when the test is over: it is
 * skipped, or the failure is reported. Every later reset of the test comes back to the
 * highest one. */
bool ccw_start_as(Test *t, QVirtioDevice *dev, int revision);

QVirtQueue *ccw_ping_queue(const QVirtioDevice *dev);

/* A ping, and the interrupt of its used buffer, through the bus's own indicators. */
void ccw_expect_interrupt(Test *t, QVirtioDevice *dev);

/* Starts the device without indicators, for a test that sets up its own. */
bool ccw_start_silent(Test *t, QVirtioDevice *dev);

#endif
