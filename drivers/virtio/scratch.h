/* SPDX-License-Identifier: MIT */
/*
 * What may be spoiled. The word scratch= names devices whose media, shares, consoles and
 * wires tests may write to; without it everything behind a device is only read. The word
 * keep takes all of it back.
 *
 * A name is that of the device, "blk.0" or "pci.blk.0", and may be a glob: scratch=*,
 * scratch=blk.*,net.0.
 */
#ifndef QVIRTIO_SCRATCH_H
#define QVIRTIO_SCRATCH_H

#include "drivers/virtio/qvirtio.h"

/* Returns true when tests may write to what is behind the device. Software devices have
 * nothing behind them that outlives the kernel. */
bool qvirtio_is_scratch(const QVirtioDevice *d);

/* Returns NULL when tests may write there, else the text of a SKIP that says which word
 * opens it. The text stays valid until the next call. */
const char *qvirtio_why_not_scratch(const QVirtioDevice *d);

/* Returns the first item of scratch= that is the name of no device, or NULL. To be asked
 * when the devices have been found. The text stays valid until the next call. */
const char *qvirtio_scratch_fault(void);

#endif
