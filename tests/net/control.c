/* SPDX-License-Identifier: MIT */
/*
 * The control queue as such (5.1.9.5): every command is answered with an ack, however its
 * bytes are cut into descriptors; and the commands that change nothing a frame could
 * show: offloads (5.1.9.5.9), announcement (5.1.9.5.4), queue pairs (5.1.9.5.6).
 */
#include "tests/net/net_lib.h"

#define BASIC FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX)

/* One command whose every byte lies in a descriptor of its own, or header and data apart.
 */
static void expect_split_command(Test *t, QVirtioDevice *dev, unsigned parts)
{
    NetBench b;
    uint8_t *out = arena_lend(3, 1), *in = arena_lend(1, 1);
    QVirtQueue *vq = dev->vq[dev->driver->queue_count(dev) - 1];
    uint32_t used_len = 0;

    if (!net_bench(&b, t, dev, 8) || !out || !in) {
        return;
    }
    memcpy(out, (const uint8_t[]){VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC, 0}, 3);
    *in = 0xff;
    QVirtioSg sg[4];
    for (unsigned i = 0; i < parts; i++) {
        uint32_t from = parts == 3 ? i : 2 * i, bytes = parts == 3 || i ? 1 : 2;
        sg[i] = (QVirtioSg){arena_map(out + from, bytes), bytes};
    }
    sg[parts] = (QVirtioSg){arena_map(in, 1), 1};
    if (!require_ok(t, qvirtqueue_submit(vq, sg, parts, 1, &used_len))) {
        return;
    }
    uint8_t ack = *in;
    expect_eq(t, "dev:2.7.4.1-1", ack, VIRTIO_NET_OK);
    if (!qvirtio_is_legacy(dev)) {
        /* 5.1.9.1: a legacy driver ignores this length. */
        expect_used_len(t, used_len, 1);
    }
    /* That it took effect shows at the other end, where somebody is there. */
    if (b.partner) {
        net_filters(&b);
    }
}

VIRTIO_TEST(a_command_may_be_cut_from_its_data, .device = VIRTIO_ID_NET,
            .rings = RINGS_ALL, .needs = BASIC)
{
    expect_split_command(t, dev, 2);
}

VIRTIO_TEST(a_command_may_be_cut_into_bytes, .device = VIRTIO_ID_NET, .rings = RINGS_ALL,
            .needs = BASIC)
{
    expect_split_command(t, dev, 3);
}

/* An answer that is not OK is ERR (5.1.9.5). */
static void expect_error(NetBench *b, uint8_t class, uint8_t command, const void *data,
                         uint32_t bytes)
{
    uint8_t ack;
    int err = net_command(b->dev, class, command, data, bytes, &ack);
    if (require_ok(b->t, err)) {
        require_eq(b->t, ack, VIRTIO_NET_ERR);
    }
}

VIRTIO_TEST(an_unknown_class_is_answered_with_an_error, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ))
{
    NetBench b;
    uint8_t data[8] = {0};
    if (net_bench(&b, t, dev, 0)) {
        expect_error(&b, 0x7f, 0, data, sizeof(data));
        expect_error(&b, 0xff, 0xff, data, 0);
    }
}

VIRTIO_TEST(an_unknown_command_is_answered_with_an_error, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX,
                              VIRTIO_NET_F_CTRL_VLAN))
{
    NetBench b;
    uint8_t data[6] = {0};
    if (net_bench(&b, t, dev, 0)) {
        expect_error(&b, VIRTIO_NET_CTRL_RX, 99, data, 1);
        expect_error(&b, VIRTIO_NET_CTRL_MAC, 99, data, 6);
        expect_error(&b, VIRTIO_NET_CTRL_VLAN, 99, data, 2);
    }
}

VIRTIO_TEST(a_refused_command_leaves_the_queue_working, .device = VIRTIO_ID_NET,
            .needs = BASIC)
{
    NetBench b;
    uint8_t data[1] = {0};
    bool goes_on = net_bench(&b, t, dev, 0);
    /* More commands than the queue has entries. */
    for (unsigned i = 0; goes_on && i < 80; i++) {
        expect_error(&b, 0x7f, 0, data, 1);
        goes_on = net_mode(&b, VIRTIO_NET_CTRL_RX_PROMISC, i & 1) && !t->has_failed;
    }
}

/* The answer is OK or ERR: whether offloads can be switched depends on the backend. */
VIRTIO_TEST(switching_all_offloads_off_is_answered, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS))
{
    uint8_t ack, none[8] = {0};
    int err = net_command(dev, VIRTIO_NET_CTRL_GUEST_OFFLOADS,
                          VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, none, sizeof(none), &ack);
    if (require_ok(t, err)) {
        require_le(t, ack, VIRTIO_NET_ERR);
    }
}

/* Where nothing was announced there is nothing to acknowledge, and nothing breaks. */
VIRTIO_TEST(an_idle_announce_ack_is_answered, .device = VIRTIO_ID_NET,
            .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_GUEST_ANNOUNCE,
                              VIRTIO_NET_F_STATUS))
{
    uint8_t ack;
    uint64_t status;
    int err = net_command(dev, VIRTIO_NET_CTRL_ANNOUNCE, VIRTIO_NET_CTRL_ANNOUNCE_ACK, "",
                          0, &ack);
    if (require_ok(t, err) && require_le(t, ack, VIRTIO_NET_ERR) &&
        require_ok(t, qvirtio_config_read(dev, offsetof(struct virtio_net_config, status),
                                          2, &status))) {
        require_eq(t, status & VIRTIO_NET_S_ANNOUNCE, 0);
    }
}
