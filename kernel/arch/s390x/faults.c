/* SPDX-License-Identifier: MIT */
/*
 * Faults on purpose (the word panic=KIND) that this CPU has: each proves that one
 * protection or one handler works.
 */
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/panic.h"
#include <stddef.h>

#define BEYOND_RAM    0x7ffff000ull
#define BEYOND_TABLES 0x8000000000000000ull

static void strike_operation(void)
{
    __asm__ volatile(".short 0");
}

static void strike_divide(void)
{
    register uint64_t low __asm__("1") = 0;
    __asm__ volatile("dlgr %%r0, %0" : : "d"(low) : "0", "cc");
}

/* An odd register where a pair begins. */
static void strike_specification(void)
{
    __asm__ volatile(".insn rre, 0xb9870000, %%r1, %%r2" : : : "0", "1", "2", "cc");
}

static void strike_addressing(void)
{
    __asm__ volatile("lura %%r1, %0" : : "a"(BEYOND_RAM) : "1");
}

static void strike_privileged(void)
{
    Psw psw = {PSW_PROBLEM | PSW_DAT | PSW_64_BIT, 0};
    __asm__ volatile("larl %%r1, 0f\n   stg %%r1, 8(%0)\n   lpswe 0(%0)\n0: ptlb"
                     :
                     : "a"(&psw)
                     : "1", "cc", "memory");
}

/* In assembly, because the compiler objects to some of these addresses. */
void arch_touch(uint64_t address, bool is_write)
{
    if (is_write) {
        __asm__ volatile("mvi 0(%0), 0" : : "a"(address) : "memory");
    } else {
        __asm__ volatile("llgc %%r1, 0(%0)" : : "a"(address) : "1", "memory");
    }
}

static void strike_read_nowhere(void)
{
    arch_touch(BEYOND_TABLES, false);
}

static void strike_exec_data(void)
{
    static uint16_t code[] = {0x07fe}; /* br %r14 */
    ((void (*)(void))(uintptr_t)code)();
}

static void strike_supervisor_call(void)
{
    __asm__ volatile("svc 7");
}

static void strike_restart(void)
{
    cpu_signal_self(SIGP_RESTART);
}

/* The stack pointer is nonsense: the backtrace must stop, not follow it. */
static void strike_bad_frame(void)
{
    __asm__ volatile("lgr %%r15, %0\n   .short 0" : : "a"(BEYOND_TABLES + 8));
}

const FaultKind arch_fault_kinds[] = {
    {"operation", strike_operation},
    {"divide", strike_divide},
    {"specification", strike_specification},
    {"addressing", strike_addressing},
    {"privileged", strike_privileged},
    {"pf-read-nowhere", strike_read_nowhere},
    {"pf-exec-data", strike_exec_data},
    {"supervisor-call", strike_supervisor_call},
    {"restart", strike_restart},
    {"bad-frame", strike_bad_frame},
    {NULL, NULL},
};
