/* SPDX-License-Identifier: MIT */
/*
 * The clock: the time of day, whose unit is 2^-12 microseconds by definition, so there is
 * nothing to calibrate.
 */
#include "clock.h"
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/clock.h"

/* 512 units are 125 ns. */
#define UNITS 512
#define NS    125

static uint64_t start_tod;

void clock_init(void)
{
    clock_interrupt_at(UINT64_MAX);
    CPU_CONTROL_ON(0, CR0_CLOCK_COMPARATOR);
    start_tod = tod_read();
}

/* 0 until the clock has been started. */
uint64_t clock_ns(void)
{
    if (start_tod == 0) {
        return 0;
    }
    uint64_t units = tod_read() - start_tod;
    return units / UNITS * NS + units % UNITS * NS / UNITS;
}

void clock_interrupt_at(uint64_t ns)
{
    if (ns == UINT64_MAX) {
        clock_comparator_set(UINT64_MAX);
        return;
    }
    clock_comparator_set(start_tod + ns / NS * UNITS + (ns % NS + 1) * UNITS / NS);
}

uint64_t clock_hz(void)
{
    return NS_PER_S / NS * UNITS;
}

const char *clock_source(void)
{
    return "tod";
}

ArchCounter arch_cycle_counter(uint64_t *cycles)
{
    *cycles = 0;
    return ARCH_COUNTER_NONE;
}
