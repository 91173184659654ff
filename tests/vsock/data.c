/* SPDX-License-Identifier: MIT */
/*
 * Data on a connection (5.10.6.3, 5.10.6.5): it comes back as it was sent, and only as
 * much of it as there is room for.
 */
#include "tests/vsock/vsock_lib.h"

enum { CREDIT = 48, ALL = 200 };

VIRTIO_TEST(stream_comes_back, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    static const uint16_t sizes[] = {1, 7, 200, 64, 256, 3};
    VsockFlow f;
    bool is_fine = vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 4096, &f);
    for (unsigned i = 0; is_fine && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        is_fine = vsock_echoes(t, dev, &f, sizes[i]);
    }
}

VIRTIO_TEST(credit_request_is_answered, .device = VIRTIO_ID_VSOCK,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    VsockFlow f;
    VsockPacket packet;
    if (vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, 4096, &f) &&
        vsock_echoes(t, dev, &f, 100) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_CREDIT_REQUEST) &&
        vsock_expect(t, dev, NULL, &f, VIRTIO_VSOCK_OP_CREDIT_UPDATE, &packet)) {
        /* All that was sent has come back, so it was forwarded. */
        expect_eq(t, "dev:5.10.6.3.2-2", f.peer_fwd_cnt, f.tx_cnt);
    }
}

/* Takes packets until the answer to a CREDIT_REQUEST; how many bytes of data came. */
static uint32_t take_until_update(Test *t, QVirtioDevice *dev, VsockFlow *f, uint8_t *to)
{
    uint32_t got = 0, used;
    VsockPacket p;
    if (!vsock_sends(t, dev, f, VIRTIO_VSOCK_OP_CREDIT_REQUEST)) {
        return 0;
    }
    while (expect_ok(t, NULL, vsock_receive(dev, &p, &used)) &&
           le16_get(p.hdr.op) != VIRTIO_VSOCK_OP_CREDIT_UPDATE) {
        uint32_t len = le32_get(p.hdr.len);
        /* "data packets MUST only be transmitted when the peer has sufficient free buffer
         * space for the payload". */
        if (!expect_eq(t, NULL, le16_get(p.hdr.op), VIRTIO_VSOCK_OP_RW) ||
            !expect_le(t, "dev:5.10.6.3.2-1", got + len, CREDIT)) {
            break;
        }
        memcpy(to + got, p.data, len);
        got += len;
    }
    return got;
}

/* Credit for a part of the data; the rest waits until room is told again. */
VIRTIO_TEST(only_advertised_credit_is_used, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    uint8_t sent[ALL], back[ALL + CREDIT];
    uint32_t got = 0;
    VsockFlow f;
    pattern_fill(sent, ALL, random_next(&t->random));
    if (!vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, CREDIT, &f) ||
        !expect_ok(t, NULL, vsock_send(dev, &f, VIRTIO_VSOCK_OP_RW, 0, sent, ALL))) {
        return;
    }
    while (got < ALL && !t->has_failed) {
        got += take_until_update(t, dev, &f, back + got);
        f.fwd_cnt = got;
    }
    if (!t->has_failed && expect_eq(t, NULL, got, ALL)) {
        expect_same(t, NULL, back, sent, ALL);
    }
}

/* "The tx virtqueue MUST be processed even when the rx virtqueue is full so long as there
 * are additional resources": room for a few answers is not too much to ask. */
VIRTIO_TEST(tx_goes_on_while_rx_is_full, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM))
{
    enum { COUNT = 4 };
    VsockFlow f[COUNT];
    VsockPacket packet;
    for (unsigned i = 0; i < COUNT; i++) {
        if (!vsock_flow(t, dev, VSOCK_CLOSED_PORT, &f[i])) {
            return;
        }
        struct virtio_vsock_hdr hdr = vsock_header(&f[i], VIRTIO_VSOCK_OP_REQUEST);
        if (!expect_ok(t, "dev:5.10.6.1.2-1", vsock_send_as(dev, &hdr, NULL))) {
            return;
        }
    }
    expect_ok(t, NULL, vsock_stock(dev, COUNT));
    for (unsigned i = 0; i < COUNT; i++) {
        if (!vsock_expect(t, dev, NULL, &f[i], VIRTIO_VSOCK_OP_RST, &packet)) {
            return;
        }
    }
}
