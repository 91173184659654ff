/* SPDX-License-Identifier: MIT */
/*
 * Automatic receive steering (5.1.9.5.6): how many queue pairs are in use is said by
 * VQ_PAIRS_SET, one pair after reset. Frames come in on receiveq1 only until more are
 * asked for; what the steering does then is the device's choice.
 */
#include "tests/net/net_lib.h"

#define MULTIQUEUE FEATURES(VIRTIO_NET_F_MQ, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MAC)

/* The pairs that can be used here: as many as there are, and as queues can be opened. */
static bool read_pairs(Test *t, QVirtioDevice *dev, uint64_t *pairs)
{
    return expect_ok(
        t, NULL,
        qvirtio_config_read(dev, offsetof(struct virtio_net_config, max_virtqueue_pairs),
                            2, pairs));
}

static bool set_pairs(NetBench *b, uint16_t pairs)
{
    virtio16 data = virtio16_of(qvirtio_is_legacy(b->dev), pairs);
    return net_accepts(b, NULL, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
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
        if (!expect_ok(t, NULL, err) || !expect_eq(t, NULL, ack, VIRTIO_NET_ERR)) {
            break;
        }
    }
    expect_survives(t, dev);
}

/* Buffers in every receive queue; the frames all come in on the first. */
static void expect_first_queue_only(NetBench *b, uint64_t pairs, const char *clause)
{
    NetRx others[8];
    uint64_t count = pairs < 8 ? pairs : 8;

    for (uint64_t i = 1; i < count; i++) {
        net_rx_init(&others[i], b->dev->vq[2 * i], NET_BUFFER_BYTES);
        if (!expect_ok(b->t, NULL, net_rx_post(&others[i], 4))) {
            return;
        }
    }
    for (unsigned k = 0; k < 16; k++) {
        NetFrame f = net_frame(b, k & 1 ? net_broadcast : b->mac, NET_FRAME_MIN + k);
        if (!net_is_received(b, &f)) {
            return;
        }
    }
    for (uint64_t i = 1; i < count; i++) {
        bool has_used = qvirtqueue_has_used(others[i].vq);
        expect_that(b->t, clause, !has_used, "no frame in another receive queue",
                    "one in receiveq%u", (unsigned)i + 1);
    }
}

/* "After initialization of reset, the device MUST queue packets only on receiveq1." */
VIRTIO_TEST(frames_come_in_on_the_first_queue_after_reset, .device = VIRTIO_ID_NET,
            .needs = MULTIQUEUE, .why_not = net_why_no_partner)
{
    NetBench b;
    uint64_t pairs;
    if (!net_bench(&b, t, dev, 8) || !read_pairs(t, dev, &pairs)) {
        return;
    }
    if (pairs < 2) {
        test_skip(t, "max_virtqueue_pairs is 1");
        return;
    }
    expect_first_queue_only(&b, pairs, MODERN(dev, "dev:5.1.9.5.6.2-1"));
}

/* "The device MUST NOT queue packets on receive queues greater than virtqueue_pairs once
 * it has placed the VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET command in a used buffer." */
VIRTIO_TEST(frames_come_in_on_the_first_queue_after_going_back_to_one,
            .device = VIRTIO_ID_NET, .needs = MULTIQUEUE, .why_not = net_why_no_partner)
{
    NetBench b;
    uint64_t pairs;
    if (!net_bench(&b, t, dev, 8) || !read_pairs(t, dev, &pairs)) {
        return;
    }
    if (pairs < 2) {
        test_skip(t, "max_virtqueue_pairs is 1");
        return;
    }
    if (set_pairs(&b, pairs) && set_pairs(&b, 1)) {
        expect_first_queue_only(&b, pairs, MODERN(dev, "dev:5.1.9.5.6.2-2"));
    }
}
