/* SPDX-License-Identifier: MIT */
/* What the CPU's interrupt vectors are used for; kernel/irq/irq.c hands out those
 * between. */
#ifndef KERNEL_ARCH_X86_64_VECTORS_H
#define KERNEL_ARCH_X86_64_VECTORS_H

enum {
    /* 16 of them. */
    VECTOR_8259 = 0x20,
    /* Of the lowest priority: it comes after all others. */
    VECTOR_SETTLE = 0x30,
    VECTOR_FIRST = 0x31,
    VECTOR_LAST = 0xef,
    VECTOR_TIMER = 0xf0,
    VECTOR_SPURIOUS = 0xff,
};

#endif
