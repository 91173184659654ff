/* SPDX-License-Identifier: MIT */
/*
 * See sites.h. The linker gives all calls of clause_record() to the wrapper here.
 */
#include "tests/self/soft/sites.h"
#include "tests/harness/harness.h"
#include <stdio.h>
#include <stdlib.h>

#define SITES 8192 /* a power of two; more than there are */

static struct Site {
    const ExpectText *text;
    const char *clause;
    bool has_failed;
} sites[SITES];

/* Where the site is, or would be. The same clause at the same place is one, whatever
 * literal names it. */
static struct Site *find(const ExpectAt *at)
{
    size_t i = (size_t)at->text / 8;

    for (unsigned tries = 0; tries < SITES; tries++) {
        struct Site *s = &sites[(i + tries) % SITES];
        if (!s->text || (s->text == at->text &&
                         (s->clause == at->basis || strcmp(s->clause, at->basis) == 0))) {
            return s;
        }
    }
    abort();
}

void __real_clause_record(const ExpectAt *at, bool held);
void __wrap_clause_record(const ExpectAt *at, bool held);

void __wrap_clause_record(const ExpectAt *at, bool held)
{
    struct Site *s = find(at);

    s->text = at->text;
    s->clause = at->basis;
    s->has_failed |= !held;
    __real_clause_record(at, held);
}

void sites_print(void)
{
    for (const struct Site *s = sites; s < sites + SITES; s++) {
        if (s->text) {
            printf("# site %s %s:%d %s\n", s->has_failed ? "failed" : "held",
                   s->text->file, s->text->line, s->clause);
        }
    }
}
