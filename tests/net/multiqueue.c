/* SPDX-License-Identifier: MIT */
/*
 * Automatic receive steering (5.1.9.5.6): how many queue pairs are in use is said by
 * VQ_PAIRS_SET, one pair after reset. Frames come in on receiveq1 only until more are
 * asked for; what the steering does then is the device's choice.
 */
#include "tests/net/steering.h"

#define MULTIQUEUE FEATURES(VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MAC)

/* The pairs that can be used here: as many as there are, and as queues can be opened. */
static bool read_pairs(Test *t, QVirtioDevice *dev, uint64_t *pairs)
{
    return require_ok(
        t, qvirtio_config_read(
               dev, offsetof(struct virtio_net_config, max_virtqueue_pairs), 2, pairs));
}

static bool set_pairs(NetBench *b, uint16_t pairs)
{
    virtio16 data = virtio16_of(qvirtio_is_legacy(b->dev), pairs);
    return net_accepts(b, BASIS_NONE, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
                       &data, sizeof(data));
}

VIRTIO_TEST(every_number_of_queue_pairs_is_accepted, .device = VIRTIO_ID_NET,
            .needs = MULTIQUEUE)
{
    NetBench b;
    uint64_t pairs;
    bool goes_on = net_bench(&b, t, dev, 0) && read_pairs(t, dev, &pairs);
    for (uint64_t n = pairs; goes_on && n >= 1; n--) {
        goes_on = set_pairs(&b, n);
    }
}

/* "The driver MUST NOT request a virtqueue_pairs of 0 or greater than
 * max_virtqueue_pairs" (5.1.9.5.6.1). */
VIRTIO_TEST(too_many_queue_pairs_are_refused, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.5.6.1", .needs = MULTIQUEUE)
{
    NetBench b;
    uint64_t pairs;
    uint8_t ack;

    if (!net_bench(&b, t, dev, 0) || !read_pairs(t, dev, &pairs)) {
        return;
    }
    const uint16_t wrong[] = {0, pairs + 1, 0x8001, 0xffff};
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        virtio16 data = virtio16_of(qvirtio_is_legacy(dev), wrong[i]);
        int err = net_command(dev, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
                              &data, sizeof(data), &ack);
        if (!require_ok(t, err) || !require_eq(t, ack, VIRTIO_NET_ERR)) {
            break;
        }
    }
    expect_survives(t, dev);
}

/* Buffers in every receive queue; the frames all come in on the first. */
static void expect_first_queue_only(NetBench *b, NetQueues *q, const char *clause)
{
    uint8_t frame[NET_FRAME_MIN + 16];
    for (unsigned k = 0; k < 16; k++) {
        NetPacket packet;
        NetFrame f = net_frame(b, k & 1 ? net_broadcast : b->mac, NET_FRAME_MIN + k);
        net_frame_write(&f, b->nonce, frame);
        if (!net_send_bytes(b, frame, f.bytes)) {
            return;
        }
        int pair = net_queues_find(b, q, frame, f.bytes, &packet);
        if (pair < 0 ||
            !expect_that(b->t, clause, pair == 0, "frames in receiveq1 only",
                         "one in receiveq%d", pair + 1) ||
            !require_ok(b->t, net_rx_again(&q->rx[pair], &packet))) {
            return;
        }
    }
}

/* "After initialization of reset, the device MUST queue packets only on receiveq1." */
VIRTIO_TEST(frames_come_in_on_the_first_queue_after_reset, .device = VIRTIO_ID_NET,
            .needs = MULTIQUEUE, .why_not = net_why_no_partner)
{
    NetBench b;
    NetQueues q;
    if (!net_queues_open(&b, &q, t, dev, 2)) {
        return;
    }
    expect_first_queue_only(&b, &q, "dev:5.1.9.5.6.2-1");
}

/* "The device MUST NOT queue packets on receive queues greater than virtqueue_pairs once
 * it has placed the VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET command in a used buffer." */
VIRTIO_TEST(frames_come_in_on_the_first_queue_after_going_back_to_one,
            .device = VIRTIO_ID_NET, .needs = MULTIQUEUE, .why_not = net_why_no_partner)
{
    NetBench b;
    NetQueues q;
    if (!net_queues_open(&b, &q, t, dev, 2)) {
        return;
    }
    if (set_pairs(&b, (uint16_t)q.count) && set_pairs(&b, 1)) {
        expect_first_queue_only(&b, &q, "dev:5.1.9.5.6.2-2");
    }
}

#define RESETTING \
    FEATURES(VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MAC, VIRTIO_F_RING_RESET)

/* "If the destination receive queue is being reset ..., the device SHOULD re-select
 * another random queue." */
VIRTIO_TEST(frames_for_a_queue_in_reset_come_in_elsewhere, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = RESETTING, .why_not = net_why_no_partner)
{
    NetBench b;
    NetQueues q;
    uint8_t frame[NET_FRAME_MIN + 16];
    bool goes_on = net_queues_open(&b, &q, t, dev, 2) &&
                   set_pairs(&b, (uint16_t)q.count) && net_queue_reset(&b, 0);
    for (unsigned k = 0; goes_on && k < 16; k++) {
        NetPacket packet;
        NetFrame f = net_frame(&b, b.mac, NET_FRAME_MIN + k);
        net_frame_write(&f, b.nonce, frame);
        goes_on = net_send_bytes(&b, frame, f.bytes) &&
                  expect_that(t, "dev:5.1.9.5.6.2-3", net_queues_wait(&b, &q) == 0,
                              "each frame in one of the other queues", "nothing");
        int pair = goes_on ? net_queues_find(&b, &q, frame, f.bytes, &packet) : -1;
        goes_on = pair >= 0 && require_ok(t, net_rx_again(&q.rx[pair], &packet));
    }
}

/* "If all receive queues are being reset, the device MUST drop the packet": it is not
 * there when they are back. */
VIRTIO_TEST(frames_are_dropped_while_all_queues_are_in_reset, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = RESETTING, .why_not = net_why_no_partner)
{
    NetBench b;
    NetQueues q;
    uint8_t frame[NET_FRAME_MIN];
    bool goes_on = net_queues_open(&b, &q, t, dev, 2) && set_pairs(&b, (uint16_t)q.count);
    for (unsigned i = 0; goes_on && i < q.count; i++) {
        goes_on = net_queue_reset(&b, i);
    }
    if (!goes_on) {
        return;
    }
    NetFrame lost = net_frame(&b, b.mac, NET_FRAME_MIN);
    net_frame_write(&lost, b.nonce, frame);
    if (!net_send_bytes(&b, frame, sizeof(frame)) ||
        !require_ok(t, net_sent(b.partner))) {
        return;
    }
    for (unsigned i = 0; goes_on && i < q.count; i++) {
        goes_on = net_queue_reopen(&b, i) && net_queues_post(&b, &q, i);
    }
    NetPacket packet;
    uint32_t number = lost.number;
    NetFrame f = net_frame(&b, b.mac, NET_FRAME_MIN);
    net_frame_write(&f, b.nonce, frame);
    goes_on = goes_on && net_send_bytes(&b, frame, sizeof(frame));
    while (goes_on && number != f.number) {
        goes_on = net_queues_next(&b, &q, &packet) >= 0;
        number = 0;
        goes_on = goes_on &&
                  net_frame_number(packet.frame, packet.bytes, b.nonce, &number) &&
                  expect_ne(t, "dev:5.1.9.5.6.2-4", number, lost.number);
    }
}
