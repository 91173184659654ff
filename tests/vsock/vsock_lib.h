/* SPDX-License-Identifier: MIT */
/*
 * What the tests of socket devices (5.10) share: connections to a listener on the host
 * who sends back what comes, and what holds for every packet that is received.
 */
#ifndef VSOCK_LIB_H
#define VSOCK_LIB_H

#include "drivers/virtio/device/vsock.h"
#include "tests/harness/test.h"

#define VSOCK_CLOSED_PORT 0x7fff0001u /* nobody listens there, as far as can be known */
#define VSOCK_SHUT_BOTH \
    (1u << VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE | 1u << VIRTIO_VSOCK_SHUTDOWN_F_SEND)

/* For .why_not: returns the text of a SKIP unless the host tells the port by
 * know=vsock.0.echo_port=N. */
const char *vsock_no_listener(QVirtioDevice *dev);
/* Prepares a request that is answered for certain: by the listener where there is one, by
 * the RST of a closed port where not. Nothing is sent; `answer` is what will come. */
bool vsock_question(Test *t, QVirtioDevice *dev, VsockFlow *f, uint16_t *answer);
/* Makes our end of a connection to that port of the host. Nothing is sent. */
bool vsock_flow(Test *t, QVirtioDevice *dev, uint32_t port, VsockFlow *f);
/* Stocks rx, and connects to the listener. Returns false when that fails, which is
 * reported. */
bool vsock_connect(Test *t, QVirtioDevice *dev, uint16_t type, uint32_t buf_alloc,
                   VsockFlow *f);
bool vsock_sends(Test *t, QVirtioDevice *dev, VsockFlow *f, uint16_t op);
/* Expects that the next packet is of the flow, has its credit right, and is this
 * operation. News of credit that nobody asked for may come before it; a request for ours
 * is answered. */
bool vsock_expect(Test *t, QVirtioDevice *dev, const char *clause, VsockFlow *f,
                  uint16_t op, VsockPacket *packet);
/* Expects that the next packet asks for a connection to the flow's port, and accepts it.
 */
bool vsock_accept(Test *t, QVirtioDevice *dev, VsockFlow *f);
/* Takes so many bytes of data, of whatever many packets. */
bool vsock_take(Test *t, QVirtioDevice *dev, VsockFlow *f, uint8_t *to, uint32_t bytes);
/* Sends data and takes back as much. */
bool vsock_echoes(Test *t, QVirtioDevice *dev, VsockFlow *f, uint32_t bytes);

#endif
