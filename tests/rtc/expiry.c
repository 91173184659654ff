/* SPDX-License-Identifier: MIT */
/* Alarms expire (5.23.6.6.1): the driver is told, once, and not before their time. */
#include "tests/rtc/rtc_lib.h"

static bool set(Test *t, QVirtioDevice *dev, uint16_t clock, uint16_t type, uint64_t time,
                bool on)
{
    const RtcAsk ask = {.type = type,
                        .clock = clock,
                        .byte = on ? VIRTIO_RTC_FLAG_ALARM_ENABLED : 0,
                        .time = time};
    RtcAnswer a;
    return rtc_gets(t, dev, &ask, &a);
}

static bool set_alarm(Test *t, QVirtioDevice *dev, uint16_t clock, uint64_t time, bool on)
{
    return set(t, dev, clock, VIRTIO_RTC_REQ_SET_ALARM, time, on);
}

/* A clean slate, and buffers: what an earlier life has set may be retained. */
static bool begin(Test *t, QVirtioDevice *dev, uint16_t *clock, unsigned buffers)
{
    return rtc_find_alarm(t, dev, clock) && set_alarm(t, dev, *clock, 0, false) &&
           require_ok(t, rtc_stock(dev, buffers));
}

/* The next notification is of this clock. */
static bool rings(Test *t, QVirtioDevice *dev, const char *clause, uint16_t clock)
{
    QVirtioUsed used;
    struct virtio_rtc_resp_clock_cap cap;
    if (!expect_ok(t, clause, qvirtqueue_wait(dev->vq[VIRTIO_RTC_ALARMQ], &used))) {
        return false;
    }
    const RtcNotice *n = used.token;
    uint16_t named = le16_get(n->clock_id);
    expect_used_len(t, used.claimed, sizeof(*n));
    require_eq(t, le16_get(n->msg_type), VIRTIO_RTC_NOTIF_ALARM);
    return rtc_cap(t, dev, named, &cap) &&
           expect_that(t, "dev:5.23.6.6.3.2-1", cap.flags & VIRTIO_RTC_FLAG_ALARM_CAP,
                       "a clock that has an alarm", "clock %u", named) &&
           require_eq(t, named, clock);
}

VIRTIO_TEST(alarm_rings_at_its_time, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    uint16_t clock;
    uint64_t now, then;
    if (begin(t, dev, &clock, 2) && rtc_reads(t, dev, clock, &now) &&
        set_alarm(t, dev, clock, now + 2 * NS_PER_MS, true) &&
        rings(t, dev, "dev:5.23.6.6.1-7", clock) && rtc_reads(t, dev, clock, &then)) {
        /* "return a clock_reading which does not precede" the alarm time. */
        expect_ge(t, "dev:5.23.6.5.2-13", then, now + 2 * NS_PER_MS);
    }
}

VIRTIO_TEST(alarm_set_to_the_past_rings, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    uint16_t clock;
    if (begin(t, dev, &clock, 2) && set_alarm(t, dev, clock, 1, true)) {
        rings(t, dev, "dev:5.23.6.6.1-8", clock);
    }
}

VIRTIO_TEST(alarm_enabled_after_its_time_rings, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    uint16_t clock;
    if (begin(t, dev, &clock, 2) && set_alarm(t, dev, clock, 1, false) &&
        set(t, dev, clock, VIRTIO_RTC_REQ_SET_ALARM_ENABLED, 0, true)) {
        rings(t, dev, "dev:5.23.6.6.1-9", clock);
    }
}

/* "the device MUST use a single VIRTIO_RTC_NOTIF_ALARM notification": none follows until
 * a question that was asked later is answered. */
VIRTIO_TEST(alarm_rings_once, .device = VIRTIO_ID_RTC,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    uint16_t clock;
    uint64_t now;
    if (begin(t, dev, &clock, 4) && set_alarm(t, dev, clock, 1, true) &&
        rings(t, dev, BASIS_NONE, clock) && rtc_reads(t, dev, clock, &now)) {
        expect_that(t, "dev:5.23.6.6.1-12",
                    !qvirtqueue_has_used(dev->vq[VIRTIO_RTC_ALARMQ]), "one notification",
                    "one more");
    }
}

/* It expires while there is no buffer, and is disabled before there is one. */
VIRTIO_TEST(disabled_alarm_is_silent, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_RTC_F_ALARM))
{
    uint16_t clock;
    uint64_t now;
    if (begin(t, dev, &clock, 0) && set_alarm(t, dev, clock, 1, true) &&
        set_alarm(t, dev, clock, 1, false) && require_ok(t, rtc_stock(dev, 2)) &&
        rtc_reads(t, dev, clock, &now)) {
        expect_that(t, "dev:5.23.6.6.1-16",
                    !qvirtqueue_has_used(dev->vq[VIRTIO_RTC_ALARMQ]), "no notification",
                    "one");
    }
}
