/* SPDX-License-Identifier: MIT */
/*
 * Packets in a VXLAN tunnel; see tunnel.h. The network's number is the test's nonce.
 */
#include "tests/net/tunnel.h"
#include "kernel/lib/inet_sum.h"

#define VXLAN_PORT 4789

uint32_t tunnel_write(NetBench *b, const uint8_t to[6], uint32_t payload_bytes,
                      bool has_outer_sum, uint8_t *frame)
{
    InetPacket inner = {.is_tcp = true,
                        .to = to,
                        .nonce = b->nonce,
                        .number = ++b->number,
                        .payload_bytes = payload_bytes,
                        .is_partial = true};
    InetPacket outer = {.to = to,
                        .nonce = b->nonce,
                        .number = b->number,
                        .payload_bytes = 8 + INET_TCP_BYTES + payload_bytes};
    uint32_t bytes = inet_write(&outer, frame);
    uint8_t *vxlan = frame + INET_UDP_BYTES;
    inet_put16(frame + TUNNEL_UDP_AT + 2, VXLAN_PORT);
    inet_put16(frame + TUNNEL_UDP_AT + INET_UDP_SUM,
               has_outer_sum ? inet_frame_pseudo_sum(frame, bytes) : 0);
    memset(vxlan, 0, 8);
    vxlan[0] = 0x08; /* the network's number is valid */
    memcpy(vxlan + 4, &b->nonce, 3);
    inet_write(&inner, frame + TUNNEL_INNER_AT);
    return bytes;
}

struct virtio_net_hdr_long tunnel_header(uint16_t gso_size)
{
    struct virtio_net_hdr_long h = {
        .hdr = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                .csum_start = virtio16_of(false, TUNNEL_INNER_TH),
                .csum_offset = virtio16_of(false, INET_TCP_SUM)},
    };
    if (gso_size) {
        h.hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_TUNNEL_IPV4;
        h.hdr.gso_size = virtio16_of(false, gso_size);
        h.hdr.hdr_len = virtio16_of(false, TUNNEL_HEADERS);
        h.outer_th_offset = le16_of(TUNNEL_UDP_AT);
        h.inner_nh_offset = le16_of(TUNNEL_INNER_NH);
    }
    return h;
}

bool tunnel_send(NetBench *b, QVirtioDevice *from, const struct virtio_net_hdr_long *hdr,
                 const uint8_t *frame, uint32_t bytes)
{
    uint32_t hdr_bytes = net_hdr_bytes(from);
    uint8_t *at = arena_lend(hdr_bytes + bytes, 2);
    if (!at) {
        return require_ok(b->t, -QVIRTIO_NO_MEMORY);
    }
    memcpy(at, hdr, hdr_bytes);
    memcpy(at + hdr_bytes, frame, bytes);
    return require_ok(b->t, net_send_raw(from, at, hdr_bytes + bytes, 1));
}

bool tunnel_is(const NetBench *b, const NetPacket *packet)
{
    const uint8_t *f = packet->frame;
    return packet->bytes > TUNNEL_HEADERS && inet_get16(f + 12) == 0x0800 &&
           inet_get16(f + TUNNEL_UDP_AT + 2) == VXLAN_PORT &&
           memcmp(f + INET_UDP_BYTES + 4, &b->nonce, 3) == 0;
}
