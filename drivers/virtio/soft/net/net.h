/* SPDX-License-Identifier: MIT */
/*
 * Private to the software NICs: what commands on the control queue change, and which
 * frames they let pass (5.1.9.5).
 */
#ifndef SOFT_NET_H
#define SOFT_NET_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_net.h"

/* How many addresses a table can hold. When the driver's list is longer, all addresses of
 * that kind pass. */
#define SOFT_NET_TABLE 64
#define SOFT_NET_MODES 6
#define SOFT_NET_PAIRS 3
/* How many entries the indirection table has. */
#define SOFT_NET_RSS 128
#define SOFT_NET_KEY 40

typedef struct SoftNetTable {
    uint32_t count;
    /* The driver's list is longer than the table. */
    bool is_over;
    uint8_t mac[SOFT_NET_TABLE][6];
} SoftNetTable;

/* What decides which queue a frame goes to: VQ_PAIRS_SET or RSS, whichever the driver
 * sent last. */
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
    /* Indexed by the commands of the class VIRTIO_NET_CTRL_RX. */
    bool mode[SOFT_NET_MODES];
    SoftNetTable unicast, multicast;
    uint8_t vlan[4096 / 8];
    bool is_link_down;
    /* Used by faults: how many buffers were filled but not shown to the driver yet, and
     * their queue. */
    uint16_t late_buffers;
    uint16_t late_queue;
    SoftNetSteering steering;
    /* The only RSS context exists. */
    bool has_context;
    /* Offloads that were negotiated and that GUEST_OFFLOADS_SET took away. */
    uint64_t offloads_off;
    /* What was set for all receive queues, and for all transmit queues. */
    SoftNetCoal coal_set[2];
    SoftNetCoal coal[SOFT_QUEUES];
    SoftNetCount count[SOFT_QUEUES];
    uint64_t commands, commands_ok;
} SoftNet;

#define SOFT_NET_FRAME_BYTES 4096

/* A frame on its way, with the header that its sender gave it or that its receiver
 * gets. */
typedef struct SoftPacket {
    struct virtio_net_hdr_long hdr;
    /* The length of the frame. */
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

/* Begins steering, coalescing and counters again after a reset. `old` is the state before
 * the reset; only faults use it. */
void soft_net_restart(SoftDevice *s, const SoftNet *old);
void soft_net_restart_coalescing(SoftDevice *s, const SoftNet *old);
/* Sets all filters to their state after a reset. */
void soft_net_filter_reset(SoftDevice *s);
/* Takes the commands on the control queue. */
void soft_net_control(SoftDevice *s, uint16_t queue);
/* Returns true when the filters let this frame pass. */
bool soft_net_passes(SoftDevice *s, const uint8_t *frame, uint32_t bytes);

/* Returns how many bytes the header has with the features negotiated (5.1.9.3.1). */
uint32_t soft_net_hdr_bytes(const SoftDevice *s);

/* Returns the receive queue that a frame goes to, or -1 when it is dropped. Fills in the
 * hash that is reported with it (5.1.9.4.4, 5.1.9.5.5 to 5.1.9.5.7). */
int soft_net_steer(SoftDevice *s, SoftPacket *p);
/* Returns false when no rule of a flow filter matches the frame. Else *queue is the
 * receive queue that the rule says, or -1 when it drops the frame. soft_net_flow_first()
 * is used by a fault: it returns true when rules come before all other filters and direct
 * this frame. */
bool soft_net_flow(SoftDevice *s, const SoftPacket *p, int *queue);
bool soft_net_flow_first(SoftDevice *s, const SoftPacket *p);
/* Commands on the control queue, by class. They return false when the command is refused.
 * *written is how many bytes of a result were written. */
bool soft_net_set_steering(SoftDevice *s, const QVirtQueueElement *e, uint8_t command);
bool soft_net_set_tunnels(SoftDevice *s, const QVirtQueueElement *e, uint8_t command);
bool soft_net_contexts(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                       uint32_t *written);
bool soft_net_coalesce(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                       uint32_t *written);
bool soft_net_stats(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                    uint32_t *written);
bool soft_net_set_offloads(SoftDevice *s, const QVirtQueueElement *e, uint8_t command);
/* Gives a queue that was reset the coalescing parameters of all queues of its kind. */
void soft_net_queue_reset(SoftDevice *s, uint16_t queue);
/* Called when a frame was put into this queue. Used by a fault. */
void soft_net_coalesced(SoftDevice *s, uint16_t queue);
/* Returns false when the header says what a driver must not say. Then the frame is
 * dropped (5.1.9.2.2). */
bool soft_net_accepts(SoftDevice *from, SoftPacket *p);
/* Turns the packet into one or more packets that the receiver can take, and calls `give`
 * with each. */
void soft_net_finish(SoftDevice *to, SoftPacket *p,
                     void (*give)(SoftDevice *to, SoftPacket *p));
/* Returns the index of the control queue. */
uint16_t soft_net_controlq(const SoftDevice *s);

/* Called when a frame has come over the link. The device drops it when it does not want
 * it. */
void soft_net_deliver(SoftDevice *s, const void *frame, uint32_t bytes);
/* Does what the hand is asked to do to the device, and keeps what the hand wants to see
 * of the frames that it sends. */
bool soft_net_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes);
void soft_net_captured(const SoftDevice *s, const uint8_t *frame, uint32_t bytes);
/* Used by faults: changes the header of a packet that the device receives. */
void soft_net_spoil(const SoftDevice *s, struct virtio_net_hdr *hdr);
/* Used by faults: changes the offload fields of the header, or the packet. */
void soft_net_spoil_offload(const SoftDevice *s, SoftPacket *p);

/* Returns the hash types that the device knows, VIRTIO_NET_HASH_TYPE_*. */
uint32_t soft_net_hash_types(void);

#endif
