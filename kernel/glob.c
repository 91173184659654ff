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

/* Is what holds of (item, its end, text) true of any item? */
static bool any_item(const char *list,
                     bool (*holds)(const char *pattern, const char *end,
                                   const char *text),
                     const char *text)
{
    for (;;) {
        const char *end = item_end(list);
        if (end > list && holds(list, end, text)) {
            return true;
        }
        if (*end == 0) {
            return false;
        }
        list = end + 1;
    }
}

bool glob_list_match(const char *list, const char *text)
{
    return any_item(list, match, text);
}

/* Up to the first wildcard, or to the end of one of them. */
static bool begins_alike(const char *pattern, const char *end, const char *text)
{
    while (pattern < end && *text && *pattern == *text) {
        pattern++;
        text++;
    }
    return pattern == end || !*text || *pattern == '*' || *pattern == '?';
}

static bool may_begin(const char *pattern, const char *end, const char *head)
{
    for (const char *at = pattern; at < end; at++) {
        if (*at == '@') {
            return match(pattern, at, head);
        }
    }
    return begins_alike(pattern, end, head);
}

bool glob_list_may_begin(const char *list, const char *head)
{
    return any_item(list, may_begin, head);
}

static bool may_go_on(const char *pattern, const char *end, const char *behind)
{
    for (const char *at = pattern; at < end; at++) {
        if (*at == '@') {
            return begins_alike(at + 1, end, behind);
        }
    }
    return true;
}

bool glob_list_may_go_on(const char *list, const char *behind)
{
    return any_item(list, may_go_on, behind);
}
