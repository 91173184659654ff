/* SPDX-License-Identifier: MIT */
/*
 * Names for addresses are searched for in the table that scripts/symbols made of the
 * first link.
 */
#include "kernel/arch.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/panic.h"

extern const uint32_t symbol_count, symbol_addresses[];
extern const char symbol_names[];

void symbol_format(uint64_t address, char *to, size_t bytes)
{
    uint32_t low = 0, high = symbol_count;
    while (low < high) { /* the first symbol behind the address */
        uint32_t middle = low + (high - low) / 2;
        if (symbol_addresses[middle] <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const void *text, *end;
    arch_text_range(&text, &end);
    if (low == 0 || address >= (uintptr_t)end) {
        ksnprintf(to, bytes, "0x%llx", (unsigned long long)address);
        return;
    }
    const char *name = symbol_names;
    for (uint32_t i = 0; i < low - 1; i++) {
        name += strlen(name) + 1;
    }
    ksnprintf(to, bytes, "%s+0x%llx", name,
              (unsigned long long)(address - symbol_addresses[low - 1]));
}
