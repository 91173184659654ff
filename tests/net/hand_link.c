/* SPDX-License-Identifier: MIT */
/*
 * The link goes and comes back (5.1.4, VIRTIO_NET_F_STATUS); the host asks the driver to
 * announce itself (5.1.9.5.4).
 */
#include "tests/harness/hand.h"
#include "tests/net/net_lib.h"

#define STATUS_AT offsetof(struct virtio_net_config, status)
#define ANNOUNCE  FEATURES(VIRTIO_NET_F_GUEST_ANNOUNCE, VIRTIO_NET_F_CTRL_VQ)

static bool status_says(Test *t, const char *clause, QVirtioDevice *dev, uint16_t bit,
                        bool wanted)
{
    uint64_t status;
    return require_ok(t, qvirtio_config_read(dev, STATUS_AT, 2, &status)) &&
           expect_eq(t, clause, (status & bit) != 0, wanted);
}

/* The host turns the link on or off; the driver is told, and status shows it. */
static bool turn(Test *t, QVirtioDevice *dev, bool on)
{
    uint32_t before = dev->config_irq.count;
    return hand_do(t, dev, "link %s", on ? "on" : "off") &&
           require_ok(t, hand_await_news(dev, before)) &&
           status_says(t, BASIS_NONE, dev, VIRTIO_NET_S_LINK_UP, on);
}

VIRTIO_TEST(link_change_is_told, .device = VIRTIO_ID_NET, .flags = TEST_HAND,
            .needs = FEATURES(VIRTIO_NET_F_STATUS))
{
    if (status_says(t, BASIS_NONE, dev, VIRTIO_NET_S_LINK_UP, true) &&
        turn(t, dev, false)) {
        turn(t, dev, true);
    }
}

/* 5.1.4: the bits but LINK_UP and ANNOUNCE are reserved. */
VIRTIO_TEST(link_change_touches_no_other_bit, .device = VIRTIO_ID_NET, .flags = TEST_HAND,
            .needs = FEATURES(VIRTIO_NET_F_STATUS))
{
    if (turn(t, dev, false)) {
        status_says(t, BASIS_NONE, dev, 0xffff & ~VIRTIO_NET_S_LINK_UP, false);
    }
}

VIRTIO_TEST(status_without_the_feature_is_not_told, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND | TEST_PING)
{
    if (hand_do(t, dev, "link off") && hand_do(t, dev, "link on")) {
        require_ping(t, dev, 1);
    }
}

/* Nothing passes while the link is off, and what was sent then is used all the same; as
 * soon as it is back frames pass both ways. */
VIRTIO_TEST(frames_pass_again_when_the_link_is_back, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .needs = FEATURES(VIRTIO_NET_F_STATUS),
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (!net_bench(&b, t, dev, 4) || !turn(t, dev, false)) {
        return;
    }
    NetFrame lost = net_frame(&b, net_broadcast, NET_FRAME_MIN);
    NetFrame drowned = net_frame(&b, b.mac, NET_FRAME_MIN);
    if (!require_ok(t, net_send(dev, &lost, b.nonce)) || !require_ok(t, net_sent(dev)) ||
        !require_ok(t, net_send(b.partner, &drowned, b.nonce)) ||
        !require_ok(t, net_sent(b.partner)) || !turn(t, dev, true)) {
        return;
    }
    NetPacket packet;
    NetFrame f = net_frame(&b, b.mac, NET_FRAME_MIN);
    if (require_ok(t, net_send(b.partner, &f, b.nonce)) &&
        require_ok(t, net_rx_wait(&b.rx, &packet))) {
        uint32_t number = 0;
        net_frame_number(packet.frame, packet.bytes, b.nonce, &number);
        require_ne(t, number, drowned.number);
    }
    f = net_frame(&b, net_broadcast, NET_FRAME_MIN);
    net_is_sent(&b, &f, NULL, 1);
}

/* "MUST clear the VIRTIO_NET_S_ANNOUNCE bit in status upon receipt of a command buffer
 * with ... VIRTIO_NET_CTRL_ANNOUNCE_ACK before marking the buffer as used." */
VIRTIO_TEST(announcement_ends_when_it_is_acknowledged, .device = VIRTIO_ID_NET,
            .flags = TEST_HAND, .needs = ANNOUNCE, .wants = FEATURES(VIRTIO_NET_F_STATUS))
{
    uint32_t before = dev->config_irq.count;
    uint8_t ack;
    if (!hand_do(t, dev, "announce") || !require_ok(t, hand_await_news(dev, before)) ||
        !status_says(t, BASIS_NONE, dev, VIRTIO_NET_S_ANNOUNCE, true) ||
        !require_ok(t, net_command(dev, VIRTIO_NET_CTRL_ANNOUNCE,
                                   VIRTIO_NET_CTRL_ANNOUNCE_ACK, NULL, 0, &ack))) {
        return;
    }
    require_eq(t, ack, VIRTIO_NET_OK);
    status_says(t, "dev:5.1.9.5.4.2-1", dev, VIRTIO_NET_S_ANNOUNCE, false);
}

/* "the device SHOULD NOT change the speed and duplex fields as long as
 * VIRTIO_NET_S_LINK_UP is set": not for an announcement either. */
VIRTIO_TEST(speed_stays_while_the_link_is_up, .device = VIRTIO_ID_NET, .flags = TEST_HAND,
            .needs = FEATURES(VIRTIO_NET_F_STATUS, VIRTIO_NET_F_SPEED_DUPLEX,
                              VIRTIO_NET_F_GUEST_ANNOUNCE, VIRTIO_NET_F_CTRL_VQ))
{
    struct Pace {
        le32 speed;
        uint8_t duplex;
    } before, after;
    size_t at = offsetof(struct virtio_net_config, speed);
    uint32_t news = dev->config_irq.count;
    memset(&before, 0, sizeof(before));
    memset(&after, 0, sizeof(after));
    if (require_ok(t, qvirtio_config_snapshot(dev, at, &before, 5)) &&
        hand_do(t, dev, "announce") && require_ok(t, hand_await_news(dev, news)) &&
        require_ok(t, qvirtio_config_snapshot(dev, at, &after, 5)) &&
        status_says(t, BASIS_NONE, dev, VIRTIO_NET_S_LINK_UP, true)) {
        expect_same(t, "dev:5.1.4.1-12", &after, &before, 5);
    }
}
