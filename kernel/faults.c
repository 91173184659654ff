/* SPDX-License-Identifier: MIT */
/*
 * Faults on purpose (the word panic=KIND): the ones that any machine can have, and the
 * list of all. Each proves that one protection or one handler works.
 */
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/panic.h"

#define NAMES_BYTES 256

extern char text_begin[], text_end[];

static void strike_assert(void)
{
    volatile int one = 1;
    assert(one == 2);
}

static void strike_stack_overflow(void)
{
    volatile bool goes_on = true;
    if (goes_on) {
        strike_stack_overflow();
    }
    goes_on = false; /* not a tail call */
}

/* The report reads the context, and faults while it does. */
static void strike_nested(void)
{
    panic_context = (const char *)(UINTPTR_MAX / 2 + 1);
    arch_fault_kinds[0].strike();
}

static void strike_read_null(void)
{
    arch_touch(8, false);
}

static void strike_write_text(void)
{
    arch_touch((uintptr_t)text_begin, true);
}

static void strike_write_rodata(void)
{
    arch_touch((uintptr_t)text_end, true);
}

static const FaultKind common_kinds[] = {
    {"pf-read-null", strike_read_null},
    {"pf-write-text", strike_write_text},
    {"pf-write-rodata", strike_write_rodata},
    {"assert", strike_assert},
    {"stack-overflow", strike_stack_overflow},
    {"nested", strike_nested},
    {NULL, NULL},
};

static const FaultKind *const tables[] = {arch_fault_kinds, common_kinds};

void panic_on_purpose(const char *kind)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const FaultKind *k = tables[i]; k->name; k++) {
            if (strcmp(k->name, kind) == 0) {
                k->strike();
            }
        }
    }
}

const char *panic_kinds(void)
{
    static char names[NAMES_BYTES];
    size_t used = 0;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const FaultKind *k = tables[i]; k->name; k++) {
            if (used > 0) {
                names[used++] = ' ';
            }
            string_copy(names + used, k->name, sizeof(names) - used);
            used += strlen(names + used);
        }
    }
    return names;
}
