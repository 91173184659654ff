/* SPDX-License-Identifier: MIT */
/* Connections begin and end (5.10.6.5). */
#include "drivers/virtio/truths.h"
#include "tests/vsock/vsock_lib.h"

/* "If a listening socket exists on the destination a VIRTIO_VSOCK_OP_RESPONSE reply is
 * sent and the connection is established. A VIRTIO_VSOCK_OP_RST reply is sent if a
 * listening socket does not exist". RST "forcibly disconnects", and is the answer to a
 * shutdown of both ways. */
#define STREAMS "virtio 5.10.6.5"

VIRTIO_TEST(closed_port_answers_rst, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM))
{
    VsockFlow f;
    VsockPacket packet;
    if (vsock_flow(t, dev, VSOCK_CLOSED_PORT, &f) && require_ok(t, vsock_stock(dev, 4)) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_REQUEST)) {
        vsock_expect(t, dev, STREAMS, &f, VIRTIO_VSOCK_OP_RST, &packet);
    }
}

/* Nothing says whether an RST, or data, of no connection is answered; a device that does
 * so lives. */
VIRTIO_TEST(rst_of_no_connection_is_harmless, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM))
{
    VsockFlow f;
    if (vsock_flow(t, dev, VSOCK_CLOSED_PORT, &f) && require_ok(t, vsock_stock(dev, 4)) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_RST)) {
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(data_of_no_connection_is_harmless, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM))
{
    VsockFlow f;
    if (vsock_flow(t, dev, VSOCK_CLOSED_PORT, &f) && require_ok(t, vsock_stock(dev, 4)) &&
        require_ok(t, vsock_send(dev, &f, VIRTIO_VSOCK_OP_RW, 0, "data", 4))) {
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(listener_accepts, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    VsockFlow f;
    vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 4096, &f);
}

/* "If no feature bit has been negotiated, the device SHOULD act as if
 * VIRTIO_VSOCK_F_STREAM has been negotiated." */
VIRTIO_TEST(streams_work_without_features, .device = VIRTIO_ID_VSOCK,
            .why_not = vsock_no_listener)
{
    VsockFlow f;
    VsockPacket packet;
    uint64_t port = 0;
    qvirtio_truth_u64(dev, "echo_port", &port);
    if (vsock_flow(t, dev, (uint32_t)port, &f) && require_ok(t, vsock_stock(dev, 4)) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_REQUEST)) {
        vsock_expect(t, dev, "dev:5.10.3.2-2", &f, VIRTIO_VSOCK_OP_RESPONSE, &packet);
    }
}

VIRTIO_TEST(shutdown_of_both_ways_answers_rst, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    VsockFlow f;
    VsockPacket packet;
    if (vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 4096, &f) &&
        vsock_echoes(t, dev, &f, 16) &&
        require_ok(
            t, vsock_send(dev, &f, VIRTIO_VSOCK_OP_SHUTDOWN, VSOCK_SHUT_BOTH, NULL, 0))) {
        vsock_expect(t, dev, STREAMS, &f, VIRTIO_VSOCK_OP_RST, &packet);
    }
}

/* Else the same two ports would not connect again. */
VIRTIO_TEST(connection_ends_with_rst, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    VsockFlow f;
    VsockPacket packet;
    if (vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 4096, &f) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_RST) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_REQUEST)) {
        vsock_expect(t, dev, STREAMS, &f, VIRTIO_VSOCK_OP_RESPONSE, &packet);
    }
}

VIRTIO_TEST(connections_are_told_apart_by_their_ports, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    VsockFlow first, second;
    if (vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 4096, &first) &&
        vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 4096, &second) &&
        vsock_sends(t, dev, &first, VIRTIO_VSOCK_OP_RST)) {
        vsock_echoes(t, dev, &second, 64);
    }
}
