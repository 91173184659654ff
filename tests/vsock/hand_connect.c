/* SPDX-License-Identifier: MIT */
/* Connections that the host begins and ends (5.10.6.5). */
#include "tests/harness/hand.h"
#include "tests/vsock/vsock_lib.h"

#define HAND_TEST                                  \
    .device = VIRTIO_ID_VSOCK, .flags = TEST_HAND, \
    .wants = FEATURES(VIRTIO_VSOCK_F_STREAM)

/* Somebody on the host connects to a port of ours. */
static bool host_connects(Test *t, QVirtioDevice *dev, VsockFlow *f)
{
    return vsock_flow(t, dev, 0, f) && require_ok(t, vsock_stock(dev, 8)) &&
           hand_do(t, dev, "connect %u", f->port) && vsock_accept(t, dev, f);
}

VIRTIO_TEST(connection_from_the_host_carries_data, HAND_TEST, .rings = RINGS_ALL)
{
    enum { BYTES = 32 };
    uint8_t bytes[BYTES], back[BYTES];
    VsockFlow f;
    pattern_fill(bytes, BYTES, random_next(&t->random));
    if (!host_connects(t, dev, &f) ||
        !hand_do(t, dev, "send %u %s", f.port, hand_hex(bytes, BYTES)) ||
        !vsock_take(t, dev, &f, back, BYTES) || !require_same(t, back, bytes, BYTES) ||
        !require_ok(t, vsock_send(dev, &f, VIRTIO_VSOCK_OP_RW, 0, bytes, BYTES))) {
        return;
    }
    const char *seen = hand_ask(t, dev, "receive %u %u", f.port, BYTES);
    if (seen) {
        require_that(t, strcmp(seen, hand_hex(bytes, BYTES)) == 0,
                     "what was sent arrives", "%s", seen);
    }
}

/* "VIRTIO_VSOCK_OP_SHUTDOWN" with both hints: nothing more comes, nothing is taken. */
VIRTIO_TEST(end_of_the_hosts_side_is_told, HAND_TEST)
{
    const uint32_t both =
        1u << VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE | 1u << VIRTIO_VSOCK_SHUTDOWN_F_SEND;
    VsockFlow f;
    VsockPacket packet;
    if (host_connects(t, dev, &f) && hand_do(t, dev, "close %u", f.port) &&
        vsock_expect(t, dev, BASIS_NONE, &f, VIRTIO_VSOCK_OP_SHUTDOWN, &packet)) {
        require_eq(t, le32_get(packet.hdr.flags) & both, both);
        vsock_sends(t, dev, &f, VIRTIO_VSOCK_OP_RST);
    }
}
