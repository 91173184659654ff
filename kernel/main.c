/* SPDX-License-Identifier: MIT */
/*
 * The boot order, one call and one phrase a line. From arch_early_init() on, a fault is
 * reported.
 */
#include "kernel/main.h"
#include "kernel/arch.h"
#include "kernel/cmdline.h"
#include "kernel/exit.h"
#include "kernel/mem/page.h"

_Noreturn void kernel_start(void)
{
    arch_early_init(); /* console; what the loader said is copied */
    bool is_path_first;
    const char *words = arch_cmdline(&is_path_first);
    cmdline_init(words, is_path_first);
    page_init(); /* RAM: pages, then the arena */
    arch_init(); /* interrupt controllers, clock */
    kernel_exit((ExitCode)main());
}
