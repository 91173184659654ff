/* SPDX-License-Identifier: MIT */
/*
 * The machine's interrupt lines: each that has been attached has its list of handlers,
 * its counter and, behind an I/O APIC, its vector. All handlers of a line run at each
 * interrupt; whose it was they know themselves.
 */
#include "apic.h"
#include "irq.h"
#include "kernel/acpi/acpi.h"
#include "kernel/barrier.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include <stddef.h>

#define LINES_MOST    32
#define HANDLERS_MOST 64
#define PIC_INPUTS    16

typedef struct Handler {
    IrqHandler *run; /* NULL: this slot is free */
    void *arg;
    struct Handler *next;
} Handler;

typedef struct Line {
    int number;
    bool is_8259, is_storming;
    uint8_t input; /* of the 8259 */
    Handler *handlers;
    uint32_t count; /* written by the interrupt */
} Line;

static Line lines[LINES_MOST];
static unsigned line_count;
static Handler handler_slots[HANDLERS_MOST];
static unsigned attached_8259; /* lines with handlers */

static Line *find_line(int number)
{
    for (unsigned i = 0; i < line_count; i++) {
        if (lines[i].number == number) {
            return &lines[i];
        }
    }
    return NULL;
}

static void set_masked(const Line *line, bool masked)
{
    if (line->is_8259) {
        pic_set_masked(line->input, masked);
    } else {
        ioapic_set_masked((uint32_t)line->number, masked);
    }
}

static void line_interrupt(void *arg)
{
    Line *line = arg;
    line->count++;
    for (Handler *h = line->handlers; h; h = h->next) {
        h->run(h->arg);
    }
    if (irq_is_storm()) { /* nobody makes the device lower it: go on without */
        line->is_storming = true;
        set_masked(line, true);
        irq_note_progress(); /* the next interrupt is none of this storm */
    }
}

void line_8259_interrupt(unsigned input)
{
    if (!pic_is_real(input)) {
        return;
    }
    for (unsigned i = 0; i < line_count; i++) {
        if (lines[i].is_8259 && lines[i].input == input) {
            line_interrupt(&lines[i]);
        }
    }
    pic_eoi(input);
}

/* Makes the line known to its controller, masked; NULL and why when nothing leads there.
 */
static Line *open_line(int number, IrqWiring wiring, const char **why_not)
{
    bool wants_8259 = number >= IRQ_LINE_8259;
    bool level = wiring == IRQ_LEVEL_LOW || wiring == IRQ_LEVEL_HIGH;
    Line line = {.number = number};
    if (line_count == LINES_MOST) {
        *why_not = "too many interrupt lines";
        return NULL;
    }
    if (!wants_8259 && ioapic_has((uint32_t)number)) {
        bool is_level = level;
        bool is_active_low = wiring == IRQ_LEVEL_LOW || wiring == IRQ_EDGE_LOW;
        acpi_gsi_wiring((uint32_t)number, &is_level, &is_active_low);
        int vector = irq_alloc_vector(line_interrupt, &lines[line_count]);
        if (vector < 0) {
            *why_not = "no interrupt vector is free";
            return NULL;
        }
        ioapic_route((uint32_t)number, (uint8_t)vector, is_level, is_active_low);
    } else {
        int input = wants_8259 ? number - IRQ_LINE_8259 : number;
        if (!pic_is_present()) {
            *why_not = "no I/O APIC has this line and there is no 8259";
            return NULL;
        }
        if (input >= PIC_INPUTS) {
            *why_not = "no I/O APIC has this line and the 8259 has 16 inputs";
            return NULL;
        }
        line.is_8259 = true;
        line.input = (uint8_t)input;
        pic_set_level(line.input, level);
    }
    lines[line_count] = line;
    return &lines[line_count++];
}

static void count_8259(const Line *line, int change)
{
    if (line->is_8259) {
        attached_8259 += (unsigned)change;
        apic_accept_8259(attached_8259 > 0);
    }
}

bool irq_line_exists(int number)
{
    if (number < 0) {
        return false;
    }
    if (number < IRQ_LINE_8259 && ioapic_has((uint32_t)number)) {
        return true;
    }
    return pic_is_present() && number % IRQ_LINE_8259 < PIC_INPUTS;
}

int irq_line_attach(int number, IrqWiring wiring, IrqHandler *handler, void *arg,
                    const char **why_not)
{
    assert(handler);
    if (number < 0) {
        *why_not = "no such line";
        return -1;
    }
    Line *line = find_line(number);
    if (!line) {
        line = open_line(number, wiring, why_not);
    }
    for (unsigned i = 0; line && i < HANDLERS_MOST; i++) {
        Handler *h = &handler_slots[i];
        if (!h->run) {
            bool were_on = irq_disable();
            bool is_first = !line->handlers;
            *h = (Handler){handler, arg, line->handlers};
            line->handlers = h;
            if (is_first) {
                count_8259(line, 1);
                set_masked(line, false);
            }
            irq_restore(were_on);
            return 0;
        }
    }
    if (line) {
        *why_not = "too many interrupt handlers";
    }
    return -1;
}

void irq_line_detach(int number, IrqHandler *handler, void *arg)
{
    Line *line = find_line(number);
    assert(line);
    bool were_on = irq_disable();
    for (Handler **at = &line->handlers; *at; at = &(*at)->next) {
        Handler *h = *at;
        if (h->run == handler && h->arg == arg) {
            *at = h->next;
            h->run = NULL;
            if (!line->handlers) {
                set_masked(line, true);
                count_8259(line, -1);
            }
            break;
        }
    }
    irq_restore(were_on);
}

void line_report_storms(void)
{
    for (unsigned i = 0; i < line_count; i++) {
        if (lines[i].is_storming) {
            lines[i].is_storming = false;
            kprintf("# irq: line %d was never lowered and has been masked\n",
                    lines[i].number);
        }
    }
}

uint32_t irq_line_count(int number)
{
    Line *line = find_line(number);
    return line ? READ_ONCE(line->count) : 0;
}

void irq_line_mask(int number, bool masked)
{
    Line *line = find_line(number);
    assert(line);
    bool were_on = irq_disable();
    set_masked(line, masked);
    irq_restore(were_on);
}
