/* SPDX-License-Identifier: MIT */
/*
 * What each architecture gives to the kernel above it: kernel/arch/ARCH/ implements all
 * of this, besides the functions of clock.h and of irq.h that kernel/irq/irq.c leaves,
 * and of what its buses use: lines, messages, io.h, page.h's mapping. Its bulk.h and
 * vectors.h are read by string.c and irq.c. Nothing above asks which one it is.
 */
#ifndef KERNEL_ARCH_H
#define KERNEL_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_NAME ARCH_NAME_STRING /* from the makefile: "x86_64" */

/* Boot order, called by kernel/main.c. The first: console device, exceptions; from there
 * on a fault is reported. The second: interrupt controllers, clock. */
void arch_early_init(void);
void arch_init(void);

/* Halts until an interrupt or until the clock reaches deadline_ns. Interrupts are off at
 * entry and at return. */
void arch_halt_until(uint64_t deadline_ns);
void arch_cpu_relax(void);
/* irq_report_strays() of what has no vector, one "# irq: " line each. */
void arch_report_strays(void);

/* The console device. Writes all; read returns how many bytes there were, without
 * waiting. */
void arch_console_write(const char *bytes, size_t count);
size_t arch_console_read(char *bytes, size_t most);

/* The RAM the loader reported, lowest first; false past the end. */
bool arch_ram_range(unsigned n, uint64_t *from, uint64_t *to);
/* The loader's command line, and whether its first word is the image's path. */
const char *arch_cmdline(bool *is_path_first);
/* "multiboot qemu", "pvh", ...: for the boot line. */
const char *arch_boot_protocol(void);

/* Prints the callers, innermost first, one "# " line each; stops at a frame that makes no
 * sense. */
void arch_backtrace(void);

/* Leaves the machine by the means it has; returns when none worked. */
void arch_exit(int code);
/* Nothing is left to do: halts for good. */
_Noreturn void arch_stop(void);

/* Returns which cycle counter this CPU has, and what it shows now; NONE leaves *cycles 0.
 */
typedef enum { ARCH_COUNTER_NONE, ARCH_COUNTER_X86_TSC } ArchCounter;
ArchCounter arch_cycle_counter(uint64_t *cycles);

/* One access to any address, which may fault. */
void arch_touch(uint64_t address, bool is_write);

/* The kernel's text and read-only data: tests compare its checksum. */
void arch_text_range(const void **from, const void **to);

#endif
