/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: who takes messages and lines for this CPU, and the timer that bounds a
 * halt.
 */
#ifndef KERNEL_ARCH_X86_64_APIC_H
#define KERNEL_ARCH_X86_64_APIC_H

#include "vectors.h"
#include <stdbool.h>
#include <stdint.h>

#define APIC_TIMER_HZ 1000000000ull

void apic_init(void);
uint8_t apic_id(void);
void apic_eoi(void);
/* Asks for one interrupt on VECTOR_TIMER after this many ticks. A later call replaces the
 * request. */
void apic_timer_start(uint32_t ticks);
/* Returns the ticks that are left of it. */
uint32_t apic_timer_left(void);
/* Lets the 8259 interrupt through, or not. */
void apic_accept_8259(bool accept);
/* Send an interrupt, or a real NMI, to this CPU itself. */
void apic_send_self(uint8_t vector);
void apic_send_nmi(void);

#endif
