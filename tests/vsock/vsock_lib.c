/* SPDX-License-Identifier: MIT */
/* Connections to a listener on the host: see vsock_lib.h. */
#include "tests/vsock/vsock_lib.h"
#include "drivers/virtio/truths.h"

const char *vsock_no_listener(QVirtioDevice *dev)
{
    return qvirtio_truth(dev, "echo_port")
               ? NULL
               : "no port that listens is known; pass know=vsock.N.echo_port=PORT";
}

bool vsock_flow(Test *t, QVirtioDevice *dev, uint32_t port, VsockFlow *f)
{
    *f = (VsockFlow){.port = 0x10000000u + (uint32_t)random_below(&t->random, 1u << 28),
                     .peer_port = port,
                     .type = VIRTIO_VSOCK_TYPE_STREAM,
                     .buf_alloc = 4096};
    return require_ok(
        t, qvirtio_config_read(dev, offsetof(struct virtio_vsock_config, guest_cid), 8,
                               &f->cid));
}

bool vsock_sends(Test *t, QVirtioDevice *dev, VsockFlow *f, uint16_t op)
{
    return require_ok(t, vsock_send(dev, f, op, 0, NULL, 0));
}

/* 5.10.6.3.2: "All packets associated with a stream flow MUST contain valid information
 * in buf_alloc and fwd_cnt fields": room at all, and nothing forwarded that was not sent.
 */
static bool expect_credit(Test *t, VsockFlow *f, const struct virtio_vsock_hdr *h)
{
    const char *clause =
        f->type == VIRTIO_VSOCK_TYPE_STREAM ? "dev:5.10.6.3.2-2" : BASIS_NONE;
    f->peer_buf_alloc = le32_get(h->buf_alloc);
    f->peer_fwd_cnt = le32_get(h->fwd_cnt);
    return expect_ge(t, clause, f->peer_buf_alloc, 1) &&
           expect_le(t, clause, f->peer_fwd_cnt, f->tx_cnt);
}

bool vsock_question(Test *t, QVirtioDevice *dev, VsockFlow *f, uint16_t *answer)
{
    uint64_t port = VSOCK_CLOSED_PORT;
    *answer = qvirtio_truth_u64(dev, "echo_port", &port) ? VIRTIO_VSOCK_OP_RESPONSE
                                                         : VIRTIO_VSOCK_OP_RST;
    return vsock_flow(t, dev, (uint32_t)port, f);
}

/* The next packet that is this operation, or neither tells nor asks for credit. */
static bool next_of(Test *t, QVirtioDevice *dev, VsockFlow *f, uint16_t op,
                    VsockPacket *packet, uint32_t *used)
{
    for (;;) {
        if (!require_ok(t, vsock_receive(dev, packet, used))) {
            return false;
        }
        uint16_t seen = le16_get(packet->hdr.op);
        bool asks = seen == VIRTIO_VSOCK_OP_CREDIT_REQUEST;
        if (seen == op || (seen != VIRTIO_VSOCK_OP_CREDIT_UPDATE && !asks)) {
            return true;
        }
        if (!expect_credit(t, f, &packet->hdr) ||
            (asks && !vsock_sends(t, dev, f, VIRTIO_VSOCK_OP_CREDIT_UPDATE))) {
            return false;
        }
    }
}

/* Is it of the flow, whole, and of this operation? */
static bool judge(Test *t, const char *clause, VsockFlow *f, uint16_t op,
                  const struct virtio_vsock_hdr *h, uint32_t used)
{
    if (!expect_eq(t, clause, le16_get(h->op), op) ||
        !require_eq(t, used, sizeof(*h) + le32_get(h->len)) ||
        !require_eq(t, le64_get(h->src_cid), VSOCK_CID_HOST) ||
        !require_eq(t, le64_get(h->dst_cid), f->cid) ||
        !require_eq(t, le32_get(h->src_port), f->peer_port) ||
        !require_eq(t, le32_get(h->dst_port), f->port) ||
        (op != VIRTIO_VSOCK_OP_RST && !require_eq(t, le16_get(h->type), f->type))) {
        return false;
    }
    /* An RST may be of no flow, and of no type. */
    return op == VIRTIO_VSOCK_OP_RST || expect_credit(t, f, h);
}

bool vsock_expect(Test *t, QVirtioDevice *dev, const char *clause, VsockFlow *f,
                  uint16_t op, VsockPacket *packet)
{
    uint32_t used = 0;
    return next_of(t, dev, f, op, packet, &used) &&
           judge(t, clause, f, op, &packet->hdr, used);
}

bool vsock_accept(Test *t, QVirtioDevice *dev, VsockFlow *f)
{
    VsockPacket packet;
    uint32_t used = 0;
    if (!require_ok(t, vsock_receive(dev, &packet, &used))) {
        return false;
    }
    f->peer_port = le32_get(packet.hdr.src_port);
    return judge(t, NULL, f, VIRTIO_VSOCK_OP_REQUEST, &packet.hdr, used) &&
           vsock_sends(t, dev, f, VIRTIO_VSOCK_OP_RESPONSE);
}

bool vsock_connect(Test *t, QVirtioDevice *dev, uint16_t type, uint32_t buf_alloc,
                   VsockFlow *f)
{
    uint64_t port = 0;
    VsockPacket packet;
    qvirtio_truth_u64(dev, "echo_port", &port);
    if (!vsock_flow(t, dev, (uint32_t)port, f) || !require_ok(t, vsock_stock(dev, 8))) {
        return false;
    }
    f->type = type;
    f->buf_alloc = buf_alloc;
    return vsock_sends(t, dev, f, VIRTIO_VSOCK_OP_REQUEST) &&
           vsock_expect(t, dev, "virtio 5.10.6.5", f, VIRTIO_VSOCK_OP_RESPONSE, &packet);
}

bool vsock_take(Test *t, QVirtioDevice *dev, VsockFlow *f, uint8_t *to, uint32_t bytes)
{
    uint32_t got = 0;
    VsockPacket packet;
    while (got < bytes) {
        if (!vsock_expect(t, dev, BASIS_NONE, f, VIRTIO_VSOCK_OP_RW, &packet) ||
            !require_le(t, got + le32_get(packet.hdr.len), bytes)) {
            return false;
        }
        memcpy(to + got, packet.data, le32_get(packet.hdr.len));
        got += le32_get(packet.hdr.len);
        f->fwd_cnt += le32_get(packet.hdr.len);
    }
    return true;
}

bool vsock_echoes(Test *t, QVirtioDevice *dev, VsockFlow *f, uint32_t bytes)
{
    uint8_t sent[VSOCK_DATA_MOST], back[VSOCK_DATA_MOST];
    pattern_fill(sent, bytes, random_next(&t->random));
    return require_ok(t, vsock_send(dev, f, VIRTIO_VSOCK_OP_RW, 0, sent, bytes)) &&
           vsock_take(t, dev, f, back, bytes) && require_same(t, back, sent, bytes);
}
