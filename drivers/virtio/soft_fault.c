/* SPDX-License-Identifier: MIT */
/*
 * The software devices' faults by name. See soft_fault.h, which has the list.
 */
#include "drivers/virtio/soft_fault.h"
#include "kernel/printf.h"
#include "kernel/string.h"

SoftFault soft_fault_chosen;

#define NAME(name, clause, what) #name,
static const char *const names[] = {SOFT_FAULTS(NAME)};
#undef NAME

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
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_same(names[i], name)) {
            soft_fault_chosen = (SoftFault)(i + 1);
            return true;
        }
    }
    return false;
}

void soft_fault_names(char *to, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && n < bytes; i++) {
        n += ksnprintf(to + n, bytes - n, "%s%s", i ? " " : "", names[i]);
    }
    for (size_t i = 0; i < bytes && to[i]; i++) {
        to[i] = to[i] == '_' ? '-' : to[i];
    }
}
