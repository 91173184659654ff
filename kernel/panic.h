/* SPDX-License-Identifier: MIT */
/*
 * When the kernel itself is at fault: print what and where (symbol, backtrace), "Bail
 * out!", exit 39.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include <stddef.h>
#include <stdint.h>

_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For our own mistakes only, never for what a device did; the condition has no side
 * effects. */
#define assert(condition)                                                         \
    do {                                                                          \
        if (!(condition)) {                                                       \
            panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition); \
        }                                                                         \
    } while (0)

/* Frame a report, for panic() and for the architecture's exceptions. panic_enter() comes
 * first and names what struck; a second call from inside a report ends the run at once.
 * panic_leave() ends the run with "Bail out!". */
void panic_enter(const char *what);
_Noreturn void panic_leave(const char *reason);

/* Writes the symbol and offset of an address, as "main+0x12", or the bare address outside
 * the text. */
void symbol_format(uint64_t address, char *to, size_t bytes);

/* What the kernel prints before "Bail out!" when it faults during a test; the harness
 * sets it. */
extern const char *panic_context;

/* Faults on purpose, by name (the word panic=KIND); returns only when the kind is
 * unknown. */
void panic_on_purpose(const char *kind);
/* Returns the kinds, separated by blanks: those of the architecture, then those of
 * faults.c. */
const char *panic_kinds(void);

typedef struct FaultKind {
    const char *name;
    void (*strike)(void);
} FaultKind;

/* In kernel/arch/ARCH/faults.c, ended by a NULL name. */
extern const FaultKind arch_fault_kinds[];

#endif
