/* SPDX-License-Identifier: MIT */
/* Events (5.10.6.7): a transport reset is told, and the CID may be another then. */
#include "tests/harness/hand.h"
#include "tests/vsock/vsock_lib.h"

VIRTIO_TEST(transport_reset_is_told, .device = VIRTIO_ID_VSOCK, .flags = TEST_HAND,
            .rings = RINGS_ALL, .wants = FEATURES(VIRTIO_VSOCK_F_STREAM))
{
    struct virtio_vsock_event *event = arena_lend(sizeof(*event), 4);
    QVirtQueue *vq = dev->vq[VIRTIO_VSOCK_EVENTQ];
    QVirtioUsed used;
    VsockFlow f;
    VsockPacket packet;
    if (!require_ok(t, event ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    event->id = le32_of(0xffffffff);
    QVirtioSg sg = {arena_map(event, sizeof(*event)), sizeof(*event)};
    require_ok(t, qvirtqueue_add(vq, &sg, 0, 1, event));
    qvirtqueue_kick(vq);
    if (!hand_do(t, dev, "transport-reset") ||
        !require_ok(t, qvirtqueue_wait(vq, &used))) {
        return;
    }
    expect_used_len(t, used.claimed, sizeof(*event));
    require_eq(t, le32_get(event->id), VIRTIO_VSOCK_EVENT_TRANSPORT_RESET);
    /* The CID that is there now is the one that packets come back to. */
    if (vsock_flow(t, dev, VSOCK_CLOSED_PORT, &f) && require_ok(t, vsock_stock(dev, 4)) &&
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_REQUEST)) {
        vsock_expect(t, dev, BASIS_NONE, &f, VIRTIO_VSOCK_OP_RST, &packet);
    }
}
