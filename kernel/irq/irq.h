/* SPDX-License-Identifier: MIT */
/*
 * Interrupts as evidence. A vector is what one source raises (IDT index on x86_64, on
 * s390x a number for what indicators tell apart); each is counted, even when nobody
 * handles it. Lines are the machine's wires, level or edge, by numbers that the
 * architecture knows. Handlers run with interrupts off and must be short.
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include <stdbool.h>
#include <stdint.h>

typedef void IrqHandler(void *arg);

/* A free vector, or -1. handler may be NULL: the interrupt is counted and acknowledged.
 */
int irq_alloc_vector(IrqHandler *handler, void *arg);
void irq_free_vector(int vector);
/* One interrupt on the vector, said by whoever tells interrupts apart: the CPU's own
 * entry, or the handler of one that several sources share. On a free vector it is a
 * stray. */
void irq_deliver(int vector);
/* A stray that has no vector at all; arch_report_strays() names it. */
void irq_note_stray(void);
/* How many times the vector was delivered since irq_alloc_vector(). */
uint32_t irq_count(int vector);
/* Returns when every interrupt that has reached this CPU was handled: before counters are
 * compared, above all before "there was none" is said. */
void irq_settle(void);
/* Interrupts that came on vectors nobody has allocated: always a finding. */
uint32_t irq_stray_count(void);

/* What a message-signalled interrupt must write, and where, to raise the vector here. */
void irq_message(int vector, uint64_t *address, uint32_t *data);

/* Prints one "# irq: stray ..." line for each vector that had strays, and for each storm,
 * since the last call. */
void irq_report_strays(void);

/* The lines that a machine's own descriptions name lie below this number. An architecture
 * may give meanings of its own to numbers from here on. */
#define IRQ_LINE_LIMIT 0x100

/*
 * A machine's line; it exists when a controller has such an input. Several handlers may
 * share it. While any handler is attached the line is unmasked. irq_line_attach returns
 * 0, or -1 with a reason in *why_not (a static string) when the line cannot be reached.
 */
typedef enum {
    /* ISA's rule. */
    IRQ_EDGE_HIGH,
    /* PCI's rule. */
    IRQ_LEVEL_LOW,
    IRQ_LEVEL_HIGH,
    IRQ_EDGE_LOW,
} IrqWiring;

bool irq_line_exists(int line);
/* wiring: the bus's rule, or what the device's own description says; where the machine's
 * description of its lines says otherwise, it wins. What the first of a line says holds.
 */
int irq_line_attach(int line, IrqWiring wiring, IrqHandler *handler, void *arg,
                    const char **why_not);
void irq_line_detach(int line, IrqHandler *handler, void *arg);
/* Interrupts delivered on the line since boot. */
uint32_t irq_line_count(int line);
/* Masks or unmasks the line itself, handlers staying attached. */
void irq_line_mask(int line, bool masked);

bool irq_disable(void); /* returns whether they were on */
void irq_restore(bool were_on);

#endif
