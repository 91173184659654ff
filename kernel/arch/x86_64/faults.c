/* SPDX-License-Identifier: MIT */
/*
 * Faults on purpose (the word panic=KIND) that this CPU has: each proves that one
 * protection or one handler works.
 */
#include "apic.h"
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/panic.h"
#include <stddef.h>

#define NON_CANONICAL 0x8000000000000000ull

static void strike_ud(void)
{
    __asm__ volatile("ud2");
}

static void strike_de(void)
{
    __asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx"
                     :
                     :
                     : "eax", "ecx", "edx");
}

/* In assembly, because the compiler objects to some of these addresses. */
void arch_touch(uint64_t address, bool is_write)
{
    if (is_write) {
        __asm__ volatile("movb $0, (%0)" : : "r"(address) : "memory");
    } else {
        __asm__ volatile("movb (%0), %%al" : : "r"(address) : "eax", "memory");
    }
}

static void strike_gp(void)
{
    arch_touch(NON_CANONICAL, false);
}

static void strike_exec_data(void)
{
    static char code[] = {(char)0xc3}; /* ret */
    ((void (*)(void))(uintptr_t)code)();
}

/* A fault whose own stack push faults: the second one cannot be delivered either. */
static void strike_double_fault(void)
{
    __asm__ volatile("mov %0, %%rsp; xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx"
                     :
                     : "r"(NON_CANONICAL)
                     : "memory");
}

static void strike_nmi(void)
{
    apic_send_nmi();
}

static void strike_machine_check(void)
{
    __asm__ volatile("int $18");
}

static void strike_breakpoint(void)
{
    __asm__ volatile("int3");
}

/* The frame pointer is nonsense: the backtrace must stop, not follow it. */
static void strike_bad_frame(void)
{
    __asm__ volatile("mov %0, %%rbp; ud2" : : "r"(NON_CANONICAL + 8));
}

const FaultKind arch_fault_kinds[] = {
    {"ud", strike_ud},
    {"de", strike_de},
    {"gp", strike_gp},
    {"pf-exec-data", strike_exec_data},
    {"double-fault", strike_double_fault},
    {"nmi", strike_nmi},
    {"machine-check", strike_machine_check},
    {"breakpoint", strike_breakpoint},
    {"bad-frame", strike_bad_frame},
    {NULL, NULL},
};
