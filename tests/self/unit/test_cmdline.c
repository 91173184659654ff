/* SPDX-License-Identifier: MIT */
/* kernel/cmdline.c: splitting, look-ups, and every way in which a word can be wrong. */
#include "kernel/cmdline.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

static const CmdlineWord known[] = {
    CMDLINE_WORD("only", CMDLINE_TEXT),
    CMDLINE_WORD("from", CMDLINE_NUMBER),
    CMDLINE_WORD("list", CMDLINE_FLAG),
    CMDLINE_WORD("know", CMDLINE_TEXT),
    CMDLINE_WORD("panic", CMDLINE_TEXT),
    CMDLINE_WORD("repeat", CMDLINE_COUNT),
    {.name = NULL},
};
static const CmdlineWord *const known_at = known;

static char why[128], notes[256];

static void note(const char *word)
{
    size_t used = strlen(notes);
    string_copy(notes + used, word, sizeof(notes) - used);
    used = strlen(notes);
    string_copy(notes + used, ";", sizeof(notes) - used);
}

/* Whether the text passes the check; why and notes are left. */
static bool passes(const char *text)
{
    why[0] = notes[0] = 0;
    cmdline_init(text, false);
    return cmdline_check(&known_at, &known_at + 1, note, why, sizeof(why));
}

static void splits(void)
{
    cmdline_init("  only=a\tlist  from=0x10\n", false);
    CHECK_TEXT(cmdline_get("only"), "a", "a word's value");
    CHECK_TEXT(cmdline_get("list"), "", "a bare word is empty");
    CHECK(cmdline_get("fro") == NULL, "part of a name is not the name");
    CHECK_EQ(cmdline_get_u64("from", 1), 16, "a number");
    CHECK_EQ(cmdline_get_u64("repeat", 5), 5, "a number that is absent");
    CHECK(cmdline_has("list") && !cmdline_has("stop"), "has or has not");
    cmdline_init("", false);
    CHECK(!cmdline_has("only") && passes(""), "the empty line is fine");
    cmdline_init("a=b=c", false);
    CHECK_TEXT(cmdline_get("a"), "b=c", "the first equals sign divides");
}

static void drops_the_path(void)
{
    cmdline_init("/tmp/qvirtio.elf list", true);
    CHECK(cmdline_has("list") && !cmdline_has("/tmp/qvirtio.elf"), "the path goes");
    cmdline_init("/tmp/qvirtio.elf", true);
    CHECK(!cmdline_has("/tmp/qvirtio.elf") &&
              cmdline_check(&known_at, &known_at + 1, note, why, sizeof(why)),
          "a path alone leaves nothing");
    cmdline_init("/home/a b/my qvirtio.elf list only=x/y.elf", true);
    CHECK(cmdline_check(&known_at, &known_at + 1, note, why, sizeof(why)) &&
              cmdline_has("list"),
          "a path with blanks goes whole");
    CHECK_TEXT(cmdline_get("only"), "x/y.elf", "and nothing else");
    cmdline_init("/tmp/qvirtio.elf list blk/x", true);
    CHECK(!cmdline_check(&known_at, &known_at + 1, note, why, sizeof(why)),
          "a word with a slash stays");
    CHECK_TEXT(why, "unknown word 'blk/x'", "and is named");
    cmdline_init("/tmp/qvirtio list blk/x", true);
    CHECK(cmdline_has("list"), "whatever the path ends in");
    cmdline_init("list", false);
    CHECK(cmdline_has("list"), "no path, nothing goes");
}

static void takes_the_last(void)
{
    cmdline_init("know=a only=x know=b know=c", false);
    CHECK_TEXT(cmdline_get("know"), "c", "the last of several wins");
    size_t at = 0;
    CHECK_TEXT(cmdline_next("know", &at), "a", "iteration starts at the first");
    CHECK_TEXT(cmdline_next("know", &at), "b", "goes on");
    CHECK_TEXT(cmdline_next("know", &at), "c", "to the last");
    CHECK(cmdline_next("know", &at) == NULL, "and ends");
}

static void names_offenders(void)
{
    CHECK(!passes("list frob=3 from=1"), "an unknown word is refused");
    CHECK_TEXT(why, "unknown word 'frob=3'", "and named");
    CHECK(!passes("from=12x"), "a malformed number is refused");
    CHECK_TEXT(why, "word 'from=12x': from needs a number", "and named");
    CHECK(!passes("from"), "a number that is missing is refused");
    CHECK(passes("repeat=1") && passes("repeat=4294967295"), "counts");
    CHECK(!passes("repeat=0"), "nothing run would be nothing failed");
    CHECK_TEXT(why, "word 'repeat=0': repeat needs a number from 1 to 4294967295",
               "and the bounds are told");
    CHECK(!passes("repeat=4294967296") && !passes("repeat"), "nor more, nor none");
    CHECK(!passes("list=1"), "a flag takes no value");
    CHECK_TEXT(why, "word 'list=1': list takes no value", "and the word is named");
    CHECK(!passes("only="), "a text must not be empty");
    CHECK(!passes("only"), "nor be missing");
    CHECK(!passes("only=a fro"), "the start of a known word is unknown");
}

static void knows_linux(void)
{
    CHECK(passes("console=ttyS0 reboot=k panic=1 pci=off list root=/dev/vda rw"),
          "a Linux command line passes");
    CHECK_TEXT(notes, "console=ttyS0;reboot=k;panic=1;pci=off;root=/dev/vda;rw;",
               "each Linux word is told");
    CHECK(!cmdline_has("panic"), "Linux's panic=1 is not our panic=KIND");
    CHECK(passes("panic=-1") && passes("panic=ud"), "both kinds of panic pass");
    CHECK_TEXT(cmdline_get("panic"), "ud", "ours is found");
    cmdline_init("virtio_mmio.device=4K@0xd0000000:5", false);
    CHECK_TEXT(cmdline_get("virtio_mmio.device"), "4K@0xd0000000:5",
               "who reads a Linux word gets it");
}

static void refuses_what_is_too_long(void)
{
    static char text[CMDLINE_BYTES + 64];
    memset(text, ' ', sizeof(text));
    memcpy(text, "list", 4);
    text[CMDLINE_BYTES - 1] = 0;
    CHECK(passes(text), "the longest line passes");
    text[CMDLINE_BYTES - 1] = ' ';
    text[CMDLINE_BYTES] = 0;
    CHECK(!passes(text), "one more byte is too long");
    CHECK_TEXT(why, "the command line is longer than 4095 bytes", "and is said to be");
    memset(text, 'x', CMDLINE_BYTES - 1);
    memcpy(text, "only=", 5);
    text[CMDLINE_BYTES - 1] = 0;
    CHECK(passes(text), "one word of the full length passes");
    CHECK_EQ(strlen(cmdline_get("only")), CMDLINE_BYTES - 6, "and is whole");
}

static void splits_items(void)
{
    char item[4];
    const char *rest = cmdline_item("ab,,cdefg", item, sizeof(item));
    CHECK_TEXT(item, "ab", "the first item");
    rest = cmdline_item(rest, item, sizeof(item));
    CHECK_TEXT(item, "", "an empty item");
    rest = cmdline_item(rest, item, sizeof(item));
    CHECK_TEXT(item, "cde", "the last item, cut to its room");
    CHECK(rest == NULL, "and nothing behind it");
}

int main(void)
{
    splits();
    drops_the_path();
    takes_the_last();
    names_offenders();
    knows_linux();
    refuses_what_is_too_long();
    splits_items();
    return check_done();
}
