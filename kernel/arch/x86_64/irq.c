/* SPDX-License-Identifier: MIT */
/*
 * Interrupt vectors: handed out in turn, not lowest first, so that a late message to a
 * freed vector meets nobody and is seen as a stray.
 */
#include "kernel/irq.h"
#include "apic.h"
#include "cpu.h"
#include "irq.h"
#include "kernel/arch.h"
#include "kernel/barrier.h"
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "kernel/printf.h"

#define MESSAGE_ADDRESS 0xfee00000u
/* Winding a queue of 16 entries once around takes 4096 kicks, each of which may interrupt
 * at the same place. */
#define STORM_INTERRUPTS 5000
#define SETTLE_MOST_NS   (100 * NS_PER_MS) /* a CPU that does not get its own message */

typedef struct Vector {
    IrqHandler *handler;
    void *arg;
    uint32_t count; /* written by irq_dispatch() */
    bool is_used;
} Vector;

static Vector vectors[256];
static uint16_t strays[256];
static uint32_t stray_count;
static int last_given = VECTOR_FIRST - 1;
static uint32_t settle_count;
static uint64_t last_rip;
static unsigned at_same_rip;

void irq_dispatch(uint64_t vector, uint64_t rip);

int irq_alloc_vector(IrqHandler *handler, void *arg)
{
    for (int tries = VECTOR_FIRST; tries <= VECTOR_LAST; tries++) {
        last_given = last_given == VECTOR_LAST ? VECTOR_FIRST : last_given + 1;
        Vector *v = &vectors[last_given];
        if (!v->is_used) {
            bool were_on = irq_disable();
            *v = (Vector){.handler = handler, .arg = arg, .is_used = true};
            irq_restore(were_on);
            return last_given;
        }
    }
    return -1;
}

void irq_free_vector(int vector)
{
    assert(vector >= VECTOR_FIRST && vector <= VECTOR_LAST && vectors[vector].is_used);
    vectors[vector].is_used = false;
}

uint32_t irq_count(int vector)
{
    assert(vector >= VECTOR_FIRST && vector <= VECTOR_LAST);
    return READ_ONCE(vectors[vector].count);
}

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

uint32_t irq_stray_count(void)
{
    return READ_ONCE(stray_count);
}

void irq_report_strays(void)
{
    for (unsigned v = 0; v < 256; v++) {
        bool were_on = irq_disable();
        unsigned count = strays[v];
        strays[v] = 0;
        irq_restore(were_on);
        if (count > 0) {
            kprintf("# irq: stray interrupt on vector 0x%x, %u times\n", v, count);
        }
    }
    line_report_storms();
}

void irq_message(int vector, uint64_t *address, uint32_t *data)
{
    *address = MESSAGE_ADDRESS | (uint32_t)apic_id() << 12;
    *data = (uint32_t)vector; /* edge, fixed delivery */
}

static void note_stray(unsigned vector)
{
    stray_count++;
    strays[vector]++;
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
    Vector *v = &vectors[vector];
    if (v->is_used) {
        v->count++;
        if (v->handler) {
            v->handler(v->arg);
        }
    } else {
        note_stray((unsigned)vector);
    }
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
