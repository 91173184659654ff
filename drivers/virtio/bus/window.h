/* SPDX-License-Identifier: MIT */
/*
 * For PCI and MMIO: the device configuration (2.5) in a window of registers, one field at
 * its natural width of 1, 2, 4 or 8 bytes. 8 bytes are two accesses of 4. The bytes are
 * as on the wire. Both functions return -QVIRTIO_RANGE beyond the window and for other
 * widths.
 */
#ifndef QVIRTIO_BUS_WINDOW_H
#define QVIRTIO_BUS_WINDOW_H

#include "drivers/virtio/qvirtio.h"
#include "kernel/io.h"

int qvirtio_window_get(const IoWindow *w, size_t off, void *to, size_t width);
int qvirtio_window_set(const IoWindow *w, size_t off, const void *from, size_t width);

#endif
