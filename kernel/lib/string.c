/* SPDX-License-Identifier: MIT */
/*
 * string.h's functions, on top of the architecture's bulk instructions (bulk.h).
 */
#include "kernel/lib/string.h"
#include "bulk.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    bulk_copy(to, from, bytes);
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    if ((uintptr_t)to - (uintptr_t)from < bytes) {
        bulk_copy_down(to, from, bytes);
    } else {
        bulk_copy(to, from, bytes);
    }
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    bulk_fill(to, (uint8_t)byte, bytes);
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    size_t at = bulk_mismatch(a, b, bytes);
    return at == bytes ? 0 : ((const uint8_t *)a)[at] - ((const uint8_t *)b)[at];
}

size_t memory_mismatch(const void *a, const void *b, size_t bytes)
{
    return bulk_mismatch(a, b, bytes);
}

void *memchr(const void *from, int byte, size_t bytes)
{
    size_t at = bulk_find(from, (uint8_t)byte, bytes);
    return at == bytes ? NULL : (uint8_t *)from + at;
}

size_t memory_find_u64(const void *from, uint64_t word, size_t bytes)
{
    return bulk_find_word(from, word, bytes / 8) * 8;
}

size_t strlen(const char *s)
{
    return bulk_find(s, 0, SIZE_MAX);
}

size_t strnlen(const char *s, size_t most)
{
    return bulk_find(s, 0, most);
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        if (a[i] != b[i] || a[i] == 0) {
            return (uint8_t)a[i] - (uint8_t)b[i];
        }
    }
    return 0;
}

char *strchr(const char *s, int c)
{
    while (*s != (char)c && *s) {
        s++;
    }
    return *s == (char)c ? (char *)s : NULL; /* strchr(s, 0) finds the end */
}

const char *strstr(const char *text, const char *what)
{
    size_t bytes = strlen(what);
    for (; *text || bytes == 0; text++) {
        if (strncmp(text, what, bytes) == 0) {
            return text;
        }
    }
    return NULL;
}

bool string_copy(char *to, const char *from, size_t bytes)
{
    if (bytes == 0) {
        return false;
    }
    size_t length = strnlen(from, bytes);
    size_t taken = length < bytes ? length : bytes - 1;
    memcpy(to, from, taken);
    to[taken] = 0;
    return taken == length;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    unsigned letter = (unsigned)(c | 0x20) - 'a';
    return letter < 6 ? letter + 10 : 99;
}

bool string_to_u64(const char *s, uint64_t *value)
{
    unsigned base = 10;
    if (s[0] == '0' && (s[1] | 0x20) == 'x') {
        base = 16;
        s += 2;
    }
    uint64_t v = 0;
    if (*s == 0) {
        return false;
    }
    for (; *s; s++) {
        unsigned digit = digit_value(*s);
        if (digit >= base || v > (UINT64_MAX - digit) / base) {
            return false;
        }
        v = v * base + digit;
    }
    *value = v;
    return true;
}

void hex_encode(char *to, const void *from, size_t count)
{
    const uint8_t *byte = from;
    for (size_t i = 0; i < 2 * count; i++) {
        to[i] = "0123456789abcdef"[byte[i / 2] >> (i % 2 ? 0 : 4) & 15];
    }
    to[2 * count] = 0;
}

size_t hex_decode(const char *text, void *to, size_t most)
{
    size_t count = 0;
    for (; digit_value(text[0]) < 16 && digit_value(text[1]) < 16; text += 2, count++) {
        if (count < most) {
            ((uint8_t *)to)[count] =
                (uint8_t)(digit_value(text[0]) << 4 | digit_value(text[1]));
        }
    }
    return count;
}
