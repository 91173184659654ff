/* SPDX-License-Identifier: MIT */
/*
 * Cross-timestamps (5.23.6.5): a reading and the guest's own hardware counter at that
 * instant.
 */
#include "tests/rtc/rtc_lib.h"

#define SLACK_TICKS 100000000ull /* "approximates": some hundredths of a second */

static bool cross(Test *t, QVirtioDevice *dev, uint16_t clock,
                  struct virtio_rtc_resp_read_cross *to)
{
    RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ_CROSS, .clock = clock};
    RtcAnswer a = {0};
    uint64_t now;
    rtc_counter(&ask.byte, &now);
    bool is_fine = rtc_gets(t, dev, &ask, &a);
    *to = a.read_cross;
    return is_fine;
}

static bool has_cross(Test *t, QVirtioDevice *dev, uint16_t clock)
{
    RtcAsk ask = {.type = VIRTIO_RTC_REQ_CROSS_CAP, .clock = clock};
    RtcAnswer a = {0};
    uint64_t now;
    return rtc_counter(&ask.byte, &now) && rtc_gets(t, dev, &ask, &a) &&
           a.cross_cap.flags & VIRTIO_RTC_FLAG_CROSS_CAP;
}

static const char *no_counter(QVirtioDevice *dev)
{
    uint8_t id;
    uint64_t now;
    (void)dev;
    return rtc_counter(&id, &now) ? NULL : "this CPU has no counter that 5.23.6.1 names";
}

/* The monotonic clock, with this CPU's counter. */
static bool find_cross(Test *t, QVirtioDevice *dev, uint16_t *clock)
{
    if (!rtc_find(t, dev, VIRTIO_RTC_CLOCK_MONOTONIC, clock)) {
        return false;
    }
    if (!has_cross(t, dev, *clock)) {
        test_skip(t, "the monotonic clock has no cross-timestamps with this counter");
        return false;
    }
    return true;
}

/* "The device SHOULD set the VIRTIO_RTC_FLAG_CROSS_CAP flag ... if and only if"
 * READ_CROSS would succeed. */
VIRTIO_TEST(cross_flag_tells_the_truth, .device = VIRTIO_ID_RTC)
{
    uint16_t count = 0;
    rtc_count(t, dev, &count);
    for (uint16_t i = 0; i < count; i++) {
        for (uint8_t id = 0; id <= VIRTIO_RTC_COUNTER_X86_TSC; id++) {
            const RtcAsk cap = {.type = VIRTIO_RTC_REQ_CROSS_CAP, .clock = i, .byte = id};
            const RtcAsk read = {
                .type = VIRTIO_RTC_REQ_READ_CROSS, .clock = i, .byte = id};
            RtcAnswer a = {0}, b = {0};
            if (!rtc_gets(t, dev, &cap, &a) || !require_ok(t, rtc_ask(dev, &read, &b))) {
                return;
            }
            expect_eq(t, "dev:5.23.6.4.2-23",
                      (a.cross_cap.flags & VIRTIO_RTC_FLAG_CROSS_CAP) != 0,
                      b.head.status == VIRTIO_RTC_S_OK);
        }
    }
}

VIRTIO_TEST(counter_is_the_guests_own, .device = VIRTIO_ID_RTC, .why_not = no_counter)
{
    uint8_t id;
    uint16_t clock;
    uint64_t before, after;
    struct virtio_rtc_resp_read_cross c;
    if (!find_cross(t, dev, &clock)) {
        return;
    }
    rtc_counter(&id, &before);
    if (cross(t, dev, clock, &c)) {
        uint64_t seen = le64_get(c.counter_cycles);
        rtc_counter(&id, &after);
        expect_that(t, "dev:5.23.6.5.2-8",
                    seen + SLACK_TICKS >= before && seen <= after + SLACK_TICKS,
                    "the counter while it was asked", "%llu, not %llu to %llu",
                    (unsigned long long)seen, (unsigned long long)before,
                    (unsigned long long)after);
    }
}

VIRTIO_TEST(counters_keep_the_order_of_requests, .device = VIRTIO_ID_RTC,
            .why_not = no_counter)
{
    uint16_t clock;
    uint64_t last = 0;
    struct virtio_rtc_resp_read_cross c;
    if (!find_cross(t, dev, &clock)) {
        return;
    }
    for (unsigned i = 0; i < 8 && cross(t, dev, clock, &c); i++) {
        if (!expect_ge(t, "dev:5.23.6.5.2-11", le64_get(c.counter_cycles), last)) {
            return;
        }
        last = le64_get(c.counter_cycles);
    }
}

/* It lies between two plain readings. */
VIRTIO_TEST(cross_reading_is_of_the_same_clock, .device = VIRTIO_ID_RTC,
            .why_not = no_counter)
{
    uint16_t clock;
    uint64_t before, after;
    struct virtio_rtc_resp_read_cross c;
    if (find_cross(t, dev, &clock) && rtc_reads(t, dev, clock, &before) &&
        cross(t, dev, clock, &c) && rtc_reads(t, dev, clock, &after)) {
        uint64_t now = le64_get(c.clock_reading);
        expect_that(t, "dev:5.23.6.5.2-12", now >= before && now <= after,
                    "a reading between the two around it", "%llu, not %llu to %llu",
                    (unsigned long long)now, (unsigned long long)before,
                    (unsigned long long)after);
    }
}

VIRTIO_TEST(unknown_counter_is_not_supported, .device = VIRTIO_ID_RTC,
            .violates = "5.23.6.5.1")
{
    const RtcAsk ask = {.type = VIRTIO_RTC_REQ_READ_CROSS, .byte = 0x42};
    uint16_t count = 0;
    if (rtc_count(t, dev, &count) && count) {
        rtc_fails(t, dev, "dev:5.23.6.2-5", &ask, VIRTIO_RTC_S_EOPNOTSUPP);
    }
}
