/* SPDX-License-Identifier: MIT */
/*
 * Interrupt vectors: handed out in turn, not lowest first, so that a late message to a
 * freed vector meets nobody and is seen as a stray. Which numbers there are is said by
 * the architecture's vectors.h; its own part of irq.h is in kernel/arch/ARCH/irq.c.
 */
#include "kernel/irq/irq.h"
#include "kernel/arch.h"
#include "kernel/barrier.h"
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include "vectors.h"

#define VECTORS 256 /* strays come on any */

typedef struct Vector {
    IrqHandler *handler;
    void *arg;
    uint32_t count; /* written by irq_deliver() */
    bool is_used;
} Vector;

static Vector vectors[VECTORS];
static uint16_t strays[VECTORS];
static uint32_t stray_count;
static int last_given = VECTOR_FIRST - 1;

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

void irq_deliver(int vector)
{
    assert(vector >= 0 && vector < VECTORS);
    Vector *v = &vectors[vector];
    if (!v->is_used) {
        strays[vector]++;
        irq_note_stray();
        return;
    }
    v->count++;
    if (v->handler) {
        v->handler(v->arg);
    }
}

void irq_note_stray(void)
{
    stray_count++;
}

uint32_t irq_stray_count(void)
{
    return READ_ONCE(stray_count);
}

void irq_report_strays(void)
{
    for (unsigned v = 0; v < VECTORS; v++) {
        bool were_on = irq_disable();
        unsigned count = strays[v];
        strays[v] = 0;
        irq_restore(were_on);
        if (count > 0) {
            kprintf("# irq: stray interrupt on vector 0x%x, %u times\n", v, count);
        }
    }
    arch_report_strays();
}
