/* SPDX-License-Identifier: MIT */
/*
 * Do clocks show the time of their standard (5.23.6.4.2)? The host says what time it is,
 * in seconds of UTC or TAI, before the clock is read.
 */
#include "tests/harness/hand.h"
#include "tests/rtc/rtc_lib.h"

#define LATE_S 60

/* What the clock shows is from this second, or up to LATE_S later: to the standard, and
 * within ten years, to the epoch. */
static void expect_second(Test *t, QVirtioDevice *dev, const char *standard,
                          const char *epoch, uint8_t type, const char *scale)
{
    const uint64_t years_s = 10 * 365 * 86400ull;
    uint64_t told, now;
    uint16_t clock;
    const char *text =
        rtc_find(t, dev, type, &clock) ? hand_ask(t, dev, "time %s", scale) : NULL;
    if (text && require_that(t, string_to_u64(text, &told), "seconds", "%s", text) &&
        rtc_reads(t, dev, clock, &now)) {
        now /= NS_PER_S;
        expect_that(t, epoch, now + years_s > told && now < told + years_s,
                    "seconds since 1970", "%llu", (unsigned long long)now);
        expect_that(t, standard, now >= told && now <= told + LATE_S,
                    "the time of the host", "%llu, when the host had %llu",
                    (unsigned long long)now, (unsigned long long)told);
    }
}

VIRTIO_TEST(utc_clock_shows_utc, .device = VIRTIO_ID_RTC, .flags = TEST_HAND)
{
    expect_second(t, dev, "dev:5.23.6.4.2-1", "dev:5.23.6.4.2-3", VIRTIO_RTC_CLOCK_UTC,
                  "utc");
}

VIRTIO_TEST(smeared_clock_shows_utc, .device = VIRTIO_ID_RTC, .flags = TEST_HAND)
{
    expect_second(t, dev, "dev:5.23.6.4.2-2", "dev:5.23.6.4.2-3",
                  VIRTIO_RTC_CLOCK_UTC_SMEARED, "utc");
}

VIRTIO_TEST(perhaps_smeared_clock_shows_utc, .device = VIRTIO_ID_RTC, .flags = TEST_HAND)
{
    expect_second(t, dev, "dev:5.23.6.4.2-2", "dev:5.23.6.4.2-3",
                  VIRTIO_RTC_CLOCK_UTC_MAYBE_SMEARED, "utc");
}

VIRTIO_TEST(tai_clock_shows_tai, .device = VIRTIO_ID_RTC, .flags = TEST_HAND)
{
    expect_second(t, dev, "dev:5.23.6.4.2-17", "dev:5.23.6.4.2-18", VIRTIO_RTC_CLOCK_TAI,
                  "tai");
}
