/* SPDX-License-Identifier: MIT */
/* kernel/lib/string.c: the bulk functions at every length and phase, and string_to_u64().
 */
#include "kernel/lib/string.h"
#include "tests/self/unit/check.h"

#define ROOM 80

static uint8_t a[ROOM], b[ROOM];

static void fill_rising(void)
{
    for (unsigned i = 0; i < ROOM; i++) {
        a[i] = (uint8_t)(i + 1);
        b[i] = 0;
    }
}

/* Every start from 0 to 8 and every length up to 40: words and the bytes that are left.
 */
static void copies_exactly(void)
{
    bool copies = true, sets = true;
    for (unsigned from = 0; from < 9; from++) {
        for (unsigned bytes = 0; bytes < 40; bytes++) {
            fill_rising();
            memcpy(b + 16, a + from, bytes);
            for (unsigned i = 0; i < ROOM; i++) {
                bool is_inside = i >= 16 && i < 16 + bytes;
                copies &= b[i] == (is_inside ? (uint8_t)(from + i - 16 + 1) : 0);
            }
            memset(b + from, 0x5a, bytes);
            for (unsigned i = 0; i < bytes; i++) {
                sets &= b[from + i] == 0x5a;
            }
            sets &= b[from + bytes] != 0x5a;
        }
    }
    CHECK(copies, "memcpy copies exactly its bytes");
    CHECK(sets, "memset sets exactly its bytes");
}

static void moves_overlapping(void)
{
    bool is_right = true;
    for (unsigned from = 0; from < 20; from++) {
        for (unsigned to = 0; to < 20; to++) {
            fill_rising();
            memmove(a + to, a + from, 30);
            for (unsigned i = 0; i < 30; i++) {
                is_right &= a[to + i] == from + i + 1;
            }
        }
    }
    CHECK(is_right, "memmove moves overlapping ranges both ways");
}

static void finds_every_mismatch(void)
{
    bool finds = true, orders = true;
    for (unsigned bytes = 0; bytes < 40; bytes++) {
        for (unsigned at = 0; at <= bytes; at++) {
            fill_rising();
            memcpy(b, a, ROOM);
            b[at]++;
            finds &= memory_mismatch(a, b, bytes) == (at < bytes ? at : bytes);
            orders &= at < bytes ? memcmp(a, b, bytes) < 0 : memcmp(a, b, bytes) == 0;
        }
    }
    CHECK(finds, "memory_mismatch names the first byte that differs");
    CHECK(orders, "memcmp orders by it");
}

static void reads_strings(void)
{
    char text[8];
    CHECK_EQ(strlen(""), 0, "an empty string has length 0");
    CHECK_EQ(strlen("four"), 4, "strlen counts");
    CHECK_EQ(strnlen("four", 3), 3, "strnlen stops at its bound");
    CHECK(strcmp("ab", "abc") < 0 && strcmp("b", "abc") > 0, "strcmp orders");
    CHECK(strcmp("\xff", "a") > 0, "strcmp compares unsigned");
    CHECK(strncmp("abx", "aby", 2) == 0, "strncmp stops at its bound");
    CHECK(*strchr("a=b", '=') == '=' && !strchr("ab", 'c'), "strchr finds or does not");
    CHECK(*strchr("ab", 0) == 0, "strchr finds the end");
    CHECK(strstr("one two", "two") != NULL, "strstr finds");
    CHECK(strstr("one two", "twob") == NULL, "strstr does not find what is longer");
    CHECK(memchr("abc", 'c', 2) == NULL, "memchr stops at its bound");
    CHECK(string_copy(text, "seven77", 8), "string_copy says that all fitted");
    CHECK(!string_copy(text, "eight888", 8), "string_copy says that it cut");
    CHECK_TEXT(text, "eight88", "string_copy terminates what it cut");
}

static bool parses(const char *text, uint64_t expected)
{
    uint64_t value = ~expected;
    return string_to_u64(text, &value) && value == expected;
}

static void parses_numbers(void)
{
    static const char *const wrong[] = {"",
                                        "0x",
                                        "12a",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "0b1",
                                        "0xg",
                                        "1.0",
                                        "18446744073709551616",
                                        "0x10000000000000000"};
    uint64_t value = 7;
    CHECK(parses("0", 0) && parses("42", 42), "decimal numbers are read");
    CHECK(parses("0x2A", 42) && parses("0X2a", 42), "hexadecimal numbers are read");
    CHECK(parses("18446744073709551615", UINT64_MAX), "the largest decimal is read");
    CHECK(parses("0xffffffffffffffff", UINT64_MAX), "the largest hexadecimal is read");
    CHECK(parses("007", 7), "leading zeros are decimal");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CHECK(!string_to_u64(wrong[i], &value) && value == 7, wrong[i]);
    }
}

static void writes_and_reads_digits(void)
{
    const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
    uint8_t seen[4] = {9, 9, 9, 9};
    char text[9];
    hex_encode(text, bytes, 4);
    CHECK(strcmp(text, "000fa5ff") == 0, "bytes become digits");
    hex_encode(text, bytes, 0);
    CHECK(text[0] == 0, "no bytes become none");
    CHECK(hex_decode("000fA5ff", seen, 4) == 4 && memcmp(seen, bytes, 4) == 0,
          "digits of either case become bytes");
    CHECK(hex_decode("0102030405", seen, 2) == 5 && seen[1] == 2 && seen[2] == 0xa5,
          "what has no place is counted and not written");
    CHECK_EQ(hex_decode("01 2", seen, 4), 1, "what is no digit ends them");
    CHECK_EQ(hex_decode("012", seen, 4), 1, "half a byte is none");
}

int main(void)
{
    writes_and_reads_digits();
    copies_exactly();
    moves_overlapping();
    finds_every_mismatch();
    reads_strings();
    parses_numbers();
    const uint64_t words[] = {1, 2, 3, 4};
    CHECK_EQ(memory_find_u64(words, 3, sizeof(words)), 16,
             "a word is found in its place");
    CHECK_EQ(memory_find_u64(words, 9, sizeof(words)), 32, "an absent word is not");
    return check_done();
}
