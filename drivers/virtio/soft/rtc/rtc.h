/* SPDX-License-Identifier: MIT */
/*
 * The clocks of the RTC device in software (clock.c) are declared here for its requests
 * (rtc.c).
 */
#ifndef SOFT_RTC_H
#define SOFT_RTC_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_rtc.h"

#define SOFT_CLOCKS 5

typedef union virtio_rtc_resp SoftRtcAnswer;

/* A request that was taken apart. */
typedef struct SoftRtcRequest {
    uint16_t type, clock;
    /* Flags, or the hardware counter. */
    uint8_t byte;
    uint64_t time;
} SoftRtcRequest;

typedef struct SoftClock {
    uint8_t type, smearing;
    bool has_alarm, has_cross;
    /* What it shows at boot. */
    uint64_t epoch_s;
} SoftClock;

/* Returns the clock of this number, or NULL. */
const SoftClock *soft_clock(uint16_t id);
uint16_t soft_clock_count(void);
uint64_t soft_clock_read(uint16_t id);
/* Returns what time the host has, whatever the device shows. */
uint64_t soft_host_seconds(bool is_tai);
/* Makes the answer of READ and READ_CROSS. Returns the status. */
uint8_t soft_clock_answer(uint16_t id, SoftRtcAnswer *a);
uint8_t soft_clock_cross(uint16_t id, uint8_t counter, SoftRtcAnswer *a);
/* Begins a life. */
void soft_clock_reset(bool had_life);

/* Alarms (alarm.c). The status; *changed: an alarm may have expired. */
uint8_t soft_alarm_answer(SoftDevice *s, const SoftRtcRequest *ask, SoftRtcAnswer *a);
void soft_alarm_reset(void);
/* Looks at the time, and notifies; then again as long as an alarm is set. */
void soft_alarm_run(SoftDevice *s);

#endif
