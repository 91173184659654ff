/* SPDX-License-Identifier: MIT */
/*
 * Control commands that a driver must not send (5.1.9.5): cut off, without room for an
 * answer, with counts that lie, with values out of range. An answer, if one comes, is OK
 * or ERR; the device lives and works after a reset.
 */
#include "tests/net/net_lib.h"

#define CONTROL FEATURES(VIRTIO_NET_F_CTRL_VQ)

/* One command whose answer is not judged: it may never come. */
static void offer(Test *t, QVirtioDevice *dev, const void *bytes, uint32_t out,
                  uint32_t in)
{
    QVirtQueue *vq = dev->vq[dev->driver->queue_count(dev) - 1];
    uint8_t *at = arena_lend(out + 1, 1), *ack = arena_lend(in + 1, 1);
    QVirtioSg sg[2];
    unsigned n = 0;

    if (!require_ok(t, at && ack ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    memcpy(at, bytes, out);
    if (out) {
        sg[n++] = (QVirtioSg){arena_map(at, out), out};
    }
    if (in) {
        sg[n++] = (QVirtioSg){arena_map(ack, in), in};
    }
    if (require_ok(t, qvirtqueue_add(vq, sg, out > 0, in > 0, at))) {
        qvirtqueue_kick(vq);
    }
}

VIRTIO_TEST(a_command_without_room_for_an_answer_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.5", .needs = CONTROL)
{
    offer(t, dev, (const uint8_t[]){VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC, 1}, 3,
          0);
    expect_survives(t, dev);
}

VIRTIO_TEST(an_answer_without_a_command_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.5", .needs = CONTROL)
{
    offer(t, dev, "", 0, 1);
    expect_survives(t, dev);
}

VIRTIO_TEST(a_command_of_one_byte_is_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.5", .needs = CONTROL)
{
    offer(t, dev, (const uint8_t[]){VIRTIO_NET_CTRL_RX}, 1, 1);
    expect_survives(t, dev);
}

/* Every class with one byte less than its command takes, down to none. */
VIRTIO_TEST(commands_cut_off_are_survived, .device = VIRTIO_ID_NET, .violates = "5.1.9.5",
            .needs = CONTROL)
{
    static const struct {
        uint8_t class, command, bytes;
    } commands[] = {
        {VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC, 1},
        {VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET, 8},
        {VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET, 6},
        {VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_ADD, 2},
        {VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, 2},
        {VIRTIO_NET_CTRL_GUEST_OFFLOADS, VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, 8},
    };
    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        uint8_t bytes[16] = {commands[i].class, commands[i].command};
        for (uint8_t n = 0; n < commands[i].bytes; n++) {
            offer(t, dev, bytes, 2 + n, 1);
        }
    }
    expect_survives(t, dev);
}

/* Counts of MAC addresses that are not there; times six they overflow 32 bits. */
VIRTIO_TEST(lying_mac_counts_are_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.5.2.2",
            .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX))
{
    static const uint32_t counts[] = {1, 0x7fffffff, 0x2aaaaaab, 0xaaaaaaab, 0xffffffff};
    for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        uint8_t bytes[2 + 4 + 6 + 4] = {VIRTIO_NET_CTRL_MAC,
                                        VIRTIO_NET_CTRL_MAC_TABLE_SET};
        virtio32 count = virtio32_of(qvirtio_is_legacy(dev), counts[i]);
        memcpy(bytes + 2, &count, 4);
        offer(t, dev, bytes, 2 + 4 + 2, 1);
        memcpy(bytes + 2 + 4 + 2, &count, 4);
        offer(t, dev, bytes, sizeof(bytes), 1);
    }
    expect_survives(t, dev);
}

/* A VLAN id has twelve bits. */
VIRTIO_TEST(vlan_ids_out_of_range_are_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.5.3",
            .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_VLAN))
{
    static const uint16_t ids[] = {4096, 0x8000, 0xffff};
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        uint8_t bytes[4] = {VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_ADD};
        virtio16 id = virtio16_of(qvirtio_is_legacy(dev), ids[i]);
        memcpy(bytes + 2, &id, 2);
        offer(t, dev, bytes, sizeof(bytes), 1);
    }
    expect_survives(t, dev);
}

/* "A driver MUST NOT enable an offload for which the appropriate feature has not been
 * negotiated." */
VIRTIO_TEST(offloads_not_negotiated_are_survived, .device = VIRTIO_ID_NET,
            .violates = "5.1.9.5.9.1.1",
            .needs = FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS))
{
    uint8_t bytes[10] = {VIRTIO_NET_CTRL_GUEST_OFFLOADS,
                         VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET};
    memset(bytes + 2, 0xff, 8);
    offer(t, dev, bytes, sizeof(bytes), 1);
    expect_survives(t, dev);
}
