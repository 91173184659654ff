/* SPDX-License-Identifier: MIT */
/*
 * The end of the run. On x86_64 the code goes to isa-debug-exit at port 0xf4 (QEMU then
 * exits with code * 2 + 1); where nothing answers there, the machine is powered off or
 * reset by whatever means it has. On s390x the CPU stops when all passed, else it waits
 * for nothing with the code as its address (QEMU exits with 0 or, asked to, with 1).
 */
#ifndef KERNEL_EXIT_H
#define KERNEL_EXIT_H

typedef enum {
    /* QEMU: 33. */
    EXIT_PASSED = 0x10,
    /* 35: a test failed. */
    EXIT_FAILED = 0x11,
    /* 37: no virtio device, no test matched, a bad word. */
    EXIT_NOTHING = 0x12,
    /* 39: the kernel itself faulted. */
    EXIT_FAULT = 0x13,
} ExitCode;

/* Flushes the console first. */
_Noreturn void kernel_exit(ExitCode code);

#endif
