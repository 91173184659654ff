/* SPDX-License-Identifier: MIT */
/*
 * Address translation, one to one (Principles of Operation, "Dynamic Address
 * Translation"): one segment table, page tables for the first 16 MiB. It is there for
 * what it keeps out: text and read-only data cannot be written, nothing else can be
 * executed (where the CPU has that facility), and there is nothing at all below the
 * image and under the stack.
 */
#include "paging.h"
#include "cpu.h"
#include "kernel/mem/page.h"
#include <stdbool.h>

#define SEGMENTS          512 /* of 1 MiB: one page of table */
#define SEGMENTS_MAPPED   16
#define PAGES_OF_SEGMENT  256
#define SEGMENT_BYTES     (1u << 20)
#define ENTRY_INVALID     0x20
#define PAGE_INVALID      0x400
#define PAGE_READ_ONLY    0x200
#define PAGE_NO_EXECUTION 0x100

#define FACILITY_DOUBLEWORDS          4
#define FACILITY_EXECUTION_PROTECTION 130

extern const char image_begin[], text_end[], rodata_end[], stack_guard[];

static uint64_t segment_table[SEGMENTS] __attribute__((aligned(4096)));
static uint64_t page_tables[SEGMENTS_MAPPED][PAGES_OF_SEGMENT]
    __attribute__((aligned(2048)));

/* Facility bit n, counted from the most significant bit of the list's first byte. */
static bool cpu_has_facility(unsigned n)
{
    uint64_t list[FACILITY_DOUBLEWORDS] = {0};
    register uint64_t last __asm__("0") = FACILITY_DOUBLEWORDS - 1;
    __asm__ volatile("stfle %1" : "+d"(last), "=Q"(list) : : "cc");
    return list[n / 64] >> (63 - n % 64) & 1;
}

static uint64_t page_entry(uint64_t address)
{
    if (address < (uintptr_t)image_begin ||
        address - (uintptr_t)stack_guard < PAGE_BYTES) {
        return PAGE_INVALID;
    }
    if (address < (uintptr_t)text_end) {
        return address | PAGE_READ_ONLY;
    }
    return address | PAGE_NO_EXECUTION |
           (address < (uintptr_t)rodata_end ? PAGE_READ_ONLY : 0);
}

/* Devices are reached by instructions here, and memory above 16 MiB is not used. */
volatile void *page_map_device(uint64_t physical, uint64_t bytes)
{
    (void)physical, (void)bytes;
    return NULL;
}

void paging_init(void)
{
    uint64_t without =
        cpu_has_facility(FACILITY_EXECUTION_PROTECTION) ? 0 : PAGE_NO_EXECUTION;
    for (uint64_t s = 0; s < SEGMENTS; s++) {
        segment_table[s] = ENTRY_INVALID;
    }
    for (uint64_t s = 0; s < SEGMENTS_MAPPED; s++) {
        for (uint64_t p = 0; p < PAGES_OF_SEGMENT; p++) {
            page_tables[s][p] = page_entry(s * SEGMENT_BYTES + p * PAGE_BYTES) & ~without;
        }
        segment_table[s] = (uintptr_t)page_tables[s];
    }
    CPU_CONTROL_ON(0, without ? 0 : CR0_EXECUTION_PROTECTION);
    CPU_CONTROL_SET(1, (uintptr_t)segment_table);
    __asm__ volatile("ptlb" : : : "memory");
    CPU_SYSTEM_ON(SYSTEM_DAT);
}
