/* SPDX-License-Identifier: MIT */
/*
 * Shell globs without brackets: * any text (also '/'), ? any one character. Pure code;
 * never recursive, linear in practice.
 */
#ifndef KERNEL_GLOB_H
#define KERNEL_GLOB_H

#include <stdbool.h>
#include <stdint.h>

bool glob_match(const char *pattern, const char *text);

/* Returns true when one of the comma-separated globs in `list` matches. */
bool glob_list_match(const char *list, const char *text);

/*
 * A text with one @ in it is a head, the @ and a tail. Which items of a list fit a head,
 * and which a tail, one bit an item, all from the 32nd on sharing the last: an item whose
 * bit is in both matches the whole text. But those of glob_list_undivided() only may:
 * they have no @ of their own, or share their bit. So many texts of few heads and few
 * tails need few matches.
 */
#define GLOB_LIST_LAST (UINT32_C(1) << 31)
uint32_t glob_list_heads(const char *list, const char *head);
uint32_t glob_list_tails(const char *list, const char *tail);
uint32_t glob_list_undivided(const char *list);

#endif
