/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the network device (5.1.9): the partner NIC at the other end of
 * the link, tagged frames, receive buffers, control commands.
 *
 * Frames outlive tests: a hub keeps a frame that it could not deliver until somebody
 * posts buffers. So each frame carries a number and the nonce of its test, and a frame of
 * another test is dropped and never judged.
 */
#ifndef DEVICE_NET_H
#define DEVICE_NET_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_net.h"

/* Without the frame check sequence, which virtio does not carry. */
#define NET_FRAME_MIN 60
/* The longest frame without offloads (5.1.9.3). */
#define NET_FRAME_MAX 1514
/* The longest header that any features bring. */
#define NET_HDR_MAX    32
#define NET_ETH_BYTES  14
#define NET_VLAN_BYTES 4
#define NET_NO_VLAN    0xffff

/* ---- Frames ---- */

typedef struct NetFrame {
    uint8_t to[6];
    /* The id of its VLAN tag, or NET_NO_VLAN. */
    uint16_t vlan;
    /* Tells this frame from all others of the test. */
    uint32_t number;
    /* The length of the whole frame, at least NET_FRAME_MIN. */
    uint32_t bytes;
} NetFrame;

extern const uint8_t net_broadcast[6];

/* Writes the frame: addresses, an experimental EtherType, the tag, then a pattern. It has
 * no state. */
void net_frame_write(const NetFrame *f, uint64_t nonce, uint8_t *to);
/* Returns true when these bytes begin like a frame of this test, and gives its number. It
 * has no state. */
bool net_frame_number(const uint8_t *frame, size_t bytes, uint64_t nonce,
                      uint32_t *number);

/* Returns true when the frame has the sender's address of our frames but is not as
 * net_frame_write() wrote it. It has no state. */
bool net_frame_is_damaged(const uint8_t *frame, size_t bytes);

/* ---- Receive buffers ---- */

typedef struct NetBuffer {
    uint8_t *at;
    uint32_t bytes;
    /* The next one of the spare buffers of its NetRx. */
    struct NetBuffer *next;
} NetBuffer;

/* One receive queue and the buffers that are lent to it. Each buffer is cut into `parts`
 * descriptors: the first ones have first_part bytes each (0: all are equal), the last one
 * has the rest. */
typedef struct NetRx {
    QVirtQueue *vq;
    uint32_t hdr_bytes;
    uint32_t buffer_bytes;
    unsigned parts;
    uint32_t first_part;
    /* What a buffer holds before the device writes to it. */
    uint8_t prefill;
    /* Buffers that the device does not have. */
    NetBuffer *spare;
} NetRx;

typedef struct NetPacket {
    NetBuffer *buffer;
    /* Its num_buffers exists only when hdr_bytes > 10. */
    const struct virtio_net_hdr *hdr;
    const uint8_t *frame;
    /* The length of the frame. */
    uint32_t bytes;
    /* The used length: header and frame. */
    uint32_t used;
} NetPacket;

/* Begins with a queue that was opened and has no buffers yet. */
void net_rx_init(NetRx *rx, QVirtQueue *vq, uint32_t buffer_bytes);
/* Lends `count` more buffers, and kicks. */
int net_rx_post(NetRx *rx, unsigned count);
/* Takes the next packet that has arrived; one packet is one buffer. Returns 1, 0 when
 * there is none, or a negative error. */
int net_rx_get(NetRx *rx, NetPacket *packet);
/* Waits for the next packet. Returns 0 or a negative error. */
int net_rx_wait(NetRx *rx, NetPacket *packet);
/* Lends the buffer of a packet to the device again. The packet is not valid after it. */
int net_rx_again(NetRx *rx, const NetPacket *packet);

/* ---- The link ---- */

typedef struct NetLink NetLink;

/* Returns how many bytes struct virtio_net_hdr has with the features negotiated
 * (5.1.9.3.1, 5.1.9.1). */
uint32_t net_hdr_bytes(const QVirtioDevice *d);
/* Returns NULL when tests can use a NIC at the other end, else the text of a SKIP. It
 * starts nothing. */
const char *net_why_no_partner(QVirtioDevice *d);
/* Returns the partner of a device that is open. The partner is started and its queues are
 * open. Returns NULL when nobody told that there is one. */
QVirtioDevice *net_partner(const QVirtioDevice *d);
/* Returns the nonce of this life. */
uint64_t net_nonce(const QVirtioDevice *d);
/* Returns the partner's receive queue, which pings use as well. */
NetRx *net_partner_rx(const QVirtioDevice *d);
/*
 * Sends bytes, header included, on the first transmit queue of a device, cut into `parts`
 * descriptors. It does not wait: completions are collected at the next call. The bytes
 * must be lent by the arena. net_send() writes the frame itself, behind a header of
 * zeros.
 */
int net_send_raw(QVirtioDevice *from, const void *bytes, uint32_t count, unsigned parts);
int net_send(QVirtioDevice *from, const NetFrame *f, uint64_t nonce);
/* Waits until all that was sent is used. */
int net_sent(QVirtioDevice *from);
/* Waits for frame `number` of this test. Other packets that come before it are
 * dropped. */
int net_rx_find(NetRx *rx, uint64_t nonce, uint32_t number, NetPacket *packet);

/* ---- Control queue (5.1.9.5) ---- */

/*
 * A command whose result has at most result_bytes. Bytes that the device does not write
 * are 0xff. The result lies behind the answer; only where the device writes the data of
 * the command itself (VQ_GET, CAP_GET) it comes before the answer (5.1.9.5).
 */
typedef struct NetCommand {
    uint8_t class, command;
    const void *data;
    uint32_t bytes, result_bytes;
    bool result_comes_first;
    /* From here on: what the device answered. */
    uint8_t ack;
    uint32_t used;
    const uint8_t *result;
} NetCommand;
/* Sends the command and waits. The arena lends the result. */
int net_ask(QVirtioDevice *d, NetCommand *c);

/* Sends a command without a result and waits. *ack is the answer of the device, 0xff when
 * it wrote none. */
int net_command(QVirtioDevice *d, uint8_t class, uint8_t command, const void *data,
                uint32_t bytes, uint8_t *ack);

#endif
