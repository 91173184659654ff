/* SPDX-License-Identifier: MIT */
/*
 * COM1: programmed once; arch_console_write() and arch_console_read() of arch.h use it.
 */
#ifndef KERNEL_ARCH_X86_64_SERIAL_H
#define KERNEL_ARCH_X86_64_SERIAL_H

void serial_init(void);

#endif
