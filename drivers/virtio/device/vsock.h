/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of socket devices (5.10): packets are sent one by one, and
 * received into buffers that go back to the device at once. A VsockFlow keeps what a
 * connection knows of its credit; the test decides when to send.
 */
#ifndef QVIRTIO_DEVICE_VSOCK_H
#define QVIRTIO_DEVICE_VSOCK_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_vsock.h"

/* The longest payload of one packet, in either direction. */
#define VSOCK_DATA_MOST 256

typedef struct VsockPacket {
    struct virtio_vsock_hdr hdr;
    uint8_t data[VSOCK_DATA_MOST];
} VsockPacket;

/* The guest's end of one connection. */
typedef struct VsockFlow {
    /* The CID and the port of the guest; the port of the host. */
    uint64_t cid;
    uint32_t port, peer_port;
    uint16_t type;
    /* The guest's credit fields: how much it can take, has taken, and has sent. */
    uint32_t buf_alloc, fwd_cnt, tx_cnt;
    /* The credit fields that the device told last. */
    uint32_t peer_buf_alloc, peer_fwd_cnt;
} VsockFlow;

/* Returns the header of a packet of the flow, with its credit and no payload. */
struct virtio_vsock_hdr vsock_header(const VsockFlow *f, uint16_t op);
/* Sends a header and as many bytes of data as it says, and waits until the device has
 * used them. vsock_send() makes the header. */
int vsock_send_as(QVirtioDevice *d, const struct virtio_vsock_hdr *hdr, const void *data);
int vsock_send(QVirtioDevice *d, VsockFlow *f, uint16_t op, uint32_t flags,
               const void *data, uint32_t len);
/* Lends `count` buffers to the rx queue, and kicks. */
int vsock_stock(QVirtioDevice *d, unsigned count);
/* Waits for the next packet, copies it, and lends its buffer again. *used is the used
 * length. */
int vsock_receive(QVirtioDevice *d, VsockPacket *packet, uint32_t *used);

#endif
