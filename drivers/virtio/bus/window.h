/* SPDX-License-Identifier: MIT */
/*
 * Device configuration (2.5) in a window of registers, at natural width: what the buses
 * that have it there share. Bytes as on the wire; width 1, 2, 4, or 8 as two accesses of
 * 4. -RANGE beyond the window, and for other widths.
 */
#ifndef QVIRTIO_BUS_WINDOW_H
#define QVIRTIO_BUS_WINDOW_H

#include "drivers/virtio/qvirtio.h"
#include "kernel/io.h"

int qvirtio_window_get(const IoWindow *w, size_t off, void *to, size_t width);
int qvirtio_window_set(const IoWindow *w, size_t off, const void *from, size_t width);

#endif
