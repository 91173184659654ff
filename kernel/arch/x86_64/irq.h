/* SPDX-License-Identifier: MIT */
/*
 * Between irq.c (vectors), line.c (lines) and the controllers behind the lines.
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

/* 8259 pair, pic.c. */
void pic_init(void);
void pic_set_masked(unsigned input, bool masked);
void pic_set_level(unsigned input, bool level);
bool pic_is_present(void);
/* False when the interrupt is the controller's spurious one. */
bool pic_is_real(unsigned input);
void pic_eoi(unsigned input);

/* I/O APICs, ioapic.c. */
bool ioapic_has(uint32_t gsi);
void ioapic_route(uint32_t gsi, uint8_t vector, bool level, bool active_low);
void ioapic_set_masked(uint32_t gsi, bool masked);

/* Called by irq_dispatch() for the vectors of the 8259, line.c. */
void line_8259_interrupt(unsigned input);

/*
 * A line that fires again and again without the main program moving is about to freeze
 * it: true at the point where the caller should mask it.
 */
bool irq_is_storm(void);
/* The main program moves: it is about to halt, and will look again. */
void irq_note_progress(void);

/* Says which lines irq_is_storm() has masked since the last call, line.c. */
void line_report_storms(void);

#endif
