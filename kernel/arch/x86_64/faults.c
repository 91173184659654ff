/* SPDX-License-Identifier: MIT */
/*
 * Faults on purpose (the word panic=KIND): each proves that one protection or one handler
 * works.
 */
#include "apic.h"
#include "cpu.h"
#include "kernel/panic.h"
#include "kernel/string.h"

#define NON_CANONICAL 0x8000000000000000ull

typedef struct FaultKind {
    const char *name;
    void (*strike)(void);
} FaultKind;

extern char text_begin[], text_end[];

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
static void touch(uint64_t address, bool is_write)
{
    if (is_write) {
        __asm__ volatile("movb $0, (%0)" : : "r"(address) : "memory");
    } else {
        __asm__ volatile("movb (%0), %%al" : : "r"(address) : "eax", "memory");
    }
}

static void strike_gp(void)
{
    touch(NON_CANONICAL, false);
}

static void strike_read_null(void)
{
    touch(8, false);
}

static void strike_write_text(void)
{
    touch((uintptr_t)text_begin, true);
}

static void strike_write_rodata(void)
{
    touch((uintptr_t)text_end, true);
}

static void strike_exec_data(void)
{
    static char code[] = {(char)0xc3}; /* ret */
    ((void (*)(void))(uintptr_t)code)();
}

static void strike_stack_overflow(void)
{
    volatile bool goes_on = true;
    if (goes_on) {
        strike_stack_overflow();
    }
    goes_on = false; /* not a tail call */
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

static void strike_assert(void)
{
    volatile int one = 1;
    assert(one == 2);
}

/* The frame pointer is nonsense: the backtrace must stop, not follow it. */
static void strike_bad_frame(void)
{
    __asm__ volatile("mov %0, %%rbp; ud2" : : "r"(NON_CANONICAL + 8));
}

/* The report reads the context, and faults while it does. */
static void strike_nested(void)
{
    panic_context = (const char *)NON_CANONICAL;
    strike_ud();
}

static const FaultKind kinds[] = {
    {"ud", strike_ud},
    {"de", strike_de},
    {"gp", strike_gp},
    {"pf-read-null", strike_read_null},
    {"pf-write-text", strike_write_text},
    {"pf-write-rodata", strike_write_rodata},
    {"pf-exec-data", strike_exec_data},
    {"stack-overflow", strike_stack_overflow},
    {"double-fault", strike_double_fault},
    {"nmi", strike_nmi},
    {"machine-check", strike_machine_check},
    {"breakpoint", strike_breakpoint},
    {"assert", strike_assert},
    {"bad-frame", strike_bad_frame},
    {"nested", strike_nested},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

void panic_on_purpose(const char *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].name, kind) == 0) {
            kinds[i].strike();
        }
    }
}

const char *panic_kinds(void)
{
    static char names[256];
    size_t used = 0;
    for (size_t i = 0; i < KINDS; i++) {
        if (i > 0) {
            names[used++] = ' ';
        }
        string_copy(names + used, kinds[i].name, sizeof(names) - used);
        used += strlen(names + used);
    }
    return names;
}
