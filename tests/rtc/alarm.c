/* SPDX-License-Identifier: MIT */
/* Alarms are set, read and switched (5.23.6.6.2). */
#include "tests/rtc/rtc_lib.h"

static bool set(Test *t, QVirtioDevice *dev, uint16_t clock, uint64_t time, bool on)
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_SET_ALARM,
                        .clock = clock,
                        .byte = on ? VIRTIO_RTC_FLAG_ALARM_ENABLED : 0,
                        .time = time};
    RtcAnswer a;
    return rtc_gets(t, dev, &ask, &a);
}

static bool enable(Test *t, QVirtioDevice *dev, uint16_t clock, bool on)
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_SET_ALARM_ENABLED,
                        .clock = clock,
                        .byte = on ? VIRTIO_RTC_FLAG_ALARM_ENABLED : 0};
    RtcAnswer a;
    return rtc_gets(t, dev, &ask, &a);
}

static bool read_alarm(Test *t, QVirtioDevice *dev, uint16_t clock, uint64_t *time,
                       bool *on)
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ_ALARM, .clock = clock};
    RtcAnswer a = {0};
    bool is_fine = rtc_gets(t, dev, &ask, &a);
    *time = le64_get(a.read_alarm.alarm_time);
    *on = a.read_alarm.flags & VIRTIO_RTC_FLAG_ALARM_ENABLED;
    return is_fine;
}

static bool expect_enabled(Test *t, QVirtioDevice *dev, const char *clause,
                           uint16_t clock, bool expected)
{
    uint64_t time;
    bool on;
    return read_alarm(t, dev, clock, &time, &on) && expect_eq(t, clause, on, expected);
}

VIRTIO_TEST(alarm_time_is_what_was_set, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    static const uint64_t times[] = {RTC_NEVER - 1, 0x123456789abcdef0, 1};
    uint16_t clock;
    uint64_t time;
    bool on, is_fine = rtc_find_alarm(t, dev, &clock);
    for (unsigned i = 0; is_fine && i < 3; i++) {
        is_fine =
            set(t, dev, clock, times[i], false) &&
            read_alarm(t, dev, clock, &time, &on) &&
            expect_eq(t, i ? "dev:5.23.6.6.2.2-7" : "dev:5.23.6.6.2.2-3", time, times[i]);
    }
}

/* "the device MUST accept any alarm_time value". */
VIRTIO_TEST(any_alarm_time_is_accepted, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    static const uint64_t times[] = {0, 1, 1ull << 63, RTC_NEVER};
    uint16_t clock;
    RtcAnswer a;
    bool is_fine = rtc_find_alarm(t, dev, &clock);
    for (unsigned i = 0; is_fine && i < 4; i++) {
        const RtcAsk ask = {
            .type = VIRTIO_RTC_REQ_SET_ALARM, .clock = clock, .time = times[i]};
        is_fine = require_ok(t, rtc_ask(dev, &ask, &a)) &&
                  expect_eq(t, "dev:5.23.6.6.2.2-6", a.head.status, VIRTIO_RTC_S_OK);
    }
}

VIRTIO_TEST(set_alarm_enables_and_disables, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    uint16_t clock;
    if (rtc_find_alarm(t, dev, &clock) && set(t, dev, clock, RTC_NEVER, true)) {
        expect_enabled(t, dev, "dev:5.23.6.6.2.2-8", clock, true);
        expect_enabled(t, dev, "dev:5.23.6.6.2.2-4", clock, true);
        if (set(t, dev, clock, RTC_NEVER, false)) {
            expect_enabled(t, dev, "dev:5.23.6.6.2.2-9", clock, false);
        }
    }
}

VIRTIO_TEST(switch_keeps_the_time, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    const uint64_t far = RTC_NEVER - 5;
    uint16_t clock;
    uint64_t time;
    bool on;
    if (rtc_find_alarm(t, dev, &clock) && set(t, dev, clock, far, false) &&
        enable(t, dev, clock, true) &&
        expect_enabled(t, dev, "dev:5.23.6.6.2.2-10", clock, true) &&
        enable(t, dev, clock, false) &&
        expect_enabled(t, dev, "dev:5.23.6.6.2.2-11", clock, false) &&
        read_alarm(t, dev, clock, &time, &on)) {
        expect_eq(t, "dev:5.23.6.6.2.2-12", time, far);
    }
}

/* A device "MAY retain both alarm time and alarm enabled status"; else time 0, disabled.
 */
VIRTIO_TEST(reset_keeps_an_alarm_or_forgets_it, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    const uint64_t far = RTC_NEVER - 7;
    uint16_t clock;
    uint64_t time;
    bool on;
    if (rtc_find_alarm(t, dev, &clock) && set(t, dev, clock, far, true) &&
        test_start(t, dev, NULL) && read_alarm(t, dev, clock, &time, &on)) {
        bool is_kept = time == far && on;
        expect_eq(t, "dev:5.23.6.6.1-2", is_kept ? 0 : time, 0);
        expect_that(t, "dev:5.23.6.6.1-3", is_kept || !on, "an alarm that is disabled",
                    "it is enabled, at another time");
        set(t, dev, clock, 0, false);
    }
}

/* "The device MUST set the VIRTIO_RTC_FLAG_ALARM_CAP flag ... if the respective clock
 * supports alarm messages, and clear the flag otherwise"; then they get ENODEV. */
VIRTIO_TEST(alarm_flag_tells_the_truth, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    uint16_t count = 0;
    struct virtio_rtc_resp_clock_cap cap;
    RtcAnswer a;
    rtc_count(t, dev, &count);
    for (uint16_t i = 0; i < count && rtc_cap(t, dev, i, &cap); i++) {
        const RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ_ALARM, .clock = i};
        bool is_told = cap.flags & VIRTIO_RTC_FLAG_ALARM_CAP;
        if (!require_ok(t, rtc_ask(dev, &ask, &a)) ||
            !expect_eq(t, "dev:5.23.6.6.1-6", a.head.status == VIRTIO_RTC_S_OK,
                       is_told)) {
            return;
        }
        if (!is_told) {
            expect_eq(t, "dev:5.23.6.6.2.2-2", a.head.status, VIRTIO_RTC_S_ENODEV);
        }
    }
}

VIRTIO_TEST(no_alarms_without_the_feature, .device = VIRTIO_ID_RTC,
            .violates = "5.23.6.6.2")
{
    uint16_t count = 0;
    RtcAnswer a;
    rtc_count(t, dev, &count);
    for (uint16_t type = VIRTIO_RTC_REQ_READ_ALARM;
         count && type <= VIRTIO_RTC_REQ_SET_ALARM_ENABLED; type++) {
        const RtcAsk ask = {.type = type};
        if (!require_ok(t, rtc_ask(dev, &ask, &a)) ||
            !expect_ne(t, "dev:5.23.6.6.1-5", a.head.status, VIRTIO_RTC_S_OK) ||
            !expect_eq(t, "dev:5.23.6.6.2.2-1", a.head.status, VIRTIO_RTC_S_ENODEV)) {
            return;
        }
    }
}

VIRTIO_TEST(unknown_alarm_flags_are_invalid, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM), .violates = "5.23.6.1")
{
    RtcAsk ask = {.type = VIRTIO_RTC_REQ_SET_ALARM, .byte = 0x80};
    RtcAnswer a;
    if (rtc_find_alarm(t, dev, &ask.clock) && require_ok(t, rtc_ask(dev, &ask, &a))) {
        expect_eq(t, "dev:5.23.6.2-7", a.head.status, VIRTIO_RTC_S_EINVAL);
    }
}
