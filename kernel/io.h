/* SPDX-License-Identifier: MIT */
/*
 * A window of device registers, in memory or in I/O space: whoever uses one never asks
 * which. Accesses are of the natural width given, little-endian on the wire (PCI), in
 * program order with ring memory.
 */
#ifndef KERNEL_IO_H
#define KERNEL_IO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct IoWindow {
    bool is_port;
    /* A port number, or the address page_map_device() gave. */
    uint64_t base;
    uint64_t bytes;
} IoWindow;

/* Access a register of the window. An access outside the window panics: callers check
 * their offsets against what the device claims. */
uint8_t io_read8(const IoWindow *w, uint64_t off);
uint16_t io_read16(const IoWindow *w, uint64_t off);
uint32_t io_read32(const IoWindow *w, uint64_t off);
void io_write8(const IoWindow *w, uint64_t off, uint8_t v);
void io_write16(const IoWindow *w, uint64_t off, uint16_t v);
void io_write32(const IoWindow *w, uint64_t off, uint32_t v);

/* Returns the part [off, off + bytes) of a window. `bytes` is 0 in the result when the
 * part does not fit. */
IoWindow io_subwindow(const IoWindow *w, uint64_t off, uint64_t bytes);

#endif
