/* SPDX-License-Identifier: MIT */
/*
 * kernel/irq/irq.h for a host process: vectors that messages reach, lines that are levels
 * joined by or. A handler runs when interrupts are on, or turned on, or the CPU halts,
 * as on a machine; and no other is taken meanwhile.
 */
#include "kernel/irq/irq.h"
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include "tests/self/soft/model.h"

/* PCI Local Bus 3.0, 2.2.6: functions that nobody drives may have the same line. */
SOFT_MANNER(strangers_pull_the_line, "4.1.4.5", "shares its INTx line with strangers");

#define STRANGER        7
#define MESSAGE_ADDRESS 0xfee00000u
#define VECTOR_FIRST    0x30
#define VECTOR_LAST     0xef
#define LINES           64
#define SHARERS         16
#define STORM           1000

typedef struct Handler {
    IrqHandler *call;
    void *arg;
} Handler;

static struct Vector {
    Handler handler;
    uint32_t count;
    bool is_used, is_pending;
} vectors[256];

static struct Line {
    Handler handler[SHARERS];
    unsigned handlers;
    uint32_t count;
    uint64_t up; /* wires */
    uint32_t edges;
    /* It is an INTx line, and how often it was looked at. */
    bool is_shared;
    unsigned looks;
    bool is_masked;
} lines[LINES];

static bool is_off, any_pending;
static int last_given = VECTOR_LAST;
static uint32_t strays;

void model_message(uint64_t address, uint32_t data)
{
    if (address != MESSAGE_ADDRESS || data > 0xff || !vectors[data].is_used) {
        strays++;
        return;
    }
    vectors[data].is_pending = true;
    any_pending = true;
}

void model_line(int line, unsigned wire, bool is_up)
{
    uint64_t bit = 1ull << wire;

    lines[line].up = is_up ? lines[line].up | bit : lines[line].up & ~bit;
}

void model_edge(int line)
{
    lines[line].edges += !lines[line].is_masked && lines[line].handlers;
}

static unsigned take_messages(void)
{
    unsigned taken = 0;

    while (any_pending) {
        any_pending = false;
        for (struct Vector *v = vectors; v < vectors + 256; v++) {
            if (v->is_pending) {
                v->is_pending = false;
                v->count++;
                taken++;
                if (v->handler.call) {
                    v->handler.call(v->handler.arg);
                }
            }
        }
    }
    return taken;
}

static void call_handlers(struct Line *line)
{
    line->count++;
    for (unsigned i = 0; i < line->handlers; i++) {
        line->handler[i].call(line->handler[i].arg);
    }
}

static unsigned take_line(struct Line *line)
{
    unsigned taken = 0;

    if (line->is_shared && !line->is_masked && ++line->looks % STRANGER == 0 &&
        soft_manner(strangers_pull_the_line)) {
        call_handlers(line);
        taken++;
    }
    while ((line->up || line->edges) && !line->is_masked && line->handlers) {
        line->edges = 0;
        call_handlers(line);
        if (++taken == STORM) {
            line->is_masked = true; /* as the kernel does */
        }
    }
    return taken;
}

unsigned model_interrupts_halted(void)
{
    bool was_off = is_off;

    is_off = true;
    unsigned taken = take_messages();
    for (unsigned i = 0; i < LINES; i++) {
        taken += take_line(&lines[i]);
    }
    is_off = was_off;
    return taken;
}

unsigned model_interrupts(void)
{
    return is_off ? 0 : model_interrupts_halted();
}

bool irq_disable(void)
{
    bool were_on = !is_off;

    is_off = true;
    return were_on;
}

void irq_restore(bool were_on)
{
    is_off = !were_on;
    model_interrupts();
}

void irq_settle(void)
{
    doors_run();
    model_interrupts_halted();
}

int irq_alloc_vector(IrqHandler *handler, void *arg)
{
    for (int tries = VECTOR_FIRST; tries <= VECTOR_LAST; tries++) {
        last_given = last_given == VECTOR_LAST ? VECTOR_FIRST : last_given + 1;
        if (!vectors[last_given].is_used) {
            vectors[last_given] =
                (struct Vector){.handler = {handler, arg}, .is_used = true};
            return last_given;
        }
    }
    return -1;
}

void irq_free_vector(int vector)
{
    assert(vectors[vector].is_used);
    vectors[vector].is_used = false;
    vectors[vector].is_pending = false;
}

uint32_t irq_count(int vector)
{
    return vectors[vector].count;
}

uint32_t irq_stray_count(void)
{
    return strays;
}

void irq_report_strays(void)
{
}

void irq_message(int vector, uint64_t *address, uint32_t *data)
{
    *address = MESSAGE_ADDRESS;
    *data = (uint32_t)vector;
}

bool irq_line_exists(int line)
{
    return line >= 0 && line < LINES;
}

int irq_line_attach(int line, IrqWiring wiring, IrqHandler *handler, void *arg,
                    const char **why_not)
{
    if (!irq_line_exists(line) || lines[line].handlers == SHARERS) {
        *why_not = "no such line";
        return -1;
    }
    struct Line *l = &lines[line];
    if (l->handlers == 0) {
        l->is_masked = false;
    }
    l->handler[l->handlers++] = (Handler){handler, arg};
    l->is_shared = wiring == IRQ_LEVEL_LOW;
    model_interrupts();
    return 0;
}

void irq_line_detach(int line, IrqHandler *handler, void *arg)
{
    struct Line *l = &lines[line];
    unsigned kept = 0;

    for (unsigned i = 0; i < l->handlers; i++) {
        if (l->handler[i].call != handler || l->handler[i].arg != arg) {
            l->handler[kept++] = l->handler[i];
        }
    }
    l->handlers = kept;
}

uint32_t irq_line_count(int line)
{
    return lines[line].count;
}

void irq_line_mask(int line, bool masked)
{
    lines[line].is_masked = masked;
    model_interrupts();
}
