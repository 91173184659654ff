/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the memory balloon (5.5): gives pages to the device and takes
 * them back by their numbers, and reads and writes config space, which is little-endian
 * on every interface.
 *
 * Page numbers are guest-physical addresses, also where an IOMMU stands between other
 * devices and memory. So they are made from pointers, not from what arena_map() returns.
 */
#ifndef QVIRTIO_DEVICE_BALLOON_H
#define QVIRTIO_DEVICE_BALLOON_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_balloon.h"

/* Writes the numbers of `count` pages, which follow each other in memory from `pages`
 * on. */
void balloon_numbers(const QVirtioDevice *d, virtio32 *to, const void *pages,
                     unsigned count);
/* Sends the numbers of these pages to the inflateq or deflateq and waits until the device
 * has used them. used_len may be NULL. */
int balloon_send(QVirtioDevice *d, uint16_t queue, const void *pages, unsigned count,
                 uint32_t *used_len);

/* Read and write the 32-bit field of config space at this offset, in CPU order. */
int balloon_config_read(QVirtioDevice *d, size_t off, uint32_t *value);
int balloon_config_write(QVirtioDevice *d, size_t off, uint32_t value);

#endif
