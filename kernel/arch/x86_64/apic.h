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
/* One interrupt on VECTOR_TIMER after this many ticks; a later call replaces it. */
void apic_timer_start(uint32_t ticks);
/* The ticks that are left of it. */
uint32_t apic_timer_left(void);
/* Lets the 8259 interrupt through, or not. */
void apic_accept_8259(bool accept);
/* To this CPU itself: an interrupt, a real NMI. */
void apic_send_self(uint8_t vector);
void apic_send_nmi(void);

#endif
