/* SPDX-License-Identifier: MIT */
/*
 * The console: one line-oriented byte stream in both directions (COM1 on x86_64, SCLP on
 * s390x). Output is buffered, because every serial write may be a trip to the VMM;
 * console_flush() sends it. What must be out before the machine can die (a "# run" line)
 * is flushed by whoever prints it.
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Buffers bytes; sends the buffer whenever it is full. "\n" is sent as it is. */
void console_write(const char *bytes, size_t count);

/* Ends the line that is being written, if any: what comes next starts in the first
 * column. */
void console_start_line(void);

/* Sends everything that is buffered, and returns when the device has taken it. */
void console_flush(void);

/*
 * Takes one line that the host sent, without its "\n", into line (always terminated; a
 * longer line is cut). Waits at most timeout_ns; false when no whole line came. Uses the
 * one wait of wait.h.
 */
bool console_read_line(char *line, size_t bytes, uint64_t timeout_ns);

/* Returns when something was last flushed, in clock_ns() time: nobody may be silent for
 * more than 2 s. */
uint64_t console_last_output_ns(void);

#endif
