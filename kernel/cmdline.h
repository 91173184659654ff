/* SPDX-License-Identifier: MIT */
/*
 * The command line: words separated by blanks, "name" or "name=value", the same under
 * every boot protocol. This file only splits words and looks them up; which words exist
 * is said by whoever uses them, in tables of CmdlineWord, and words that belong to Linux
 * are in cmdline.c's one list.
 */
#ifndef KERNEL_CMDLINE_H
#define KERNEL_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CMDLINE_BYTES 4096

typedef enum {
    /* The bare word. */
    CMDLINE_FLAG,
    /* name=text, text not empty. */
    CMDLINE_TEXT,
    /* name=number, decimal or 0x. */
    CMDLINE_NUMBER,
    /* A number from 1 to 2^32 - 1. */
    CMDLINE_COUNT,
    /* Whatever its reader makes of it. */
    CMDLINE_ANY,
} CmdlineKind;

typedef struct CmdlineWord {
    const char *name;
    CmdlineKind kind;
    /*
     * Says what else is wrong with the word's last value: returns false, and the reason
     * in why. cmdline_check() calls it when all words are well-formed. May be NULL.
     */
    bool (*check)(const char *value, char *why, size_t bytes);
} CmdlineWord;

/* One word of a table, as in CMDLINE_WORD("from", CMDLINE_COUNT) or with a check behind
 * the kind: .check = check_part. */
#define CMDLINE_WORD(text, of_kind, ...)             \
    {                                                \
        .name = text, .kind = of_kind, ##__VA_ARGS__ \
    }

/*
 * Puts a table of words into section .words: whoever reads a word declares it, and nobody
 * keeps a list of all.
 */
#define CMDLINE_WORDS(id, ...)                                     \
    static const CmdlineWord id[] = {__VA_ARGS__, {.name = NULL}}; \
    static const CmdlineWord *const id##_at                        \
        __attribute__((used, section(".words." #id))) = id

/*
 * Keeps a copy of the text. is_path_first: the loader put the image's path first (QEMU's
 * Multiboot does and says so in its loader name): it is dropped. A text longer
 * than CMDLINE_BYTES - 1 is an error that cmdline_check() reports.
 */
void cmdline_init(const char *text, bool is_path_first);

/*
 * Checks every word against the tables in [known, end), each ended by a NULL name, and
 * against Linux's list. Returns false and names the first offender in why when a word is
 * unknown or wrong. note() is called once for each Linux word, which is ignored.
 */
bool cmdline_check(const CmdlineWord *const *known, const CmdlineWord *const *end,
                   void (*note)(const char *word), char *why, size_t why_bytes);

/* Returns the value of name=value; "" for a bare word, NULL when the word is absent. Of
 * several the last one counts. */
const char *cmdline_get(const char *name);
uint64_t cmdline_get_u64(const char *name, uint64_t otherwise);
bool cmdline_has(const char *name);

/* Iterates all name=value words of one name: *at starts at 0; NULL at the end. */
const char *cmdline_next(const char *name, size_t *at);

/* Splits "a,b,c": copies the next item to item, returns the rest or NULL at the end. */
const char *cmdline_item(const char *list, char *item, size_t bytes);

#endif
