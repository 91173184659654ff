/* SPDX-License-Identifier: MIT */
/*
 * What the CPU itself objects to: named, with the registers, the address that was meant
 * and the callers, and then the run is over (panic.c). The entries are in entry.S; this
 * runs without address translation, so it needs no table to be intact.
 */
#include "cpu.h"
#include "interrupt.h"
#include "kernel/arch.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/panic.h"

#define CALLERS_MOST     24
#define SYMBOL_BYTES     80
#define FRAME_RETURN     112 /* where a function saves r14, in its caller's frame */
#define FRAME_SAVE_BYTES 160

#define PROGRAM_PROTECTION          0x04
#define PROGRAM_SEGMENT_TRANSLATION 0x10
#define PROGRAM_PAGE_TRANSLATION    0x11
#define PROGRAM_ASCE_TYPE           0x38
#define PROGRAM_REGION_THIRD        0x3b
#define PROGRAM_CODES               0x40
#define PROGRAM_PER                 0x80

/* In the translation-exception identification. */
#define TRANSLATION_ADDRESS   (~0xfffull)
#define TRANSLATION_STORE     0x400
#define TRANSLATION_FETCH     0x800
#define TRANSLATION_EXECUTION 0x80

static const char *const program_names[PROGRAM_CODES] = {
    [0x01] = "operation exception",
    [0x02] = "privileged-operation exception",
    [0x03] = "execute exception",
    [0x04] = "protection exception",
    [0x05] = "addressing exception",
    [0x06] = "specification exception",
    [0x07] = "data exception",
    [0x08] = "fixed-point-overflow exception",
    [0x09] = "fixed-point-divide exception",
    [0x10] = "segment-translation exception",
    [0x11] = "page-translation exception",
    [0x12] = "translation-specification exception",
    [0x13] = "special-operation exception",
    [0x15] = "operand exception",
    [0x38] = "ASCE-type exception",
    [0x39] = "region-first-translation exception",
    [0x3a] = "region-second-translation exception",
    [0x3b] = "region-third-translation exception",
};

extern const char image_begin[], text_begin[], text_end[], rodata_end[], image_end[];
extern const char stack_guard[], stack_bottom[], stack_top[];
extern const char exception_stack[], exception_stack_top[];

void arch_text_range(const void **from, const void **to)
{
    *from = text_begin;
    *to = rodata_end;
}

static bool is_between(uint64_t at, const char *from, const char *to)
{
    return at >= (uintptr_t)from && at < (uintptr_t)to;
}

/* A frame can be read: it is aligned, and its save area lies on one of our stacks. */
static bool is_frame(uint64_t at)
{
    uint64_t last = at + FRAME_SAVE_BYTES - 1;
    return at % 8 == 0 && ((is_between(at, stack_bottom, stack_top) &&
                            is_between(last, stack_bottom, stack_top)) ||
                           (is_between(at, exception_stack, exception_stack_top) &&
                            is_between(last, exception_stack, exception_stack_top)));
}

static uint64_t word_at(uint64_t address)
{
    return *(const uint64_t *)(uintptr_t)address;
}

/* Each frame begins with the address of the caller's, in which the callee's return
 * address is. */
static void print_callers(uint64_t frame)
{
    for (unsigned n = 0; n < CALLERS_MOST && is_frame(frame); n++) {
        uint64_t callers = word_at(frame);
        if (callers <= frame || !is_frame(callers)) { /* the stack grows down */
            return;
        }
        uint64_t to = word_at(callers + FRAME_RETURN);
        if (!is_between(to, text_begin, text_end)) {
            return;
        }
        char caller[SYMBOL_BYTES];
        symbol_format(to, caller, sizeof(caller));
        kprintf("#   called from %s\n", caller);
        frame = callers;
    }
}

void arch_backtrace(void)
{
    print_callers((uintptr_t)__builtin_frame_address(0));
}

static void print_registers(const InterruptFrame *f)
{
    for (unsigned n = 0; n < 16; n += 4) {
        kprintf("#   r%-2u %016llx %016llx %016llx %016llx\n", n,
                (unsigned long long)f->gpr[n], (unsigned long long)f->gpr[n + 1],
                (unsigned long long)f->gpr[n + 2], (unsigned long long)f->gpr[n + 3]);
    }
    kprintf("#   psw %016llx %016llx\n", (unsigned long long)f->psw.mask,
            (unsigned long long)f->psw.address);
    if (is_between(f->gpr[14], text_begin, text_end)) { /* a leaf's caller has no frame */
        char link[SYMBOL_BYTES];
        symbol_format(f->gpr[14], link, sizeof(link));
        kprintf("#   r14 is in %s\n", link);
    }
}

/* Where the address lies, in words: most faults are explained by this alone. */
static const char *place_of(uint64_t address)
{
    if (address < (uintptr_t)image_begin) {
        return "below the image: a null pointer";
    }
    if (is_between(address, stack_guard, stack_bottom)) {
        return "the guard page: stack overflow";
    }
    if (is_between(address, text_begin, text_end)) {
        return "the kernel's text";
    }
    if (is_between(address, text_end, rodata_end)) {
        return "read-only data";
    }
    return address < (16ull << 20) ? "RAM" : "no mapped memory";
}

static bool is_translation(unsigned code)
{
    return code == PROGRAM_SEGMENT_TRANSLATION || code == PROGRAM_PAGE_TRANSLATION ||
           (code >= PROGRAM_ASCE_TYPE && code <= PROGRAM_REGION_THIRD);
}

static void describe_access(const InterruptFrame *f, unsigned code, char *text,
                            size_t bytes)
{
    uint64_t id = f->translation, address = id & TRANSLATION_ADDRESS;
    const char *access = id & TRANSLATION_STORE   ? "write"
                         : id & TRANSLATION_FETCH ? "read"
                                                  : "access";
    if (code == PROGRAM_PROTECTION && (id & TRANSLATION_EXECUTION)) {
        access = "execution";
    }
    ksnprintf(text, bytes, ", %s of page 0x%llx (%s, %s)", access,
              (unsigned long long)address, place_of(address),
              code == PROGRAM_PROTECTION ? "not permitted" : "not present");
}

/* The instruction itself: only a translation leaves the PSW on it. */
static uint64_t fault_address(const InterruptFrame *f, unsigned code)
{
    return is_translation(code) ? f->psw.address : f->psw.address - f->program_length;
}

static _Noreturn void report(const InterruptFrame *f, const char *name, uint64_t at,
                             const char *details)
{
    char where[SYMBOL_BYTES], reason[256];
    panic_enter(name);
    symbol_format(at, where, sizeof(where));
    kprintf("#   at %s%s\n", where, details);
    print_registers(f);
    print_callers(f->gpr[15]);
    ksnprintf(reason, sizeof(reason), "%s at %s%s", name, where, details);
    panic_leave(reason);
}

static _Noreturn void report_program(const InterruptFrame *f)
{
    unsigned code = f->program_code & ~PROGRAM_PER;
    const char *name = code < PROGRAM_CODES ? program_names[code] : NULL;
    char unnamed[40], details[128] = "";
    if (!name) {
        ksnprintf(unnamed, sizeof(unnamed), "program exception 0x%x", code);
        name = unnamed;
    }
    if (code == PROGRAM_PROTECTION || is_translation(code)) {
        describe_access(f, code, details, sizeof(details));
    }
    report(f, name, fault_address(f, code), details);
}

_Noreturn void fatal_dispatch(const InterruptFrame *frame, FatalKind kind)
{
    char details[40] = "";
    switch (kind) {
    case FATAL_SUPERVISOR_CALL:
        ksnprintf(details, sizeof(details), ", number %u", frame->call_code);
        report(frame, "supervisor call", frame->psw.address - frame->call_length,
               details);
    case FATAL_MACHINE_CHECK:
        ksnprintf(details, sizeof(details), ", code 0x%016llx",
                  (unsigned long long)frame->machine_check);
        report(frame, "machine check", frame->psw.address, details);
    case FATAL_RESTART:
        report(frame, "restart", frame->psw.address, details);
    case FATAL_PROGRAM:
        break;
    }
    report_program(frame);
}
