/* SPDX-License-Identifier: MIT */
/*
 * A NIC whose wire ends at the host: frames that no NIC would send (short, long, damaged)
 * come in, and what goes out is seen as it is on the wire. Nothing is padded or cut on
 * the way. A frame that must not arrive is followed by one that does.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/truths.h"
#include "tests/harness/hand.h"
#include "tests/net/inet.h"
#include "tests/net/net_lib.h"

/* What lies behind the longest frame that a buffer holds. */
#define LONG_BYTES (NET_FRAME_MAX + 70)

static const char *why_no_wire(QVirtioDevice *dev)
{
    bool is_there = dev->bus->hand || qvirtio_truth(dev, "wire");
    return is_there ? NULL
                    : "the other end of its wire is not the hand's; pass "
                      "know=net.N.wire=1 and host";
}

static bool wire_open(NetBench *b, Test *t, QVirtioDevice *dev)
{
    return net_bench(b, t, dev, 8);
}

static bool inject(NetBench *b, const uint8_t *frame, uint32_t bytes)
{
    return hand_do(b->t, b->dev, "inject %s", hand_hex(frame, bytes));
}

/* A frame of this test, in memory. */
static const uint8_t *written(NetBench *b, const NetFrame *f)
{
    static uint8_t frame[HAND_BYTES_MOST];
    net_frame_write(f, b->nonce, frame);
    return frame;
}

/* The next packet of this test. Returns false when that fails, which is reported. */
static bool next_packet(NetBench *b, NetPacket *packet, uint32_t *number)
{
    while (require_ok(b->t, net_rx_wait(&b->rx, packet))) {
        if (net_frame_number(packet->frame, packet->bytes, b->nonce, number)) {
            return true;
        }
        if (!require_ok(b->t, net_rx_again(&b->rx, packet))) {
            return false;
        }
    }
    return false;
}

/* The frame comes in byte for byte, and nothing of this test before it. */
static bool comes_in(NetBench *b, const NetFrame *f)
{
    NetPacket packet;
    uint32_t number;
    return inject(b, written(b, f), f->bytes) && next_packet(b, &packet, &number) &&
           require_eq(b->t, number, f->number) &&
           require_eq(b->t, packet.bytes, f->bytes) &&
           require_same(b->t, packet.frame, written(b, f), f->bytes) &&
           require_ok(b->t, net_rx_again(&b->rx, &packet));
}

VIRTIO_TEST(frames_from_the_wire_are_unchanged, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .why_not = why_no_wire)
{
    static const uint16_t sizes[] = {60, 61, 513, NET_FRAME_MAX};
    NetBench b;
    bool goes_on = wire_open(&b, t, dev);
    for (unsigned i = 0; goes_on && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        NetFrame f = net_frame(&b, i % 2 ? b.mac : net_broadcast, sizes[i]);
        goes_on = comes_in(&b, &f);
    }
}

VIRTIO_TEST(tagged_frame_from_the_wire_keeps_its_tag, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .why_not = why_no_wire)
{
    NetBench b;
    if (wire_open(&b, t, dev)) {
        NetFrame f = net_frame(&b, net_broadcast, 100);
        f.vlan = 0x123;
        comes_in(&b, &f);
    }
}

VIRTIO_TEST(frames_are_unchanged_on_the_wire, .device = VIRTIO_ID_NET, .flags = TEST_HAND,
            .why_not = why_no_wire)
{
    static const uint16_t sizes[] = {60, 61, 300}; /* answers come slowly */
    static uint8_t seen[HAND_BYTES_MOST];
    NetBench b;
    if (!wire_open(&b, t, dev) || !hand_do(t, dev, "listen")) {
        return;
    }
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        NetFrame f = net_frame(&b, net_stranger, sizes[i]);
        const char *digits;
        if (!require_ok(t, net_send(dev, &f, b.nonce)) || !require_ok(t, net_sent(dev)) ||
            !(digits = hand_ask(t, dev, "capture"))) {
            return;
        }
        if (!require_eq(t, hex_decode(digits, seen, sizeof(seen)), f.bytes) ||
            !require_same(t, seen, written(&b, &f), f.bytes)) {
            return;
        }
    }
}

/* The host puts something on the wire that need not arrive, then a frame that does. */
static void survives(Test *t, QVirtioDevice *dev, const uint8_t *odd, uint32_t bytes)
{
    NetBench b;
    if (wire_open(&b, t, dev) && inject(&b, odd, bytes)) {
        NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MIN);
        comes_in(&b, &f);
    }
}

VIRTIO_TEST(frame_of_one_byte_is_survived, .device = VIRTIO_ID_NET, .flags = TEST_HAND,
            .why_not = why_no_wire)
{
    survives(t, dev, net_broadcast, 1);
}

VIRTIO_TEST(frame_without_a_payload_is_survived, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .why_not = why_no_wire)
{
    static const uint8_t frame[NET_ETH_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                 2,    0,    0,    0,    0,    1};
    survives(t, dev, frame, sizeof(frame));
}

/* 5.1.9.3.1: without offloads buffers are made for 1514 bytes. Canaries stand around
 * each.
 */
VIRTIO_TEST(frame_longer_than_a_buffer_is_survived, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .why_not = why_no_wire, .rings = RINGS_ALL)
{
    static uint8_t frame[LONG_BYTES];
    memset(frame, 0x11, sizeof(frame));
    memcpy(frame, net_broadcast, sizeof(net_broadcast));
    survives(t, dev, frame, sizeof(frame));
}

/* What finds no buffer is dropped or kept, as the device likes; it is not damaged, and
 * frames come in as soon as there are buffers. */
VIRTIO_TEST(frames_without_buffers_are_dropped_or_kept_whole, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .why_not = why_no_wire)
{
    enum { FRAMES = 4 };
    NetBench b;
    NetPacket packet;
    uint32_t number = 0;
    if (!net_bench(&b, t, dev, 0)) {
        return;
    }
    uint32_t first = b.number + 1;
    for (unsigned i = 0; i < FRAMES; i++) {
        NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MIN);
        if (!inject(&b, written(&b, &f), f.bytes)) {
            return;
        }
    }
    NetFrame last = net_frame(&b, net_broadcast, NET_FRAME_MIN);
    if (!require_ok(t, net_rx_post(&b.rx, 8)) ||
        !inject(&b, written(&b, &last), last.bytes)) {
        return;
    }
    while (number != last.number && next_packet(&b, &packet, &number)) {
        NetFrame f = {.vlan = NET_NO_VLAN, .number = number, .bytes = NET_FRAME_MIN};
        memcpy(f.to, net_broadcast, sizeof(f.to));
        require_ge(t, number, first);
        if (!require_same(t, packet.frame, written(&b, &f), f.bytes)) {
            return;
        }
        first = number + 1;
    }
}

/* "The device MUST NOT pass received packets that exceed mtu (plus low level ethernet
 * header length) size with gso_type NONE or ECN after VIRTIO_NET_F_MTU has been
 * successfully negotiated." The buffers have room for it. */
VIRTIO_TEST(frame_beyond_the_mtu_is_not_passed, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .needs = FEATURES(VIRTIO_NET_F_MTU),
            .why_not = why_no_wire)
{
    NetBench b;
    NetPacket packet;
    uint64_t mtu;
    uint32_t number;
    size_t at = offsetof(struct virtio_net_config, mtu);
    if (!net_bench(&b, t, dev, 0) ||
        !require_ok(t, qvirtio_config_read(dev, at, 2, &mtu))) {
        return;
    }
    if (mtu + NET_ETH_BYTES + 8 > HAND_BYTES_MOST) {
        test_skip(t, "the host sends no frames beyond an mtu of %u", (unsigned)mtu);
        return;
    }
    b.rx.buffer_bytes = NET_HDR_MAX + HAND_BYTES_MOST;
    NetFrame odd = net_frame(&b, b.mac, (uint32_t)mtu + NET_ETH_BYTES + 8);
    NetFrame last = net_frame(&b, b.mac, NET_FRAME_MIN);
    if (require_ok(t, net_rx_post(&b.rx, 4)) &&
        inject(&b, written(&b, &odd), odd.bytes) &&
        inject(&b, written(&b, &last), last.bytes) && next_packet(&b, &packet, &number)) {
        expect_eq(t, "dev:5.1.4.1-5", number, last.number);
    }
}
