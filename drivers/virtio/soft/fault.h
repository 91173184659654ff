/* SPDX-License-Identifier: MIT */
/*
 * Faults of the software devices, each with a name. When the word soft_fault=NAME chooses
 * one, a device breaks one clause at the place where its correct code keeps it, and
 * nothing else. Faults show that the tests notice such a device. A fault never makes a
 * device silent for ever, because every test would notice that.
 *
 * Each fault is declared at the head of the file that has the correct code, and nobody
 * keeps a list: scripts/mutants finds the declarations in the sources.
 *
 *     SOFT_FAULT(used_len_one_too_long, "dev:2.7.8.2-2", "claims one byte too much");
 *     ...
 *     len += soft_fault(used_len_one_too_long);
 */
#ifndef SOFT_FAULT_H
#define SOFT_FAULT_H

#include "drivers/virtio/soft/named.h"

typedef SoftNamed SoftFault;

/* Declares a fault: its name, the clause that it breaks, and what the device does then.
 */
#define SOFT_FAULT(id, clause, what)       \
    static const SoftFault soft_fault_##id \
        __attribute__((used, section(".faults." #id))) = {#id}

/* The fault that was chosen; NULL when none was. */
extern const SoftFault *soft_fault_chosen;

/* True when this fault was chosen. */
#define soft_fault(id) (soft_fault_chosen == &soft_fault_##id)

#endif
