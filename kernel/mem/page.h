/* SPDX-License-Identifier: MIT */
/*
 * Physical pages, 4 KiB, handed out once and never given back (page tables, tables of the
 * bus code), and the mapping of device memory. RAM is mapped one to one.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES 4096u

/* Divides the RAM around the image, at boot. Too little RAM ends the run with one line.
 */
void page_init(void);

/* Returns zeroed pages, and never NULL: running out of memory at boot is a panic. */
void *page_alloc(unsigned count);

/* Maps device memory, uncached; returns the address to use. Any physical address below
 * 2^52. */
volatile void *page_map_device(uint64_t physical, uint64_t bytes);

/* Does the same for memory, whether it is in the map of RAM or not. Returns where the CPU
 * reads and writes it. Returns NULL where the architecture cannot map it. */
void *page_map_memory(uint64_t physical, uint64_t bytes);

/* Returns true when the physical range [from, to) is RAM. */
bool page_is_ram(uint64_t from, uint64_t to);

#endif
