/* SPDX-License-Identifier: MIT */
/*
 * Checks for native programs that test the kernel's pure code: each prints a TAP
 * line; check_done() prints the plan and gives the program's exit status. A panic() of
 * the code under test comes back to CHECK_PANICS.
 */
#ifndef TESTS_HOST_CHECK_H
#define TESTS_HOST_CHECK_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The claim says in the present tense what holds. */
#define CHECK(condition, claim) check_that((condition), (claim), __FILE__, __LINE__)
#define CHECK_EQ(seen, expected, claim) \
    check_equal((uint64_t)(seen), (uint64_t)(expected), (claim), __FILE__, __LINE__)
#define CHECK_TEXT(seen, expected, claim) \
    check_text((seen), (expected), (claim), __FILE__, __LINE__)

/* The statement ends in panic(). */
#define CHECK_PANICS(statement, claim)     \
    do {                                   \
        volatile bool has_panicked = true; \
        if (setjmp(check_panic) == 0) {    \
            check_expects_panic = true;    \
            statement;                     \
            has_panicked = false;          \
        }                                  \
        check_expects_panic = false;       \
        CHECK(has_panicked, claim);        \
    } while (0)

extern jmp_buf check_panic;
extern bool check_expects_panic;

void check_that(bool is_true, const char *claim, const char *file, int line);
void check_equal(uint64_t seen, uint64_t expected, const char *claim, const char *file,
                 int line);
void check_text(const char *seen, const char *expected, const char *claim,
                const char *file, int line);
int check_done(void);

/* Returns what the code under test has written to the console since the last call; ""
 * when that is nothing. */
const char *check_console(void);

/* Physical memory for page_map_device(): the first MiB; elsewhere all bytes read as 0xff.
 */
#define CHECK_MEMORY_BYTES (1u << 20)
extern uint8_t check_memory[CHECK_MEMORY_BYTES];

#endif
