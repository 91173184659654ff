/* SPDX-License-Identifier: MIT */
/*
 * What an interrupt leaves behind (boot/s390x/entry.S builds it on a stack): registers,
 * old PSW and the CPU's interruption codes, as they stand from 0x80 in low memory
 * (Principles of Operation, "Assigned Storage Locations").
 */
#ifndef KERNEL_ARCH_S390X_INTERRUPT_H
#define KERNEL_ARCH_S390X_INTERRUPT_H

#include "cpu.h"
#include <stddef.h>
#include <stdint.h>

typedef struct InterruptFrame {
    uint64_t gpr[16];
    Psw psw;
    /* 0x80. */
    uint32_t external_parameter;
    uint16_t external_cpu, external_code;
    /* 0x88: SUPERVISOR CALL. */
    uint16_t call_length, call_code;
    uint16_t program_length, program_code;
    /* 0x90. */
    uint32_t data_exception;
    uint16_t monitor_class, per_code;
    uint64_t per_address;
    /* 0xa0. */
    uint32_t access_ids;
    uint32_t reserved;
    /* 0xa8: the address that could not be translated, and why. */
    uint64_t translation;
    uint64_t monitor_code;
    /* 0xb8. */
    uint32_t subsystem_id, io_parameter;
    uint32_t io_word, stored[9];
    /* 0xe8. */
    uint64_t machine_check;
} InterruptFrame;
_Static_assert(sizeof(InterruptFrame) == 128 + 16 + 0xf0 - 0x80, "entry.S: FRAME_BYTES");
_Static_assert(offsetof(InterruptFrame, translation) == 144 + 0xa8 - 0x80, "codes");
_Static_assert(offsetof(InterruptFrame, io_word) == 144 + 0xc0 - 0x80, "codes");

/* Kinds of interrupts that end the run, as entry.S numbers them. */
typedef enum {
    FATAL_PROGRAM,
    FATAL_SUPERVISOR_CALL,
    FATAL_MACHINE_CHECK,
    FATAL_RESTART,
} FatalKind;

/* Handles an external interrupt; entry.S calls it. */
void external_dispatch(const InterruptFrame *frame);
void io_dispatch(const InterruptFrame *frame);
/* Reports the strays that irq.c counts; part of arch_report_strays(). */
void external_report_strays(void);
_Noreturn void fatal_dispatch(const InterruptFrame *frame, FatalKind kind);

#endif
