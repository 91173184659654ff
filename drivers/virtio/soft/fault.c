/* SPDX-License-Identifier: MIT */
/*
 * The word soft_fault=NAME, and the word soft, without which there are no software
 * devices.
 */
#include "drivers/virtio/soft/fault.h"
#include "kernel/cmdline.h"

extern const SoftFault faults_begin[], faults_end[];

const SoftFault *soft_fault_chosen;

static bool check_fault(const char *name, char *why, size_t bytes)
{
    const SoftNames faults = {"soft_fault", faults_begin, faults_end};
    soft_fault_chosen = soft_named_check(&faults, name, why, bytes);
    return soft_fault_chosen;
}

CMDLINE_WORDS(soft_words, CMDLINE_WORD("soft", CMDLINE_FLAG),
              CMDLINE_WORD("soft_fault", CMDLINE_TEXT, .check = check_fault));
