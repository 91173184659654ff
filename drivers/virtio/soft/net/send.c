/* SPDX-License-Identifier: MIT */
/*
 * Offloads of the software NICs (5.1.9.2, 5.1.9.4): what a driver may ask for in the
 * header of a packet that it sends, and what is done for a receiver that did not
 * negotiate to do it itself. Checksums are completed, and large packets are cut into
 * segments, also inside a UDP tunnel. Left out: UFO, IPv6 extension headers.
 */
#include "drivers/virtio/soft/net/net.h"
#include "kernel/lib/inet_sum.h"
#include "kernel/lib/string.h"

SOFT_FAULT(minds_unknown_header_flags, "dev:5.1.9.2.2-1",
           "drops frames with header flags it does not know");
SOFT_FAULT(checksums_unasked, "dev:5.1.9.2.2-2",
           "fills in a checksum where NEEDS_CSUM is clear");
SOFT_FAULT(uses_outer_offset_0, "dev:5.1.9.2.2-4",
           "changes frames whose outer_nh_offset is 0");
SOFT_FAULT(relies_on_hdr_len, "dev:5.1.9.2.2-7",
           "drops frames that are shorter than their hdr_len");
SOFT_FAULT(takes_both_tunnels, "dev:5.1.9.2.2-8", "sends packets with both tunnel bits");
SOFT_FAULT(uses_tunnel_offsets, "dev:5.1.9.2.2-9",
           "drops frames with tunnel offsets behind their end, tunnel or not");
SOFT_FAULT(takes_tunnels_without_sum, "dev:5.1.9.2.2-10",
           "sends tunnel packets without NEEDS_CSUM");
SOFT_FAULT(takes_tunnels_with_valid, "dev:5.1.9.2.2-10",
           "sends tunnel packets with DATA_VALID");
SOFT_FAULT(takes_tunnels_without_gso, "dev:5.1.9.2.2-10",
           "sends tunnel packets that are not to be cut");
SOFT_FAULT(takes_tunnel_sum_alone, "dev:5.1.9.2.2-11",
           "sends packets with UDP_TUNNEL_CSUM and no tunnel");
SOFT_FAULT(uses_ipsec_ids, "dev:5.1.9.2.2-13",
           "drops frames with a resource_id that it does not know");
SOFT_FAULT(leaves_sums_unasked, "dev:5.1.9.4.1-5b",
           "leaves checksums to a driver without GUEST_CSUM");
SOFT_FAULT(leaves_outer_sums_unasked, "dev:5.1.9.4.1-20",
           "leaves outer checksums to a driver that did not offer to finish them");

#define TUNNELS    (VIRTIO_NET_HDR_GSO_TUNNEL_IPV4 | VIRTIO_NET_HDR_GSO_TUNNEL_IPV6)
#define KIND(type) ((type) & ~(TUNNELS | VIRTIO_NET_HDR_GSO_ECN))

static uint16_t get(virtio16 v)
{
    return virtio16_get(false, v);
}

/* ---- What a driver may say ---- */

static bool is_tunnel_wrong(const struct virtio_net_hdr *h)
{
    uint8_t tunnels = h->gso_type & TUNNELS;
    if (tunnels == 0) {
        return h->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM &&
               !soft_fault(takes_tunnel_sum_alone);
    }
    return (tunnels == TUNNELS && !soft_fault(takes_both_tunnels)) ||
           (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
            !soft_fault(takes_tunnels_without_sum)) ||
           (h->flags & VIRTIO_NET_HDR_F_DATA_VALID &&
            !soft_fault(takes_tunnels_with_valid)) ||
           (KIND(h->gso_type) == VIRTIO_NET_HDR_GSO_NONE &&
            !soft_fault(takes_tunnels_without_gso));
}

/* Used by faults: uses fields that no flag makes valid. Returns true when the frame is
 * dropped. */
static bool uses_wrong_field(SoftDevice *from, SoftPacket *p)
{
    bool has_outer = soft_negotiated(from, VIRTIO_NET_F_OUT_NET_HEADER);
    uint32_t at = get(p->hdr.hdr.csum_start) + get(p->hdr.hdr.csum_offset);
    if (soft_fault(checksums_unasked) && at && at + 2 <= p->bytes &&
        !(p->hdr.hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)) {
        p->frame[at] ^= 0xff;
    }
    if (soft_fault(relies_on_hdr_len) && soft_negotiated(from, VIRTIO_NET_F_HOST_TSO4)) {
        return get(p->hdr.hdr.hdr_len) > p->bytes;
    }
    if (soft_fault(uses_outer_offset_0) && has_outer &&
        le16_get(p->hdr.outer_nh_offset) == 0) {
        p->frame[p->bytes - 1] ^= 1;
    }
    if (soft_fault(uses_tunnel_offsets) && !(p->hdr.hdr.gso_type & TUNNELS)) {
        return le16_get(p->hdr.inner_nh_offset) > p->bytes;
    }
    return soft_fault(uses_ipsec_ids) && p->hdr.ipsec[0];
}

bool soft_net_accepts(SoftDevice *from, SoftPacket *p)
{
    struct virtio_net_hdr *h = &p->hdr.hdr;
    bool has_tunnels = soft_negotiated(from, VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO);
    if ((soft_fault(minds_unknown_header_flags) && h->flags & 0x80) ||
        uses_wrong_field(from, p) || (has_tunnels && is_tunnel_wrong(h))) {
        return false;
    }
    h->flags &= VIRTIO_NET_HDR_F_NEEDS_CSUM |
                (has_tunnels ? VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM : 0);
    if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)) {
        h->gso_type = VIRTIO_NET_HDR_GSO_NONE;
        return true;
    }
    /* A packet that is cut needs a segment size, and room for the longest transport
     * header. */
    bool is_large = h->gso_type != VIRTIO_NET_HDR_GSO_NONE;
    uint32_t start = get(h->csum_start);
    return start + get(h->csum_offset) + 2 <= p->bytes &&
           (!is_large || (get(h->gso_size) && start + 20 <= p->bytes));
}

/* ---- What a receiver takes ---- */

bool soft_net_set_offloads(SoftDevice *s, const QVirtQueueElement *e, uint8_t command)
{
    static const uint8_t bits[][2] = {
        {1, VIRTIO_NET_F_GUEST_CSUM},
        {7, VIRTIO_NET_F_GUEST_TSO4},
        {8, VIRTIO_NET_F_GUEST_TSO6},
        {9, VIRTIO_NET_F_GUEST_ECN},
        {46, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO},
        {47, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM},
        {54, VIRTIO_NET_F_GUEST_USO4},
        {55, VIRTIO_NET_F_GUEST_USO6},
    };
    virtio64 data;
    uint64_t allowed = 0;
    if (command != VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET ||
        !soft_negotiated(s, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS) ||
        qvirtqueue_element_read(e, 2, &data, sizeof(data)) != sizeof(data)) {
        return false;
    }
    for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        allowed |= (uint64_t)soft_negotiated(s, bits[i][1]) << bits[i][0];
    }
    uint64_t wanted = virtio64_get(false, data);
    if (wanted & ~allowed) {
        return false;
    }
    soft_net_of(s)->offloads_off = allowed & ~wanted;
    return true;
}

static bool takes(SoftDevice *s, unsigned feature)
{
    unsigned bit = feature == VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO        ? 46
                   : feature == VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM ? 47
                                                                       : feature;
    return soft_negotiated(s, feature) && !(soft_net_of(s)->offloads_off >> bit & 1);
}

static bool takes_large(SoftDevice *s, const SoftPacket *p)
{
    const struct virtio_net_hdr *h = &p->hdr.hdr;
    uint8_t kind = KIND(h->gso_type);
    bool is_tunnel = h->gso_type & TUNNELS;
    return !(h->gso_type & VIRTIO_NET_HDR_GSO_ECN && !takes(s, VIRTIO_NET_F_GUEST_ECN)) &&
           !(is_tunnel && !takes(s, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO)) &&
           !(h->flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM &&
             !takes(s, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM) &&
             !soft_fault(leaves_outer_sums_unasked)) &&
           ((kind == VIRTIO_NET_HDR_GSO_TCPV4 && takes(s, VIRTIO_NET_F_GUEST_TSO4)) ||
            (kind == VIRTIO_NET_HDR_GSO_TCPV6 && takes(s, VIRTIO_NET_F_GUEST_TSO6)) ||
            (kind == VIRTIO_NET_HDR_GSO_UDP_L4 && takes(s, VIRTIO_NET_F_GUEST_USO4) &&
             takes(s, VIRTIO_NET_F_GUEST_USO6)));
}

/* ---- What is done for it ---- */

/* Replaces the sum of the pseudo header by the whole checksum. UDP has no checksum of
 * 0. */
static void complete_sum(SoftPacket *p, uint32_t start, uint32_t offset)
{
    uint16_t sum = ~inet_sum(p->frame + start, p->bytes - start, 0);
    inet_put16(p->frame + start + offset, sum ? sum : 0xffff);
}

/* Corrects the lengths in an IP header whose packet ends with the frame. */
static void shorten_ip(SoftPacket *p, uint32_t at)
{
    uint8_t *ip = p->frame + at;
    if (ip[0] >> 4 == 6) {
        inet_put16(ip + 4, p->bytes - at - 40);
        return;
    }
    inet_put16(ip + 2, p->bytes - at);
    inet_put16(ip + 10, 0);
    inet_put16(ip + 10, ~inet_sum(ip, 4 * (ip[0] & 15), 0));
}

static uint16_t pseudo_of(const SoftPacket *p, uint32_t ip, uint32_t l4)
{
    const uint8_t *at = p->frame + ip;
    return inet_sum_pseudo(at, at[at[0] >> 4 == 6 ? 6 : 9], p->bytes - l4);
}

/* Corrects the outer headers of a segment: the lengths, and the checksum where one was
 * asked for. */
static void finish_tunnel(SoftPacket *p, const SoftPacket *whole)
{
    uint32_t udp = le16_get(whole->hdr.outer_th_offset);
    shorten_ip(p, 14);
    inet_put16(p->frame + udp + 4, p->bytes - udp);
    if (whole->hdr.hdr.flags & VIRTIO_NET_HDR_F_UDP_TUNNEL_CSUM) {
        inet_put16(p->frame + udp + 6, pseudo_of(p, 14, udp));
        complete_sum(p, udp, 6);
    }
}

/* Makes one segment: a copy of all headers, then `bytes` of the payload from `at` on. */
static void cut(const SoftPacket *whole, SoftPacket *p, uint32_t headers, uint32_t at,
                uint32_t bytes)
{
    const struct virtio_net_hdr *h = &whole->hdr.hdr;
    bool is_tunnel = h->gso_type & TUNNELS;
    uint32_t start = get(h->csum_start), offset = get(h->csum_offset);
    uint32_t ip = is_tunnel ? le16_get(whole->hdr.inner_nh_offset) : 14;
    uint8_t *l4 = p->frame + start;

    memset(&p->hdr, 0, sizeof(p->hdr));
    memcpy(p->frame, whole->frame, headers);
    memcpy(p->frame + headers, whole->frame + headers + at, bytes);
    p->bytes = headers + bytes;
    shorten_ip(p, ip);
    if (KIND(h->gso_type) == VIRTIO_NET_HDR_GSO_UDP_L4) {
        inet_put16(l4 + 4, p->bytes - start);
    } else {
        uint32_t sequence =
            ((uint32_t)inet_get16(l4 + 4) << 16 | inet_get16(l4 + 6)) + at;
        inet_put16(l4 + 4, sequence >> 16);
        inet_put16(l4 + 6, sequence);
    }
    inet_put16(l4 + offset, pseudo_of(p, ip, start));
    complete_sum(p, start, offset);
    if (is_tunnel) {
        finish_tunnel(p, whole);
    }
}

static void segment(SoftDevice *to, const SoftPacket *whole,
                    void (*give)(SoftDevice *to, SoftPacket *p))
{
    static SoftPacket piece;
    const struct virtio_net_hdr *h = &whole->hdr.hdr;
    uint32_t start = get(h->csum_start), size = get(h->gso_size);
    uint32_t headers = start + 8;
    if (KIND(h->gso_type) != VIRTIO_NET_HDR_GSO_UDP_L4 && start + 13 < whole->bytes) {
        headers = start + 4 * (whole->frame[start + 12] >> 4);
    }
    if (size == 0 || headers <= start || headers > whole->bytes || start < 34 ||
        le16_get(whole->hdr.inner_nh_offset) >= start ||
        le16_get(whole->hdr.outer_th_offset) >= start) {
        return;
    }
    for (uint32_t at = 0; headers + at < whole->bytes; at += size) {
        uint32_t left = whole->bytes - headers - at;
        cut(whole, &piece, headers, at, left < size ? left : size);
        give(to, &piece);
    }
}

/* 5.1.9.4.1: writes what the header of a packet that is not cut says to its receiver. */
static void describe(SoftDevice *to, SoftPacket *p)
{
    struct virtio_net_hdr *h = &p->hdr.hdr;
    if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE) {
        h->hdr_len = h->gso_size = virtio16_of(false, 0);
        return;
    }
    uint32_t start = get(h->csum_start);
    bool is_udp = KIND(h->gso_type) == VIRTIO_NET_HDR_GSO_UDP_L4;
    uint32_t headers = start + (is_udp ? 8 : 4 * (p->frame[start + 12] >> 4));
    h->hdr_len = virtio16_of(false, headers);
    if (soft_negotiated(to, VIRTIO_NET_F_RSC_EXT) && !is_udp) {
        uint32_t size = get(h->gso_size);
        h->flags |= VIRTIO_NET_HDR_F_RSC_INFO;
        h->csum_start = virtio16_of(false, (p->bytes - headers + size - 1) / size);
        h->csum_offset = virtio16_of(false, 0); /* no duplicate acknowledgements */
    }
}

void soft_net_finish(SoftDevice *to, SoftPacket *p,
                     void (*give)(SoftDevice *to, SoftPacket *p))
{
    struct virtio_net_hdr *h = &p->hdr.hdr;
    bool is_large = h->gso_type != VIRTIO_NET_HDR_GSO_NONE;
    bool is_left =
        takes(to, VIRTIO_NET_F_GUEST_CSUM) && (!is_large || takes_large(to, p));
    if (is_large && !is_left) {
        segment(to, p, give);
        return;
    }
    if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && !is_left) {
        if (!soft_fault(leaves_sums_unasked)) {
            complete_sum(p, get(h->csum_start), get(h->csum_offset));
        }
        memset(&p->hdr, 0, sizeof(p->hdr));
    }
    if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        describe(to, p);
    } else {
        memset(&p->hdr, 0, sizeof(p->hdr));
    }
    memset(p->hdr.ipsec, 0, sizeof(p->hdr.ipsec));
    p->hdr.outer_nh_offset = le16_of(0);
    give(to, p);
}
