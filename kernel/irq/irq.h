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

/* Allocates a vector. Returns -1 when none is free. handler may be NULL: then the
 * interrupt is only counted and acknowledged. */
int irq_alloc_vector(IrqHandler *handler, void *arg);
void irq_free_vector(int vector);
/* Counts and handles one interrupt on the vector. Whoever tells interrupts apart calls
 * it: the CPU's entry code, or the handler of an interrupt that several sources share. On
 * a free vector it is a stray. */
void irq_deliver(int vector);
/* Counts a stray that has no vector at all; arch_report_strays() names it. */
void irq_note_stray(void);
/* Returns how many times the vector was delivered since irq_alloc_vector(). */
uint32_t irq_count(int vector);
/* Returns when every interrupt that has reached this CPU was handled: before counters are
 * compared, above all before "there was none" is said. */
void irq_settle(void);
/* Interrupts that came on vectors nobody has allocated: always a finding. */
uint32_t irq_stray_count(void);

/* Gives what a message-signalled interrupt must write, and where, to raise the vector. */
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
/* Attaches a handler to a line. `wiring` is the rule of the bus, or what the device's own
 * description says. Where the machine's description of its lines says otherwise, that
 * wins. The first caller of a line decides for all later ones. */
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
