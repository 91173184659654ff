/* SPDX-License-Identifier: MIT */
/* kernel/glob.c: matches, near misses, lists, and patterns that break naive matchers. */
#include "kernel/glob.h"
#include "tests/host/check.h"

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

static void rules_out_by_the_head(void)
{
    CHECK(glob_list_may_begin("ring/*@pci.blk.0", "ring/a"), "the head of an item");
    CHECK(!glob_list_may_begin("ring/*@pci.blk.0", "life/a"), "another head");
    CHECK(!glob_list_may_begin("ring/a@*", "ring/ab"), "up to the @, all of it");
    CHECK(glob_list_may_begin("*:packed*", "life/a"), "a star may be anything");
    CHECK(!glob_list_may_begin("ring/*", "life/a"), "what comes before the star may not");
    CHECK(glob_list_may_begin("ring/*,l?fe", "life/a"), "any item");
    CHECK(!glob_list_may_begin(",", "life/a"), "empty items match nothing");
    CHECK(glob_list_may_go_on("ring/*@pci.blk.0:split", "pci.blk.0"), "the device");
    CHECK(!glob_list_may_go_on("ring/*@pci.blk.0:split", "mmio.blk.0"), "another");
    CHECK(glob_list_may_go_on("*@*.rng*", "mmio.blk.0"), "a star may be any device");
    CHECK(glob_list_may_go_on("ring/*", "mmio.blk.0"), "an item without @ may go on");
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
    rules_out_by_the_head();
    stays_fast();
    return check_done();
}
