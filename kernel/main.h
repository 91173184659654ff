/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel hands over: main() is what runs on this kernel (the test harness), and its result is the ExitCode
 * (exit.h). kernel_start() is what the boot code of each architecture calls.
 */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

int main(void);

_Noreturn void kernel_start(void);

#endif
