/* SPDX-License-Identifier: MIT */
/* What the kernel calls when the machine is ready: the program. Its result ends the run.
 */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#include "kernel/exit.h"

/* Returns an ExitCode. */
int main(void);

/* Starts the kernel; each architecture's entry code calls it, on the kernel's stack. */
_Noreturn void kernel_start(void);

#endif
