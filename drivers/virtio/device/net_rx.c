/* SPDX-License-Identifier: MIT */
/*
 * Receive queues (5.1.9.3): lends buffers, takes packets, lends their buffers again. One
 * packet is one buffer here. Packets that are spread over several buffers (5.1.9.4,
 * MRG_RXBUF) are put together by the tests that are about them.
 */
#include "drivers/virtio/device/net.h"
#include "kernel/lib/string.h"

#define PARTS_MAX 16

uint32_t net_hdr_bytes(const QVirtioDevice *d)
{
    /* 5.1.9.1: the legacy header has no num_buffers without MRG_RXBUF. */
    if (qvirtio_is_legacy(d)) {
        return qvirtio_negotiated(d, VIRTIO_NET_F_MRG_RXBUF) ? 12 : 10;
    }
    if (qvirtio_negotiated(d, VIRTIO_NET_F_OUT_NET_HEADER) ||
        qvirtio_negotiated(d, VIRTIO_NET_F_IPSEC)) {
        return 32;
    }
    if (qvirtio_negotiated(d, VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO) ||
        qvirtio_negotiated(d, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO)) {
        return 24;
    }
    return qvirtio_negotiated(d, VIRTIO_NET_F_HASH_REPORT) ? 20 : 12;
}

void net_rx_init(NetRx *rx, QVirtQueue *vq, uint32_t buffer_bytes)
{
    *rx = (NetRx){
        .vq = vq,
        .hdr_bytes = net_hdr_bytes(vq->dev),
        .buffer_bytes = buffer_bytes,
        .parts = 1,
    };
}

/* Returns a spare buffer or a new one from the arena, or NULL. */
static NetBuffer *take_buffer(NetRx *rx)
{
    NetBuffer *b = rx->spare;
    if (b) {
        rx->spare = b->next;
        return b;
    }
    b = arena_lend(sizeof(*b), 8);
    uint8_t *at = arena_lend(rx->buffer_bytes, 2);
    if (!b || !at) {
        return NULL;
    }
    b->at = at;
    b->bytes = rx->buffer_bytes;
    return b;
}

static void give_buffer(NetRx *rx, NetBuffer *b)
{
    b->next = rx->spare;
    rx->spare = b;
}

static int add_buffer(NetRx *rx, NetBuffer *b)
{
    QVirtioSg sg[PARTS_MAX];
    uint32_t start = 0;

    if (rx->parts > PARTS_MAX) {
        return -QVIRTIO_RANGE;
    }
    for (unsigned i = 0; i < rx->parts; i++) {
        uint32_t end =
            rx->first_part ? rx->first_part * (i + 1) : b->bytes * (i + 1) / rx->parts;
        end = i + 1 < rx->parts ? end : b->bytes;
        sg[i] = (QVirtioSg){arena_map(b->at + start, end - start), end - start};
        start = end;
    }
    memset(b->at, rx->prefill, rx->hdr_bytes < b->bytes ? rx->hdr_bytes : b->bytes);
    return qvirtqueue_add(rx->vq, sg, 0, rx->parts, b);
}

int net_rx_post(NetRx *rx, unsigned count)
{
    int err = 0;
    for (unsigned i = 0; i < count && !err; i++) {
        NetBuffer *b = take_buffer(rx);
        err = b ? add_buffer(rx, b) : -QVIRTIO_NO_MEMORY;
        if (err && b) {
            give_buffer(rx, b);
        }
    }
    qvirtqueue_kick(rx->vq);
    return err;
}

static void open_packet(const NetRx *rx, const QVirtioUsed *used, NetPacket *packet)
{
    NetBuffer *b = used->token;
    *packet = (NetPacket){
        .buffer = b,
        .hdr = (const struct virtio_net_hdr *)b->at,
        .frame = b->at + rx->hdr_bytes,
        .bytes = used->len < rx->hdr_bytes ? 0 : used->len - rx->hdr_bytes,
        .used = used->len,
    };
}

int net_rx_get(NetRx *rx, NetPacket *packet)
{
    QVirtioUsed used;
    int got = qvirtqueue_get(rx->vq, &used);
    if (got == 1) {
        open_packet(rx, &used, packet);
    }
    return got;
}

int net_rx_wait(NetRx *rx, NetPacket *packet)
{
    QVirtioUsed used;
    int err = qvirtqueue_wait(rx->vq, &used);
    if (!err) {
        open_packet(rx, &used, packet);
    }
    return err;
}

int net_rx_again(NetRx *rx, const NetPacket *packet)
{
    int err = add_buffer(rx, packet->buffer);
    if (err) {
        give_buffer(rx, packet->buffer);
        return err;
    }
    qvirtqueue_kick(rx->vq);
    return 0;
}

int net_rx_find(NetRx *rx, uint64_t nonce, uint32_t number, NetPacket *packet)
{
    for (;;) {
        uint32_t seen;
        int err = net_rx_wait(rx, packet);
        if (err) {
            return err;
        }
        if (net_frame_number(packet->frame, packet->bytes, nonce, &seen) &&
            seen == number) {
            return 0;
        }
        err = net_rx_again(rx, packet);
        if (err) {
            return err;
        }
    }
}
