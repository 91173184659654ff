/* SPDX-License-Identifier: MIT */
/*
 * What the tests of RTC devices (5.23) share: questions whose answers are judged by the
 * rules for all of them.
 */
#ifndef RTC_LIB_H
#define RTC_LIB_H

#include "drivers/virtio/device/rtc.h"
#include "kernel/clock.h"
#include "tests/harness/test.h"

#define RTC_CLOCKS_MOST 16 /* of a device with more the first are judged */
#define RTC_NEVER       UINT64_MAX

/* Expects that the request succeeds, and that what is reserved is zero. */
bool rtc_gets(Test *t, QVirtioDevice *dev, const RtcAsk *ask, RtcAnswer *answer);
/* Expects that the request fails, with this status. */
bool rtc_fails(Test *t, QVirtioDevice *dev, const char *clause, const RtcAsk *ask,
               uint8_t status);
/* Gives the number of clocks, at most RTC_CLOCKS_MOST. Returns false when that fails,
 * which is reported. */
bool rtc_count(Test *t, QVirtioDevice *dev, uint16_t *count);
bool rtc_cap(Test *t, QVirtioDevice *dev, uint16_t clock,
             struct virtio_rtc_resp_clock_cap *cap);
/* Gives the first clock of a type. Returns false when there is none; also after a
 * failure, which is reported. */
bool rtc_has(Test *t, QVirtioDevice *dev, uint8_t type, uint16_t *clock);
/* Gives the first clock of a type, or the first with alarms. Returns false when the test
 * is over: it is skipped, or the failure is reported. */
bool rtc_find(Test *t, QVirtioDevice *dev, uint8_t type, uint16_t *clock);
bool rtc_find_alarm(Test *t, QVirtioDevice *dev, uint16_t *clock);
bool rtc_reads(Test *t, QVirtioDevice *dev, uint16_t clock, uint64_t *reading);
/* Lets time pass. */
void rtc_pass(QVirtioDevice *dev, uint64_t ns);

#endif
