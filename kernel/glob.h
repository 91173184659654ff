/* SPDX-License-Identifier: MIT */
/*
 * Shell globs without brackets: * any text (also '/'), ? any one character. Pure code;
 * never recursive, linear in practice.
 */
#ifndef KERNEL_GLOB_H
#define KERNEL_GLOB_H

#include <stdbool.h>

bool glob_match(const char *pattern, const char *text);

/* True when any of the comma-separated globs in list matches. */
bool glob_list_match(const char *list, const char *text);

/*
 * May an item match a text that is head, then the text's one @, then anything? And one
 * that has an @ and behind it `behind`, then anything? True where that cannot be told
 * without the rest. Most lists rule most out, which saves a walk over many texts.
 */
bool glob_list_may_begin(const char *list, const char *head);
bool glob_list_may_go_on(const char *list, const char *behind);

#endif
