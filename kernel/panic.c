/* SPDX-License-Identifier: MIT */
/*
 * The report of our own faults. Each level trusts less than the one before: a report; one
 * fixed line when the report itself faults; the exit alone when even that faults.
 */
#include "kernel/panic.h"
#include "kernel/arch.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include <stdarg.h>

const char *panic_context;

static unsigned panic_depth;

void panic_enter(const char *what)
{
    irq_disable();
    panic_depth++;
    if (panic_depth == 2) {
        static const char start[] = "\nBail out! fault inside the fault report: ";
        arch_console_write(start, sizeof(start) - 1);
        arch_console_write(what, strlen(what));
        arch_console_write("\n", 1);
    }
    if (panic_depth >= 2) {
        arch_exit(EXIT_FAULT);
        arch_stop();
    }
    console_start_line();
    kprintf("# kernel fault: %s\n", what);
}

_Noreturn void panic_leave(const char *reason)
{
    console_flush(); /* what is known so far is out before the context is touched */
    if (panic_context) {
        kprintf("# during: %s\n", panic_context);
    }
    kprintf("Bail out! %s\n", reason);
    kernel_exit(EXIT_FAULT);
}

_Noreturn void panic(const char *format, ...)
{
    char reason[256];
    va_list args;
    va_start(args, format);
    kvsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    panic_enter(reason);
    arch_backtrace();
    panic_leave(reason);
}
