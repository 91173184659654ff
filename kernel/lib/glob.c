/* SPDX-License-Identifier: MIT */
/*
 * Shell globs. One star at a time: when a later part fails, the last star takes one more
 * character and the part is tried again; an earlier star never needs to be revisited.
 */
#include "kernel/lib/glob.h"
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

/* The items for which that is true, by their bits; see glob.h. */
static uint32_t items_that(const char *list,
                           bool (*holds)(const char *pattern, const char *end,
                                         const char *text),
                           const char *text)
{
    uint32_t items = 0, bit = 1;
    for (;;) {
        const char *end = item_end(list);
        if (end > list && holds(list, end, text)) {
            items |= bit;
        }
        if (*end == 0) {
            return items;
        }
        bit = bit << 1 ? bit << 1 : bit;
        list = end + 1;
    }
}

bool glob_list_match(const char *list, const char *text)
{
    return items_that(list, match, text) != 0;
}

/* The @ of the item, or NULL. */
static const char *find_at(const char *pattern, const char *end)
{
    while (pattern < end && *pattern != '@') {
        pattern++;
    }
    return pattern < end ? pattern : NULL;
}

static bool is_plain(char c)
{
    return c != '*' && c != '?';
}

/* Up to the first wildcard, or to the end of one of them. */
static bool begins_alike(const char *pattern, const char *end, const char *text)
{
    while (pattern < end && *text && *pattern == *text) {
        pattern++;
        text++;
    }
    return pattern == end || !*text || !is_plain(*pattern);
}

/* The same from the end. */
static bool ends_alike(const char *pattern, const char *end, const char *text)
{
    const char *last = text;
    while (*last) {
        last++;
    }
    while (pattern < end && text < last && end[-1] == last[-1]) {
        end--;
        last--;
    }
    return pattern == end || text == last || !is_plain(end[-1]);
}

static bool fits_head(const char *pattern, const char *end, const char *head)
{
    const char *at = find_at(pattern, end);
    return at ? match(pattern, at, head) : begins_alike(pattern, end, head);
}

static bool fits_tail(const char *pattern, const char *end, const char *tail)
{
    const char *at = find_at(pattern, end);
    return at ? match(at + 1, end, tail) : ends_alike(pattern, end, tail);
}

static bool is_undivided(const char *pattern, const char *end, const char *text)
{
    (void)text;
    return !find_at(pattern, end);
}

uint32_t glob_list_heads(const char *list, const char *head)
{
    return items_that(list, fits_head, head);
}

uint32_t glob_list_tails(const char *list, const char *tail)
{
    return items_that(list, fits_tail, tail);
}

uint32_t glob_list_undivided(const char *list)
{
    return items_that(list, is_undivided, NULL) | GLOB_LIST_LAST;
}
