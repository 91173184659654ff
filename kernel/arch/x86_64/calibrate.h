/* SPDX-License-Identifier: MIT */
/*
 * This measures how fast the time stamp counter counts.
 */
#ifndef KERNEL_ARCH_X86_64_CALIBRATE_H
#define KERNEL_ARCH_X86_64_CALIBRATE_H

#include <stdint.h>

/* Ticks per second, never 0; what they were measured against, or who said so, goes to
 * *source. */
uint64_t calibrate_tsc(const char **source);

/* Starts clock_ns(), clock.c. */
void clock_init(void);

#endif
