/* SPDX-License-Identifier: MIT */
/*
 * Finds faults and manners of the software devices by their names, among all that the
 * sources declare.
 */
#include "drivers/virtio/soft/named.h"
#include "kernel/cmdline.h"
#include "kernel/lib/printf.h"

static bool is_same(const char *name, const char *word)
{
    while (*name && (*name == '_' ? '-' : *name) == *word) {
        name++;
        word++;
    }
    return *name == *word;
}

const SoftNamed *soft_named_find(const SoftNames *names, const char *name)
{
    const SoftNamed *one = names->begin;
    while (one < names->end && !is_same(one->name, name)) {
        one++;
    }
    return one < names->end ? one : NULL;
}

/* Writes all names, separated by blanks. */
static void list(const SoftNames *names, char *to, size_t bytes)
{
    size_t n = 0;
    for (const SoftNamed *one = names->begin; one < names->end && n < bytes; one++) {
        n += ksnprintf(to + n, bytes - n, "%s%s", n ? " " : "", one->name);
    }
    for (size_t i = 0; i < bytes && to[i]; i++) {
        to[i] = to[i] == '_' ? '-' : to[i];
    }
}

const SoftNamed *soft_named_check(const SoftNames *names, const char *name, char *why,
                                  size_t bytes)
{
    if (!cmdline_has("soft")) {
        ksnprintf(why, bytes, "%s= needs the word soft", names->word);
        return NULL;
    }
    const SoftNamed *found = soft_named_find(names, name);
    if (!found) {
        size_t n = ksnprintf(why, bytes, "%s=%s is unknown; known: ", names->word, name);
        if (n < bytes) {
            list(names, why + n, bytes - n);
        }
    }
    return found;
}
