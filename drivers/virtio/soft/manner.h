/* SPDX-License-Identifier: MIT */
/*
 * Manners of the software devices, each with a name: ways to keep the specification that
 * are not the usual ones. When the word soft_manner=NAME chooses one, every device that
 * has it behaves so. Manners show that no test convicts such a device: `make innocents`
 * runs the suites under each, and none of them may make a point fail.
 *
 * Each manner is declared at the head of the file that has the usual code, and nobody
 * keeps a list: scripts/innocents finds the declarations in the sources.
 *
 *     SOFT_MANNER(used_len_is_zero, "2.7.8.2", "claims no byte of what it wrote");
 *     ...
 *     len = soft_manner(used_len_is_zero) ? 0 : len;
 */
#ifndef SOFT_MANNER_H
#define SOFT_MANNER_H

#include "drivers/virtio/soft/named.h"

typedef SoftNamed SoftManner;

/* Declares a manner: its name, the section that allows it, and what the device does then.
 */
#define SOFT_MANNER(id, section_text, what)  \
    static const SoftManner soft_manner_##id \
        __attribute__((used, section(".manners." #id))) = {#id}
/* Declares a manner that goes against advice (a SHOULD, or several with blanks between
 * them) and breaks no rule: warnings about these clauses are right. */
#define SOFT_MANNER_AGAINST(id, section_text, should_clauses, what) \
    SOFT_MANNER(id, section_text, what)

/* The manner that was chosen, or NULL, and how often a device asked for it. */
extern struct SoftMannerChoice {
    const SoftManner *chosen;
    unsigned long uses;
} soft_manner_choice;

static inline bool soft_manner_is(const SoftManner *manner)
{
    bool is = soft_manner_choice.chosen == manner;
    soft_manner_choice.uses += is;
    return is;
}

/* True when this manner was chosen. Asked only where the device would otherwise do
 * something else, because a manner that nobody asks for is reported. */
#define soft_manner(id) soft_manner_is(&soft_manner_##id)

#endif
