/* SPDX-License-Identifier: MIT */
/*
 * Interrupts as the CPU takes them: what its entry stubs call, storms, and the way to
 * know that none is on its way.
 */
#include "kernel/irq/irq.h"
#include "apic.h"
#include "cpu.h"
#include "irq.h"
#include "kernel/arch.h"
#include "kernel/barrier.h"
#include "kernel/clock.h"

#define MESSAGE_ADDRESS 0xfee00000u
/* Winding a queue of 16 entries once around takes 4096 kicks, each of which may interrupt
 * at the same place. */
#define STORM_INTERRUPTS 5000
#define SETTLE_MOST_NS   (100 * NS_PER_MS) /* a CPU that does not get its own message */

static uint32_t settle_count;
static uint64_t last_rip;
static unsigned at_same_rip;

void irq_dispatch(uint64_t vector, uint64_t rip);

/*
 * The interrupt of the lowest priority, sent to ourselves: the CPU takes what is pending
 * with a higher one first. A VMM may deliver late, so its arrival is waited for.
 */
void irq_settle(void)
{
    uint32_t before = settle_count;
    uint64_t start = clock_ns();
    bool were_on = irq_disable();
    apic_send_self(VECTOR_SETTLE);
    cpu_interrupts_on();
    while (READ_ONCE(settle_count) == before && clock_ns() - start < SETTLE_MOST_NS) {
        arch_cpu_relax();
    }
    cpu_interrupts_off();
    irq_restore(were_on);
}

void arch_report_strays(void)
{
    line_report_storms();
}

void irq_message(int vector, uint64_t *address, uint32_t *data)
{
    *address = MESSAGE_ADDRESS | (uint32_t)apic_id() << 12;
    *data = (uint32_t)vector; /* edge, fixed delivery */
}

bool irq_is_storm(void)
{
    return at_same_rip >= STORM_INTERRUPTS;
}

void irq_note_progress(void)
{
    at_same_rip = 0;
}

/* Called by the entry stubs with interrupts off. */
void irq_dispatch(uint64_t vector, uint64_t rip)
{
    if (vector == VECTOR_SPURIOUS) {
        return; /* the local APIC wants no EOI for it */
    }
    if (vector == VECTOR_TIMER) {
        irq_note_progress();
        apic_eoi();
        return;
    }
    if (vector == VECTOR_SETTLE) {
        settle_count++;
        apic_eoi();
        return;
    }
    at_same_rip = rip == last_rip ? at_same_rip + 1 : 0;
    last_rip = rip;
    if (vector >= VECTOR_8259 && vector < VECTOR_8259 + 16) {
        line_8259_interrupt((unsigned)vector - VECTOR_8259);
        return;
    }
    irq_deliver((int)vector);
    apic_eoi();
}

bool irq_disable(void)
{
    bool were_on = cpu_flags() & RFLAGS_IF;
    cpu_interrupts_off();
    return were_on;
}

void irq_restore(bool were_on)
{
    if (were_on) {
        cpu_interrupts_on();
    }
}
