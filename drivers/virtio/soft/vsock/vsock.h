/* SPDX-License-Identifier: MIT */
/*
 * This is private to the socket device in software: vsock.c calls it, and the connection
 * that the host begins.
 */
#ifndef SOFT_VSOCK_H
#define SOFT_VSOCK_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_vsock.h"

#define SOFT_VSOCK_HOST_PORT 8 /* from where the host connects */

typedef struct virtio_vsock_hdr SoftVsockHeader;

/* Waits for an rx buffer. */
void soft_vsock_reply(const SoftVsockHeader *h);

/* The one connection that the host begins: packets of the guest's to it, what it has to
 * send, and what it is told to do. */
void soft_vsock_hand_reset(void);
void soft_vsock_hand_take(const SoftVsockHeader *h, const QVirtQueueElement *e);
void soft_vsock_hand_send(SoftDevice *s, uint64_t cid);
bool soft_vsock_hand_act(const char *action, const char *args, uint64_t cid, char *value,
                         size_t bytes);

#endif
