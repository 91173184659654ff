/* SPDX-License-Identifier: MIT */
/*
 * The faults of a software NIC with packets whose checksum or segmentation is left to the
 * driver (5.1.9.4.1). Each fault makes one field wrong.
 */
#include "drivers/virtio/soft/net/net.h"
#include "kernel/lib/inet_sum.h"

SOFT_FAULT(network_header_of_others, "dev:5.1.9.4.1-14",
           "sets outer_nh_offset for frames that are not IP");
SOFT_FAULT(needs_csum_unseen, "dev:5.1.9.4.1-16",
           "says NEEDS_CSUM of packets whose checksum it has not looked at");
SOFT_FAULT(pseudo_sum_lost, "dev:5.1.9.4.1-17", "clears a checksum that is left open");
SOFT_FAULT(csum_start_wrong, "dev:5.1.9.4.1-18", "shows csum_start 2 bytes too late");
SOFT_FAULT(csum_offset_wrong, "dev:5.1.9.4.1-18", "shows csum_offset 2 bytes too late");
SOFT_FAULT(ecn_bit_lost, "dev:5.1.9.4.1-12b", "clears the ECN bit of large packets");
SOFT_FAULT(tunnel_of_other_protocol, "dev:5.1.9.4.1-19b",
           "takes the tunnel bit of IPv6 for IPv4");
SOFT_FAULT(outer_th_lost, "dev:5.1.9.4.1-19c", "leaves outer_th_offset 0");
SOFT_FAULT(inner_nh_lost, "dev:5.1.9.4.1-19c", "leaves inner_nh_offset 0");
SOFT_FAULT(outer_sum_open, "dev:5.1.9.4.1-19d",
           "leaves the outer checksum of tunnel packets open");
SOFT_FAULT(large_without_needs_csum, "dev:5.1.9.4.1-22a",
           "leaves NEEDS_CSUM clear in large packets");
SOFT_FAULT(large_without_size, "dev:5.1.9.4.1-22b", "leaves gso_size 0 in large packets");
SOFT_FAULT(rsc_info_lost, "dev:5.1.9.4.1-23", "leaves RSC_INFO clear");
SOFT_FAULT(rsc_segments_lost, "dev:5.1.9.4.1-23", "counts no coalesced segments");
SOFT_FAULT(rsc_acks_invented, "dev:5.1.9.4.1-23", "counts an ACK that nobody sent");
SOFT_FAULT(hdr_len_lost, "dev:5.1.9.4.1-25", "leaves hdr_len 0 in large packets");
SOFT_FAULT(data_valid_in_tunnels, "dev:5.1.9.4.1-27",
           "says DATA_VALID of tunnel packets");
SOFT_FAULT(outer_pseudo_lost, "dev:5.1.9.4.1-28b",
           "clears an outer checksum that is left open");
SOFT_FAULT(outer_sum_wrong, "dev:5.1.9.4.1-29",
           "shows an outer checksum that is neither 0 nor right");

#define TUNNELS (VIRTIO_NET_HDR_GSO_TUNNEL_IPV4 | VIRTIO_NET_HDR_GSO_TUNNEL_IPV6)

static virtio16 plus(virtio16 v, uint16_t more)
{
    return virtio16_of(false, virtio16_get(false, v) + more);
}

static void spoil_tunnel(const SoftDevice *s, SoftPacket *p)
{
    struct virtio_net_hdr *h = &p->hdr.hdr;
    uint8_t *sum = p->frame + le16_get(p->hdr.outer_th_offset) + 6;
    bool is_open = h->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM;
    bool offers = soft_negotiated(s, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM);
    if ((soft_fault(outer_sum_open) && !offers) ||
        (soft_fault(outer_sum_wrong) && offers && !is_open)) {
        inet_put16(sum, 0x1234);
    } else if (soft_fault(outer_pseudo_lost) && is_open) {
        inet_put16(sum, 0);
    } else if (soft_fault(tunnel_of_other_protocol)) {
        h->gso_type ^= TUNNELS;
    } else if (soft_fault(outer_th_lost)) {
        p->hdr.outer_th_offset = le16_of(0);
    } else if (soft_fault(inner_nh_lost)) {
        p->hdr.inner_nh_offset = le16_of(0);
    } else if (soft_fault(data_valid_in_tunnels)) {
        h->flags |= VIRTIO_NET_HDR_F_DATA_VALID;
    }
}

static void spoil_large(SoftPacket *p)
{
    struct virtio_net_hdr *h = &p->hdr.hdr;
    const virtio16 none = virtio16_of(false, 0);
    if (soft_fault(large_without_needs_csum)) {
        h->flags &= ~VIRTIO_NET_HDR_F_NEEDS_CSUM;
    } else if (soft_fault(large_without_size)) {
        h->gso_size = none;
    } else if (soft_fault(hdr_len_lost)) {
        h->hdr_len = none;
    } else if (soft_fault(ecn_bit_lost)) {
        h->gso_type &= ~VIRTIO_NET_HDR_GSO_ECN;
    } else if (soft_fault(rsc_info_lost)) {
        h->flags &= ~VIRTIO_NET_HDR_F_RSC_INFO;
    } else if (soft_fault(rsc_segments_lost)) {
        h->csum_start = none;
    } else if (soft_fault(rsc_acks_invented)) {
        h->csum_offset = virtio16_of(false, 1);
    }
}

static void spoil_partial(SoftPacket *p)
{
    struct virtio_net_hdr *h = &p->hdr.hdr;
    uint32_t at =
        virtio16_get(false, h->csum_start) + virtio16_get(false, h->csum_offset);
    if (soft_fault(pseudo_sum_lost)) {
        inet_put16(p->frame + at, 0);
    } else if (soft_fault(csum_start_wrong)) {
        h->csum_start = plus(h->csum_start, 2);
    } else if (soft_fault(csum_offset_wrong)) {
        h->csum_offset = plus(h->csum_offset, 2);
    }
}

void soft_net_spoil_offload(const SoftDevice *s, SoftPacket *p)
{
    struct virtio_net_hdr *h = &p->hdr.hdr;
    if (!soft_fault_chosen) {
        return;
    }
    if (soft_fault(network_header_of_others) && inet_get16(p->frame + 12) != 0x0800) {
        p->hdr.outer_nh_offset = le16_of(14);
    } else if (h->flags == 0 && soft_fault(needs_csum_unseen) &&
               soft_negotiated(s, VIRTIO_NET_F_GUEST_CSUM)) {
        h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    } else if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE && h->flags) {
        spoil_partial(p);
    } else if (h->gso_type != VIRTIO_NET_HDR_GSO_NONE) {
        if (h->gso_type & TUNNELS) {
            spoil_tunnel(s, p);
        }
        spoil_large(p);
    }
}
