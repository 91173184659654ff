/* SPDX-License-Identifier: MIT */
/* Messages (5.10.6.6): their ends, and those of records, come back where they were. */
#include "tests/vsock/vsock_lib.h"

/* Takes one message, of whatever many packets: its bytes, and the flags of the last. */
static uint32_t take_message(Test *t, QVirtioDevice *dev, VsockFlow *f, uint32_t *flags)
{
    uint32_t got = 0;
    VsockPacket packet;
    while (vsock_expect(t, dev, BASIS_NONE, f, VIRTIO_VSOCK_OP_RW, &packet)) {
        got += le32_get(packet.hdr.len);
        f->fwd_cnt += le32_get(packet.hdr.len);
        *flags = le32_get(packet.hdr.flags);
        if (*flags & VIRTIO_VSOCK_SEQ_EOM) {
            break;
        }
    }
    return got;
}

VIRTIO_TEST(message_boundaries_are_kept, .device = VIRTIO_ID_VSOCK, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_VSOCK_F_SEQPACKET), .why_not = vsock_no_listener)
{
    static const uint16_t sizes[] = {5, 1, 60, 33};
    static const uint32_t ends[] = {VIRTIO_VSOCK_SEQ_EOM, VIRTIO_VSOCK_SEQ_EOM,
                                    VIRTIO_VSOCK_SEQ_EOM | VIRTIO_VSOCK_SEQ_EOR,
                                    VIRTIO_VSOCK_SEQ_EOM};
    uint8_t data[64] = {0};
    VsockFlow f;
    if (!vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_SEQPACKET, 4096, &f)) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        require_ok(t, vsock_send(dev, &f, VIRTIO_VSOCK_OP_RW, ends[i], data, sizes[i]));
    }
    for (unsigned i = 0; i < 4 && !t->has_failed; i++) {
        uint32_t flags = 0;
        require_eq(t, take_message(t, dev, &f, &flags), sizes[i]);
        require_eq(t, flags & VIRTIO_VSOCK_SEQ_EOM, VIRTIO_VSOCK_SEQ_EOM);
    }
}

/* "A single message can be split into multiple RW packets." */
VIRTIO_TEST(message_in_two_packets_is_one, .device = VIRTIO_ID_VSOCK,
            .needs = FEATURES(VIRTIO_VSOCK_F_SEQPACKET), .why_not = vsock_no_listener)
{
    uint8_t data[40] = {0};
    uint32_t flags = 0;
    VsockFlow f;
    if (vsock_connect(t, dev, VIRTIO_VSOCK_TYPE_SEQPACKET, 4096, &f) &&
        require_ok(t, vsock_send(dev, &f, VIRTIO_VSOCK_OP_RW, 0, data, 40)) &&
        require_ok(
            t, vsock_send(dev, &f, VIRTIO_VSOCK_OP_RW, VIRTIO_VSOCK_SEQ_EOM, data, 20))) {
        require_eq(t, take_message(t, dev, &f, &flags), 60);
    }
}
