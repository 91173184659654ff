/* SPDX-License-Identifier: MIT */
/*
 * kernel/cmdline.c, glob.c and string_to_u64(): the input is the loader's text. The
 * target splits it by itself and compares; each word is also a glob and a number.
 */
#include "kernel/cmdline.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "tests/self/fuzz/fuzz.h"

#define WHY_BYTES 200

static const CmdlineWord known[] = {
    CMDLINE_WORD("only", CMDLINE_TEXT),   CMDLINE_WORD("keep", CMDLINE_FLAG),
    CMDLINE_WORD("seed", CMDLINE_NUMBER), CMDLINE_WORD("repeat", CMDLINE_COUNT),
    CMDLINE_WORD("know", CMDLINE_ANY),    {.name = NULL},
};
static const CmdlineWord *const known_at = known;

static char text[CMDLINE_BYTES + 64];
static char word[CMDLINE_BYTES + 64];
static unsigned noted;

static void note(const char *ignored)
{
    FUZZ_CHECK(strlen(ignored) > 0 && !strchr(ignored, ' '), "a word is noted");
    noted++;
    FUZZ_REACHED("a word of Linux's");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word of the text, copied; NULL at its end. */
static const char *next_word(const char **at)
{
    size_t n = 0;
    while (is_blank(**at)) {
        ++*at;
    }
    while (**at && !is_blank(**at)) {
        word[n++] = *(*at)++;
    }
    word[n] = 0;
    return n ? word : NULL;
}

/* The value when the word is "name" or "name=value". */
static const char *value_of(const char *one, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(one, name, n) != 0 || (one[n] != '=' && one[n] != 0)) {
        return NULL;
    }
    return one[n] ? one + n + 1 : "";
}

/* All values of a name, in order, and the last of them. */
static void check_values(const char *name)
{
    const char *at = text, *one, *last = NULL;
    size_t position = 0;

    while ((one = next_word(&at)) != NULL) {
        const char *expected = value_of(one, name);
        if (expected) {
            const char *value = cmdline_next(name, &position);
            FUZZ_CHECK(value && strcmp(value, expected) == 0, "each value is found");
            last = value;
            FUZZ_REACHED("a word that was asked for");
        }
    }
    FUZZ_CHECK(!cmdline_next(name, &position), "and no other");
    FUZZ_CHECK(cmdline_get(name) == last && cmdline_has(name) == (last != NULL),
               "the last one wins");
}

/* Recursive, so as to be obvious: text is short here. */
static bool matches(const char *pattern, const char *end, const char *s)
{
    if (pattern == end) {
        return *s == 0;
    }
    if (*pattern == '*') {
        return matches(pattern + 1, end, s) || (*s && matches(pattern, end, s + 1));
    }
    return *s && (*pattern == '?' || *pattern == *s) && matches(pattern + 1, end, s + 1);
}

static bool is_short(const char *pattern)
{
    unsigned stars = 0;
    for (const char *p = pattern; *p; p++) {
        stars += *p == '*';
    }
    return stars <= 4 && strlen(pattern) <= 24;
}

static void check_globs(const char *pattern)
{
    static const char *const names[] = {"ring/wrap@pci.blk.0:split", "aabab", ""};
    for (unsigned i = 0; i < 3 && is_short(pattern); i++) {
        bool expected = matches(pattern, pattern + strlen(pattern), names[i]);
        FUZZ_CHECK(glob_match(pattern, names[i]) == expected,
                   "a glob matches as it must");
        if (expected && *names[i] && strchr(pattern, '*')) {
            FUZZ_REACHED("a star that matches");
        }
        if (!strchr(pattern, ',')) {
            FUZZ_CHECK(glob_list_match(pattern, names[i]) == (expected && *pattern),
                       "a list of one glob is that glob");
        }
    }
}

/* The items between the commas make up the list again. */
static void check_items(const char *list)
{
    static char item[CMDLINE_BYTES + 64];
    char small[4];
    const char *at = list, *rest = list;

    while (rest) {
        const char *same = cmdline_item(rest, small, sizeof(small));
        rest = cmdline_item(rest, item, sizeof(item));
        FUZZ_CHECK(same == rest && strlen(small) < sizeof(small) &&
                       strncmp(small, item, strlen(small)) == 0,
                   "an item that is cut is cut to its room");
        FUZZ_CHECK(!strchr(item, ',') && strncmp(at, item, strlen(item)) == 0,
                   "an item is what is between two commas");
        at += strlen(item);
        FUZZ_CHECK(*at == (rest ? ',' : 0), "and all of that");
        at += rest != NULL;
    }
}

/* Digits of the base, and none that does not fit. */
static void check_number(const char *s)
{
    uint64_t v = 0;
    unsigned __int128 sum = 0;
    unsigned base = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10;
    const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
    bool is_number = s[base == 16 ? 2 : 0] != 0;

    for (const char *p = s + (base == 16 ? 2 : 0); *p && is_number; p++) {
        const char *digit = strchr(digits, *p);
        unsigned value = digit ? (unsigned)(digit - digits) : 0;
        sum = sum * base + (value < 16 ? value : value - 6);
        is_number = digit && sum <= UINT64_MAX;
    }
    FUZZ_CHECK(string_to_u64(s, &v) == is_number, "a number is one");
    FUZZ_CHECK(!is_number || v == (uint64_t)sum, "and has its value");
    if (is_number && base == 16) {
        FUZZ_REACHED("a hexadecimal number");
    }
}

static void check_words(void)
{
    char why[WHY_BYTES];
    const char *at = text, *one;
    bool is_long = strlen(text) >= CMDLINE_BYTES;

    memset(why, 'x', sizeof(why));
    if (!cmdline_check(&known_at, &known_at + 1, note, why, sizeof(why))) {
        FUZZ_CHECK(strnlen(why, sizeof(why)) < sizeof(why) && *why, "an error is told");
        FUZZ_REACHED("a word that is wrong");
    } else {
        FUZZ_CHECK(!is_long, "what does not fit is an error");
    }
    if (is_long) {
        FUZZ_REACHED("a line that is too long");
        return;
    }
    for (unsigned i = 0; known[i].name; i++) {
        check_values(known[i].name);
    }
    while ((one = next_word(&at)) != NULL) {
        check_globs(one);
        check_items(one);
        check_number(one);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    Fuzz f = {data, bytes};
    bool is_path_first = fuzz_u8(&f) == '.';

    memset(text, 0, sizeof(text));
    size_t n = fuzz_take(&f, text, CMDLINE_BYTES + 8);
    if (n > 0 && text[n - 1] == '+') { /* as long as it takes */
        for (; n < CMDLINE_BYTES + 8; n++) {
            text[n] = text[n % 7];
        }
    }
    noted = 0;
    cmdline_init(text, is_path_first);
    if (!is_path_first) {
        check_words();
        return 0;
    }
    /* Which words are the path is the kernel's guess; the first always is, where there is
     * one. */
    const char *at = text, *one = next_word(&at);
    size_t position = 0;
    if (one && !strchr(one, '=')) {
        unsigned again = 0;
        for (const char *other; (other = next_word(&at)) != NULL;) {
            again += value_of(other, "keep") != NULL;
        }
        unsigned seen = 0;
        while (strlen(text) < CMDLINE_BYTES && cmdline_next("keep", &position)) {
            seen++;
        }
        FUZZ_CHECK(seen <= again, "a path is no word");
        if (again) {
            FUZZ_REACHED("a word behind a path");
        }
    }
    return 0;
}
