/* SPDX-License-Identifier: MIT */
/*
 * A disk that the hand makes larger: a change of configuration, of which every bus has to
 * tell.
 */
#ifndef HARNESS_GROW_H
#define HARNESS_GROW_H

#include "drivers/virtio/device/blk.h"
#include "tests/harness/hand.h"

#define GROW_SECTORS 128 /* by which tests make a disk larger */

/* Asks the hand for a disk of so many sectors, and waits until capacity shows them.
 * Returns false when the test is over. */
bool grow_disk(Test *t, QVirtioDevice *dev, uint64_t sectors);

#endif
