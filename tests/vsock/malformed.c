/* SPDX-License-Identifier: MIT */
/*
 * Drivers that break the rules of 5.10.6: types, operations, addresses and lengths that
 * there are not. What must be answered is; the rest the device survives.
 */
#include "drivers/virtio/truths.h"
#include "tests/vsock/vsock_lib.h"

/* "A VIRTIO_VSOCK_OP_RST reply MUST be sent if a packet is received with an unknown type
 * value." To the listener where there is one: a closed port says RST anyway. */
VIRTIO_TEST(unknown_type_answers_rst, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .violates = "5.10.6.2")
{
    VsockFlow f;
    VsockPacket packet;
    uint64_t port = VSOCK_CLOSED_PORT;
    qvirtio_truth_u64(dev, "echo_port", &port);
    if (vsock_flow(t, dev, (uint32_t)port, &f) && require_ok(t, vsock_stock(dev, 4))) {
        f.type = 77;
        if (vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_REQUEST)) {
            vsock_expect(t, dev, "dev:5.10.6.4.2-2", &f, VIRTIO_VSOCK_OP_RST, &packet);
        }
    }
}

VIRTIO_TEST(unknown_operation_is_survived, .device = VIRTIO_ID_VSOCK,
            .violates = "5.10.6")
{
    VsockFlow f;
    if (vsock_flow(t, dev, VSOCK_CLOSED_PORT, &f) && require_ok(t, vsock_stock(dev, 4)) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_INVALID)) {
        vsock_sends(t, dev, &f, 0x4242);
    }
    expect_survives(t, dev);
}

/* A packet in another's name: whether it is answered is the device's affair. */
VIRTIO_TEST(foreign_source_cid_is_harmless, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .violates = "5.10.6.4.1")
{
    VsockFlow foreign;
    if (vsock_flow(t, dev, VSOCK_CLOSED_PORT, &foreign) &&
        require_ok(t, vsock_stock(dev, 4))) {
        foreign.cid ^= 0x40;
        if (vsock_sends(t, dev, &foreign, VIRTIO_VSOCK_OP_REQUEST)) {
            expect_survives(t, dev);
        }
    }
}

/* Sends so many bytes of a packet; that they are used is not asked for. */
static void send_broken(Test *t, QVirtioDevice *dev, const struct virtio_vsock_hdr *hdr,
                        uint32_t bytes)
{
    void *at = arena_lend(bytes, 8);
    if (require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY)) {
        memcpy(at, hdr, bytes);
        QVirtioSg sg = {arena_map(at, bytes), bytes};
        require_ok(t, qvirtqueue_add(dev->vq[VIRTIO_VSOCK_TXQ], &sg, 1, 0, at));
        qvirtqueue_kick(dev->vq[VIRTIO_VSOCK_TXQ]);
    }
}

VIRTIO_TEST(length_beyond_the_packet_is_survived, .device = VIRTIO_ID_VSOCK,
            .violates = "5.10.6")
{
    VsockFlow f;
    if (vsock_flow(t, dev, VSOCK_CLOSED_PORT, &f) && require_ok(t, vsock_stock(dev, 4))) {
        struct virtio_vsock_hdr hdr = vsock_header(&f, VIRTIO_VSOCK_OP_RW);
        hdr.len = le32_of(0xfffffff0);
        send_broken(t, dev, &hdr, sizeof(hdr));
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(half_a_header_is_survived, .device = VIRTIO_ID_VSOCK, .violates = "5.10.6")
{
    const struct virtio_vsock_hdr hdr = {.src_cid = le64_of(VSOCK_CID_HOST)};
    send_broken(t, dev, &hdr, 20);
    expect_survives(t, dev);
}

VIRTIO_TEST(data_beyond_the_credit_is_survived, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .violates = "5.10.6.3.1",
            .why_not = vsock_no_listener)
{
    uint8_t data[VSOCK_DATA_MOST] = {0};
    VsockFlow f;
    if (vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 0, &f)) {
        uint32_t most = f.peer_buf_alloc / VSOCK_DATA_MOST + 1;
        for (uint32_t i = 0; i < most && i < 64; i++) {
            require_ok(t, vsock_send(dev, &f, VIRTIO_VSOCK_OP_RW, 0, data, sizeof(data)));
        }
    }
    expect_survives(t, dev);
}
