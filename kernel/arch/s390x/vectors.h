/* SPDX-License-Identifier: MIT */
/* The vectors that kernel/irq/irq.c hands out: numbers only, because here the hardware
 * tells its interrupts apart by other means. */
#ifndef KERNEL_ARCH_S390X_VECTORS_H
#define KERNEL_ARCH_S390X_VECTORS_H

enum {
    VECTOR_FIRST = 0x01,
    VECTOR_LAST = 0xff,
};

#endif
