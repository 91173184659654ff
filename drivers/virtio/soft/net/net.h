/* SPDX-License-Identifier: MIT */
/*
 * Private to the soft NICs: what commands on the control queue change, and which frames
 * that lets pass (5.1.9.5).
 */
#ifndef SOFT_NET_H
#define SOFT_NET_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_net.h"

#define SOFT_NET_TABLE 64 /* addresses of each kind; a longer list lets all pass */
#define SOFT_NET_MODES 6
#define SOFT_NET_PAIRS 3
#define SOFT_NET_RSS   128 /* entries of the indirection table */
#define SOFT_NET_KEY   40

typedef struct SoftNetTable {
    uint32_t count;
    /* The driver's list is longer. */
    bool is_over;
    uint8_t mac[SOFT_NET_TABLE][6];
} SoftNetTable;

/* What decides on the queue of a frame: VQ_PAIRS_SET, or RSS, the last that was said. */
typedef struct SoftNetSteering {
    uint16_t pairs;
    bool is_rss;
    uint32_t hash_types, tunnel_types;
    uint16_t mask, unclassified;
    uint16_t table[SOFT_NET_RSS];
    uint8_t key[SOFT_NET_KEY];
} SoftNetSteering;

typedef struct SoftNetCoal {
    uint32_t max_packets, max_usecs;
} SoftNetCoal;

typedef struct SoftNetCount {
    uint64_t packets, bytes, drops;
} SoftNetCount;

typedef struct SoftNet {
    /* By command of VIRTIO_NET_CTRL_RX. */
    bool mode[SOFT_NET_MODES];
    SoftNetTable unicast, multicast;
    uint8_t vlan[4096 / 8];
    bool is_link_down;
    /* Of a faulty device: used, and not shown yet, in. */
    uint16_t late_buffers;
    /* This queue. */
    uint16_t late_queue;
    SoftNetSteering steering;
    /* The one RSS context that there can be. */
    bool has_context;
    /* What GUEST_OFFLOADS_SET took away. */
    uint64_t offloads_off;
    /* For all receive, all transmit queues. */
    SoftNetCoal coal_set[2];
    SoftNetCoal coal[SOFT_QUEUES];
    SoftNetCount count[SOFT_QUEUES];
    uint64_t commands, commands_ok;
} SoftNet;

#define SOFT_NET_FRAME_BYTES 4096

/* A frame under way, with the header that its sender gave it or its receiver gets. */
typedef struct SoftPacket {
    struct virtio_net_hdr_long hdr;
    /* Of the frame. */
    uint32_t bytes;
    uint8_t frame[SOFT_NET_FRAME_BYTES];
} SoftPacket;

static inline SoftNet *soft_net_of(SoftDevice *s)
{
    return s->data;
}

static inline struct virtio_net_config *soft_net_config(SoftDevice *s)
{
    return (struct virtio_net_config *)s->config;
}

/* Sets up steering, coalescing and counters after a reset, of a device that was as `old`
 * says. */
void soft_net_restart(SoftDevice *s, const SoftNet *old);
void soft_net_restart_coalescing(SoftDevice *s, const SoftNet *old);
/* Sets all filters as they are after a reset. */
void soft_net_filter_reset(SoftDevice *s);
/* Runs the control queue. */
void soft_net_control(SoftDevice *s, uint16_t queue);
/* Does the device want this frame? */
bool soft_net_passes(SoftDevice *s, const uint8_t *frame, uint32_t bytes);

/* Returns the length of the header that goes with the negotiated features (5.1.9.3.1). */
uint32_t soft_net_hdr_bytes(const SoftDevice *s);

/* Returns the receive queue that a frame goes to, or -1 when it is dropped. Fills in the
 * hash that is reported of it (5.1.9.4.4, 5.1.9.5.5 to 5.1.9.5.7). */
int soft_net_steer(SoftDevice *s, SoftPacket *p);
/* Which queue a flow filter says, -1: none, it is dropped; false: no rule matches. And of
 * a faulty device: it does so before all other filters. */
bool soft_net_flow(SoftDevice *s, const SoftPacket *p, int *queue);
bool soft_net_flow_first(SoftDevice *s, const SoftPacket *p);
/* Commands on the control queue, by class; false: refused. write: where the result of the
 * command goes, and how many bytes were put there. */
bool soft_net_set_steering(SoftDevice *s, const QVirtQueueElement *e, uint8_t command);
bool soft_net_set_tunnels(SoftDevice *s, const QVirtQueueElement *e, uint8_t command);
bool soft_net_contexts(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                       uint32_t *written);
bool soft_net_coalesce(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                       uint32_t *written);
bool soft_net_stats(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                    uint32_t *written);
bool soft_net_set_offloads(SoftDevice *s, const QVirtQueueElement *e, uint8_t command);
/* Sets a queue that is used again as all of its kind start. */
void soft_net_queue_reset(SoftDevice *s, uint16_t queue);
/* Notes that a frame was put into this queue. */
void soft_net_coalesced(SoftDevice *s, uint16_t queue);
/* Returns false when the header says what no driver may say; the frame is dropped
 * (5.1.9.2.2). */
bool soft_net_accepts(SoftDevice *from, SoftPacket *p);
/* Makes of the packet what the receiver may be given, one or more, and gives each on. */
void soft_net_finish(SoftDevice *to, SoftPacket *p,
                     void (*give)(SoftDevice *to, SoftPacket *p));
/* Returns the queue that commands come by. */
uint16_t soft_net_controlq(const SoftDevice *s);

/* Delivers a frame that has come over the link; the device may want it, or not. */
void soft_net_deliver(SoftDevice *s, const void *frame, uint32_t bytes);
/* Does what the hand asks of it, and tells what is seen outside of the frames that it
 * sends. */
bool soft_net_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes);
void soft_net_captured(const SoftDevice *s, const uint8_t *frame, uint32_t bytes);
/* Used by faults: changes the header of a packet that it receives. */
void soft_net_spoil(const SoftDevice *s, struct virtio_net_hdr *hdr);
/* Does the same to the fields that speak of offloads, and to the packet. */
void soft_net_spoil_offload(const SoftDevice *s, SoftPacket *p);

#endif
