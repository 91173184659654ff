/* SPDX-License-Identifier: MIT */
/* Private to the software socket device: vsock.c, and hand.c for the connection that the
 * hand makes. */
#ifndef SOFT_VSOCK_H
#define SOFT_VSOCK_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_vsock.h"

/* The port on the host that the hand connects from. */
#define SOFT_VSOCK_HOST_PORT 8

typedef struct virtio_vsock_hdr SoftVsockHeader;

/* Puts a packet without payload into the list of those that wait for an rx buffer. */
void soft_vsock_reply(const SoftVsockHeader *h);

/* The one connection that the hand begins: it is forgotten at a reset, takes packets of
 * the guest, sends what waits, and does what the hand is asked to do. */
void soft_vsock_hand_reset(void);
void soft_vsock_hand_take(const SoftVsockHeader *h, const QVirtQueueElement *e);
void soft_vsock_hand_send(SoftDevice *s, uint64_t cid);
bool soft_vsock_hand_act(const char *action, const char *args, uint64_t cid, char *value,
                         size_t bytes);

#endif
