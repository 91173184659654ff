/* SPDX-License-Identifier: MIT */
/*
 * A machine for the kernel inside a host process: memory, the soft bus, and models of PCI
 * functions and MMIO slots in front of the same devices (model.h). Time is virtual: a
 * look at the clock takes half a microsecond and a halt jumps to its deadline, so runs
 * are the same everywhere and a wait that runs out costs nothing. The process's arguments
 * are the command line, its exit status that of QEMU's isa-debug-exit.
 */
#include "drivers/virtio/soft/manner.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/arena.h"
#include "kernel/mem/page.h"
#include "kernel/panic.h"
#include "tests/self/soft/hand.h"
#include "tests/self/soft/model.h"
#include "tests/self/soft/sites.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ARENA_BYTES (8u << 20)
#define ARENA_AT    0x20000000ul
#define LOOK_NS     500

int kernel_main(void);

static uint64_t now_ns;
static bool sites_wanted;

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

ArchCounter arch_cycle_counter(uint64_t *cycles)
{
    *cycles = clock_ns();
    return ARCH_COUNTER_X86_TSC;
}

/* Time passes: devices run, and an interrupt ends the halt. */
void arch_halt_until(uint64_t deadline_ns)
{
    if (deadline_ns == UINT64_MAX) {
        console_flush();
        exit(1);
    }
    doors_run();
    if (model_interrupts_halted() == 0 && deadline_ns > now_ns) {
        now_ns = deadline_ns;
    }
}

void arch_cpu_relax(void)
{
    doors_run();
    model_interrupts();
}

void arch_console_write(const char *bytes, size_t count)
{
    fwrite(bytes, 1, count, stdout);
    hand_hear(bytes, count);
}

size_t arch_console_read(char *bytes, size_t most)
{
    return hand_say(bytes, most);
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
    if (sites_wanted) {
        sites_print();
    }
    if (soft_manner_choice.chosen) {
        printf("# manner uses %lu\n", soft_manner_choice.uses);
    }
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

/* Where a guest's memory is low: a legacy queue has 32 bits for the number of its page.
 */
static void *arena_pages(void)
{
    void *at = mmap((void *)ARENA_AT, ARENA_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (at != (void *)ARENA_AT) {
        abort();
    }
    return at;
}

/* Where the slots are, that a host listens, and what only a host knows of the devices
 * behind them. */
static void add_truths(char *to, size_t bytes)
{
    size_t n = ksnprintf(to, bytes,
                         " host know=net.0.partner=1,net.1.partner=0"
                         " know=blk.0.sectors=512,blk.1.sectors=512"
                         " know=blk.0.serial=softdisk,blk.1.serial=softdisk"
                         " know=console.0.port.0.echo=1,console.0.port.1.echo=1"
                         " know=console.0.port.2.host=1,console.0.port.0.console=1"
                         " know=console.0.port.0.emergency=1"
                         " know=console.0.port.1.name=qvirtio.port.1"
                         " know=console.0.port.2.name=qvirtio.port.2");

    if (n < bytes) {
        model_mmio_words(to + n, bytes - n);
    }
}

int main(int argc, char **argv)
{
    static char words[CMDLINE_BYTES];
    size_t n = 0;
    if (argc > 1 && strcmp(argv[1], "--sites") == 0) {
        sites_wanted = true;
        argv++;
        argc--;
    }
    for (int i = 1; i < argc && n < sizeof(words); i++) {
        n += ksnprintf(words + n, sizeof(words) - n, "%s%s", i > 1 ? " " : "", argv[i]);
    }
    if (n < sizeof(words)) {
        add_truths(words + n, sizeof(words) - n);
    }
    cmdline_init(words, false);
    arena_init(arena_pages(), ARENA_BYTES);
    kernel_exit((ExitCode)kernel_main());
}
