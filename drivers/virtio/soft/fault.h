/* SPDX-License-Identifier: MIT */
/*
 * Faults of the software devices, each by name: told one (the word soft_fault=NAME), the
 * device breaks that one clause at the place where its honest code keeps it, and nothing
 * else. They exist to show that the tests see it. A fault never leaves the device dead:
 * silence would be noticed by anybody.
 *
 * Each is declared at the head of the file that has the honest code, and nobody keeps a
 * list; scripts/mutants finds the declarations in the sources:
 *
 *     SOFT_FAULT(used_len_one_too_long, "dev:2.7.8.2-2", "claims one byte too much");
 *     ...
 *     len += soft_fault(used_len_one_too_long);
 */
#ifndef SOFT_FAULT_H
#define SOFT_FAULT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct SoftFault {
    const char *name;
} SoftFault;

/* A name, the clause that it breaks, and what the device does. */
#define SOFT_FAULT(id, clause, what)       \
    static const SoftFault soft_fault_##id \
        __attribute__((used, section(".faults." #id))) = {#id}

/* The one that was asked for; NULL: none. */
extern const SoftFault *soft_fault_chosen;

#define soft_fault(id) (soft_fault_chosen == &soft_fault_##id)

/* Chooses a fault by its name, words joined by hyphens; false when there is none. */
bool soft_fault_choose(const char *name);
/* All names, separated by blanks. */
void soft_fault_names(char *to, size_t bytes);

#endif
