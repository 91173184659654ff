/* SPDX-License-Identifier: MIT */
/*
 * The few functions of string.h that the compiler itself calls or that the kernel needs,
 * with the C library's names and meanings. The bulk ones are string instructions (rep
 * movsq, rep stosq, repe cmpsq on x86_64): under a software-assisted KVM a byte loop
 * costs a hundred times as much.
 */
#ifndef KERNEL_STRING_H
#define KERNEL_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memchr(const void *from, int byte, size_t bytes);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t most);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t most);
char *strchr(const char *s, int c);
const char *strstr(const char *text, const char *what);

/* Copies at most bytes - 1 characters and terminates; true when all of from fitted. */
bool string_copy(char *to, const char *from, size_t bytes);

/* Parses a whole string as a number: decimal, or hexadecimal after 0x. False on anything
 * else or overflow. */
bool string_to_u64(const char *s, uint64_t *value);

/* Bytes as lower-case hexadecimal digits: 2 * count characters and a zero. */
void hex_encode(char *to, const void *from, size_t count);
/* Decodes hexadecimal digits. It ends at the first character that is no digit, and writes
 * the first `most` bytes. Returns how many bytes the digits make. */
size_t hex_decode(const char *text, void *to, size_t most);

/* Returns the byte offset of the first word (8 bytes, in place) that is this one; `bytes`
 * when there is none. */
size_t memory_find_u64(const void *from, uint64_t word, size_t bytes);

/* Returns the index of the first byte that differs; `bytes` when there is none. */
size_t memory_mismatch(const void *a, const void *b, size_t bytes);

#endif
