/* SPDX-License-Identifier: MIT */
/*
 * Something about the software devices that has a name and can be chosen by a word of the
 * command line: a fault (fault.h) or a manner (manner.h).
 */
#ifndef SOFT_NAMED_H
#define SOFT_NAMED_H

#include <stdbool.h>
#include <stddef.h>

typedef struct SoftNamed {
    /* An identifier of C; in a word, hyphens take the place of its underscores. */
    const char *name;
} SoftNamed;

/* A registry of them. */
typedef struct SoftNames {
    /* The word that chooses one, without its "=". */
    const char *word;
    const SoftNamed *begin, *end;
} SoftNames;

/* Returns the one of this name, in which hyphens join the words, or NULL. */
const SoftNamed *soft_named_find(const SoftNames *names, const char *name);
/* Does the same for a word of the command line. Where there is none, or the word `soft`
 * is missing, this writes what is wrong to `why`, with all names that there are. */
const SoftNamed *soft_named_check(const SoftNames *names, const char *name, char *why,
                                  size_t bytes);

#endif
