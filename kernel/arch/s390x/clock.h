/* SPDX-License-Identifier: MIT */
/*
 * The time-of-day clock is the clock of kernel/clock.h; its comparator ends waits.
 */
#ifndef KERNEL_ARCH_S390X_CLOCK_H
#define KERNEL_ARCH_S390X_CLOCK_H

#include <stdint.h>

void clock_init(void);
/* Asks for one external interrupt when the clock reaches this time. UINT64_MAX takes the
 * request back. */
void clock_interrupt_at(uint64_t ns);

#endif
