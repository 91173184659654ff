/* SPDX-License-Identifier: MIT */
/*
 * Finds the software devices' faults by name, among all that are declared with
 * SOFT_FAULT().
 */
#include "drivers/virtio/soft/fault.h"
#include "kernel/cmdline.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

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

static bool check_fault(const char *name, char *why, size_t bytes)
{
    if (!cmdline_has("soft")) {
        ksnprintf(why, bytes, "soft_fault= needs the word soft");
        return false;
    }
    if (soft_fault_choose(name)) {
        return true;
    }
    size_t n = ksnprintf(why, bytes, "soft_fault=%s is unknown; known: ", name);
    if (n < bytes) {
        soft_fault_names(why + n, bytes - n);
    }
    return false;
}

CMDLINE_WORDS(soft_words, CMDLINE_WORD("soft", CMDLINE_FLAG),
              CMDLINE_WORD("soft_fault", CMDLINE_TEXT, .check = check_fault));
