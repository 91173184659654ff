/* SPDX-License-Identifier: MIT */
/*
 * The ping of the block device, for the driver table in blk.c. It reads one of a few
 * blocks near the end of the disk, whose content is known.
 */
#ifndef QVIRTIO_DEVICE_BLK_PING_H
#define QVIRTIO_DEVICE_BLK_PING_H

#include "drivers/virtio/device/blk.h"
#include "drivers/virtio/driver.h"

/* The sectors of pings lie between the announced and the scratch sectors. */
#define BLK_PING_SECTORS 64

int blk_ping_open(QVirtioDevice *d, const QVirtioRing *ring);
int blk_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping);
const char *blk_ping_check(QVirtioPing *ping, uint32_t used_len);

#endif
