/* SPDX-License-Identifier: MIT */
/*
 * TCP over IPv4 in a VXLAN tunnel (RFC 7348) over IPv4, for the tests of tunnel offloads
 * and of hashes: one large packet, with headers that say how to cut it (5.1.9.2).
 */
#ifndef NET_TUNNEL_H
#define NET_TUNNEL_H

#include "tests/net/inet.h"
#include "tests/net/net_lib.h"

#define TUNNEL_UDP_AT     INET_L4_AT
#define TUNNEL_INNER_AT   (INET_UDP_BYTES + 8)
#define TUNNEL_INNER_NH   (TUNNEL_INNER_AT + INET_IP_AT)
#define TUNNEL_INNER_TH   (TUNNEL_INNER_AT + INET_L4_AT)
#define TUNNEL_HEADERS    (TUNNEL_INNER_AT + INET_TCP_BYTES)
#define TUNNEL_FRAME_MOST 4096

#define TUNNEL_HOST                                                                   \
    VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO, VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6, \
        VIRTIO_NET_F_HOST_USO, VIRTIO_NET_F_CSUM
#define TUNNEL_GUEST                                                                     \
    VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO, VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO6, \
        VIRTIO_NET_F_GUEST_USO4, VIRTIO_NET_F_GUEST_USO6, VIRTIO_NET_F_GUEST_CSUM

/* Writes the packet with this much TCP payload, for this station; the outer checksum is
 * 0, or the sum of its pseudo header; the inner one always is. Its length. */
uint32_t tunnel_write(NetBench *b, const uint8_t to[6], uint32_t payload_bytes,
                      bool has_outer_sum, uint8_t *frame);
/* Returns what an honest driver says about the packet: that it is to be cut to this size,
 * or (0) not at all. */
struct virtio_net_hdr_long tunnel_header(uint16_t gso_size);
/* Sends it from one of the NICs. Returns false when that fails, which is reported. */
bool tunnel_send(NetBench *b, QVirtioDevice *from, const struct virtio_net_hdr_long *hdr,
                 const uint8_t *frame, uint32_t bytes);
/* Returns true when the packet is a tunnel packet of this test, or a piece of one. */
bool tunnel_is(const NetBench *b, const NetPacket *packet);

#endif
