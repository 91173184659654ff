/* SPDX-License-Identifier: MIT */
/*
 * Socket devices (5.10) for tests: packets are sent one by one, and received into buffers
 * that go back at once. What a connection knows of its credit is kept here; when to send
 * is for the test to say.
 */
#ifndef QVIRTIO_DEVICE_VSOCK_H
#define QVIRTIO_DEVICE_VSOCK_H

#include "drivers/virtio/driver.h"
#include "drivers/virtio/spec/virtio_vsock.h"

#define VSOCK_DATA_MOST 256 /* payload of one packet, either way */

typedef struct VsockPacket {
    struct virtio_vsock_hdr hdr;
    uint8_t data[VSOCK_DATA_MOST];
} VsockPacket;

/* Our end of one connection. */
typedef struct VsockFlow {
    /* Ours. */
    uint64_t cid;
    uint32_t port, peer_port;
    uint16_t type;
    /* Ours. */
    uint32_t buf_alloc, fwd_cnt, tx_cnt;
    /* As the device told last. */
    uint32_t peer_buf_alloc, peer_fwd_cnt;
} VsockFlow;

/* Returns the header of a packet of the flow, with its credit and no payload. */
struct virtio_vsock_hdr vsock_header(const VsockFlow *f, uint16_t op);
/* Sends header and `len` bytes, and waits until the device has used them. */
int vsock_send_as(QVirtioDevice *d, const struct virtio_vsock_hdr *hdr, const void *data);
int vsock_send(QVirtioDevice *d, VsockFlow *f, uint16_t op, uint32_t flags,
               const void *data, uint32_t len);
/* Gives `count` buffers to the rx queue. */
int vsock_stock(QVirtioDevice *d, unsigned count);
/* Takes the next packet, whose buffer is the device's again. *used is the used length. */
int vsock_receive(QVirtioDevice *d, VsockPacket *packet, uint32_t *used);

#endif
