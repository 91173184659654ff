/* SPDX-License-Identifier: MIT */
/*
 * What the tests of several receive queues share: which of them does a frame come in on?
 * And flows whose Toeplitz hash is known: the ones that Microsoft published with RSS.
 */
#ifndef NET_STEERING_H
#define NET_STEERING_H

#include "tests/net/net_lib.h"

#define NET_PAIRS_MOST  4
#define NET_FLOWS       8
#define NET_FLOWS_IPV4  5 /* the first ones; then IPv6 */
#define NET_COMMAND_MAX 128

typedef struct NetQueues {
    /* Queue pairs. */
    unsigned count;
    NetRx rx[NET_PAIRS_MOST];
} NetQueues;

/* Makes the bench with buffers in the receive queues of all pairs, NET_PAIRS_MOST at
 * most. The test is skipped where there are fewer than `least`. Returns false when that
 * fails, which is reported. */
bool net_queues_open(NetBench *b, NetQueues *q, Test *t, QVirtioDevice *dev,
                     unsigned least);
/* Posts buffers in one of them, which was opened again. */
bool net_queues_post(NetBench *b, NetQueues *q, unsigned pair);
/* Resets a receive queue (2.6.1), and opens it again. */
bool net_queue_reset(NetBench *b, unsigned pair);
bool net_queue_reopen(NetBench *b, unsigned pair);

/* Lets the partner send these bytes behind an empty header. */
bool net_send_bytes(NetBench *b, const void *frame, uint32_t bytes);
/* Waits until there is a frame in any of the queues: 0, -TIMEOUT. */
int net_queues_wait(NetBench *b, NetQueues *q);
/* Takes the next packet of any of them. Returns its pair, or -1 when that fails, which is
 * reported. */
int net_queues_next(NetBench *b, NetQueues *q, NetPacket *packet);
/* Waits for exactly this frame: the pair that it comes in on. Returns -1 when that fails,
 * which is reported. What comes before it is given back. The packet's buffer is the
 * caller's. */
int net_queues_find(NetBench *b, NetQueues *q, const void *frame, uint32_t bytes,
                    NetPacket *packet);

/* A flow: a packet of it, and what its hash is. */
typedef struct NetFlow {
    uint32_t ip_hash, tcp_hash;
    /* Addresses, ports. */
    uint8_t bytes[36];
} NetFlow;
extern const NetFlow net_flows[NET_FLOWS];
/* Writes a TCP or UDP packet of flow i for the device under test; its length. */
uint32_t net_flow_write(NetBench *b, unsigned i, bool is_tcp, uint8_t *to);

/* Writes the data of RSS_CONFIG, with the key of the flows; the table has mask + 1
 * entries. Returns its length. */
uint32_t net_rss_write(uint8_t to[NET_COMMAND_MAX], uint32_t types, uint16_t mask,
                       const uint16_t *table, uint16_t unclassified);
/* Sets types by HASH_CONFIG, or by RSS_CONFIG where that was negotiated. */
bool net_hash_types(NetBench *b, uint32_t types);
/* All hash types that the tests know, and whether the device knows them too: "The driver
 * MUST NOT set ... unsupported" ones. Where it does not, the test is a SKIP. */
#define NET_HASH_TYPES 0x3f
bool net_knows_hashes(NetBench *b, uint32_t types);

#endif
