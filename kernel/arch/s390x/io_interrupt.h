/* SPDX-License-Identifier: MIT */
/*
 * I/O interrupts: one handler for all subchannels, one for each interruption subclass of
 * adapters. They run with interrupts off and must be short. An interrupt that nobody has
 * asked for is counted as a stray (irq.h). What a handler finds to be a queue's or a
 * configuration's own interrupt it hands on with irq_deliver().
 */
#ifndef KERNEL_ARCH_S390X_IO_INTERRUPT_H
#define KERNEL_ARCH_S390X_IO_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#define IO_SUBCLASSES 8

/* A handler gets the interruption code as the CPU stores it at 0xb8, 0xbc and 0xc0. */
typedef void IoInterrupt(uint32_t subsystem_id, uint32_t parameter, uint32_t id_word,
                         void *arg);
typedef void AdapterInterrupt(void *arg);

/* Sets the handler of interruptions from subchannels. NULL takes it away. */
void io_interrupt_handler(IoInterrupt *handler, void *arg);
/* Sets the handler of adapters of an interruption subclass (0 to 7). NULL takes it away.
 */
void adapter_interrupt_handler(uint8_t isc, AdapterInterrupt *handler, void *arg);
/* Lets a subclass through, or holds its interrupts back (they stay pending). All are held
 * back at boot. */
void io_interrupt_enable_isc(uint8_t isc, bool on);

#endif
