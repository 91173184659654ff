/* SPDX-License-Identifier: MIT */
/*
 * The faults of a software NIC that says in the headers of received packets what nobody
 * negotiated (5.1.9.4.1), one line each.
 */
#include "drivers/virtio/soft/net/net.h"

SOFT_FAULT(data_valid_unasked, "dev:5.1.9.4.1-5a", "says DATA_VALID without GUEST_CSUM");
SOFT_FAULT(gso_tcpv4_unasked, "dev:5.1.9.4.1-6", "says TCPV4 without GUEST_TSO4");
SOFT_FAULT(gso_udp_unasked, "dev:5.1.9.4.1-7", "says UDP without GUEST_UFO");
SOFT_FAULT(gso_tcpv6_unasked, "dev:5.1.9.4.1-8", "says TCPV6 without GUEST_TSO6");
SOFT_FAULT(gso_udp_l4_unasked, "dev:5.1.9.4.1-9", "says UDP_L4 without GUEST_USO4");
SOFT_FAULT(tunnel_unasked, "dev:5.1.9.4.1-10",
           "says UDP_TUNNEL_IPV4 without GUEST_UDP_TUNNEL_GSO");
SOFT_FAULT(tunnel_sum_unasked, "dev:5.1.9.4.1-11",
           "says UDP_TUNNEL_CSUM without its feature");
SOFT_FAULT(ecn_unasked, "dev:5.1.9.4.1-12a", "says ECN without GUEST_ECN");
SOFT_FAULT(tunnel_packet_unasked, "dev:5.1.9.4.1-19a",
           "gives a tunnelled packet that is to be cut into segments");
SOFT_FAULT(gso_type_unasked, "dev:5.1.9.4.1-21", "gives a received frame a gso_type");
SOFT_FAULT(rsc_info_unasked, "dev:5.1.9.4.1-24", "says RSC_INFO without RSC_EXT");
SOFT_FAULT(trusts_checksums, "dev:5.1.9.4.1-26b",
           "says DATA_VALID of packets that it has not looked at");
SOFT_FAULT(security_unasked, "dev:5.1.9.4.1-31", "says SECURITY of a plain packet");
SOFT_FAULT(security_error_unasked, "dev:5.1.9.4.1-34",
           "says SECURITY_ERR of a plain packet");

static const struct {
    const SoftFault *fault;
    uint8_t flags, gso_type;
} lies[] = {
    {&soft_fault_data_valid_unasked, VIRTIO_NET_HDR_F_DATA_VALID, 0},
    {&soft_fault_gso_tcpv4_unasked, 0, VIRTIO_NET_HDR_GSO_TCPV4},
    {&soft_fault_gso_udp_unasked, 0, VIRTIO_NET_HDR_GSO_UDP},
    {&soft_fault_gso_tcpv6_unasked, 0, VIRTIO_NET_HDR_GSO_TCPV6},
    {&soft_fault_gso_udp_l4_unasked, 0, VIRTIO_NET_HDR_GSO_UDP_L4},
    {&soft_fault_tunnel_unasked, 0, VIRTIO_NET_HDR_GSO_TUNNEL_IPV4},
    {&soft_fault_tunnel_sum_unasked, VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM, 0},
    {&soft_fault_ecn_unasked, 0, VIRTIO_NET_HDR_GSO_ECN},
    {&soft_fault_tunnel_packet_unasked, VIRTIO_NET_HDR_F_NEEDS_CSUM,
     VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_TUNNEL_IPV6},
    {&soft_fault_gso_type_unasked, 0, VIRTIO_NET_HDR_GSO_TCPV4},
    {&soft_fault_rsc_info_unasked, VIRTIO_NET_HDR_F_RSC_INFO, 0},
    {&soft_fault_security_unasked, VIRTIO_NET_HDR_F_SECURITY, 0},
    {&soft_fault_security_error_unasked, VIRTIO_NET_HDR_F_SECURITY_ERR, 0},
};

void soft_net_spoil(const SoftDevice *s, struct virtio_net_hdr *hdr)
{
    if (soft_fault(trusts_checksums) && soft_negotiated(s, VIRTIO_NET_F_GUEST_CSUM)) {
        hdr->flags = VIRTIO_NET_HDR_F_DATA_VALID;
    }
    for (unsigned i = 0; soft_fault_chosen && i < sizeof(lies) / sizeof(lies[0]); i++) {
        if (lies[i].fault == soft_fault_chosen) {
            hdr->flags = lies[i].flags;
            hdr->gso_type = lies[i].gso_type;
        }
    }
}
