/* SPDX-License-Identifier: MIT */
/* Which clocks there are, and of which kind (5.23.6.1, 5.23.6.4). */
#include "tests/rtc/rtc_lib.h"

typedef struct virtio_rtc_resp_clock_cap Cap;

/* "The device MUST use non-negative integers, which are smaller than the number of
 * clocks, as clock identifiers." */
VIRTIO_TEST(clocks_are_numbered_from_0, .device = VIRTIO_ID_RTC, .rings = RINGS_ALL)
{
    uint16_t count = 0;
    RtcAnswer a;
    rtc_count(t, dev, &count);
    for (uint16_t i = 0; i < count; i++) {
        const RtcAsk ask = {.type = VIRTIO_RTC_REQ_CLOCK_CAP, .clock = i};
        if (!require_ok(t, rtc_ask(dev, &ask, &a)) ||
            !expect_eq(t, "dev:5.23.6.2-18", a.head.status, VIRTIO_RTC_S_OK)) {
            return;
        }
    }
}

VIRTIO_TEST(clock_beyond_the_last_is_no_device, .device = VIRTIO_ID_RTC)
{
    const RtcAsk last = {.type = VIRTIO_RTC_REQ_CLOCK_CAP, .clock = 0xffff};
    RtcAsk ask = {.type = VIRTIO_RTC_REQ_CFG};
    RtcAnswer a;
    if (rtc_gets(t, dev, &ask, &a)) {
        ask = (RtcAsk){.type = VIRTIO_RTC_REQ_READ, .clock = le16_get(a.cfg.num_clocks)};
        rtc_fails(t, dev, "dev:5.23.6.2-6", &ask, VIRTIO_RTC_S_ENODEV);
        rtc_fails(t, dev, "dev:5.23.6.2-6", &last, VIRTIO_RTC_S_ENODEV);
    }
}

/* Only UTC_SMEARED has a smearing variant, and one that there is. */
VIRTIO_TEST(smearing_fits_the_type, .device = VIRTIO_ID_RTC)
{
    uint16_t count = 0;
    Cap cap;
    rtc_count(t, dev, &count);
    for (uint16_t i = 0; i < count && rtc_cap(t, dev, i, &cap); i++) {
        uint8_t smear = cap.leap_second_smearing;
        if (cap.type == VIRTIO_RTC_CLOCK_UTC_SMEARED) {
            expect_that(t, "dev:5.23.6.4.2-22",
                        smear <= VIRTIO_RTC_SMEAR_UTC_SLS ||
                            smear >= VIRTIO_RTC_SMEAR_OWN,
                        "a smearing variant", "%u", smear);
        } else {
            expect_eq(t, "dev:5.23.6.4.2-21", smear, VIRTIO_RTC_SMEAR_UNSPECIFIED);
        }
    }
}

/* "MUST NOT set bits in flags fields ... which are not allowed according to the
 * negotiated features": here ALARM is not. */
VIRTIO_TEST(no_alarm_flag_without_the_feature, .device = VIRTIO_ID_RTC)
{
    uint16_t count = 0;
    Cap cap;
    rtc_count(t, dev, &count);
    for (uint16_t i = 0; i < count && rtc_cap(t, dev, i, &cap); i++) {
        expect_eq(t, "dev:5.23.6.2-15", cap.flags, 0);
        /* "SHOULD offer VIRTIO_RTC_F_ALARM if the device can support setting an alarm".
         */
        expect_that(t, "dev:5.23.3.1-1",
                    qvirtio_offers(dev, VIRTIO_RTC_F_ALARM) ||
                        !(cap.flags & VIRTIO_RTC_FLAG_ALARM_CAP),
                    "ALARM on offer", "clock %u has an alarm", i);
    }
}

static bool take_caps(Test *t, QVirtioDevice *dev, Cap *caps, uint16_t *count)
{
    memset(caps, 0, RTC_CLOCKS_MOST * sizeof(*caps));
    if (!rtc_count(t, dev, count)) {
        return false;
    }
    for (uint16_t i = 0; i < *count; i++) {
        if (!rtc_cap(t, dev, i, &caps[i])) {
            return false;
        }
    }
    return true;
}

VIRTIO_TEST(capabilities_stay_while_it_lives, .device = VIRTIO_ID_RTC)
{
    Cap first[RTC_CLOCKS_MOST], again[RTC_CLOCKS_MOST];
    uint16_t count = 0, then = 0;
    if (take_caps(t, dev, first, &count) && take_caps(t, dev, again, &then)) {
        require_eq(t, then, count);
        expect_same(t, "dev:5.23.6.2-16", again, first, sizeof(first));
    }
}

VIRTIO_TEST(capabilities_stay_over_a_reset, .device = VIRTIO_ID_RTC)
{
    Cap first[RTC_CLOCKS_MOST], again[RTC_CLOCKS_MOST];
    uint16_t count = 0, then = 0;
    if (take_caps(t, dev, first, &count) && test_start(t, dev, NULL) &&
        take_caps(t, dev, again, &then)) {
        require_eq(t, then, count);
        expect_same(t, "dev:5.23.6.2-17", again, first, sizeof(first));
    }
}
