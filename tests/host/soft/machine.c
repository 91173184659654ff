/* SPDX-License-Identifier: MIT */
/*
 * A machine for the kernel inside a host process, with nothing in it but memory: the soft
 * bus is all there is to test. Time is virtual: a look at the clock takes half a
 * microsecond and a halt jumps to its deadline, so runs are the same everywhere and a
 * wait that runs out costs nothing. The process's arguments are the command line, its
 * exit status that of QEMU's isa-debug-exit.
 */
#include "kernel/arch.h"
#include "kernel/arena.h"
#include "kernel/clock.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/irq.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/printf.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ARENA_BYTES (8u << 20)
#define LOOK_NS     500

int kernel_main(void);

static uint64_t now_ns;

uint64_t clock_ns(void)
{
    return now_ns += LOOK_NS;
}

uint64_t clock_hz(void)
{
    return NS_PER_S / LOOK_NS;
}

const char *clock_source(void)
{
    return "virtual";
}

/* Nothing here wakes a halted CPU but the clock. */
void arch_halt_until(uint64_t deadline_ns)
{
    if (deadline_ns == UINT64_MAX) {
        console_flush();
        exit(1);
    }
    now_ns = deadline_ns > now_ns ? deadline_ns : now_ns;
}

void arch_cpu_relax(void)
{
}

void arch_console_write(const char *bytes, size_t count)
{
    fwrite(bytes, 1, count, stdout);
}

size_t arch_console_read(char *bytes, size_t most)
{
    (void)bytes, (void)most;
    return 0;
}

const char *arch_boot_protocol(void)
{
    return "host process";
}

void arch_text_range(const void **from, const void **to)
{
    static const uint64_t text[2] = {1, 2};
    *from = text;
    *to = text + 2;
}

void arch_backtrace(void)
{
}

void arch_exit(int code)
{
    fflush(stdout);
    exit(code * 2 + 1);
}

_Noreturn void arch_stop(void)
{
    abort();
}

void symbol_format(uint64_t address, char *to, size_t bytes)
{
    ksnprintf(to, bytes, "0x%llx", (unsigned long long)address);
}

void panic_on_purpose(const char *kind)
{
    (void)kind;
}

const char *panic_kinds(void)
{
    return "none on the host";
}

/* Low addresses, as a guest's are: a balloon's page numbers have 32 bits. A page that
 * nobody may touch follows. */
void *page_alloc(unsigned count)
{
    size_t bytes = (size_t)count * PAGE_BYTES;
    uint8_t *pages = mmap(NULL, bytes + PAGE_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + bytes, PAGE_BYTES, PROT_NONE)) {
        abort();
    }
    return pages;
}

void *page_map_memory(uint64_t physical, uint64_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)physical;
}

/* The soft bus delivers interrupts by itself, in the poll hook. */
bool irq_disable(void)
{
    return true;
}

void irq_restore(bool were_on)
{
    (void)were_on;
}

void irq_settle(void)
{
}

uint32_t irq_stray_count(void)
{
    return 0;
}

void irq_report_strays(void)
{
}

int main(int argc, char **argv)
{
    static char words[CMDLINE_BYTES];
    size_t n = 0;
    for (int i = 1; i < argc && n < sizeof(words); i++) {
        n += ksnprintf(words + n, sizeof(words) - n, "%s%s", i > 1 ? " " : "", argv[i]);
    }
    cmdline_init(words, false);
    arena_init(page_alloc(ARENA_BYTES / PAGE_BYTES), ARENA_BYTES);
    kernel_exit((ExitCode)kernel_main());
}
