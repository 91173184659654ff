/* SPDX-License-Identifier: MIT */
/*
 * The command line, split once: the copy holds the words one after the other, each ended
 * by a zero, and a table says where each begins, because know= is long and the harness
 * looks words up for each test point. There is no quoting.
 */
#include "kernel/cmdline.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

static char text_of_words[CMDLINE_BYTES + 1];
static uint16_t word_at[CMDLINE_BYTES / 2];
static size_t word_count;
static bool is_too_long;

/* Words that VMMs and boot scripts add for a Linux guest. A word that the tables name is
 * ours, not Linux's. */
static const char *const linux_words[] = {
    "8250.nr_uarts",
    "BOOT_IMAGE",
    "acpi",
    "clocksource",
    "console",
    "debug",
    "earlycon",
    "earlyprintk",
    "i8042.dumbkbd",
    "i8042.noaux",
    "i8042.nokbd",
    "i8042.nomux",
    "i8042.nopnp",
    "init",
    "initrd",
    "ip",
    "loglevel",
    "nokaslr",
    "nomodule",
    "nomodules",
    "noreplace-smp",
    "no_timer_check",
    "pci",
    "quiet",
    "random.trust_cpu",
    "reboot",
    "ro",
    "root",
    "rootflags",
    "rootfstype",
    "rootwait",
    "rw",
    "swiotlb",
    "tsc",
    "virtio_mmio.device",
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *word_number(size_t n)
{
    return text_of_words + word_at[n];
}

/*
 * How many words the image's path takes: the first, and where that is not a file's name
 * yet, as far as the first that ends in ".elf", for a path with blanks. A word too many
 * must not go: it may be the one that says keep.
 */
static size_t path_words(void)
{
    for (size_t n = 0; n < word_count; n++) {
        const char *word = word_number(n);
        size_t length = strlen(word);
        if (length >= 4 && strcmp(word + length - 4, ".elf") == 0) {
            return strchr(word, '=') ? 1 : n + 1;
        }
    }
    return word_count > 0;
}

void cmdline_init(const char *text, bool is_path_first)
{
    size_t length = strnlen(text, CMDLINE_BYTES);
    bool is_inside = false;

    is_too_long = length == CMDLINE_BYTES;
    word_count = 0;
    for (size_t i = 0; i < length && !is_too_long; i++) {
        bool is_start = !is_inside && !is_blank(text[i]);
        is_inside = !is_blank(text[i]);
        if (is_start) {
            word_at[word_count++] = (uint16_t)i;
        }
        text_of_words[i] = is_inside ? text[i] : 0;
    }
    text_of_words[is_too_long ? 0 : length] = 0;
    if (is_path_first) {
        size_t path = path_words();
        word_count -= path;
        memmove(word_at, word_at + path, word_count * sizeof(word_at[0]));
    }
}

/* Whether the word is "name" or "name=..."; the value is left in *value ("" for the bare
 * word). */
static bool word_is(const char *word, const char *name, const char **value)
{
    size_t length = strlen(name);
    if (strncmp(word, name, length) != 0) {
        return false;
    }
    *value = word[length] == '=' ? word + length + 1 : "";
    return word[length] == 0 || word[length] == '=';
}

/* Linux's panic=SECONDS is not our panic=KIND. */
static bool is_linux_panic(const char *word)
{
    const char *value;
    uint64_t seconds;
    return word_is(word, "panic", &value) &&
           string_to_u64(value + (*value == '-'), &seconds);
}

static bool is_linux_word(const char *word)
{
    const char *value;
    for (size_t i = 0; i < sizeof(linux_words) / sizeof(linux_words[0]); i++) {
        if (word_is(word, linux_words[i], &value)) {
            return true;
        }
    }
    return false;
}

/* What is wrong with a word that the table names; NULL when nothing is. */
static const char *word_fault(CmdlineKind kind, const char *word, const char *value)
{
    uint64_t number;
    bool has_value = strchr(word, '=') != NULL;
    switch (kind) {
    case CMDLINE_FLAG:
        return has_value ? "takes no value" : NULL;
    case CMDLINE_TEXT:
        return *value ? NULL : "needs a value";
    case CMDLINE_NUMBER:
        return string_to_u64(value, &number) ? NULL : "needs a number";
    case CMDLINE_COUNT:
        return string_to_u64(value, &number) && number >= 1 && number <= UINT32_MAX
                   ? NULL
                   : "needs a number from 1 to 4294967295";
    case CMDLINE_ANY:
        return NULL;
    }
    return "is of no kind";
}

static const CmdlineWord *find_known(const CmdlineWord *const *known,
                                     const CmdlineWord *const *end, const char *word,
                                     const char **value)
{
    for (; known < end; known++) {
        for (const CmdlineWord *one = *known; one->name; one++) {
            if (word_is(word, one->name, value)) {
                return one;
            }
        }
    }
    return NULL;
}

/* The checks that words bring themselves. */
static bool check_values(const CmdlineWord *const *known, const CmdlineWord *const *end,
                         char *why, size_t why_bytes)
{
    for (; known < end; known++) {
        for (const CmdlineWord *one = *known; one->name; one++) {
            const char *value = one->check ? cmdline_get(one->name) : NULL;
            if (value && !one->check(value, why, why_bytes)) {
                return false;
            }
        }
    }
    return true;
}

bool cmdline_check(const CmdlineWord *const *known, const CmdlineWord *const *end,
                   void (*note)(const char *word), char *why, size_t why_bytes)
{
    if (is_too_long) {
        ksnprintf(why, why_bytes, "the command line is longer than %d bytes",
                  CMDLINE_BYTES - 1);
        return false;
    }
    for (size_t n = 0; n < word_count; n++) {
        const char *word = word_number(n), *value;
        const CmdlineWord *found = find_known(known, end, word, &value);
        if (found && !is_linux_panic(word)) {
            const char *fault = word_fault(found->kind, word, value);
            if (fault) {
                ksnprintf(why, why_bytes, "word '%s': %s %s", word, found->name, fault);
                return false;
            }
        } else if (is_linux_panic(word) || is_linux_word(word)) {
            note(word);
        } else {
            ksnprintf(why, why_bytes, "unknown word '%s'", word);
            return false;
        }
    }
    return check_values(known, end, why, why_bytes);
}

const char *cmdline_next(const char *name, size_t *at)
{
    while (*at < word_count) {
        const char *word = word_number((*at)++), *value;
        if (word_is(word, name, &value) && !is_linux_panic(word)) {
            return value;
        }
    }
    return NULL;
}

const char *cmdline_get(const char *name)
{
    const char *last = NULL, *value;
    for (size_t at = 0; (value = cmdline_next(name, &at)) != NULL;) {
        last = value;
    }
    return last;
}

uint64_t cmdline_get_u64(const char *name, uint64_t otherwise)
{
    const char *value = cmdline_get(name);
    uint64_t number;
    return value && string_to_u64(value, &number) ? number : otherwise;
}

bool cmdline_has(const char *name)
{
    return cmdline_get(name) != NULL;
}

const char *cmdline_item(const char *list, char *item, size_t bytes)
{
    const char *comma = strchr(list, ',');
    size_t length = comma ? (size_t)(comma - list) : strlen(list);
    size_t kept = length < bytes ? length : bytes - 1;
    memcpy(item, list, kept);
    item[kept] = 0;
    return comma ? comma + 1 : NULL;
}
