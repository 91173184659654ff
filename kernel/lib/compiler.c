/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls by itself, besides the four of string.h, where an instruction
 * set has no instruction for it.
 */
#include <stdint.h>

int __popcountdi2(int64_t v);

int __popcountdi2(int64_t v)
{
    int count = 0;
    for (uint64_t left = (uint64_t)v; left; left &= left - 1) {
        count++;
    }
    return count;
}
