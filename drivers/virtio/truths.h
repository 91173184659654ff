/* SPDX-License-Identifier: MIT */
/*
 * For who judges a device: truths, which are facts about it that only the host has, as
 * the words know= tell them. What is not told is not judged.
 */
#ifndef QVIRTIO_TRUTHS_H
#define QVIRTIO_TRUTHS_H

#include "drivers/virtio/qvirtio.h"

/* Returns what was told of a field of this device ("blk.0.sectors", or with the bus in
 * front, which wins); NULL when nothing was told. The text stays valid until the next
 * call. */
const char *qvirtio_truth(const QVirtioDevice *d, const char *field);
/* Returns false when nothing was told, or what was told is no number. */
bool qvirtio_truth_u64(const QVirtioDevice *d, const char *field, uint64_t *value);
/* Returns the first item of know= that is not device.index.field=value, or NULL. */
const char *qvirtio_truth_fault(void);

#endif
