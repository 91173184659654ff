/* SPDX-License-Identifier: MIT */
/*
 * The instructions that C has no words for: the PSW's system mask, control registers, the
 * time of day, signals between CPUs (z/Architecture Principles of Operation, chapters 4,
 * 5 and 10).
 */
#ifndef KERNEL_ARCH_S390X_CPU_H
#define KERNEL_ARCH_S390X_CPU_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Psw {
    uint64_t mask, address;
} Psw;

#define PSW_DAT       0x0400000000000000ull
#define PSW_IO        0x0200000000000000ull
#define PSW_EXTERNAL  0x0100000000000000ull
#define PSW_WAIT      0x0002000000000000ull
#define PSW_PROBLEM   0x0001000000000000ull
#define PSW_64_BIT    0x0000000180000000ull
#define SYSTEM_DAT    0x04 /* the same as bits of the system mask */
#define SYSTEM_IO     0x02
#define SYSTEM_EXTERN 0x01

#define CR0_EXECUTION_PROTECTION 0x0000000000100000ull
#define CR0_CLOCK_COMPARATOR     0x0000000000000800ull
#define CR0_SERVICE_SIGNAL       0x0000000000000200ull

/* Turns bits of the system mask on; returns what it was. */
#define CPU_SYSTEM_ON(bits)                                                          \
    ({                                                                               \
        uint8_t old_;                                                                \
        __asm__ volatile("stosm %0, %1" : "=Q"(old_) : "i"((bits)&0xff) : "memory"); \
        old_;                                                                        \
    })

/* Turns them off. */
#define CPU_SYSTEM_OFF(bits)                                                          \
    ({                                                                                \
        uint8_t old_;                                                                 \
        __asm__ volatile("stnsm %0, %1" : "=Q"(old_) : "i"(~(bits)&0xff) : "memory"); \
        old_;                                                                         \
    })

/* Control register n, a constant. */
#define CPU_CONTROL_SET(n, value)                                              \
    do {                                                                       \
        uint64_t new_ = (value);                                               \
        __asm__ volatile("lctlg %0, %0, %1" : : "i"(n), "Q"(new_) : "memory"); \
    } while (0)

#define CPU_CONTROL_ON(n, bits)                                                \
    do {                                                                       \
        uint64_t old_;                                                         \
        __asm__ volatile("stctg %1, %1, %0" : "=Q"(old_) : "i"(n) : "memory"); \
        CPU_CONTROL_SET(n, old_ | (bits));                                     \
    } while (0)

/* Returns the time of day, in units of 2^-12 microseconds. */
static inline uint64_t tod_read(void)
{
    uint64_t tod;
    __asm__ volatile("stckf %0" : "=Q"(tod) : : "cc", "memory");
    return tod;
}

/* Sets the clock comparator: an external interrupt is pending while the clock is past
 * this value. */
static inline void clock_comparator_set(uint64_t tod)
{
    __asm__ volatile("sckc %0" : : "Q"(tod) : "memory");
}

#define SIGP_STOP    0x05
#define SIGP_RESTART 0x06

/* Sends an order to this CPU itself. */
static inline void cpu_signal_self(unsigned order)
{
    uint16_t self;
    __asm__ volatile("stap %0" : "=Q"(self));
    register uint64_t parameter __asm__("1") = 0;
    __asm__ volatile("sigp %0, %1, 0(%2)"
                     : "+d"(parameter)
                     : "d"((uint64_t)self), "a"((uint64_t)order)
                     : "cc", "memory");
}

/* Goes on with this PSW. */
static inline void psw_load(const Psw *psw)
{
    __asm__ volatile("lpswe %0" : : "Q"(*psw) : "cc", "memory");
}

/* Waits for what this mask lets in; goes on behind it. */
static inline void psw_wait(uint64_t mask)
{
    Psw psw = {mask | PSW_WAIT | PSW_64_BIT, 0};
    __asm__ volatile("larl %%r1, 0f\n   stg %%r1, 8(%0)\n   lpswe 0(%0)\n0:"
                     :
                     : "a"(&psw)
                     : "1", "cc", "memory");
}

#endif
