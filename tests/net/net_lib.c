/* SPDX-License-Identifier: MIT */
/*
 * The bench of the network tests; see net_lib.h.
 */
#include "tests/net/net_lib.h"

/* Numbers of the bench's frames start here: pings count from 0. */
#define FIRST_NUMBER 0x10000

const uint8_t net_nobody[6] = {0x02, 0x6e, 0x6f, 0x62, 0x6f, 0x64};
const uint8_t net_stranger[6] = {0x02, 0xfe, 0xed, 0, 0, 9};
const uint8_t net_group[6] = {0x03, 0xfe, 0xed, 0, 0, 9};

bool net_bench(NetBench *b, Test *t, QVirtioDevice *dev, unsigned buffers)
{
    *b = (NetBench){
        .t = t,
        .dev = dev,
        .partner = net_partner(dev),
        .nonce = net_nonce(dev),
        .number = FIRST_NUMBER,
    };
    net_rx_init(&b->rx, dev->vq[VIRTIO_NET_RECEIVEQ1], NET_BUFFER_BYTES);
    b->rx.prefill = 0xa5;
    return require_ok(t, qvirtio_config_snapshot(dev,
                                                 offsetof(struct virtio_net_config, mac),
                                                 b->mac, sizeof(b->mac))) &&
           require_ok(t, net_rx_post(&b->rx, buffers));
}

bool net_bench_filtering(NetBench *b, Test *t, QVirtioDevice *dev)
{
    return net_bench(b, t, dev, 8) && net_mode(b, VIRTIO_NET_CTRL_RX_PROMISC, false);
}

NetFrame net_frame(NetBench *b, const uint8_t to[6], uint32_t bytes)
{
    NetFrame f = {.vlan = NET_NO_VLAN, .number = ++b->number, .bytes = bytes};
    memcpy(f.to, to, 6);
    return f;
}

/* The packet holds exactly the frame that was sent. */
static bool is_frame(NetBench *b, const NetFrame *f, const NetPacket *packet)
{
    uint8_t *expected = arena_lend(f->bytes, 1);
    if (!expected) {
        return require_ok(b->t, -QVIRTIO_NO_MEMORY);
    }
    net_frame_write(f, b->nonce, expected);
    return require_eq(b->t, packet->bytes, f->bytes) &&
           require_same(b->t, packet->frame, expected, f->bytes);
}

bool net_arrives(NetBench *b, const NetFrame *f, NetPacket *packet)
{
    return require_ok(b->t, net_send(b->partner, f, b->nonce)) &&
           require_ok(b->t, net_rx_find(&b->rx, b->nonce, f->number, packet)) &&
           is_frame(b, f, packet);
}

bool net_is_received(NetBench *b, const NetFrame *f)
{
    NetPacket packet;
    return net_arrives(b, f, &packet) && require_ok(b->t, net_rx_again(&b->rx, &packet));
}

bool net_is_sent(NetBench *b, const NetFrame *f, const struct virtio_net_hdr *hdr,
                 unsigned parts)
{
    NetPacket packet;
    NetRx *rx = net_partner_rx(b->dev);
    uint32_t hdr_bytes = net_hdr_bytes(b->dev);
    uint8_t *at = arena_lend(hdr_bytes + f->bytes, 1);

    if (!at) {
        return require_ok(b->t, -QVIRTIO_NO_MEMORY);
    }
    if (hdr) {
        memcpy(at, hdr, hdr_bytes < sizeof(*hdr) ? hdr_bytes : sizeof(*hdr));
    }
    net_frame_write(f, b->nonce, at + hdr_bytes);
    if (rx->vq->in_flight < 8 && !require_ok(b->t, net_rx_post(rx, 8))) {
        return false;
    }
    return require_ok(b->t, net_send_raw(b->dev, at, hdr_bytes + f->bytes, parts)) &&
           require_ok(b->t, net_rx_find(rx, b->nonce, f->number, &packet)) &&
           is_frame(b, f, &packet) && require_ok(b->t, net_rx_again(rx, &packet)) &&
           require_ok(b->t, net_sent(b->dev));
}

/* Sends the frame in question, then the one that passes; which of them arrived first? */
static NetFate fate(NetBench *b, const NetFrame *f, const uint8_t surely[6])
{
    NetFrame last = net_frame(b, surely, NET_FRAME_MIN);
    NetFate seen = NET_DROPPED;

    if (!require_ok(b->t, net_send(b->partner, f, b->nonce)) ||
        !require_ok(b->t, net_send(b->partner, &last, b->nonce))) {
        return NET_UNKNOWN;
    }
    for (;;) {
        NetPacket packet;
        uint32_t number = 0;
        if (!require_ok(b->t, net_rx_wait(&b->rx, &packet))) {
            return NET_UNKNOWN;
        }
        net_frame_number(packet.frame, packet.bytes, b->nonce, &number);
        if (!require_ok(b->t, net_rx_again(&b->rx, &packet))) {
            return NET_UNKNOWN;
        }
        if (number == last.number) {
            return seen;
        }
        if (number == f->number) {
            seen = NET_PASSED;
        }
    }
}

NetFate net_fate(NetBench *b, const uint8_t to[6], const uint8_t surely[6])
{
    NetFrame f = net_frame(b, to, NET_FRAME_MIN);
    return fate(b, &f, surely);
}

NetFate net_fate_vlan(NetBench *b, const uint8_t to[6], uint16_t vlan,
                      const uint8_t surely[6])
{
    NetFrame f = net_frame(b, to, NET_FRAME_MIN);
    f.vlan = vlan;
    return fate(b, &f, surely);
}

NetFate net_fate_long(NetBench *b, uint32_t bytes)
{
    NetFrame f = net_frame(b, net_broadcast, bytes);
    return fate(b, &f, net_broadcast);
}

bool net_filters(NetBench *b)
{
    bool is_dropped = net_fate(b, net_nobody, net_broadcast) == NET_DROPPED;
    if (!is_dropped && !b->t->has_failed) {
        test_skip(b->t, "the device lets frames to nobody pass, which it may");
    }
    return is_dropped;
}

bool net_accepts(NetBench *b, const char *clause, uint8_t class, uint8_t command,
                 const void *data, uint32_t bytes)
{
    uint8_t ack;
    return require_ok(b->t, net_command(b->dev, class, command, data, bytes, &ack)) &&
           expect_eq(b->t, clause, ack, VIRTIO_NET_OK);
}

bool net_mode(NetBench *b, uint8_t command, bool on)
{
    uint8_t data = on;
    const char *clause = command <= VIRTIO_NET_CTRL_RX_ALLMULTI ? "dev:5.1.9.5.1.1-1"
                                                                : "dev:5.1.9.5.1.1-5";
    return net_accepts(b, clause, VIRTIO_NET_CTRL_RX, command, &data, 1);
}
