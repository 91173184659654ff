/* SPDX-License-Identifier: MIT */
/*
 * The network device on the wire (5.1): feature bits, configuration space, the header
 * before every frame, control commands. Names are the specification's. Fields that a
 * legacy interface keeps in the guest's order (5.1.6.1, 5.1.9.1) are virtio16/32. Flow
 * filters are in virtio_net_ff.h. Device parts and IPsec are left out.
 */
#ifndef VIRTIO_NET_H
#define VIRTIO_NET_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.1.3 Feature bits */
#define VIRTIO_NET_F_CSUM                      0
#define VIRTIO_NET_F_GUEST_CSUM                1
#define VIRTIO_NET_F_CTRL_GUEST_OFFLOADS       2
#define VIRTIO_NET_F_MTU                       3
#define VIRTIO_NET_F_MAC                       5
#define VIRTIO_NET_F_GSO                       6 /* legacy, 5.1.3.2 */
#define VIRTIO_NET_F_GUEST_TSO4                7
#define VIRTIO_NET_F_GUEST_TSO6                8
#define VIRTIO_NET_F_GUEST_ECN                 9
#define VIRTIO_NET_F_GUEST_UFO                 10
#define VIRTIO_NET_F_HOST_TSO4                 11
#define VIRTIO_NET_F_HOST_TSO6                 12
#define VIRTIO_NET_F_HOST_ECN                  13
#define VIRTIO_NET_F_HOST_UFO                  14
#define VIRTIO_NET_F_MRG_RXBUF                 15
#define VIRTIO_NET_F_STATUS                    16
#define VIRTIO_NET_F_CTRL_VQ                   17
#define VIRTIO_NET_F_CTRL_RX                   18
#define VIRTIO_NET_F_CTRL_VLAN                 19
#define VIRTIO_NET_F_CTRL_RX_EXTRA             20
#define VIRTIO_NET_F_GUEST_ANNOUNCE            21
#define VIRTIO_NET_F_MQ                        22
#define VIRTIO_NET_F_CTRL_MAC_ADDR             23
#define VIRTIO_NET_F_DEVICE_STATS              50
#define VIRTIO_NET_F_HASH_TUNNEL               51
#define VIRTIO_NET_F_VQ_NOTF_COAL              52
#define VIRTIO_NET_F_NOTF_COAL                 53
#define VIRTIO_NET_F_GUEST_USO4                54
#define VIRTIO_NET_F_GUEST_USO6                55
#define VIRTIO_NET_F_HOST_USO                  56
#define VIRTIO_NET_F_HASH_REPORT               57
#define VIRTIO_NET_F_GUEST_HDRLEN              59
#define VIRTIO_NET_F_RSS                       60
#define VIRTIO_NET_F_RSC_EXT                   61
#define VIRTIO_NET_F_STANDBY                   62
#define VIRTIO_NET_F_SPEED_DUPLEX              63
#define VIRTIO_NET_F_RSS_CONTEXT               64
#define VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO      65
#define VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM 66
#define VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO       67
#define VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM  68
#define VIRTIO_NET_F_OUT_NET_HEADER            69
#define VIRTIO_NET_F_IPSEC                     70

/* 5.1.4 Device configuration layout. The device writes it; a legacy driver may write mac.
 */
#define VIRTIO_NET_S_LINK_UP  1
#define VIRTIO_NET_S_ANNOUNCE 2

struct virtio_net_config {
    uint8_t mac[6];
    virtio16 status;
    virtio16 max_virtqueue_pairs;
    virtio16 mtu;
    virtio32 speed;
    uint8_t duplex;
    uint8_t rss_max_key_size;
    virtio16 rss_max_indirection_table_length;
    virtio32 supported_hash_types;
    virtio32 supported_tunnel_types;
};
_Static_assert(sizeof(struct virtio_net_config) == 28, "5.1.4");

/* 5.1.9 Device Operation: the header before every frame. It has 12 bytes; on a legacy
 * interface without MRG_RXBUF it has 10, without num_buffers. Some features make it
 * longer (net_hdr_bytes()). */
#define VIRTIO_NET_HDR_F_NEEDS_CSUM      1
#define VIRTIO_NET_HDR_F_DATA_VALID      2
#define VIRTIO_NET_HDR_F_RSC_INFO        4
#define VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM 8
#define VIRTIO_NET_HDR_F_SECURITY        16
#define VIRTIO_NET_HDR_F_SECURITY_ERR    32
#define VIRTIO_NET_HDR_GSO_NONE          0
#define VIRTIO_NET_HDR_GSO_TCPV4         1
#define VIRTIO_NET_HDR_GSO_UDP           3
#define VIRTIO_NET_HDR_GSO_TCPV6         4
#define VIRTIO_NET_HDR_GSO_UDP_L4        5
#define VIRTIO_NET_HDR_GSO_TUNNEL_IPV4   0x20 /* ..._UDP_TUNNEL_... */
#define VIRTIO_NET_HDR_GSO_TUNNEL_IPV6   0x40
#define VIRTIO_NET_HDR_GSO_ECN           0x80

struct virtio_net_hdr {
    uint8_t flags;
    uint8_t gso_type;
    virtio16 hdr_len;
    virtio16 gso_size;
    virtio16 csum_start;
    virtio16 csum_offset;
    virtio16 num_buffers;
};
_Static_assert(sizeof(struct virtio_net_hdr) == 12, "5.1.9");
#define VIRTIO_NET_HDR_BYTES_LEGACY 10

/* The header with everything that features add behind it (5.1.9.3.1): with HASH_REPORT it
 * ends behind padding_reserved, with UDP_TUNNEL_GSO behind inner_nh_offset, with
 * OUT_NET_HEADER at its end. */
struct virtio_net_hdr_long {
    struct virtio_net_hdr hdr;
    le32 hash_value;
    le16 hash_report;
    le16 padding_reserved;
    le16 outer_th_offset;
    le16 inner_nh_offset;
    le16 outer_nh_offset;
    uint8_t ipsec[6]; /* le32 resource_id, le16 resource_type */
};
_Static_assert(sizeof(struct virtio_net_hdr_long) == 32, "5.1.9");

/* 5.1.9.4.4 Hash calculation: type n is reported as n + 1; 0 means that there is no hash.
 */
#define VIRTIO_NET_HASH_TYPE_IPv4         (1 << 0)
#define VIRTIO_NET_HASH_TYPE_TCPv4        (1 << 1)
#define VIRTIO_NET_HASH_TYPE_UDPv4        (1 << 2)
#define VIRTIO_NET_HASH_TYPE_IPv6         (1 << 3)
#define VIRTIO_NET_HASH_TYPE_TCPv6        (1 << 4)
#define VIRTIO_NET_HASH_TYPE_UDPv6        (1 << 5)
#define VIRTIO_NET_HASH_REPORT_NONE       0
#define VIRTIO_NET_HASH_REPORT_IPv4       1
#define VIRTIO_NET_HASH_REPORT_TCPv4      2
#define VIRTIO_NET_HASH_REPORT_UDPv4      3
#define VIRTIO_NET_HASH_REPORT_IPv6       4
#define VIRTIO_NET_HASH_REPORT_TCPv6      5
#define VIRTIO_NET_HASH_REPORT_UDPv6      6
#define VIRTIO_NET_HASH_TUNNEL_TYPE_VXLAN (1 << 4)

/* 5.1.9.5 Control Virtqueue: class, command, data (driver), then ack (device) */
#define VIRTIO_NET_OK  0
#define VIRTIO_NET_ERR 1

#define VIRTIO_NET_CTRL_RX          0 /* 5.1.9.5.1; data: u8 on */
#define VIRTIO_NET_CTRL_RX_PROMISC  0
#define VIRTIO_NET_CTRL_RX_ALLMULTI 1
#define VIRTIO_NET_CTRL_RX_ALLUNI   2
#define VIRTIO_NET_CTRL_RX_NOMULTI  3
#define VIRTIO_NET_CTRL_RX_NOUNI    4
#define VIRTIO_NET_CTRL_RX_NOBCAST  5

#define VIRTIO_NET_CTRL_MAC           1 /* 5.1.9.5.2 */
#define VIRTIO_NET_CTRL_MAC_TABLE_SET 0 /* data: two tables: le32 entries, MACs */
#define VIRTIO_NET_CTRL_MAC_ADDR_SET  1 /* data: u8 mac[6] */

#define VIRTIO_NET_CTRL_VLAN     2 /* 5.1.9.5.3; data: le16 id */
#define VIRTIO_NET_CTRL_VLAN_ADD 0
#define VIRTIO_NET_CTRL_VLAN_DEL 1

#define VIRTIO_NET_CTRL_ANNOUNCE     3 /* 5.1.9.5.4 */
#define VIRTIO_NET_CTRL_ANNOUNCE_ACK 0

#define VIRTIO_NET_CTRL_MQ              4 /* 5.1.9.5.5 */
#define VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET 0 /* data: le16 virtqueue_pairs */
#define VIRTIO_NET_CTRL_MQ_RSS_CONFIG   1 /* 5.1.9.5.7; data: as below */
/* data: as for RSS_CONFIG, with le16 reserved[4] in place of the table */
#define VIRTIO_NET_CTRL_MQ_HASH_CONFIG 2

/* Behind it stand le16 indirection_table[mask + 1], le16 max_tx_vq, u8 hash_key_length,
 * u8 hash_key_data[]. A queue is named by half of its index. */
struct virtio_net_rss_config {
    le32 hash_types;
    le16 indirection_table_mask;
    le16 unclassified_queue;
};
_Static_assert(sizeof(struct virtio_net_rss_config) == 8, "5.1.9.5.7");

#define VIRTIO_NET_CTRL_GUEST_OFFLOADS     5 /* 5.1.9.5.9 */
#define VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET 0 /* data: le64 of feature bits */

#define VIRTIO_NET_CTRL_NOTF_COAL        6 /* 5.1.9.5.10 */
#define VIRTIO_NET_CTRL_NOTF_COAL_TX_SET 0 /* data: virtio_net_ctrl_coal */
#define VIRTIO_NET_CTRL_NOTF_COAL_RX_SET 1
#define VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET 2 /* data: virtio_net_ctrl_coal_vq */
#define VIRTIO_NET_CTRL_NOTF_COAL_VQ_GET 3 /* data: its first 4 bytes; result: coal */

struct virtio_net_ctrl_coal {
    le32 max_packets;
    le32 max_usecs;
};

struct virtio_net_ctrl_coal_vq {
    le16 vq_index;
    le16 reserved;
    struct virtio_net_ctrl_coal coal;
};
_Static_assert(sizeof(struct virtio_net_ctrl_coal_vq) == 12, "5.1.9.5.10");

#define VIRTIO_NET_CTRL_HASH_TUNNEL     7 /* 5.1.9.4.4.4 */
#define VIRTIO_NET_CTRL_HASH_TUNNEL_SET 0 /* data: le32 enabled_tunnel_types */

#define VIRTIO_NET_CTRL_STATS       8 /* 5.1.9.5.11 */
#define VIRTIO_NET_CTRL_STATS_QUERY 0 /* result: le64 supported_stats_types[1] */
#define VIRTIO_NET_CTRL_STATS_GET   1 /* data: stats[]; result: replies, each a header */
#define VIRTIO_NET_STATS_RX_BASIC   0 /* bits of a bitmap, and types of a reply */
#define VIRTIO_NET_STATS_TX_BASIC   16
#define VIRTIO_NET_STATS_CVQ        32

struct virtio_net_queue_stats {
    le16 vq_index;
    le16 reserved[3];
    le64 types_bitmap;
};
_Static_assert(sizeof(struct virtio_net_queue_stats) == 16, "5.1.9.5.11");

struct virtio_net_stats_reply_hdr {
    uint8_t type;
    uint8_t reserved;
    le16 vq_index;
    le16 reserved1;
    le16 size;
};
_Static_assert(sizeof(struct virtio_net_stats_reply_hdr) == 8, "5.1.9.5.11");

#define VIRTIO_NET_STATS_BYTES_CVQ   (8 + 2 * 8) /* sizes of whole replies */
#define VIRTIO_NET_STATS_BYTES_BASIC (8 + 6 * 8)

#define VIRTNET_RSS_CTX_CTRL         9 /* 5.1.9.5.8 */
#define VIRTNET_RSS_CTX_CTRL_CAP_GET 0 /* result: le16 max_rss_contexts */
#define VIRTNET_RSS_CTX_CTRL_ADD     1 /* data: le16 id, u8 reserved[6], RSS config */
#define VIRTNET_RSS_CTX_CTRL_MOD     2
#define VIRTNET_RSS_CTX_CTRL_DEL     3 /* data: le16 id */

/* 5.1.2 Virtqueues, with one pair */
#define VIRTIO_NET_RECEIVEQ1  0
#define VIRTIO_NET_TRANSMITQ1 1

#endif
