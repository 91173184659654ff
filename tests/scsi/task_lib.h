/* SPDX-License-Identifier: MIT */
/*
 * Task management with commands in flight (5.6.6.2), for the tests that need some: reads
 * that the device has begun, and what is known at the very look that sees a function
 * complete.
 */
#ifndef TESTS_SCSI_TASK_LIB_H
#define TESTS_SCSI_TASK_LIB_H

#include "tests/scsi/scsi_lib.h"

#define FLIGHT_MOST 4

typedef struct Flight {
    const ScsiUnit *unit;
    unsigned count;
    ScsiRequest r[FLIGHT_MOST];
} Flight;

/* Puts count reads into flight, at a unit that is said to be slow where there is one, and
 * makes sure that the device has taken them. Returns false when the test is over: it is
 * skipped, or the failure is reported. */
bool task_launch(Test *t, QVirtioDevice *dev, Flight *f, unsigned count);
/* Runs the function; the number of reads that were used when it was, or -1 when that
 * fails, which is reported. None of them is taken. */
int task_manage(Test *t, QVirtioDevice *dev, ScsiControl *c);
/* Takes the rest; every response is one of two. */
bool task_land(Test *t, QVirtioDevice *dev, Flight *f, uint8_t either, uint8_t or);
/* Returns false, and skips the test, when the device does not have the function. */
bool task_is_done(Test *t, const ScsiControl *c);

#endif
