/* SPDX-License-Identifier: MIT */
/*
 * Socket devices on the wire (5.10): config space, the packet header and the event. There
 * is no legacy interface.
 */
#ifndef VIRTIO_VSOCK_H
#define VIRTIO_VSOCK_H

#include "kernel/lib/byteorder.h"
#include <stdint.h>

/* 5.10.2 Virtqueues */
#define VIRTIO_VSOCK_RXQ    0
#define VIRTIO_VSOCK_TXQ    1
#define VIRTIO_VSOCK_EVENTQ 2
#define VIRTIO_VSOCK_QUEUES 3

/* 5.10.3 Feature bits */
#define VIRTIO_VSOCK_F_STREAM            0
#define VIRTIO_VSOCK_F_SEQPACKET         1
#define VIRTIO_VSOCK_F_NO_IMPLIED_STREAM 2

/* 5.10.4 Device configuration layout */
struct virtio_vsock_config {
    le64 guest_cid;
};
_Static_assert(sizeof(struct virtio_vsock_config) == 8, "5.10.4");

#define VSOCK_CID_HOST 2
#define VSOCK_CID_ANY  0xffffffffu /* reserved, as 0 and 1 are */

/* 5.10.6 Device Operation */
struct __attribute__((packed)) virtio_vsock_hdr {
    le64 src_cid;
    le64 dst_cid;
    le32 src_port;
    le32 dst_port;
    le32 len;
    le16 type;
    le16 op;
    le32 flags;
    le32 buf_alloc;
    le32 fwd_cnt;
};
_Static_assert(sizeof(struct virtio_vsock_hdr) == 44, "5.10.6");

#define VIRTIO_VSOCK_OP_INVALID        0
#define VIRTIO_VSOCK_OP_REQUEST        1
#define VIRTIO_VSOCK_OP_RESPONSE       2
#define VIRTIO_VSOCK_OP_RST            3
#define VIRTIO_VSOCK_OP_SHUTDOWN       4
#define VIRTIO_VSOCK_OP_RW             5
#define VIRTIO_VSOCK_OP_CREDIT_UPDATE  6
#define VIRTIO_VSOCK_OP_CREDIT_REQUEST 7

/* 5.10.6.2 Addressing */
#define VIRTIO_VSOCK_TYPE_STREAM    1
#define VIRTIO_VSOCK_TYPE_SEQPACKET 2

/* 5.10.6.5, 5.10.6.6: flags of SHUTDOWN (bit numbers), and of RW */
#define VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE 0
#define VIRTIO_VSOCK_SHUTDOWN_F_SEND    1
#define VIRTIO_VSOCK_SEQ_EOM            (1 << 0)
#define VIRTIO_VSOCK_SEQ_EOR            (1 << 1)

/* 5.10.6.7 Device Events */
#define VIRTIO_VSOCK_EVENT_TRANSPORT_RESET 0

struct virtio_vsock_event {
    le32 id;
};

#endif
