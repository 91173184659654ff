/* SPDX-License-Identifier: MIT */
/*
 * Two NICs (5.1) in software that are joined: what one sends, the other one receives. A
 * frame that finds no buffer is dropped, as on a real link. This file puts frames into
 * buffers; send.c changes them on the way, and steer.c chooses their queue.
 */
#include "drivers/virtio/soft/net/net.h"
#include "drivers/virtio/soft/core/admin.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(tiny_mtu, "dev:5.1.4.1-2", "shows an mtu of 60");
SOFT_FAULT(small_mtu, "dev:5.1.4.1-3", "shows an mtu of 1000");
SOFT_FAULT(mtu_moves, "dev:5.1.4.1-4", "shows another mtu after each reset");
SOFT_FAULT(drops_long_frames, "dev:5.1.4.1-6", "drops frames of more than 1000 bytes");
SOFT_FAULT(speed_out_of_range, "dev:5.1.4.1-10", "shows a speed of 0x80000000");
SOFT_FAULT(duplex_out_of_range, "dev:5.1.4.1-11", "shows a duplex of 2");
SOFT_FAULT(no_queue_pairs, "dev:5.1.4.1-1", "shows a max_virtqueue_pairs of 0");
SOFT_FAULT(too_many_queue_pairs, "dev:5.1.4.1-1",
           "shows a max_virtqueue_pairs of 0x8001");
SOFT_FAULT(short_rss_key, "dev:5.1.4.1-7", "takes keys of at most 16 bytes");
SOFT_FAULT(short_rss_table, "dev:5.1.4.1-8", "takes tables of at most 64 entries");
SOFT_FAULT(passes_long_frames, "dev:5.1.4.1-5", "lets frames pass that exceed its mtu");
SOFT_FAULT(keeps_frames_of_reset_queues, "dev:5.1.9.5.6.2-4",
           "delivers a frame when the queue that was in reset is back");
SOFT_FAULT(keeps_rss_frames_of_reset_queues, "dev:5.1.9.5.7.3-2",
           "delivers a frame when the target of RSS that was in reset is back");
SOFT_FAULT(merged_used_one_by_one, "dev:5.1.9.3.2-1",
           "shows the buffers of one frame in two steps");
SOFT_FAULT(takes_two_buffers, "dev:5.1.9.3.2-2",
           "uses one buffer more than a frame needs");
SOFT_FAULT(num_buffers_is_zero, "dev:5.1.9.4.1-1",
           "leaves num_buffers 0 without MRG_RXBUF");
SOFT_FAULT(num_buffers_one_short, "dev:5.1.9.4.1-2",
           "counts one buffer too few for a frame");
SOFT_FAULT(merged_not_filled, "dev:5.1.9.4.1-3", "leaves room in all buffers of a frame");
SOFT_FAULT(merged_not_together, "dev:5.1.9.4.1-4",
           "uses the last buffer of a frame later");

#define MTU    1500
#define QUEUES (2 * SOFT_NET_PAIRS + 1)

enum { RECEIVEQ, TRANSMITQ };

uint16_t soft_net_controlq(const SoftDevice *s)
{
    bool has_pairs =
        soft_negotiated(s, VIRTIO_NET_F_MQ) || soft_negotiated(s, VIRTIO_NET_F_RSS);
    return has_pairs ? QUEUES - 1 : 2;
}

uint32_t soft_net_hdr_bytes(const SoftDevice *s)
{
    if (soft_negotiated(s, VIRTIO_NET_F_OUT_NET_HEADER)) {
        return sizeof(struct virtio_net_hdr_long);
    }
    if (soft_negotiated(s, VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO) ||
        soft_negotiated(s, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO)) {
        return offsetof(struct virtio_net_hdr_long, outer_nh_offset);
    }
    return soft_negotiated(s, VIRTIO_NET_F_HASH_REPORT)
               ? offsetof(struct virtio_net_hdr_long, outer_th_offset)
               : sizeof(struct virtio_net_hdr);
}

static void init(SoftDevice *s)
{
    struct virtio_net_config *c = soft_net_config(s);
    _Static_assert(sizeof(SoftNet) <= PAGE_BYTES, "one page holds a NIC's filters");
    s->data = page_alloc(1);
    c->status = virtio16_of(false, VIRTIO_NET_S_LINK_UP);
    c->max_virtqueue_pairs = virtio16_of(false, SOFT_NET_PAIRS);
    c->mtu = virtio16_of(false, MTU);
    c->rss_max_key_size = soft_fault(short_rss_key) ? 16 : SOFT_NET_KEY;
    c->rss_max_indirection_table_length =
        virtio16_of(false, soft_fault(short_rss_table) ? 64 : SOFT_NET_RSS);
    c->supported_hash_types = virtio32_of(false, soft_net_hash_types());
    c->supported_tunnel_types = virtio32_of(false, VIRTIO_NET_HASH_TUNNEL_TYPE_VXLAN);
    if (soft_fault(no_queue_pairs) || soft_fault(too_many_queue_pairs)) {
        c->max_virtqueue_pairs =
            virtio16_of(false, soft_fault(no_queue_pairs) ? 0 : 0x8001);
    }
    c->speed = virtio32_of(false, 10000);
    c->duplex = 1;
    if (soft_fault(tiny_mtu) || soft_fault(small_mtu)) {
        c->mtu = virtio16_of(false, soft_fault(tiny_mtu) ? 60 : 1000);
    }
    if (soft_fault(speed_out_of_range)) {
        c->speed = virtio32_of(false, 0x80000000);
    }
    if (soft_fault(duplex_out_of_range)) {
        c->duplex = 2;
    }
}

static void reset(SoftDevice *s)
{
    static unsigned resets;
    const uint8_t mac[6] = {0x52, 0x54, 0, 0x50, 0xf7, s->dev.index};
    memcpy(soft_net_config(s)->mac, mac, 6);
    soft_net_filter_reset(s);
    if (soft_fault(mtu_moves)) {
        soft_net_config(s)->mtu = virtio16_of(false, 1400 + resets++ % 100);
    }
}

/* The buffers that a frame takes. They are shown to the driver together, at the end. */
typedef struct Taken {
    QVirtQueueElement first;
    unsigned count;
    /* How many bytes of the packet are written. */
    uint32_t at;
} Taken;

/* Takes one more buffer and fills it. Returns false when there is none. */
static bool take_buffer(SoftDevice *s, uint16_t queue, Taken *taken, const uint8_t *image,
                        uint32_t bytes)
{
    const QVirtQueueElement *e = soft_pop(s, queue);
    if (!e) {
        return false;
    }
    if (taken->count == 0) {
        taken->first = *e;
    }
    uint32_t left = bytes - taken->at;
    if (soft_fault(merged_not_filled) && left > e->in_bytes && e->in_bytes > 64) {
        left = e->in_bytes - 1;
    }
    uint32_t len = qvirtqueue_element_write(e, 0, image + taken->at, left);
    qvirtqueue_fill(&s->queue[queue].side, e, len, taken->count++);
    taken->at += len;
    return true;
}

/* Shows all buffers of the frame at once. Some faults do not. */
static void show(SoftDevice *s, uint16_t queue, uint16_t count)
{
    SoftNet *n = s->data;
    uint16_t late = 0;
    if (count > 1 && soft_fault(merged_used_one_by_one)) {
        late = count - 1;
    } else if (count > 1 && soft_fault(merged_not_together)) {
        late = 1;
    }
    qvirtqueue_flush(&s->queue[queue].side, count - late);
    n->late_buffers = late;
    n->late_queue = queue;
    if (late) {
        soft_run_later(s, queue);
    }
}

static void show_late(SoftDevice *s)
{
    SoftNet *n = s->data;
    if (n->late_buffers) {
        qvirtqueue_flush(&s->queue[n->late_queue].side, n->late_buffers);
        n->late_buffers = 0;
    }
}

static uint16_t count_for_header(uint16_t count, bool is_mergeable)
{
    if (!is_mergeable) {
        return soft_fault(num_buffers_is_zero) ? 0 : 1;
    }
    return count - (count > 1 && soft_fault(num_buffers_one_short));
}

/* Returns true when there is room for the frame. It looks ahead in the queue, and goes
 * back. */
static bool has_room(SoftDevice *s, uint16_t queue, uint32_t bytes, bool is_mergeable)
{
    QVirtQueueSide *side = &s->queue[queue].side;
    const QVirtQueueSide before = *side;
    const QVirtQueueElement *e;
    uint32_t room = 0;

    do {
        e = soft_pop(s, queue);
        room += e ? e->in_bytes : 0;
    } while (e && room < bytes && is_mergeable);
    if (!side->broken) {
        *side = before;
    }
    return room >= bytes && !side->broken;
}

/* 5.1.9.3.2: all buffers of a frame are used together, or none is. */
static void receive(SoftDevice *s, uint16_t queue, SoftPacket *p)
{
    static Taken taken;
    static uint8_t image[sizeof(SoftPacket)];
    bool is_mergeable = soft_negotiated(s, VIRTIO_NET_F_MRG_RXBUF);
    uint32_t hdr_bytes = soft_net_hdr_bytes(s), bytes = hdr_bytes + p->bytes;
    SoftNetCount *count = &soft_net_of(s)->count[queue];

    show_late(s);
    taken.count = taken.at = 0;
    if (!has_room(s, queue, bytes, is_mergeable)) {
        count->drops++;
        return;
    }
    memcpy(image + hdr_bytes, p->frame, p->bytes);
    while (taken.at < bytes && take_buffer(s, queue, &taken, image, bytes)) {
    }
    p->hdr.hdr.num_buffers =
        virtio16_of(false, count_for_header(taken.count, is_mergeable));
    memcpy(image, &p->hdr, hdr_bytes);
    qvirtqueue_element_write(&taken.first, 0, &p->hdr, hdr_bytes);
    show(s, queue, taken.count);
    count->packets++;
    count->bytes += p->bytes;
    soft_net_coalesced(s, queue);
    const QVirtQueueElement *more =
        soft_fault(takes_two_buffers) && !is_mergeable ? soft_pop(s, queue) : NULL;
    if (more) {
        soft_push(s, queue, more, 0);
    }
}

static bool is_linked(const SoftDevice *s)
{
    return !((const SoftNet *)s->data)->is_link_down;
}

/* Used by faults: a frame that should be dropped, and the device that keeps it. */
static SoftPacket aside;
static const SoftDevice *aside_of;

static void put_aside(SoftDevice *s, const SoftPacket *p)
{
    bool is_rss = soft_net_of(s)->steering.is_rss;
    if (is_rss ? soft_fault(keeps_rss_frames_of_reset_queues)
               : soft_fault(keeps_frames_of_reset_queues)) {
        aside = *p;
        aside_of = s;
    }
}

/* Gives a finished packet to the driver. */
static void give(SoftDevice *s, SoftPacket *p)
{
    soft_net_spoil(s, &p->hdr.hdr);
    soft_net_spoil_offload(s, p);
    int queue = soft_net_steer(s, p);
    if (queue < 0) {
        put_aside(s, p);
    } else if (s->queue[queue].is_enabled) {
        receive(s, queue, p);
    }
}

/* 5.1.4.1: "MUST NOT pass received packets that exceed mtu (plus low level ethernet
 * header length) size with gso_type NONE or ECN". */
static bool is_too_long(const SoftDevice *s, const SoftPacket *p)
{
    uint32_t tag = p->frame[12] == 0x81 && p->frame[13] == 0 ? 4 : 0;
    return soft_negotiated(s, VIRTIO_NET_F_MTU) && !soft_fault(passes_long_frames) &&
           p->hdr.hdr.gso_type == VIRTIO_NET_HDR_GSO_NONE && p->bytes > MTU + 14 + tag;
}

/* Receives a packet from the link. */
static void arrive(SoftDevice *to, SoftPacket *p)
{
    if (soft_fault(drops_long_frames) && p->bytes > 988) {
        return;
    }
    if (is_linked(to) && soft_is_live(to) && !is_too_long(to, p) &&
        (soft_net_passes(to, p->frame, p->bytes) || soft_net_flow_first(to, p))) {
        soft_net_finish(to, p, give);
    }
}

void soft_net_deliver(SoftDevice *s, const void *frame, uint32_t bytes)
{
    static SoftPacket packet;
    memset(&packet.hdr, 0, sizeof(packet.hdr));
    memcpy(packet.frame, frame, bytes);
    packet.bytes = bytes;
    arrive(s, &packet);
}

static void carry(SoftDevice *from, SoftPacket *p)
{
    SoftDevice *to = soft_find(VIRTIO_ID_NET, from->dev.index ^ 1);
    if (!is_linked(from)) {
        return;
    }
    soft_net_captured(from, p->frame, p->bytes);
    if (to) {
        arrive(to, p);
    }
}

static void transmit(SoftDevice *s, uint16_t queue)
{
    static SoftPacket packet;
    const QVirtQueueElement *e;
    uint32_t hdr_bytes = soft_net_hdr_bytes(s);
    while ((e = soft_pop(s, queue)) != NULL) {
        SoftNetCount *count = &soft_net_of(s)->count[queue];
        uint32_t bytes = e->out_bytes;
        bool is_whole =
            bytes >= hdr_bytes + 14 && bytes <= hdr_bytes + SOFT_NET_FRAME_BYTES;
        memset(&packet.hdr, 0, sizeof(packet.hdr));
        qvirtqueue_element_read(e, 0, &packet.hdr, hdr_bytes);
        packet.bytes =
            qvirtqueue_element_read(e, hdr_bytes, packet.frame, sizeof(packet.frame));
        soft_push(s, queue, e, 0);
        if (is_whole && soft_net_accepts(s, &packet)) {
            count->packets++;
            count->bytes += packet.bytes;
            carry(s, &packet);
        } else {
            count->drops++;
        }
        soft_net_coalesced(s, queue);
    }
}

static void run(SoftDevice *s, uint16_t queue)
{
    if (queue == soft_net_controlq(s)) {
        soft_net_control(s, queue);
    } else if (queue % 2 == TRANSMITQ) {
        transmit(s, queue);
    } else {
        show_late(s);
        if (aside.bytes && aside_of == s) {
            receive(s, queue, &aside);
            aside.bytes = 0;
        }
    }
}

static const char *truth(const SoftDevice *s, const char *field)
{
    return strcmp(field, "partner") == 0 ? (s->dev.index ? "0" : "1") : NULL;
}

SOFT_MODEL(
    soft_net, .device_id = VIRTIO_ID_NET, .len_is_content = 0x5555, .count = 2,
    .queues = QUEUES + 1, .admin_queues = 1, .admin = &soft_net_admin,
    .features = FEATURES(
        VIRTIO_NET_F_MTU, VIRTIO_NET_F_MAC, VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_STATUS,
        VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_CTRL_VLAN,
        VIRTIO_NET_F_CTRL_RX_EXTRA, VIRTIO_NET_F_CTRL_MAC_ADDR, VIRTIO_NET_F_SPEED_DUPLEX,
        VIRTIO_NET_F_GUEST_ANNOUNCE, VIRTIO_NET_F_CSUM, VIRTIO_NET_F_GUEST_CSUM,
        VIRTIO_NET_F_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO6, VIRTIO_NET_F_GUEST_ECN,
        VIRTIO_NET_F_GUEST_USO4, VIRTIO_NET_F_GUEST_USO6, VIRTIO_NET_F_HOST_TSO4,
        VIRTIO_NET_F_HOST_TSO6, VIRTIO_NET_F_HOST_ECN, VIRTIO_NET_F_HOST_USO,
        VIRTIO_NET_F_CTRL_GUEST_OFFLOADS, VIRTIO_NET_F_MQ, VIRTIO_NET_F_RSS,
        VIRTIO_NET_F_RSS_CONTEXT, VIRTIO_NET_F_HASH_REPORT, VIRTIO_NET_F_HASH_TUNNEL,
        VIRTIO_NET_F_NOTF_COAL, VIRTIO_NET_F_VQ_NOTF_COAL, VIRTIO_NET_F_DEVICE_STATS,
        VIRTIO_NET_F_RSC_EXT, VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO,
        VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM, VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO,
        VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM, VIRTIO_NET_F_OUT_NET_HEADER),
    .config_bytes = sizeof(struct virtio_net_config), .init = init, .reset = reset,

    .queue_reset = soft_net_queue_reset, .run = run, .act = soft_net_act, .truth = truth);
