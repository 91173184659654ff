/* SPDX-License-Identifier: MIT */
/*
 * What the CPU itself objects to: named, with the registers, the faulting address and the
 * callers, and then the run is over (panic.c). The entry stubs are in idt.asm.
 */
#include "cpu.h"
#include "kernel/arch.h"
#include "kernel/lib/printf.h"
#include "kernel/panic.h"

#define EXCEPTION_PAGE_FAULT 14
#define CALLERS_MOST         24
#define SYMBOL_BYTES         80

/* As exception_common in idt.asm pushes it, lowest address first. */
typedef struct ExceptionFrame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss; /* the CPU's part */
} ExceptionFrame;

static const char *const exception_names[32] = {
    [0] = "divide error (#DE)",
    [1] = "debug exception (#DB)",
    [2] = "non-maskable interrupt (NMI)",
    [3] = "breakpoint (#BP)",
    [4] = "overflow (#OF)",
    [5] = "bound range exceeded (#BR)",
    [6] = "invalid opcode (#UD)",
    [7] = "device not available (#NM)",
    [8] = "double fault (#DF)",
    [10] = "invalid TSS (#TS)",
    [11] = "segment not present (#NP)",
    [12] = "stack fault (#SS)",
    [13] = "general protection fault (#GP)",
    [14] = "page fault (#PF)",
    [16] = "x87 floating-point exception (#MF)",
    [17] = "alignment check (#AC)",
    [18] = "machine check (#MC)",
    [19] = "SIMD floating-point exception (#XM)",
    [20] = "virtualization exception (#VE)",
    [21] = "control protection exception (#CP)",
    [28] = "hypervisor injection exception (#HV)",
    [29] = "VMM communication exception (#VC)",
    [30] = "security exception (#SX)",
};

extern const char text_begin[], text_end[], rodata_end[];
extern const char stack_guard[], stack_bottom[], stack_top[];
extern const char exception_guard[], exception_stacks[], exception_stacks_end[];

_Noreturn void exception_dispatch(const ExceptionFrame *frame);

void arch_text_range(const void **from, const void **to)
{
    *from = text_begin;
    *to = rodata_end;
}

static bool is_between(uint64_t at, const char *from, const char *to)
{
    return at >= (uintptr_t)from && at < (uintptr_t)to;
}

static bool is_on_stack(uint64_t at)
{
    return is_between(at, stack_bottom, stack_top) ||
           is_between(at, exception_stacks, exception_stacks_end);
}

/* A frame can be read: it is aligned, and both of its words lie on our stacks. */
static bool is_frame(uint64_t at)
{
    return at % 8 == 0 && is_on_stack(at) && is_on_stack(at + 15);
}

/* Each frame: the caller's frame, then the return address. */
static void print_callers(uint64_t frame)
{
    for (unsigned n = 0; n < CALLERS_MOST && is_frame(frame); n++) {
        const uint64_t *words = (const uint64_t *)(uintptr_t)frame;
        if (!is_between(words[1], text_begin, text_end)) {
            return;
        }
        char caller[SYMBOL_BYTES];
        symbol_format(words[1], caller, sizeof(caller));
        kprintf("#   called from %s\n", caller);
        if (words[0] <= frame) { /* the stack grows down: a caller's frame is higher */
            return;
        }
        frame = words[0];
    }
}

void arch_backtrace(void)
{
    print_callers((uintptr_t)__builtin_frame_address(0));
}

static void print_registers(const ExceptionFrame *f)
{
#define REGISTER(name) #name, (unsigned long long)f->name
    kprintf("#   %s %016llx %s %016llx %s %016llx %s %016llx\n", REGISTER(rax),
            REGISTER(rbx), REGISTER(rcx), REGISTER(rdx));
    kprintf("#   %s %016llx %s %016llx %s %016llx %s %016llx\n", REGISTER(rsi),
            REGISTER(rdi), REGISTER(rbp), REGISTER(rsp));
    kprintf("#   %s  %016llx %s  %016llx %s %016llx %s %016llx\n", REGISTER(r8),
            REGISTER(r9), REGISTER(r10), REGISTER(r11));
    kprintf("#   %s %016llx %s %016llx %s %016llx %s %016llx\n", REGISTER(r12),
            REGISTER(r13), REGISTER(r14), REGISTER(r15));
    kprintf("#   rip %016llx cs %llx ss %llx rflags %llx error %llx\n",
            (unsigned long long)f->rip, (unsigned long long)f->cs,
            (unsigned long long)f->ss, (unsigned long long)f->rflags,
            (unsigned long long)f->error);
#undef REGISTER
}

/* Where the address lies, in words: most page faults are explained by this alone. */
static const char *place_of(uint64_t address)
{
    if (address < 4096) {
        return "page 0: a null pointer";
    }
    if (is_between(address, stack_guard, stack_bottom)) {
        return "the guard page: stack overflow";
    }
    if (is_between(address, exception_guard, exception_stacks)) {
        return "the exception stacks' guard page";
    }
    if (is_between(address, text_begin, text_end)) {
        return "the kernel's text";
    }
    if (is_between(address, text_end, rodata_end)) {
        return "read-only data";
    }
    return address < (16ull << 20) ? "RAM" : "no mapped memory";
}

static void describe_page_fault(uint64_t error, char *text, size_t bytes)
{
    uint64_t address;
    __asm__ volatile("mov %%cr2, %0" : "=r"(address));
    const char *access = error & 16 ? "execution" : error & 2 ? "write" : "read";
    ksnprintf(text, bytes, ", %s of 0x%llx (%s, %s)", access, (unsigned long long)address,
              place_of(address), error & 1 ? "not permitted" : "not present");
}

_Noreturn void exception_dispatch(const ExceptionFrame *frame)
{
    const char *name =
        frame->vector < 32 ? exception_names[frame->vector] : "exception out of range";
    name = name ? name : "reserved exception";
    panic_enter(name);
    char where[SYMBOL_BYTES], details[128] = "", reason[256];
    if (frame->vector == EXCEPTION_PAGE_FAULT) {
        describe_page_fault(frame->error, details, sizeof(details));
    }
    symbol_format(frame->rip, where, sizeof(where));
    kprintf("#   at %s%s\n", where, details);
    print_registers(frame);
    print_callers(frame->rbp);
    ksnprintf(reason, sizeof(reason), "%s at %s%s", name, where, details);
    panic_leave(reason);
}
