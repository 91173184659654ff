/* SPDX-License-Identifier: MIT */
/*
 * Do clocks show the time of their standard (5.23.6.4.2)? The host tells when it started
 * the machine: seconds of UTC and of TAI; a run takes less than an hour.
 */
#include "tests/rtc/rtc_lib.h"

#define RUN_S 3600

/* What the clock shows is from this second, or up to RUN_S later: to the standard, and
 * within ten years, to the epoch. */
static void expect_second(Test *t, QVirtioDevice *dev, const char *standard,
                          const char *epoch, uint8_t type, const char *key)
{
    const uint64_t years_s = 10 * 365 * 86400ull;
    uint64_t told, now;
    uint16_t clock;
    if (!qvirtio_know_u64(dev, key, &told)) {
        test_skip(t, "nobody told the time (know=)");
    } else if (rtc_find(t, dev, type, &clock) && rtc_reads(t, dev, clock, &now)) {
        now /= NS_PER_S;
        expect_that(t, epoch, now + years_s > told && now < told + years_s,
                    "seconds since 1970", "%llu", (unsigned long long)now);
        expect_that(t, standard, now >= told && now <= told + RUN_S,
                    "the time of this run", "%llu, and it began at %llu",
                    (unsigned long long)now, (unsigned long long)told);
    }
}

VIRTIO_TEST(utc_clock_shows_utc, .device = VIRTIO_ID_RTC)
{
    expect_second(t, dev, "dev:5.23.6.4.2-1", "dev:5.23.6.4.2-3", VIRTIO_RTC_CLOCK_UTC,
                  "utc_s");
}

VIRTIO_TEST(smeared_clock_shows_utc, .device = VIRTIO_ID_RTC)
{
    expect_second(t, dev, "dev:5.23.6.4.2-2", "dev:5.23.6.4.2-3",
                  VIRTIO_RTC_CLOCK_UTC_SMEARED, "utc_s");
}

VIRTIO_TEST(perhaps_smeared_clock_shows_utc, .device = VIRTIO_ID_RTC)
{
    expect_second(t, dev, "dev:5.23.6.4.2-2", "dev:5.23.6.4.2-3",
                  VIRTIO_RTC_CLOCK_UTC_MAYBE_SMEARED, "utc_s");
}

VIRTIO_TEST(tai_clock_shows_tai, .device = VIRTIO_ID_RTC)
{
    expect_second(t, dev, "dev:5.23.6.4.2-17", "dev:5.23.6.4.2-18", VIRTIO_RTC_CLOCK_TAI,
                  "tai_s");
}
