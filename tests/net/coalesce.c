/* SPDX-License-Identifier: MIT */
/*
 * Notification coalescing (5.1.9.5.10): what is set for all queues of a kind, for one
 * queue, and what is left of it after resets. When a device really notifies is its own
 * choice ("best-effort"), but for suppressed notifications.
 */
#include "drivers/virtio/bus.h"
#include "tests/net/net_lib.h"

#define ALL_QUEUES FEATURES(VIRTIO_NET_F_NOTF_COAL, VIRTIO_NET_F_CTRL_VQ)
#define ONE_QUEUE  FEATURES(VIRTIO_NET_F_VQ_NOTF_COAL, VIRTIO_NET_F_CTRL_VQ)
#define BOTH                                                                          \
    FEATURES(VIRTIO_NET_F_VQ_NOTF_COAL, VIRTIO_NET_F_NOTF_COAL, VIRTIO_NET_F_CTRL_VQ, \
             VIRTIO_F_RING_RESET)

typedef struct virtio_net_ctrl_coal Coal;

static Coal coal(uint32_t packets, uint32_t usecs)
{
    return (Coal){le32_of(packets), le32_of(usecs)};
}

static bool set_all(Test *t, QVirtioDevice *dev, uint8_t command, uint32_t packets)
{
    Coal c = coal(packets, packets + 1);
    uint8_t ack;
    return require_ok(t, net_command(dev, VIRTIO_NET_CTRL_NOTF_COAL, command, &c,
                                     sizeof(c), &ack)) &&
           require_eq(t, ack, VIRTIO_NET_OK);
}

static uint8_t set_one(Test *t, QVirtioDevice *dev, uint16_t queue, uint32_t packets,
                       uint16_t reserved)
{
    struct virtio_net_ctrl_coal_vq c = {le16_of(queue), le16_of(reserved),
                                        coal(packets, packets + 1)};
    uint8_t ack = 0xff;
    require_ok(t, net_command(dev, VIRTIO_NET_CTRL_NOTF_COAL,
                              VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET, &c, sizeof(c), &ack));
    return ack;
}

static uint8_t get_one(Test *t, QVirtioDevice *dev, uint16_t queue, uint16_t reserved,
                       Coal *to)
{
    struct virtio_net_ctrl_coal_vq c = {le16_of(queue), le16_of(reserved), coal(0, 0)};
    NetCommand get = {.class = VIRTIO_NET_CTRL_NOTF_COAL,
                      .command = VIRTIO_NET_CTRL_NOTF_COAL_VQ_GET,
                      .data = &c,
                      .bytes = 4,
                      .result_bytes = sizeof(*to),
                      .result_comes_first = true};
    if (!require_ok(t, net_ask(dev, &get))) {
        return 0xff;
    }
    memcpy(to, get.result, sizeof(*to));
    return get.ack;
}

/* The queue's parameters are those that set_all() or set_one() made of `packets`. */
static bool expect_coal(Test *t, QVirtioDevice *dev, const char *clause, uint16_t queue,
                        uint32_t packets)
{
    Coal seen;
    return require_eq(t, get_one(t, dev, queue, 0, &seen), VIRTIO_NET_OK) &&
           expect_eq(t, clause, le32_get(seen.max_packets), packets) &&
           require_eq(t, le32_get(seen.max_usecs), packets ? packets + 1 : 0);
}

VIRTIO_TEST(coalescing_of_a_queue_is_told_as_it_was_set, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = ONE_QUEUE)
{
    for (uint16_t queue = 0; queue < 2; queue++) {
        if (!require_eq(t, set_one(t, dev, queue, 10 + queue, 0), VIRTIO_NET_OK)) {
            return;
        }
    }
    for (uint16_t queue = 0; queue < 2; queue++) {
        expect_coal(t, dev, NULL, queue, 10 + queue);
    }
}

/* "the device applies the last coalescing parameters set for a virtqueue, regardless of
 * the command used". */
VIRTIO_TEST(coalescing_set_last_counts, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = BOTH)
{
    if (set_all(t, dev, VIRTIO_NET_CTRL_NOTF_COAL_RX_SET, 5) &&
        set_all(t, dev, VIRTIO_NET_CTRL_NOTF_COAL_TX_SET, 6) &&
        require_eq(t, set_one(t, dev, 0, 7, 0), VIRTIO_NET_OK) &&
        require_eq(t, set_one(t, dev, 1, 8, 0), VIRTIO_NET_OK) &&
        set_all(t, dev, VIRTIO_NET_CTRL_NOTF_COAL_TX_SET, 9)) {
        expect_coal(t, dev, NULL, 0, 7);
        expect_coal(t, dev, NULL, 1, 9);
    }
}

/* "The device MUST ignore reserved." */
VIRTIO_TEST(coalescing_ignores_reserved, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = ONE_QUEUE)
{
    Coal seen;
    if (expect_eq(t, "dev:5.1.9.5.10.6-1", set_one(t, dev, 0, 3, 0xffff),
                  VIRTIO_NET_OK) &&
        expect_eq(t, "dev:5.1.9.5.10.6-1", get_one(t, dev, 0, 0xffff, &seen),
                  VIRTIO_NET_OK)) {
        expect_coal(t, dev, NULL, 0, 3);
    }
}

/* "The driver MUST set vq_index to the virtqueue index of an enabled transmit or receive
 * virtqueue"; else the answer is ERR. */
VIRTIO_TEST(coalescing_of_other_queues_is_refused, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .violates = "5.1.9.5.10.5", .needs = ONE_QUEUE)
{
    Coal seen;
    uint16_t control = dev->driver->queue_count(dev) - 1;
    const uint16_t wrong[] = {control, control + 1, 0x7fff, 0xffff};
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]) && !t->has_failed; i++) {
        expect_eq(t, "dev:5.1.9.5.10.6-4", set_one(t, dev, wrong[i], 1, 0),
                  VIRTIO_NET_ERR);
        expect_eq(t, "dev:5.1.9.5.10.6-4", get_one(t, dev, wrong[i], 0, &seen),
                  VIRTIO_NET_ERR);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(coalescing_of_a_queue_in_reset_is_refused, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .violates = "5.1.9.5.10.5", .needs = BOTH)
{
    if (require_ok(t, dev->bus->queue_reset(dev, VIRTIO_NET_TRANSMITQ1))) {
        expect_eq(t, "dev:5.1.9.5.10.6-4", set_one(t, dev, VIRTIO_NET_TRANSMITQ1, 1, 0),
                  VIRTIO_NET_ERR);
    }
    expect_survives(t, dev);
}

/* "Upon disabling and re-enabling ..., the device MUST set the coalescing parameters of
 * the virtqueue to those configured through the ..._SET command, or, if the driver did
 * not set any ..., to 0." */
static void expect_renewed(Test *t, QVirtioDevice *dev, const char *clause,
                           uint16_t queue, uint8_t command)
{
    for (uint32_t all = 0; all <= 5; all += 5) {
        QVirtQueue *vq;
        if ((all && !set_all(t, dev, command, all)) ||
            !require_eq(t, set_one(t, dev, queue, 20, 0), VIRTIO_NET_OK) ||
            !require_ok(t, dev->bus->queue_reset(dev, queue)) ||
            !require_ok(t, qvirtqueue_open(dev, queue, 0, t->ring, &vq)) ||
            !expect_coal(t, dev, clause, queue, all)) {
            return;
        }
    }
}

VIRTIO_TEST(transmit_queue_starts_with_what_all_have, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = BOTH)
{
    expect_renewed(t, dev, "dev:5.1.9.5.10.6-5", VIRTIO_NET_TRANSMITQ1,
                   VIRTIO_NET_CTRL_NOTF_COAL_TX_SET);
}

VIRTIO_TEST(receive_queue_starts_with_what_all_have, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .needs = BOTH)
{
    expect_renewed(t, dev, "dev:5.1.9.5.10.6-6", VIRTIO_NET_RECEIVEQ1,
                   VIRTIO_NET_CTRL_NOTF_COAL_RX_SET);
}

/* "Upon reset, a device MUST initialize all coalescing parameters to 0." */
VIRTIO_TEST(coalescing_is_gone_after_reset, .device = VIRTIO_ID_NET, .buses = BUS_MODERN,
            .needs = ONE_QUEUE)
{
    if (require_eq(t, set_one(t, dev, 0, 11, 0), VIRTIO_NET_OK) &&
        require_eq(t, set_one(t, dev, 1, 12, 0), VIRTIO_NET_OK) &&
        require_ok(t, qvirtio_stop(dev)) && test_start(t, dev, NULL)) {
        expect_coal(t, dev, "dev:5.1.9.5.10.6-9", 0, 0);
        expect_coal(t, dev, "dev:5.1.9.5.10.6-9", 1, 0);
    }
}

/* "A device SHOULD NOT send used buffer notifications to the driver if the notifications
 * are suppressed, even if the notification conditions are met." */
VIRTIO_TEST(suppressed_notifications_are_not_coalesced, .device = VIRTIO_ID_NET,
            .buses = BUS_MODERN, .rings = RINGS_ALL | RINGS_NO_EVENT, .needs = ALL_QUEUES,
            .why_not = net_why_no_partner)
{
    NetBench b;
    if (!net_bench(&b, t, dev, 4) ||
        !set_all(t, dev, VIRTIO_NET_CTRL_NOTF_COAL_RX_SET, 2)) {
        return;
    }
    if (!b.rx.vq->irq.is_bound) {
        test_skip(t, "the receive queue has no interrupt");
        return;
    }
    qvirtqueue_irq_disable(b.rx.vq);
    uint32_t before = qvirtqueue_irq_count(b.rx.vq);
    for (unsigned i = 0; i < 6; i++) {
        NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MIN);
        if (!net_is_received(&b, &f)) {
            return;
        }
    }
    expect_eq(t, "dev:5.1.9.5.10.6-8", qvirtqueue_irq_count(b.rx.vq), before);
}
