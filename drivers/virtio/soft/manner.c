/* SPDX-License-Identifier: MIT */
/*
 * The word soft_manner=NAME.
 */
#include "drivers/virtio/soft/manner.h"
#include "kernel/cmdline.h"

extern const SoftManner manners_begin[], manners_end[];

struct SoftMannerChoice soft_manner_choice;

static bool check_manner(const char *name, char *why, size_t bytes)
{
    const SoftNames manners = {"soft_manner", manners_begin, manners_end};
    soft_manner_choice.chosen = soft_named_check(&manners, name, why, bytes);
    return soft_manner_choice.chosen;
}

CMDLINE_WORDS(manner_words,
              CMDLINE_WORD("soft_manner", CMDLINE_TEXT, .check = check_manner));
