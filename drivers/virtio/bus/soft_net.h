/* SPDX-License-Identifier: MIT */
/*
 * Private to the soft NICs: what commands on the control queue change, and which frames
 * that lets pass (5.1.9.5).
 */
#ifndef SOFT_NET_H
#define SOFT_NET_H

#include "drivers/virtio/bus/soft.h"
#include "drivers/virtio/spec/virtio_net.h"

#define SOFT_NET_TABLE 64 /* addresses of each kind; a longer list lets all pass */
#define SOFT_NET_MODES 6

typedef struct SoftNetTable {
    uint32_t count;
    bool is_over; /* the driver's list is longer */
    uint8_t mac[SOFT_NET_TABLE][6];
} SoftNetTable;

typedef struct SoftNet {
    bool mode[SOFT_NET_MODES]; /* by command of VIRTIO_NET_CTRL_RX */
    SoftNetTable unicast, multicast;
    uint8_t vlan[4096 / 8];
    bool is_link_down;
    uint16_t late_buffers; /* of a faulty device: used, and not shown yet */
} SoftNet;

#define SOFT_NET_FRAME_BYTES 2048

static inline struct virtio_net_config *soft_net_config(SoftDevice *s)
{
    return (struct virtio_net_config *)s->config;
}

/* All filters as after a reset. */
void soft_net_filter_reset(SoftDevice *s);
/* Runs the control queue. */
void soft_net_control(SoftDevice *s, uint16_t queue);
/* Does the device want this frame? */
bool soft_net_passes(SoftDevice *s, const uint8_t *frame, uint32_t bytes);

/* A frame has come over the link; the device may want it, or not. */
void soft_net_deliver(SoftDevice *s, const void *frame, uint32_t bytes);
/* What a host does to it, and what a host sees of the frames that it sends. */
bool soft_net_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes);
void soft_net_captured(const SoftDevice *s, const uint8_t *frame, uint32_t bytes);
/* What a faulty device says in the header of a packet that it receives. */
void soft_net_spoil(const SoftDevice *s, struct virtio_net_hdr *hdr);

#endif
