/* SPDX-License-Identifier: MIT */
/*
 * Faults of the software devices, each by name: told one (the word soft_fault=NAME), the
 * device breaks that one clause at the place where its honest code keeps it, and nothing
 * else. They exist to show that the tests see it: scripts/mutants reads this list too.
 * A fault never leaves the device dead: silence would be noticed by anybody.
 *
 *     FAULT(name, clause, what the device does)
 */
#ifndef SOFT_FAULT_H
#define SOFT_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#define SOFT_FAULTS(FAULT)                       \
    FAULT(used_id_of_neighbour, "dev:2.7.8.2-1", \
          "names the descriptor behind the head as used")

typedef enum SoftFault {
    SOFT_FAULT_NONE,
#define SOFT_FAULT_ENUM(name, clause, what) SOFT_FAULT_##name,
    SOFT_FAULTS(SOFT_FAULT_ENUM)
#undef SOFT_FAULT_ENUM
} SoftFault;

extern SoftFault soft_fault_chosen;

/* True when this is the fault that was asked for. */
#define soft_fault(name) (soft_fault_chosen == SOFT_FAULT_##name)

/* Chooses a fault by its name, words joined by hyphens; false when there is none. */
bool soft_fault_choose(const char *name);
/* All names, separated by blanks. */
void soft_fault_names(char *to, size_t bytes);

#endif
