/* SPDX-License-Identifier: MIT */
/*
 * The clock: the time stamp counter, scaled. How fast it counts is found by calibrate.c.
 */
#include "kernel/clock.h"
#include "calibrate.h"
#include "cpu.h"
#include "kernel/arch.h"

static uint64_t start_tsc, hz,
    ns_per_tick_32; /* nanoseconds per tick, 32.32 fixed point */
static const char *source = "none";

void clock_init(void)
{
    hz = calibrate_tsc(&source);
    ns_per_tick_32 = (NS_PER_S << 32) / hz;
    start_tsc = tsc_read();
}

/* 0 until the clock has been started. */
uint64_t clock_ns(void)
{
    if (hz == 0) {
        return 0;
    }
    uint64_t ticks = tsc_read() - start_tsc;
    return (uint64_t)(((unsigned __int128)ticks * ns_per_tick_32) >> 32);
}

uint64_t clock_hz(void)
{
    return hz;
}

const char *clock_source(void)
{
    return source;
}

ArchCounter arch_cycle_counter(uint64_t *cycles)
{
    *cycles = __builtin_ia32_rdtsc();
    return ARCH_COUNTER_X86_TSC;
}
