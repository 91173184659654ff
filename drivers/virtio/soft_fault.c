/* SPDX-License-Identifier: MIT */
/*
 * The software devices' faults by name: all that are declared with SOFT_FAULT().
 */
#include "drivers/virtio/soft_fault.h"
#include "kernel/printf.h"
#include "kernel/string.h"

extern const SoftFault faults_begin[], faults_end[];

const SoftFault *soft_fault_chosen;

static bool is_same(const char *name, const char *word)
{
    while (*name && (*name == '_' ? '-' : *name) == *word) {
        name++;
        word++;
    }
    return *name == *word;
}

bool soft_fault_choose(const char *name)
{
    for (const SoftFault *fault = faults_begin; fault < faults_end; fault++) {
        if (is_same(fault->name, name)) {
            soft_fault_chosen = fault;
            return true;
        }
    }
    return false;
}

void soft_fault_names(char *to, size_t bytes)
{
    size_t n = 0;
    for (const SoftFault *fault = faults_begin; fault < faults_end && n < bytes;
         fault++) {
        n += ksnprintf(to + n, bytes - n, "%s%s", n ? " " : "", fault->name);
    }
    for (size_t i = 0; i < bytes && to[i]; i++) {
        to[i] = to[i] == '_' ? '-' : to[i];
    }
}
