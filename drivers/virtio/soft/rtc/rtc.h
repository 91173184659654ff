/* SPDX-License-Identifier: MIT */
/* The clocks and alarms of the software RTC device (clock.c, alarm.c) are declared here
 * for its requests (rtc.c). */
#ifndef SOFT_RTC_H
#define SOFT_RTC_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_rtc.h"

#define SOFT_CLOCKS 5

typedef union virtio_rtc_resp SoftRtcAnswer;

/* The fields of a request. */
typedef struct SoftRtcRequest {
    uint16_t type, clock;
    /* The flags, or the hardware counter. */
    uint8_t byte;
    /* The time of an alarm. */
    uint64_t time;
} SoftRtcRequest;

typedef struct SoftClock {
    uint8_t type, smearing;
    bool has_alarm, has_cross;
    /* What it shows when the kernel starts, in seconds. */
    uint64_t epoch_s;
} SoftClock;

/* Returns the clock of this number, or NULL. */
const SoftClock *soft_clock(uint16_t id);
uint16_t soft_clock_count(void);
/* Returns the time of a clock, in nanoseconds. */
uint64_t soft_clock_read(uint16_t id);
/* Returns the correct time of UTC or TAI in seconds, whatever the device shows. */
uint64_t soft_host_seconds(bool is_tai);
/* Fill in the answer to READ and to READ_CROSS, and return the status. */
uint8_t soft_clock_answer(uint16_t id, SoftRtcAnswer *a);
uint8_t soft_clock_cross(uint16_t id, uint8_t counter, SoftRtcAnswer *a);
/* Called when the device is reset. */
void soft_clock_reset(void);

/* Answers a request about alarms and returns the status. */
uint8_t soft_alarm_answer(SoftDevice *s, const SoftRtcRequest *ask, SoftRtcAnswer *a);
void soft_alarm_reset(void);
/* Notifies of the alarms whose time has come. It runs again as long as an alarm is
 * set. */
void soft_alarm_run(SoftDevice *s);

#endif
