/* SPDX-License-Identifier: MIT */
/*
 * The local APIC in xAPIC mode (Intel SDM volume 3, chapter "Advanced Programmable
 * Interrupt Controller"). Its timer runs at 1 GHz in QEMU and KVM, which is assumed: it
 * only bounds halts, and the clock decides when a wait is over.
 */
#include "apic.h"
#include "cpu.h"
#include "irq.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/mem/page.h"

#define MSR_APIC_BASE     0x1bu
#define APIC_BASE_X2APIC  (1ull << 10)
#define APIC_BASE_ENABLE  (1ull << 11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000ull

enum {
    APIC_ID = 0x20,
    APIC_EOI = 0xb0,
    APIC_SPURIOUS = 0xf0,
    APIC_COMMAND_LOW = 0x300,
    APIC_COMMAND_HIGH = 0x310,
    APIC_LVT_TIMER = 0x320,
    APIC_LVT_LINT0 = 0x350,
    APIC_LVT_LINT1 = 0x360,
    APIC_LVT_ERROR = 0x370,
    APIC_TIMER_INITIAL = 0x380,
    APIC_TIMER_CURRENT = 0x390,
    APIC_TIMER_DIVIDE = 0x3e0,
};

#define SPURIOUS_ENABLE (1u << 8)
#define LVT_MASKED      (1u << 16)
#define LVT_NMI         (4u << 8)
#define LVT_EXTINT      (7u << 8)
#define COMMAND_ASSERT  (1u << 14)
#define COMMAND_SELF    (1u << 18)
#define DIVIDE_BY_1     0xbu

#define SHORTEST_HALT_TICKS 1000

static volatile uint32_t *registers;

static uint32_t apic_read(unsigned reg)
{
    return registers[reg / 4];
}

static void apic_write(unsigned reg, uint32_t v)
{
    registers[reg / 4] = v;
}

void apic_init(void)
{
    uint64_t base = msr_read(MSR_APIC_BASE);
    if (base & APIC_BASE_X2APIC) { /* back to xAPIC mode goes through "off" only */
        base &= ~(APIC_BASE_X2APIC | APIC_BASE_ENABLE);
        msr_write(MSR_APIC_BASE, base);
    }
    if (!(base & APIC_BASE_ENABLE)) {
        base |= APIC_BASE_ENABLE;
        msr_write(MSR_APIC_BASE, base);
    }
    registers = page_map_device(base & APIC_BASE_ADDRESS, PAGE_BYTES);
    apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    apic_write(APIC_LVT_LINT0, LVT_MASKED);
    apic_write(APIC_LVT_LINT1, LVT_NMI); /* the VMM's "inject-nmi" shows where we hang */
    apic_write(APIC_LVT_ERROR, LVT_MASKED);
    apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

uint8_t apic_id(void)
{
    return (uint8_t)(apic_read(APIC_ID) >> 24);
}

void apic_eoi(void)
{
    apic_write(APIC_EOI, 0);
}

void apic_timer_start(uint32_t ticks)
{
    apic_write(APIC_TIMER_INITIAL, ticks);
}

uint32_t apic_timer_left(void)
{
    return apic_read(APIC_TIMER_CURRENT);
}

void apic_accept_8259(bool accept)
{
    apic_write(APIC_LVT_LINT0, accept ? LVT_EXTINT : LVT_MASKED);
}

void apic_send_self(uint8_t vector)
{
    apic_write(APIC_COMMAND_LOW, COMMAND_SELF | COMMAND_ASSERT | vector);
}

/* By the APIC's number: the shorthand for "self" allows no NMI. */
void apic_send_nmi(void)
{
    apic_write(APIC_COMMAND_HIGH, (uint32_t)apic_id() << 24);
    apic_write(APIC_COMMAND_LOW, LVT_NMI | COMMAND_ASSERT);
}

/* The instruction after sti still runs with interrupts off: nothing can come between it
 * and the halt. */
void arch_halt_until(uint64_t deadline_ns)
{
    uint64_t now = clock_ns();
    uint64_t ticks = deadline_ns > now ? deadline_ns - now : 0;
    if (ticks < SHORTEST_HALT_TICKS) {
        ticks = SHORTEST_HALT_TICKS;
    }
    irq_note_progress();
    apic_timer_start(ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX);
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

void arch_cpu_relax(void)
{
    __asm__ volatile("pause" : : : "memory");
}
