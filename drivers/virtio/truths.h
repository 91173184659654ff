/* SPDX-License-Identifier: MIT */
/*
 * Truths about devices that only the host has, as the words know= tell them. What is not
 * told is not judged.
 */
#ifndef QVIRTIO_TRUTHS_H
#define QVIRTIO_TRUTHS_H

#include "drivers/virtio/qvirtio.h"

/*
 * A truth that only the host has, from the know= word: key is "field" of this device
 * ("blk.0.sectors", or with the bus in front). NULL when it was not told.
 */
const char *qvirtio_truth(const QVirtioDevice *d, const char *field);
/* The first item of know= that is not device.index.field=value, or NULL. */
const char *qvirtio_truth_fault(void);
bool qvirtio_truth_u64(const QVirtioDevice *d, const char *field, uint64_t *value);
/* True unless the word keep forbids writing to a medium that outlives the VM. */
bool qvirtio_may_write_media(void);

#endif
