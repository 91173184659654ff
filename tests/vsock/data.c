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
        vsock_expect(t, dev, BASIS_NONE, &f, VIRTIO_VSOCK_OP_CREDIT_UPDATE, &packet)) {
        /* All that was sent has come back, so it was forwarded. */
        expect_eq(t, "dev:5.10.6.3.2-2", f.peer_fwd_cnt, f.tx_cnt);
    }
}

/* Data on its way back through a window of CREDIT bytes. */
typedef struct Window {
    VsockFlow f;
    uint8_t data[ALL];
    uint32_t got;
    bool asks; /* nothing more may come before the answer */
} Window;

/* "data packets MUST only be transmitted when the peer has sufficient free buffer space
 * for the payload". */
static bool take_data(Test *t, Window *w, const VsockPacket *p, uint32_t used)
{
    uint32_t len = le32_get(p->hdr.len);
    if (!require_le(t, len, VSOCK_DATA_MOST) ||
        !require_eq(t, used, sizeof(p->hdr) + len) ||
        !expect_le(t, "dev:5.10.6.3.2-1", w->got + len - w->f.fwd_cnt, CREDIT) ||
        !require_le(t, w->got + len, ALL)) {
        return false;
    }
    memcpy(w->data + w->got, p->data, len);
    w->got += len;
    return true;
}

/* One packet. A full window is told to be empty only when the device has answered once
 * more: by then it had sent what it would. */
static bool take_packet(Test *t, QVirtioDevice *dev, Window *w)
{
    VsockPacket p;
    uint32_t used;
    if (!require_ok(t, vsock_receive(dev, &p, &used))) {
        return false;
    }
    uint16_t op = le16_get(p.hdr.op);
    if (op == VIRTIO_VSOCK_OP_CREDIT_UPDATE && w->asks) {
        w->asks = false;
        w->f.fwd_cnt = w->got;
        return vsock_sends(t, dev, &w->f, VIRTIO_VSOCK_OP_CREDIT_UPDATE);
    }
    if (op == VIRTIO_VSOCK_OP_CREDIT_REQUEST || op == VIRTIO_VSOCK_OP_CREDIT_UPDATE) {
        return true;
    }
    if (!require_eq(t, op, VIRTIO_VSOCK_OP_RW) || !take_data(t, w, &p, used)) {
        return false;
    }
    if (w->got - w->f.fwd_cnt < CREDIT || w->asks) {
        return true;
    }
    w->asks = true;
    return vsock_sends(t, dev, &w->f, VIRTIO_VSOCK_OP_CREDIT_REQUEST);
}

/* Credit for a part of the data; the rest waits until room is told again. */
VIRTIO_TEST(only_advertised_credit_is_used, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .wants = FEATURES(VIRTIO_VSOCK_F_STREAM), .why_not = vsock_no_listener)
{
    enum { PACKETS_MOST = ALL * 4 };
    uint8_t sent[ALL];
    Window w = {.got = 0};
    unsigned taken = 0;
    pattern_fill(sent, ALL, random_next(&t->random));
    if (!vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_STREAM, CREDIT, &w.f) ||
        !require_ok(t, vsock_send(dev, &w.f, VIRTIO_VSOCK_OP_RW, 0, sent, ALL))) {
        return;
    }
    while (w.got < ALL && taken++ < PACKETS_MOST && take_packet(t, dev, &w)) {
    }
    if (!t->has_failed && require_eq(t, w.got, ALL)) {
        require_same(t, w.data, sent, ALL);
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
    uint16_t answer = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        if (!vsock_question(t, dev, &f[i], &answer)) {
            return;
        }
        struct virtio_vsock_hdr hdr = vsock_header(&f[i], VIRTIO_VSOCK_OP_REQUEST);
        if (!expect_ok(t, "dev:5.10.6.1.2-1", vsock_send_as(dev, &hdr, NULL))) {
            return;
        }
    }
    require_ok(t, vsock_stock(dev, COUNT));
    for (unsigned i = 0; i < COUNT; i++) {
        if (!vsock_expect(t, dev, BASIS_NONE, &f[i], answer, &packet)) {
            return;
        }
    }
}
