/* SPDX-License-Identifier: MIT */
/*
 * What the network device's driver gives to its tests: the partner NIC at the other end
 * of the link, tagged frames, receive buffers, control commands (5.1.9).
 *
 * Frames outlive tests: a hub keeps what it could not deliver for whoever posts buffers
 * later. So each frame carries a number and the nonce of its test, and a frame of another
 * test is dropped, never judged.
 */
#ifndef DEVICE_NET_H
#define DEVICE_NET_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_net.h"

#define NET_FRAME_MIN  60   /* without the check sequence, which virtio has not */
#define NET_FRAME_MAX  1514 /* 5.1.9.3, without offloads */
#define NET_HDR_MAX    32
#define NET_ETH_BYTES  14
#define NET_VLAN_BYTES 4
#define NET_NO_VLAN    0xffff

/* ---- Frames ---- */

typedef struct NetFrame {
    uint8_t to[6];
    /* Tagged with this id, or NET_NO_VLAN. */
    uint16_t vlan;
    /* Tells it from all others of the test. */
    uint32_t number;
    /* Whole frame, at least NET_FRAME_MIN. */
    uint32_t bytes;
} NetFrame;

extern const uint8_t net_broadcast[6];

/* Writes the frame: addresses, an experimental EtherType, the tag, then a pattern. Pure.
 */
void net_frame_write(const NetFrame *f, uint64_t nonce, uint8_t *to);
/* Returns true when these bytes start like a frame of this test, and gives the frame's
 * number. Pure. */
bool net_frame_number(const uint8_t *frame, size_t bytes, uint64_t nonce,
                      uint32_t *number);

/* Returns true when the frame bears our sender's address and is not what
 * net_frame_write() wrote. Pure. */
bool net_frame_is_damaged(const uint8_t *frame, size_t bytes);

/* ---- Receive buffers ---- */

typedef struct NetBuffer {
    uint8_t *at;
    uint32_t bytes;
    /* Free list of its NetRx. */
    struct NetBuffer *next;
} NetBuffer;

/* One receive queue and the buffers lent to it, each cut into `parts` descriptors: the
 * first parts of first_part bytes each (0: all equal), the last one the rest. */
typedef struct NetRx {
    QVirtQueue *vq;
    uint32_t hdr_bytes;
    uint32_t buffer_bytes;
    unsigned parts;
    uint32_t first_part;
    /* What a buffer holds before the device writes to it. */
    uint8_t prefill;
    NetBuffer *spare;
} NetRx;

typedef struct NetPacket {
    NetBuffer *buffer;
    /* num_buffers is there when hdr_bytes > 10. */
    const struct virtio_net_hdr *hdr;
    const uint8_t *frame;
    /* Of the frame. */
    uint32_t bytes;
    /* Used length: header and frame. */
    uint32_t used;
} NetPacket;

void net_rx_init(NetRx *rx, QVirtQueue *vq, uint32_t buffer_bytes);
/* Lends count more buffers and makes them available. */
int net_rx_post(NetRx *rx, unsigned count);
/* Takes the next packet that arrived. Returns 1, 0 when there is none, or a negative
 * error. A packet is in one buffer. */
int net_rx_get(NetRx *rx, NetPacket *packet);
int net_rx_wait(NetRx *rx, NetPacket *packet);
/* Gives the buffer of a packet that was looked at back to the device. */
int net_rx_again(NetRx *rx, const NetPacket *packet);

/* ---- The link ---- */

typedef struct NetLink NetLink;

/* Bytes of struct virtio_net_hdr with the features negotiated (5.1.9.3.1, 5.1.9.1). */
uint32_t net_hdr_bytes(const QVirtioDevice *d);
/* Returns NULL, or why tests that need a NIC at the other end cannot run. It starts
 * nothing. */
const char *net_why_no_partner(QVirtioDevice *d);
/* Returns the partner of an open device, started and with its queues open; NULL when it
 * is not certain that there is one. */
QVirtioDevice *net_partner(const QVirtioDevice *d);
uint64_t net_nonce(const QVirtioDevice *d);
/* Returns the partner's receive queue, which pings share. */
NetRx *net_partner_rx(const QVirtioDevice *d);
/*
 * Sends from a device on its first transmit queue, header included, cut into parts
 * descriptors; completions are collected at the next call. net_send() writes the frame
 * itself, behind a header of zeros.
 */
int net_send_raw(QVirtioDevice *from, const void *bytes, uint32_t count, unsigned parts);
int net_send(QVirtioDevice *from, const NetFrame *f, uint64_t nonce);
/* Collects completions until all that was sent is used. */
int net_sent(QVirtioDevice *from);
/* Waits for frame `number` of this test; what comes before it goes back to the device. */
int net_rx_find(NetRx *rx, uint64_t nonce, uint32_t number, NetPacket *packet);

/* ---- Control queue (5.1.9.5) ---- */

/*
 * A command with a result of at most result_bytes; bytes that the device does not write
 * are 0xff. 5.1.9.5: the result is behind the answer, except of the commands whose data
 * is itself written by the device (VQ_GET, CAP_GET), where it comes first.
 */
typedef struct NetCommand {
    uint8_t class, command;
    const void *data;
    uint32_t bytes, result_bytes;
    bool result_comes_first;
    /* From here on: what came back. */
    uint8_t ack;
    uint32_t used;
    const uint8_t *result;
} NetCommand;
int net_ask(QVirtioDevice *d, NetCommand *c);

/* Sends a command and waits; ack is the device's answer, 0xff when it wrote none. */
int net_command(QVirtioDevice *d, uint8_t class, uint8_t command, const void *data,
                uint32_t bytes, uint8_t *ack);

#endif
