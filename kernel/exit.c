/* SPDX-License-Identifier: MIT */
/*
 * The end of the run: the last line goes out, then the machine is left.
 */
#include "kernel/exit.h"
#include "kernel/arch.h"
#include "kernel/console.h"
#include "kernel/irq/irq.h"

_Noreturn void kernel_exit(ExitCode code)
{
    irq_disable();
    console_start_line();
    console_flush();
    arch_exit(code);
    arch_stop();
}
