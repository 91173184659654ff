/* SPDX-License-Identifier: MIT */
/*
 * This is what irq.c (vectors), line.c (lines) and the controllers behind the lines call
 * of each other.
 */
#ifndef KERNEL_ARCH_X86_64_IRQ_H
#define KERNEL_ARCH_X86_64_IRQ_H

#include "kernel/irq/irq.h"
#include <stdbool.h>
#include <stdint.h>

/*
 * Lines below IRQ_LINE_LIMIT are GSIs: I/O APIC pins, or the 8259's inputs of the same
 * number where there is no I/O APIC. IRQ_LINE_8259 + n is input n of the 8259 even where
 * there is one.
 */
#define IRQ_LINE_8259 IRQ_LINE_LIMIT

/* These drive the pair of 8259s (pic.c). */
void pic_init(void);
void pic_set_masked(unsigned input, bool masked);
void pic_set_level(unsigned input, bool level);
bool pic_is_present(void);
/* Returns false when the interrupt is the controller's spurious one. */
bool pic_is_real(unsigned input);
void pic_eoi(unsigned input);

/* These drive the I/O APICs (ioapic.c). */
bool ioapic_has(uint32_t gsi);
void ioapic_route(uint32_t gsi, uint8_t vector, bool level, bool active_low);
void ioapic_set_masked(uint32_t gsi, bool masked);

/* Handles an interrupt on a vector of the 8259 (line.c); irq_dispatch() calls it. */
void line_8259_interrupt(unsigned input);

/* Tells of a line that fires again and again and is about to freeze the main program.
 * Returns true when the caller should mask it. */
bool irq_is_storm(void);
/* Notes that the main program moves: it is about to halt, and will look again. */
void irq_note_progress(void);

/* Says which lines irq_is_storm() has masked since the last call, line.c. */
void line_report_storms(void);

#endif
