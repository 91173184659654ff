/* SPDX-License-Identifier: MIT */
/*
 * Chains on the receive and transmit queues that a driver must not make (5.1.9.2.1,
 * 5.1.9.3.1, 2.6): too short for the header, too long for the wire, in the wrong
 * direction. What the device makes of them is its own affair; it lives, keeps out of
 * other memory, and works after a reset.
 */
#include "tests/net/net_lib.h"

/* Chains shorter than the header have ended VMMs, and each death costs a boot: one NIC of
 * a machine is asked. */
static const char *why_not_this_nic(QVirtioDevice *dev)
{
    return dev->index ? "the machine's first NIC is asked" : net_why_no_partner(dev);
}

/* Puts one chain of so many bytes on a queue and gives the device a moment's work: a
 * partner's frame where it is the receive queue. */
static void offer(Test *t, QVirtioDevice *dev, uint16_t queue, uint32_t bytes, bool is_in)
{
    NetBench b;
    uint8_t *at = arena_lend(bytes, 1);

    if (!at || !net_bench(&b, t, dev, 0)) {
        return;
    }
    QVirtioSg sg = {arena_map(at, bytes), bytes};
    if (!require_ok(t, qvirtqueue_add(dev->vq[queue], &sg, !is_in, is_in, at))) {
        return;
    }
    qvirtqueue_kick(dev->vq[queue]);
    if (queue == VIRTIO_NET_RECEIVEQ1) {
        NetFrame f = net_frame(&b, net_broadcast, NET_FRAME_MAX);
        require_ok(t, net_send(b.partner, &f, b.nonce));
    }
    expect_survives(t, dev);
}

/* "the driver MUST use the size of the structure struct virtio_net_hdr same as the
 * receive packet buffer": less than that is no header at all. */
VIRTIO_TEST(a_frame_shorter_than_its_header_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.2.1", .why_not = why_not_this_nic)
{
    offer(t, dev, VIRTIO_NET_TRANSMITQ1, 5, false);
}

VIRTIO_TEST(a_header_without_a_frame_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.2", .why_not = net_why_no_partner)
{
    offer(t, dev, VIRTIO_NET_TRANSMITQ1, net_hdr_bytes(dev), false);
}

VIRTIO_TEST(a_frame_of_one_byte_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.2", .why_not = net_why_no_partner)
{
    offer(t, dev, VIRTIO_NET_TRANSMITQ1, net_hdr_bytes(dev) + 1, false);
}

VIRTIO_TEST(a_frame_longer_than_any_packet_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.2", .why_not = net_why_no_partner)
{
    offer(t, dev, VIRTIO_NET_TRANSMITQ1, 100000, false);
}

VIRTIO_TEST(a_writable_transmit_buffer_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.2", .why_not = net_why_no_partner)
{
    offer(t, dev, VIRTIO_NET_TRANSMITQ1, 100, true);
}

VIRTIO_TEST(a_readable_receive_buffer_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.3", .why_not = net_why_no_partner)
{
    offer(t, dev, VIRTIO_NET_RECEIVEQ1, NET_BUFFER_BYTES, false);
}

/* "Otherwise, the driver SHOULD populate the receive queue(s) with buffers of at least
 * 1526 bytes": the frame does not fit, its header does. */
VIRTIO_TEST(a_receive_buffer_too_small_for_a_frame_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.3.1", .why_not = net_why_no_partner)
{
    offer(t, dev, VIRTIO_NET_RECEIVEQ1, 100, true);
}

VIRTIO_TEST(a_receive_buffer_too_small_for_the_header_is_survived,
            .device = VIRTIO_ID_NET, .violates = "5.1.9.3.1", .why_not = why_not_this_nic)
{
    offer(t, dev, VIRTIO_NET_RECEIVEQ1, 5, true);
}
