/* SPDX-License-Identifier: MIT */
/*
 * Clocks of the software RTC device (5.23.6.1, 5.23.6.5): one of each type, all driven by
 * the kernel's own clock. There are no leap seconds while it runs.
 */
#include "kernel/clock.h"
#include "drivers/virtio/soft/rtc/rtc.h"
#include "kernel/arch.h"

SOFT_FAULT(utc_is_hours_off, "dev:5.23.6.4.2-1", "keeps another time zone's time");
SOFT_FAULT(smeared_utc_is_hours_off, "dev:5.23.6.4.2-2",
           "keeps another time zone's time on smeared clocks");
SOFT_FAULT(utc_begins_in_1900, "dev:5.23.6.4.2-3", "counts UTC from 1900 on");
SOFT_FAULT(tai_is_utc, "dev:5.23.6.4.2-17", "shows UTC for TAI");
SOFT_FAULT(tai_begins_in_1958, "dev:5.23.6.4.2-18", "counts TAI from 1958 on");
SOFT_FAULT(monotonic_begins_with_a_read, "dev:5.23.6.4.2-20",
           "starts the monotonic clock when it is first read");
SOFT_FAULT(clock_ids_begin_at_1, "dev:5.23.6.2-18", "numbers its clocks from 1 on");
SOFT_FAULT(readings_fail_at_times, "dev:5.23.6.5.2-1", "cannot read every eighth time");
SOFT_FAULT(readings_are_of_order, "dev:5.23.6.5.2-2a",
           "answers two reads with each other's readings");
SOFT_FAULT(monotonic_goes_back, "dev:5.23.6.5.2-4", "sets every third reading back");
SOFT_FAULT(one_clock_is_not_read, "dev:5.23.6.5.2-5",
           "has a clock that it does not read");
SOFT_FAULT(readings_in_picoseconds, "dev:5.23.6.5.2-6", "reads picoseconds");
SOFT_FAULT(reading_of_the_time_before, "dev:5.23.6.5.2-7",
           "answers with what it read for the request before");
SOFT_FAULT(counter_of_another_cpu, "dev:5.23.6.5.2-8",
           "gives a counter that has nothing to do with the guest's");
SOFT_FAULT(counters_go_back, "dev:5.23.6.5.2-11", "counts cycles backwards");
SOFT_FAULT(cross_in_picoseconds, "dev:5.23.6.5.2-12", "reads picoseconds for READ_CROSS");
SOFT_FAULT(unknown_counter_is_invalid, "dev:5.23.6.2-5",
           "has EINVAL for a hardware counter that nobody knows");

/* UTC when the kernel starts. */
#define UTC_S       1700000000ull
#define TAI_AHEAD_S 37
#define YEARS_70_S  2208988800ull
#define YEARS_12_S  378691200ull
#define ZONE_S      7200
#define STEP_BACK   NS_PER_MS

static const SoftClock clocks[SOFT_CLOCKS] = {
    {.type = VIRTIO_RTC_CLOCK_UTC, .has_alarm = true, .epoch_s = UTC_S},
    {.type = VIRTIO_RTC_CLOCK_TAI, .epoch_s = UTC_S + TAI_AHEAD_S},
    {.type = VIRTIO_RTC_CLOCK_MONOTONIC, .has_alarm = true, .has_cross = true},
    {.type = VIRTIO_RTC_CLOCK_UTC_SMEARED,
     .smearing = VIRTIO_RTC_SMEAR_NOON_LINEAR,
     .epoch_s = UTC_S},
    {.type = VIRTIO_RTC_CLOCK_UTC_MAYBE_SMEARED, .epoch_s = UTC_S},
};

static uint64_t first_read, last_reading, last_cycles;
static unsigned readings;

const SoftClock *soft_clock(uint16_t id)
{
    if (soft_fault(clock_ids_begin_at_1)) {
        return id > 0 && id <= SOFT_CLOCKS ? &clocks[id - 1] : NULL;
    }
    return id < SOFT_CLOCKS ? &clocks[id] : NULL;
}

uint16_t soft_clock_count(void)
{
    return SOFT_CLOCKS;
}

void soft_clock_reset(void)
{
    first_read = 0;
    readings = 0;
}

/* Returns how many seconds a fault puts a clock ahead. */
static uint64_t error_s(uint8_t type)
{
    bool is_tai = type == VIRTIO_RTC_CLOCK_TAI;
    bool is_utc = !is_tai && type != VIRTIO_RTC_CLOCK_MONOTONIC;
    bool is_plain = type == VIRTIO_RTC_CLOCK_UTC;
    uint64_t off = 0;
    off += is_plain && soft_fault(utc_is_hours_off) ? ZONE_S : 0;
    off += is_utc && !is_plain && soft_fault(smeared_utc_is_hours_off) ? ZONE_S : 0;
    off += is_utc && soft_fault(utc_begins_in_1900) ? YEARS_70_S : 0;
    off += is_tai && soft_fault(tai_begins_in_1958) ? YEARS_12_S : 0;
    off -= is_tai && soft_fault(tai_is_utc) ? TAI_AHEAD_S : 0;
    return off;
}

uint64_t soft_host_seconds(bool is_tai)
{
    return clock_ns() / NS_PER_S + UTC_S + (is_tai ? TAI_AHEAD_S : 0);
}

uint64_t soft_clock_read(uint16_t id)
{
    const SoftClock *c = soft_clock(id);
    uint64_t now = clock_ns();
    first_read = first_read ? first_read : now;
    if (c->type == VIRTIO_RTC_CLOCK_MONOTONIC &&
        soft_fault(monotonic_begins_with_a_read)) {
        now -= first_read;
    }
    return now + (c->epoch_s + error_s(c->type)) * NS_PER_S;
}

/* Returns the reading that the driver is told. */
static uint64_t reading(uint16_t id)
{
    uint64_t now = soft_clock_read(id), told = now;
    readings++;
    if (soft_fault(readings_in_picoseconds)) {
        told *= 1000;
    }
    if (soft_fault(reading_of_the_time_before) && readings > 1) {
        told = last_reading;
    }
    if (soft_fault(readings_are_of_order)) {
        told += readings % 2 ? STEP_BACK : 0;
    }
    if (soft_fault(monotonic_goes_back) && readings % 3 == 2) {
        told -= STEP_BACK;
    }
    last_reading = now;
    return told;
}

uint8_t soft_clock_answer(uint16_t id, SoftRtcAnswer *a)
{
    if (soft_fault(one_clock_is_not_read) && id == SOFT_CLOCKS - 1) {
        return VIRTIO_RTC_S_EOPNOTSUPP;
    }
    a->read.clock_reading = le64_of(reading(id));
    return soft_fault(readings_fail_at_times) && readings % 8 == 0 ? VIRTIO_RTC_S_EIO
                                                                   : VIRTIO_RTC_S_OK;
}

uint8_t soft_clock_cross(uint16_t id, uint8_t counter, SoftRtcAnswer *a)
{
    uint64_t cycles, now = soft_clock_read(id);
    bool has_tsc = arch_cycle_counter(&cycles) == ARCH_COUNTER_X86_TSC;
    if (counter > VIRTIO_RTC_COUNTER_X86_TSC) {
        return soft_fault(unknown_counter_is_invalid) ? VIRTIO_RTC_S_EINVAL
                                                      : VIRTIO_RTC_S_EOPNOTSUPP;
    }
    if (!soft_clock(id)->has_cross || !has_tsc || counter != VIRTIO_RTC_COUNTER_X86_TSC) {
        return VIRTIO_RTC_S_EOPNOTSUPP;
    }
    if (soft_fault(counter_of_another_cpu)) {
        cycles ^= 1ull << 50;
    }
    if (soft_fault(counters_go_back) && last_cycles) {
        cycles = last_cycles - 1;
    }
    last_cycles = cycles;
    a->read_cross.clock_reading =
        le64_of(soft_fault(cross_in_picoseconds) ? now * 1000 : now);
    a->read_cross.counter_cycles = le64_of(cycles);
    return VIRTIO_RTC_S_OK;
}
