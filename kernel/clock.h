/* SPDX-License-Identifier: MIT */
/*
 * Time since boot. How the counter was calibrated is said by clock_source() and printed
 * at boot.
 */
#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

#include <stdint.h>

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

/* Returns the nanoseconds since the clock was started. It never goes back. */
uint64_t clock_ns(void);
/* Return the rate of the calibrated counter, and what it was measured against ("pvclock",
 * "pit", ...). */
uint64_t clock_hz(void);
const char *clock_source(void);

#endif
