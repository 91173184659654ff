/* SPDX-License-Identifier: MIT */
/*
 * Entry at 0x10000, where QEMU's loader also takes an image for a Linux kernel and puts
 * the command line at 0x10480 (hw/s390x/ipl.c); and the entries of all interrupts. Low
 * memory is reached with address translation off only: that is how each interrupt begins
 * and ends.
 */
    .machine z196

    .set SAVE_AREA, 160             /* of the ABI, at the bottom of every stack frame */
    .set FRAME_BYTES, 256           /* InterruptFrame, interrupt.h */
    .set STACK_STEP, SAVE_AREA + FRAME_BYTES
    .set AT_PSW, SAVE_AREA + 128
    .set AT_CODES, AT_PSW + 16
    .set AT_SCRATCH, 152            /* in the save area, where nobody saves anything */
    .set CODES, 0x80
    .set CODES_BYTES, 0x70
    .set RETURN_PSW, 0x200          /* low memory that is ours */
    .set FATAL_REGISTERS, 0x280
    .set NEW_PSWS, 0x1a0
    .set SIGP_SET_ARCHITECTURE, 0x12
    .set PSW_64_BIT_HIGH, 0x00000001
    .set PSW_64_BIT_LOW, 0x80000000

    .section .boot.header, "ax"
    .globl entry
entry:
    jg start

    .org 0x430
    .quad cmdline_area_end - cmdline_area
    .org 0x480
    .globl cmdline_area, cmdline_area_end
cmdline_area:
    .fill 0x1400, 1, 0
cmdline_area_end:

    .text
start:
    lhi %r1, 1                      /* z/Architecture, where the loader left ESA/390 */
    slr %r0, %r0
    sigp %r0, %r0, SIGP_SET_ARCHITECTURE
    sam64
    larl %r1, new_psws
    mvc NEW_PSWS(96), 0(%r1)
    larl %r15, stack_top
    aghi %r15, -SAVE_AREA
    xc 0(8, %r15), 0(%r15)          /* the last frame */
    brasl %r14, kernel_start
    j .                             /* never: the return address is in this function */

/* An interrupt that returns. It ends a wait, too: the old PSW's wait bit goes. */
    .macro returning name, old_psw, dispatch
\name:
    stmg %r0, %r15, -FRAME_BYTES(%r15)
    lay %r15, -STACK_STEP(%r15)
    mvc AT_PSW(16, %r15), \old_psw
    mvc AT_CODES(CODES_BYTES, %r15), CODES
    lay %r1, STACK_STEP(%r15)
    stg %r1, 0(%r15)
    la %r2, SAVE_AREA(%r15)
    stosm AT_SCRATCH(%r15), 0x04
    brasl %r14, \dispatch
    stnsm AT_SCRATCH(%r15), 0xfb
    ni AT_PSW + 1(%r15), 0xfd
    mvc RETURN_PSW(16), AT_PSW(%r15)
    lmg %r0, %r15, SAVE_AREA(%r15)
    lpswe RETURN_PSW
    .endm

/* One that does not: its stack is its own, and translation stays off. */
    .macro fatal name, old_psw, kind
\name:
    stmg %r0, %r15, FATAL_REGISTERS
    larl %r15, exception_stack_top
    aghi %r15, -STACK_STEP
    mvc SAVE_AREA(128, %r15), FATAL_REGISTERS
    mvc AT_PSW(16, %r15), \old_psw
    mvc AT_CODES(CODES_BYTES, %r15), CODES
    xc 0(8, %r15), 0(%r15)
    la %r2, SAVE_AREA(%r15)
    lghi %r3, \kind
    brasl %r14, fatal_dispatch
    .endm

    returning external, 0x130, external_dispatch
    returning io, 0x170, io_dispatch
    fatal program, 0x150, 0
    fatal supervisor_call, 0x140, 1
    fatal machine_check, 0x160, 2
    fatal restart, 0x120, 3

    .section .rodata
    .balign 8
new_psws:
    .irp handler, restart, external, supervisor_call, program, machine_check, io
    .long PSW_64_BIT_HIGH, PSW_64_BIT_LOW
    .quad \handler
    .endr

    .section .note.GNU-stack, "", %progbits
