/* SPDX-License-Identifier: MIT */
/*
 * The tables of the network device: feature bits with what each requires (5.1.3,
 * 5.1.3.1), and the fields of config space (5.1.4). CTRL_RX_EXTRA and HASH_REPORT SHOULD
 * come with CTRL_VQ, but 5.1.3.1 does not require it; tests/net judges it (5.1.4.1).
 */
#include "drivers/virtio/device/net_private.h"

#define F(bit)                               \
    {                                        \
        VIRTIO_NET_F_##bit, #bit, NULL, NULL \
    }
#define F_ALL_OF(bit, ...)                                    \
    {                                                         \
        VIRTIO_NET_F_##bit, #bit, FEATURES(__VA_ARGS__), NULL \
    }
#define F_ONE_OF(bit, ...)                                    \
    {                                                         \
        VIRTIO_NET_F_##bit, #bit, NULL, FEATURES(__VA_ARGS__) \
    }

const QVirtioFeatureName net_features[] = {
    F(CSUM),
    F(GUEST_CSUM),
    F(CTRL_GUEST_OFFLOADS),
    F(MTU),
    F(MAC),
    F(GSO),
    F_ALL_OF(GUEST_TSO4, VIRTIO_NET_F_GUEST_CSUM),
    F_ALL_OF(GUEST_TSO6, VIRTIO_NET_F_GUEST_CSUM),
    F_ONE_OF(GUEST_ECN, VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO6),
    F_ALL_OF(GUEST_UFO, VIRTIO_NET_F_GUEST_CSUM),
    F_ALL_OF(HOST_TSO4, VIRTIO_NET_F_CSUM),
    F_ALL_OF(HOST_TSO6, VIRTIO_NET_F_CSUM),
    F_ONE_OF(HOST_ECN, VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6),
    F_ALL_OF(HOST_UFO, VIRTIO_NET_F_CSUM),
    F(MRG_RXBUF),
    F(STATUS),
    F(CTRL_VQ),
    F_ALL_OF(CTRL_RX, VIRTIO_NET_F_CTRL_VQ),
    F_ALL_OF(CTRL_VLAN, VIRTIO_NET_F_CTRL_VQ),
    F(CTRL_RX_EXTRA),
    F_ALL_OF(GUEST_ANNOUNCE, VIRTIO_NET_F_CTRL_VQ),
    F_ALL_OF(MQ, VIRTIO_NET_F_CTRL_VQ),
    F_ALL_OF(CTRL_MAC_ADDR, VIRTIO_NET_F_CTRL_VQ),
    F(DEVICE_STATS),
    {VIRTIO_NET_F_HASH_TUNNEL, "HASH_TUNNEL", FEATURES(VIRTIO_NET_F_CTRL_VQ),
     FEATURES(VIRTIO_NET_F_RSS, VIRTIO_NET_F_HASH_REPORT)},
    F_ALL_OF(VQ_NOTF_COAL, VIRTIO_NET_F_CTRL_VQ),
    F_ALL_OF(NOTF_COAL, VIRTIO_NET_F_CTRL_VQ),
    F_ALL_OF(GUEST_USO4, VIRTIO_NET_F_GUEST_CSUM),
    F_ALL_OF(GUEST_USO6, VIRTIO_NET_F_GUEST_CSUM),
    F_ALL_OF(HOST_USO, VIRTIO_NET_F_CSUM),
    F(HASH_REPORT),
    F(GUEST_HDRLEN),
    F_ALL_OF(RSS, VIRTIO_NET_F_CTRL_VQ),
    F_ONE_OF(RSC_EXT, VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6),
    F(STANDBY),
    F(SPEED_DUPLEX),
    F_ALL_OF(RSS_CONTEXT, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_RSS),
    F_ALL_OF(GUEST_UDP_TUNNEL_GSO, VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO6,
             VIRTIO_NET_F_GUEST_USO4, VIRTIO_NET_F_GUEST_USO6),
    F_ALL_OF(GUEST_UDP_TUNNEL_GSO_CSUM, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO),
    F_ALL_OF(HOST_UDP_TUNNEL_GSO, VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_HOST_TSO6,
             VIRTIO_NET_F_HOST_USO),
    F_ALL_OF(HOST_UDP_TUNNEL_GSO_CSUM, VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO),
    F(OUT_NET_HEADER),
    F(IPSEC),
    {0, NULL, NULL, NULL},
};

#define FIELD(field, n, bit, f)                                                      \
    {                                                                                \
        .name = #field, .offset = offsetof(struct virtio_net_config, field),         \
        .width = sizeof(((struct virtio_net_config *)0)->field) / (n), .count = (n), \
        .feature = (bit), .flags = (f)                                               \
    }

const QVirtioField net_fields[] = {
    FIELD(mac, 6, VIRTIO_NET_F_MAC, 0),
    FIELD(status, 1, VIRTIO_NET_F_STATUS, QVIRTIO_FIELD_VOLATILE),
    FIELD(max_virtqueue_pairs, 1, VIRTIO_NET_F_MQ, 0),
    FIELD(mtu, 1, VIRTIO_NET_F_MTU, 0),
    FIELD(speed, 1, VIRTIO_NET_F_SPEED_DUPLEX, QVIRTIO_FIELD_VOLATILE),
    FIELD(duplex, 1, VIRTIO_NET_F_SPEED_DUPLEX, QVIRTIO_FIELD_VOLATILE),
    FIELD(rss_max_key_size, 1, VIRTIO_NET_F_RSS, 0),
    FIELD(rss_max_indirection_table_length, 1, VIRTIO_NET_F_RSS, 0),
    FIELD(supported_hash_types, 1, VIRTIO_NET_F_RSS, 0),
    FIELD(supported_tunnel_types, 1, VIRTIO_NET_F_HASH_TUNNEL, 0),
    {.name = NULL},
};
