/* SPDX-License-Identifier: MIT */
/*
 * Private to the files of the network driver: its tables of names, and how the partner
 * NIC is found and started.
 */
#ifndef DEVICE_NET_PRIVATE_H
#define DEVICE_NET_PRIVATE_H

#include "drivers/virtio/device/net.h"

extern const QVirtioFeatureName net_features[];
extern const QVirtioField net_fields[];

/* Returns NULL when frames can be sent, else the text of a SKIP. */
const char *net_why_no_ping(QVirtioDevice *d);
/* Returns the partner NIC, or NULL when there is none. *is_certain is true when know=
 * named it, false when it is a guess. */
QVirtioDevice *net_find_partner(const QVirtioDevice *d, bool *is_certain);
/* Resets the partner, opens its queues and sets DRIVER_OK. rx becomes its receive queue,
 * which has no buffers yet. */
int net_start_partner(QVirtioDevice *p, NetRx *rx);

#endif
