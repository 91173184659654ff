/* SPDX-License-Identifier: MIT */
/*
 * What the network tests share: a bench with the device under test, its partner and its
 * receive queue; and the question most of them ask: does this frame pass?
 *
 * "Dropped" is proven by order: a later frame that has to pass did arrive, and the one in
 * question had not.
 */
#ifndef NET_LIB_H
#define NET_LIB_H

#include "drivers/virtio/device/net.h"
#include "tests/harness/test.h"

#define NET_BUFFER_BYTES (NET_HDR_MAX + NET_FRAME_MAX)

typedef struct NetBench {
    Test *t;
    QVirtioDevice *dev, *partner;
    /* Of the device. */
    NetRx rx;
    uint64_t nonce;
    /* Of the last frame made. */
    uint32_t number;
    /* The device's, from its config space. */
    uint8_t mac[6];
} NetBench;

/* Makes the bench of a started device, with `buffers` receive buffers. Returns false when
 * that fails, which is reported. */
bool net_bench(NetBench *b, Test *t, QVirtioDevice *dev, unsigned buffers);

/* Does the same with promiscuous mode off (CTRL_RX) and everything else as after a reset.
 */
bool net_bench_filtering(NetBench *b, Test *t, QVirtioDevice *dev);
/* Returns true when a frame to nobody is dropped in that state. Else this ends the test
 * with a SKIP: filtering is best-effort, and "unwanted packets could still arrive"
 * (5.1.9.5.1). */
bool net_filters(NetBench *b);

/* An address that no test ever lets pass. */
extern const uint8_t net_nobody[6];
/* Addresses of nobody on the link. */
extern const uint8_t net_stranger[6], net_group[6];

/* Returns a fresh frame, without a VLAN tag. */
NetFrame net_frame(NetBench *b, const uint8_t to[6], uint32_t bytes);

/* Lets the partner send the frame, and expects that the device's queue receives it with
 * the right bytes. The packet's buffer is the caller's to give back. Returns false when
 * that fails, which is reported. */
bool net_arrives(NetBench *b, const NetFrame *f, NetPacket *packet);
/* Does the same, and gives the buffer back at once. */
bool net_is_received(NetBench *b, const NetFrame *f);
/* Sends bytes by the device (the header, and frame f behind it), and expects that the
 * partner receives f. */
bool net_is_sent(NetBench *b, const NetFrame *f, const struct virtio_net_hdr *hdr,
                 unsigned parts);

/* Whether a minimal frame to this address reaches the driver; `surely` is an address that
 * has to pass in the device's present state. */
typedef enum { NET_DROPPED, NET_PASSED, NET_UNKNOWN } NetFate;
NetFate net_fate(NetBench *b, const uint8_t to[6], const uint8_t surely[6]);
NetFate net_fate_vlan(NetBench *b, const uint8_t to[6], uint16_t vlan,
                      const uint8_t surely[6]);
/* Returns the fate of a long broadcast, which a short one follows. */
NetFate net_fate_long(NetBench *b, uint32_t bytes);

/* Sends a control command that is expected to be accepted. `clause` may be NULL. */
bool net_accepts(NetBench *b, const char *clause, uint8_t class, uint8_t command,
                 const void *data, uint32_t bytes);
/* Sends a VIRTIO_NET_CTRL_RX command, with one byte: on or off. */
bool net_mode(NetBench *b, uint8_t command, bool on);

#endif
