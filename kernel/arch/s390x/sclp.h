/* SPDX-License-Identifier: MIT */
/*
 * The service call: what the machine does for its console and tells of its memory. A
 * command and its block of parameters go out by SERVC, and an external interrupt says
 * that the block has been dealt with.
 */
#ifndef KERNEL_ARCH_S390X_SCLP_H
#define KERNEL_ARCH_S390X_SCLP_H

#include <stdbool.h>
#include <stdint.h>

#define SCCB_BYTES 4096u

enum {
    SCLP_READ_INFO = 0x00020001,
    SCLP_WRITE_EVENT = 0x00760005,
    SCLP_READ_EVENT = 0x00770005,
    SCLP_WRITE_EVENT_MASK = 0x00780005,
};

enum {
    SCLP_READ_DONE = 0x0010,
    SCLP_DONE = 0x0020,
};

typedef struct SccbHeader {
    uint16_t length;
    uint8_t function, control[3];
    uint16_t response;
} SccbHeader;
_Static_assert(sizeof(SccbHeader) == 8, "SCCB header");

void sclp_init(void);
/* Returns an empty block of this length. There is one block, which all callers share. */
void *sclp_block(uint16_t bytes);
/* Carries the command out on the block; false when there is nobody who does. */
bool sclp_call(uint32_t command);
/* Returns true when an event has come that nobody has read. */
bool sclp_has_event(void);
void sclp_forget_event(void);

/* Handles the interrupt of the service signal; irq.c calls it. */
void sclp_interrupt(uint32_t parameter);

/* Says which events we want (console.c). */
void console_init(void);

#endif
