/* SPDX-License-Identifier: MIT */
/*
 * Shell globs. One star at a time: when a later part fails, the last star takes one more
 * character and the part is tried again; an earlier star never needs to be revisited.
 */
#include "kernel/glob.h"
#include <stddef.h>

/* The pattern is [pattern, end). */
static bool match(const char *pattern, const char *end, const char *text)
{
    const char *star = NULL, *star_text = NULL;
    while (*text) {
        if (pattern < end && *pattern == '*') {
            star = pattern++;
            star_text = text;
        } else if (pattern < end && (*pattern == '?' || *pattern == *text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++star_text;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*') {
        pattern++;
    }
    return pattern == end;
}

static const char *item_end(const char *at)
{
    while (*at && *at != ',') {
        at++;
    }
    return at;
}

bool glob_match(const char *pattern, const char *text)
{
    const char *end = pattern;
    while (*end) {
        end++;
    }
    return match(pattern, end, text);
}

bool glob_list_match(const char *list, const char *text)
{
    for (;;) {
        const char *end = item_end(list);
        if (end > list && match(list, end, text)) {
            return true;
        }
        if (*end == 0) {
            return false;
        }
        list = end + 1;
    }
}

static bool may_begin(const char *pattern, const char *end, const char *head)
{
    for (const char *at = pattern; at < end; at++) {
        if (*at == '@') {
            return match(pattern, at, head);
        }
    }
    while (pattern < end && *head && *pattern == *head) {
        pattern++;
        head++;
    }
    return pattern == end || !*head || *pattern == '*' || *pattern == '?';
}

bool glob_list_may_begin(const char *list, const char *head)
{
    for (;;) {
        const char *end = item_end(list);
        if (end > list && may_begin(list, end, head)) {
            return true;
        }
        if (*end == 0) {
            return false;
        }
        list = end + 1;
    }
}
