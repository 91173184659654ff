/* SPDX-License-Identifier: MIT */
/* kernel/lib/glob.c: matches, near misses, lists, and patterns that break naive matchers.
 */
#include "kernel/lib/glob.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

static void matches(void)
{
    CHECK(glob_match("ring/x", "ring/x"), "a plain text matches itself");
    CHECK(!glob_match("ring/x", "ring/xy"), "but nothing longer");
    CHECK(!glob_match("ring/xy", "ring/x"), "nor shorter");
    CHECK(glob_match("*", "") && glob_match("**", ""), "stars match nothing");
    CHECK(glob_match("*", "blk/a@pci.blk.0"), "a star matches all, slashes too");
    CHECK(glob_match("blk/*@pci.*:split", "blk/a-b@pci.blk.0:split"), "stars inside");
    CHECK(!glob_match("blk/*@mmio.*", "blk/a@pci.blk.0"), "a part that is missing");
    CHECK(glob_match("*.0", "a.0.0"), "a star gives back what a later part needs");
    CHECK(glob_match("?lk/?", "blk/a") && !glob_match("?", ""), "a question mark is one");
    CHECK(!glob_match("", "a") && glob_match("", ""), "the empty pattern");
    CHECK(glob_match("a[b]", "a[b]"), "brackets are plain");
    CHECK(!glob_match("RING", "ring"), "case counts");
}

static void matches_lists(void)
{
    CHECK(glob_list_match("a,b*", "bcd"), "a list matches by any item");
    CHECK(!glob_list_match("a,b", "c"), "or by none");
    CHECK(!glob_list_match("a,b", "a,b"), "a comma is no character of an item");
    CHECK(!glob_list_match("", "") && !glob_list_match(",", ""),
          "empty items match nothing");
    CHECK(glob_list_match(",,a", "a"), "empty items are passed over");
    CHECK(!glob_list_match("a*b,c", "ab,c"), "a star does not eat the comma of its list");
}

static void fits_heads(void)
{
    const char *list = "ring/*@pci.blk.0,life/a@*,*:packed*,,l?fe/*";
    CHECK_EQ(glob_list_heads(list, "ring/a"), 1 | 4, "a head, and what may begin so");
    CHECK_EQ(glob_list_heads(list, "life/a"), 2 | 4 | 16, "any item, empty ones counted");
    CHECK_EQ(glob_list_heads(list, "life/ab"), 4 | 16, "up to the @, all of it");
    CHECK_EQ(glob_list_heads("ring/*", "life/a"), 0, "before the star it does not fit");
    CHECK_EQ(glob_list_heads(",", "life/a"), 0, "empty items match nothing");
    CHECK_EQ(glob_list_undivided(list), 4 | 16 | GLOB_LIST_LAST, "items without an @");
}

static void fits_tails(void)
{
    const char *list = "ring/*@pci.blk.0:split,*@*.rng*,*:packed,ring/*";
    CHECK_EQ(glob_list_tails(list, "pci.blk.0:split"), 1 | 8, "a tail, and any");
    CHECK_EQ(glob_list_tails(list, "mmio.rng.0:packed"), 2 | 4 | 8, "a star before it");
    CHECK_EQ(glob_list_tails(list, "mmio.blk.0"), 8, "another");
}

/* What the halves say is what matching the whole says. */
static void halves_agree_with_the_whole(void)
{
    static const char *const lists[] = {"a@b", "*@b", "a@*",   "?@?",     "*",
                                        "a*",  "*b",  "a@b@c", "x@b,a@y", "*x@*,a*b"};
    static const char *const heads[] = {"a", "ax", "x"}, *const tails[] = {"b", "yb",
                                                                           "y"};
    for (unsigned i = 0; i < sizeof(lists) / sizeof(lists[0]) * 9; i++) {
        const char *list = lists[i / 9], *head = heads[i / 3 % 3], *tail = tails[i % 3];
        char text[16];
        ksnprintf(text, sizeof(text), "%s@%s", head, tail);
        uint32_t both = glob_list_heads(list, head) & glob_list_tails(list, tail);
        bool is_match = glob_list_match(list, text);
        CHECK(!is_match || both, "what matches fits by halves");
        CHECK(is_match || !(both & ~glob_list_undivided(list)), "what fits matches");
    }
}

/* More items than bits. */
static void last_bit_is_shared(void)
{
    char list[4 * 40 + 1];
    for (unsigned i = 0; i < 40; i++) {
        string_copy(list + 4 * i, i == 39 ? "b@b" : "a@b,", 5);
    }
    CHECK_EQ(glob_list_heads(list, "b"), GLOB_LIST_LAST, "the 40th item");
    CHECK_EQ(glob_list_heads(list, "a"), UINT32_MAX, "all others");
}

/* Exponential in a matcher that tries every split at every star. */
static void stays_fast(void)
{
    static char pattern[512], text[4096];
    for (unsigned i = 0; i < 500; i += 2) {
        pattern[i] = '*';
        pattern[i + 1] = 'a';
    }
    pattern[500] = 'b';
    for (unsigned i = 0; i < sizeof(text) - 1; i++) {
        text[i] = 'a';
    }
    CHECK(!glob_match(pattern, text), "250 stars against 4095 characters end");
}

int main(void)
{
    matches();
    matches_lists();
    fits_heads();
    fits_tails();
    halves_agree_with_the_whole();
    last_bit_is_shared();
    stays_fast();
    return check_done();
}
