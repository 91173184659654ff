/* SPDX-License-Identifier: MIT */
/*
 * The block device's ping, for its driver table in blk.c: reads of a few blocks near the
 * disk's end whose content is known.
 */
#ifndef QVIRTIO_DEVICE_BLK_PING_H
#define QVIRTIO_DEVICE_BLK_PING_H

#include "drivers/virtio/device/blk.h"
#include "drivers/virtio/driver.h"

#define BLK_PING_SECTORS 64 /* what lies between announced and scratch sectors */

int blk_ping_open(QVirtioDevice *d, const QVirtioRing *ring);
int blk_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping);
const char *blk_ping_check(QVirtioPing *ping, uint32_t used_len);

#endif
