/* SPDX-License-Identifier: MIT */
/*
 * The memory balloon (5.5), for tests: pages given away and taken back, by their numbers,
 * and config space, which is little-endian on every interface.
 *
 * Page numbers are guest-physical addresses, whatever stands between other devices and
 * memory: they are made of pointers, and not of what arena_map() says.
 */
#ifndef QVIRTIO_DEVICE_BALLOON_H
#define QVIRTIO_DEVICE_BALLOON_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_balloon.h"

/* Numbers of `count` pages that lie one behind the other from `pages` on. */
void balloon_numbers(const QVirtioDevice *d, virtio32 *to, const void *pages,
                     unsigned count);
/* Sends such an array to the inflateq or deflateq and waits; used_len may be NULL. */
int balloon_send(QVirtioDevice *d, uint16_t queue, const void *pages, unsigned count,
                 uint32_t *used_len);

/* Read and write a field of config space by its offset. */
int balloon_config_read(QVirtioDevice *d, size_t off, uint32_t *value);
int balloon_config_write(QVirtioDevice *d, size_t off, uint32_t value);

#endif
