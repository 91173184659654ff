/* SPDX-License-Identifier: MIT */
/* DIAGNOSE 0x500, the hypervisor call: a subcode, up to three values, one answer. */
#ifndef KERNEL_ARCH_S390X_HYPERCALL_H
#define KERNEL_ARCH_S390X_HYPERCALL_H

#include <stdint.h>

static inline uint64_t hypercall(uint64_t subcode, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t r1 __asm__("1") = subcode;
    register uint64_t r2 __asm__("2") = a;
    register uint64_t r3 __asm__("3") = b;
    register uint64_t r4 __asm__("4") = c;

    __asm__ volatile("diag 2,4,0x500"
                     : "+d"(r2)
                     : "d"(r1), "d"(r3), "d"(r4)
                     : "memory", "cc");
    return r2;
}

#endif
