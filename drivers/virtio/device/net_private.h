/* SPDX-License-Identifier: MIT */
/*
 * Private to the network driver's own files: its tables of names, and finding and
 * starting the partner NIC.
 */
#ifndef DEVICE_NET_PRIVATE_H
#define DEVICE_NET_PRIVATE_H

#include "drivers/virtio/device/net.h"

extern const QVirtioFeatureName net_features[];
extern const QVirtioField net_fields[];

/* Returns NULL, or why no request can be made at all. */
const char *net_why_no_ping(QVirtioDevice *d);
/* Returns the partner, or NULL. *is_certain says whether the host told it; else it is a
 * guess. */
QVirtioDevice *net_find_partner(const QVirtioDevice *d, bool *is_certain);
/* Resets it, opens its queues, DRIVER_OK; rx is its receive queue, without buffers yet.
 */
int net_start_partner(QVirtioDevice *p, NetRx *rx);

#endif
