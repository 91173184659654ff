/* SPDX-License-Identifier: MIT */
/*
 * External interrupts and the CPU's interrupt mask. Interrupts stay pending at the
 * machine while the mask is off, and all that are pending come before the instruction
 * behind the one that opens it.
 */
#include "kernel/irq/irq.h"
#include "clock.h"
#include "cpu.h"
#include "interrupt.h"
#include "kernel/arch.h"
#include "kernel/lib/printf.h"
#include "sclp.h"

#define EXTERNAL_CLOCK_COMPARATOR 0x1004
#define EXTERNAL_SERVICE_SIGNAL   0x2401

static uint16_t stray_code;
static unsigned strays;

/* Called by entry.S with interrupts off. */
void external_dispatch(const InterruptFrame *frame)
{
    if (frame->external_code == EXTERNAL_CLOCK_COMPARATOR) {
        clock_interrupt_at(UINT64_MAX); /* it would stay pending */
    } else if (frame->external_code == EXTERNAL_SERVICE_SIGNAL) {
        sclp_interrupt(frame->external_parameter);
    } else {
        stray_code = frame->external_code;
        strays++;
        irq_note_stray();
    }
}

void external_report_strays(void)
{
    if (strays > 0) {
        kprintf("# irq: %u stray external interrupts, the last with code 0x%x\n", strays,
                stray_code);
        strays = 0;
    }
}

void irq_settle(void)
{
    bool were_on = irq_disable();
    irq_restore(true);
    irq_disable();
    irq_restore(were_on);
}

bool irq_disable(void)
{
    return CPU_SYSTEM_OFF(SYSTEM_IO | SYSTEM_EXTERN) & SYSTEM_IO;
}

void irq_restore(bool were_on)
{
    if (were_on) {
        CPU_SYSTEM_ON(SYSTEM_IO | SYSTEM_EXTERN);
    }
}

/* The wait's PSW lets interrupts in, so none is lost before it; the first one's return
 * ends it (entry.S). */
void arch_halt_until(uint64_t deadline_ns)
{
    clock_interrupt_at(deadline_ns);
    psw_wait(PSW_IO | PSW_EXTERNAL | PSW_DAT);
    irq_disable();
    clock_interrupt_at(UINT64_MAX);
}

void arch_cpu_relax(void)
{
    __asm__ volatile("" : : : "memory");
}
