/* SPDX-License-Identifier: MIT */
/* kernel/lib/printf.c: every conversion with its flags, truncation, and what is no
 * format. */
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

static char text[128];

/* The formats that the compiler would refuse go through here. */
static const char *format(const char *how, ...)
{
    va_list args;
    va_start(args, how);
    kvsnprintf(text, sizeof(text), how, args);
    va_end(args);
    return text;
}

static void formats_integers(void)
{
    CHECK_TEXT(format("%d %i", -5, 7), "-5 7", "signed");
    CHECK_TEXT(format("%d", INT32_MIN), "-2147483648", "the lowest int");
    CHECK_TEXT(format("%lld", INT64_MIN), "-9223372036854775808", "the lowest long long");
    CHECK_TEXT(format("%u", UINT32_MAX), "4294967295", "the highest unsigned");
    CHECK_TEXT(format("%llu", UINT64_MAX), "18446744073709551615", "the highest of all");
    CHECK_TEXT(format("%lx %zu", 255ul, (size_t)12), "ff 12", "l and z");
    CHECK_TEXT(format("%hhu %hhd", 0x1ff, 0x1ff), "255 -1", "hh takes one byte");
    CHECK_TEXT(format("%hu %hd", 0x1ffff, 0x1ffff), "65535 -1", "h takes two");
    CHECK_TEXT(format("%x %X", 0xbeef, 0xbeef), "beef BEEF", "hexadecimal in both cases");
    CHECK_TEXT(format("%#x %#X %#x", 26, 26, 0), "0x1a 0X1A 0", "the alternate form");
    CHECK_TEXT(format("%+d %+d", 3, -3), "+3 -3", "a plus sign");
    CHECK_TEXT(format("%u", 0), "0", "zero");
}

static void keeps_width_and_precision(void)
{
    CHECK_TEXT(format("[%5d]", 42), "[   42]", "width");
    CHECK_TEXT(format("[%-5d]", 42), "[42   ]", "left");
    CHECK_TEXT(format("[%05d]", -42), "[-0042]", "zeros come after the sign");
    CHECK_TEXT(format("[%#06x]", 26), "[0x001a]", "zeros come after the prefix");
    CHECK_TEXT(format("[%-05d]", 42), "[42   ]", "left beats zeros");
    CHECK_TEXT(format("[%.3d]", 7), "[007]", "precision of a number");
    CHECK_TEXT(format("[%8.3d]", -7), "[    -007]", "width and precision");
    CHECK_TEXT(format("[%.0d]", 0), "[]", "zero with precision 0 is nothing");
    CHECK_TEXT(format("[%*d]", -4, 1), "[1   ]", "a negative star is left");
    CHECK_TEXT(format("[%.*s]", 2, "abc"), "[ab]", "a star as precision");
    CHECK_TEXT(format("[%2d]", 12345), "[12345]", "width never cuts");
    CHECK_TEXT(format("[%40s]", "x"), "[                                       x]",
               "padding longer than its run");
}

static void formats_text(void)
{
    const char unterminated[] = {'a', 'b', 'c'};
    CHECK_TEXT(format("%s|%5s|%-5s|", "ab", "ab", "ab"), "ab|   ab|ab   |", "strings");
    CHECK_TEXT(format("%.3s", unterminated), "abc", "precision bounds the reading");
    CHECK_TEXT(format("%s", NULL), "(null)", "a null string");
    CHECK_TEXT(format("%c%3c%-3c|", 'a', 'b', 'c'), "a  bc  |", "characters");
    CHECK_TEXT(format("%p", (void *)0x1234), "0x1234", "a pointer");
    CHECK_TEXT(format("100%% %s", "sure"), "100% sure", "a percent sign");
}

static void shows_what_it_does_not_know(void)
{
    CHECK_TEXT(format("a %f b"), "a %f b", "an unknown conversion stands as it is");
    CHECK_TEXT(format("a %-5q b"), "a %-5q b", "with its flags");
    CHECK_TEXT(format("50%"), "50%", "a percent sign at the end");
}

static void truncates(void)
{
    char small[6] = "zzzzz";
    CHECK_EQ(ksnprintf(small, 5, "%s", "123456"), 6, "the length is the whole text's");
    CHECK_TEXT(small, "1234", "what fits is there, and terminated");
    CHECK_EQ(small[5], 0, "nothing behind the room is written");
    small[0] = 'q';
    CHECK_EQ(ksnprintf(small, 0, "%d", 12), 2, "no room at all");
    CHECK_EQ(small[0], 'q', "and nothing written");
    CHECK_EQ(ksnprintf(small, 1, "%d", 12), 2, "room for the end only");
    CHECK_EQ(small[0], 0, "which is written");
    CHECK_EQ(ksnprintf(NULL, 0, "%d", 12), 2, "no buffer and no room");
}

int main(void)
{
    formats_integers();
    keeps_width_and_precision();
    formats_text();
    shows_what_it_does_not_know();
    truncates();
    kprintf("%s %d\n", "console", 7);
    CHECK_TEXT(check_console(), "console 7\n", "kprintf writes to the console");
    return check_done();
}
