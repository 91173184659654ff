/* SPDX-License-Identifier: MIT */
/*
 * Formatted output: %d %i %u %x %X %c %s %p %% with flags 0 - # +, width and precision
 * (also *), lengths hh h l ll z. Anything else is printed as it stands, so that a mistake
 * shows.
 */
#ifndef KERNEL_PRINTF_H
#define KERNEL_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

/* Prints to the console. */
void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void kvprintf(const char *format, va_list args);

/* Writes to a buffer, which is terminated whenever bytes > 0. Returns the length that the
 * whole text has. */
int ksnprintf(char *to, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int kvsnprintf(char *to, size_t bytes, const char *format, va_list args);

#endif
