/* SPDX-License-Identifier: MIT */
/*
 * The parts of the machine that a host process is: interrupts (model_irq.c), PCI
 * functions (model_pci*.c) and MMIO slots (model_mmio.c) as their registers show them,
 * below the kernel's own accessors. The bus drivers above them are the real ones.
 */
#ifndef MODEL_H
#define MODEL_H

#include "tests/self/soft/door.h"
#include <stddef.h>

/* ---- Interrupts: model_irq.c ---- */

/* Delivers a message-signalled interrupt, as the device writes it. */
void model_message(uint64_t address, uint32_t data);
/* Raises or lowers one of at most 64 wires that are joined in a line. */
void model_line(int line, unsigned wire, bool is_up);
/* Says once that something has happened. A line that is masked meanwhile loses it. */
void model_edge(int line);
/* Runs handlers while there is anything to handle and interrupts are on; how many ran. */
unsigned model_interrupts(void);
/* Does the same, whether interrupts are on or not: the CPU is halted. */
unsigned model_interrupts_halted(void);

/* ---- Registers: false where nothing answers; *value gets what was read ---- */

bool model_pci_registers(bool is_port, uint64_t at, const Access *a, uint32_t *value);
bool model_mmio_registers(uint64_t at, const Access *a, uint32_t *value);

/* Writes the words that tell the kernel of the MMIO slots. */
void model_mmio_words(char *to, size_t bytes);

#endif
