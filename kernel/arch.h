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

/* kernel/main.c calls both at boot. The first sets up the console device and exceptions;
 * from there on a fault is reported. The second sets up interrupt controllers and the
 * clock. */
void arch_early_init(void);
void arch_init(void);

/* Halts until an interrupt or until the clock reaches deadline_ns. Interrupts are off at
 * entry and at return. */
void arch_halt_until(uint64_t deadline_ns);
void arch_cpu_relax(void);
/* Prints one "# irq: " line for each stray that has no vector; part of
 * irq_report_strays(). */
void arch_report_strays(void);

/* Drive the console device. Write returns when all bytes are written. Read does not wait,
 * and returns how many bytes there were. */
void arch_console_write(const char *bytes, size_t count);
size_t arch_console_read(char *bytes, size_t most);

/* Gives the nth range of RAM that the loader reported, the lowest first. Returns false
 * past the end. */
bool arch_ram_range(unsigned n, uint64_t *from, uint64_t *to);
/* Returns the loader's command line, and says whether its first word is the image's path.
 */
const char *arch_cmdline(bool *is_path_first);
/* Returns how the image was booted ("multiboot qemu", "pvh", ...), for the boot line. */
const char *arch_boot_protocol(void);

/* Prints the callers, innermost first, one "# " line each; stops at a frame that makes no
 * sense. */
void arch_backtrace(void);

/* Leaves the machine by the means it has; returns when none worked. */
void arch_exit(int code);
/* Halts for good, when nothing is left to do. */
_Noreturn void arch_stop(void);

/* Returns which cycle counter this CPU has, and what it shows now; NONE leaves *cycles 0.
 */
typedef enum { ARCH_COUNTER_NONE, ARCH_COUNTER_X86_TSC } ArchCounter;
ArchCounter arch_cycle_counter(uint64_t *cycles);

/* Makes one access to any address; it may fault. */
void arch_touch(uint64_t address, bool is_write);

/* Gives the range of the kernel's text and read-only data: tests compare its checksum. */
void arch_text_range(const void **from, const void **to);

#endif
