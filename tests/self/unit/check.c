/* SPDX-License-Identifier: MIT */
/*
 * The checks, and on the host's side what the kernel's pure code calls: panic(), the
 * console, physical memory.
 */
#include "tests/self/unit/check.h"
#include "kernel/console.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"
#include "kernel/panic.h"
#include <stdio.h>
#include <stdlib.h>

#define CONSOLE_BYTES 4096

jmp_buf check_panic;
bool check_expects_panic;
uint8_t check_memory[CHECK_MEMORY_BYTES];

static unsigned checks, failures;
static char console[2][CONSOLE_BYTES];
static unsigned console_side;
static size_t console_count;

void check_that(bool is_true, const char *claim, const char *file, int line)
{
    checks++;
    failures += !is_true;
    printf("%s %u - %s\n", is_true ? "ok" : "not ok", checks, claim);
    if (!is_true) {
        printf("# at %s:%d\n", file, line);
    }
}

void check_equal(uint64_t seen, uint64_t expected, const char *claim, const char *file,
                 int line)
{
    check_that(seen == expected, claim, file, line);
    if (seen != expected) {
        printf("# expected 0x%llx, seen 0x%llx\n", (unsigned long long)expected,
               (unsigned long long)seen);
    }
}

void check_text(const char *seen, const char *expected, const char *claim,
                const char *file, int line)
{
    bool is_same = seen && strcmp(seen, expected) == 0;
    check_that(is_same, claim, file, line);
    if (!is_same) {
        printf("# expected '%s', seen '%s'\n", expected, seen ? seen : "(null)");
    }
}

int check_done(void)
{
    printf("1..%u\n", checks);
    return failures > 0 || checks == 0;
}

const char *check_console(void)
{
    char *text = console[console_side];
    text[console_count] = 0;
    console_side ^= 1;
    console_count = 0;
    return text;
}

void console_write(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && console_count + 1 < CONSOLE_BYTES; i++) {
        console[console_side][console_count++] = bytes[i];
    }
}

_Noreturn void panic(const char *format, ...)
{
    if (check_expects_panic) {
        longjmp(check_panic, 1);
    }
    printf("Bail out! panic: %s\n", format);
    exit(1);
}

volatile void *page_map_device(uint64_t physical, uint64_t bytes)
{
    static uint8_t nothing[4096];
    if (physical < CHECK_MEMORY_BYTES && bytes <= CHECK_MEMORY_BYTES - physical) {
        return check_memory + physical;
    }
    if (bytes > sizeof(nothing)) {
        panic("a map of nothing");
    }
    return memset(nothing, 0xff, sizeof(nothing));
}
