/* SPDX-License-Identifier: MIT */
/*
 * Which assertions with a clause were executed, by their place in the sources, and which
 * of them failed at least once: for scripts/mutants.
 */
#ifndef SITES_H
#define SITES_H

/* Prints "# site held tests/blk/read.c:12 dev:..." for each assertion, or "# site failed
 * ...". */
void sites_print(void);

#endif
