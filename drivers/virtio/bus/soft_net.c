/* SPDX-License-Identifier: MIT */
/*
 * Two NICs (5.1) in software, joined: what one transmits the other receives. A frame that
 * finds no buffer is dropped, as real ones are. Left out: offloads, more than one pair of
 * queues.
 */
#include "drivers/virtio/bus/soft_net.h"
#include "kernel/page.h"
#include "kernel/string.h"

SOFT_FAULT(tiny_mtu, "dev:5.1.4.1-2", "shows an mtu of 60");
SOFT_FAULT(small_mtu, "dev:5.1.4.1-3", "shows an mtu of 1000");
SOFT_FAULT(mtu_moves, "dev:5.1.4.1-4", "shows another mtu after each reset");
SOFT_FAULT(drops_long_frames, "dev:5.1.4.1-6", "drops frames of more than 1000 bytes");
SOFT_FAULT(speed_out_of_range, "dev:5.1.4.1-10", "shows a speed of 0x80000000");
SOFT_FAULT(duplex_out_of_range, "dev:5.1.4.1-11", "shows a duplex of 2");
SOFT_FAULT(minds_unknown_header_flags, "dev:5.1.9.2.2-1",
           "drops frames with header flags it does not know");
SOFT_FAULT(checksums_unasked, "dev:5.1.9.2.2-2",
           "fills in a checksum where NEEDS_CSUM is clear");
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

#define HDR_BYTES sizeof(struct virtio_net_hdr)
#define QUEUES    3

enum { RECEIVEQ, TRANSMITQ, CONTROLQ };

/* A frame under way, as it will lie in the buffers: header, then bytes. */
typedef struct Packet {
    struct virtio_net_hdr hdr;
    uint8_t frame[SOFT_NET_FRAME_BYTES];
} Packet;

static void init(SoftDevice *s)
{
    struct virtio_net_config *c = soft_net_config(s);
    _Static_assert(sizeof(SoftNet) <= PAGE_BYTES, "one page holds a NIC's filters");
    s->data = page_alloc(1);
    c->status = virtio16_of(false, VIRTIO_NET_S_LINK_UP);
    c->max_virtqueue_pairs = virtio16_of(false, 1);
    c->mtu = virtio16_of(false, 1500);
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

/* Buffers that a frame takes: what each was filled with is shown at once, at the end. */
typedef struct Taken {
    QVirtQueueElement first;
    unsigned count;
    uint32_t at; /* bytes of the packet that are written */
} Taken;

/* Takes one more buffer and fills it. False: there is none. */
static bool take_buffer(SoftDevice *s, Taken *taken, const Packet *p, uint32_t bytes)
{
    const QVirtQueueElement *e = soft_pop(s, RECEIVEQ);
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
    uint32_t len = qvirtqueue_element_write(e, 0, (const uint8_t *)p + taken->at, left);
    qvirtqueue_fill(&s->queue[RECEIVEQ].side, e, len, taken->count++);
    taken->at += len;
    return true;
}

/* Shows all buffers of the frame at once; but for the faults that do not. */
static void show(SoftDevice *s, uint16_t count)
{
    SoftNet *n = s->data;
    uint16_t late = 0;
    if (count > 1 && soft_fault(merged_used_one_by_one)) {
        late = count - 1;
    } else if (count > 1 && soft_fault(merged_not_together)) {
        late = 1;
    }
    qvirtqueue_flush(&s->queue[RECEIVEQ].side, count - late);
    n->late_buffers = late;
    if (late) {
        soft_run_later(s, RECEIVEQ);
    }
}

static void show_late(SoftDevice *s)
{
    SoftNet *n = s->data;
    if (n->late_buffers) {
        qvirtqueue_flush(&s->queue[RECEIVEQ].side, n->late_buffers);
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

/* Is there a place for the frame? Looks ahead in the queue, and goes back. */
static bool has_room(SoftDevice *s, uint32_t bytes, bool is_mergeable)
{
    QVirtQueueSide *side = &s->queue[RECEIVEQ].side;
    const QVirtQueueSide before = *side;
    const QVirtQueueElement *e;
    uint32_t room = 0;

    do {
        e = soft_pop(s, RECEIVEQ);
        room += e ? e->in_bytes : 0;
    } while (e && room < bytes && is_mergeable);
    if (!side->broken) {
        *side = before;
    }
    return room >= bytes && !side->broken;
}

/* 5.1.9.3.2: all buffers of a frame are used together, or none is. */
static void receive(SoftDevice *s, Packet *p, uint32_t bytes)
{
    static Taken taken;
    bool is_mergeable = soft_negotiated(s, VIRTIO_NET_F_MRG_RXBUF);

    show_late(s);
    taken.count = taken.at = 0;
    if (!has_room(s, bytes, is_mergeable)) {
        return;
    }
    while (taken.at < bytes && take_buffer(s, &taken, p, bytes)) {
    }
    p->hdr.num_buffers = virtio16_of(false, count_for_header(taken.count, is_mergeable));
    qvirtqueue_element_write(&taken.first, 0, &p->hdr, HDR_BYTES);
    show(s, taken.count);
    const QVirtQueueElement *more =
        soft_fault(takes_two_buffers) && !is_mergeable ? soft_pop(s, RECEIVEQ) : NULL;
    if (more) {
        soft_push(s, RECEIVEQ, more, 0);
    }
}

static bool is_linked(const SoftDevice *s)
{
    return !((const SoftNet *)s->data)->is_link_down;
}

/* The packet has come over the link; bytes: with its header. */
static void arrive(SoftDevice *to, Packet *p, uint32_t bytes)
{
    memset(&p->hdr, 0, HDR_BYTES);
    soft_net_spoil(to, &p->hdr);
    if (soft_fault(drops_long_frames) && bytes > 1000) {
        return;
    }
    if (is_linked(to) && soft_is_live(to) && to->queue[RECEIVEQ].is_enabled &&
        soft_net_passes(to, p->frame, bytes - HDR_BYTES)) {
        receive(to, p, bytes);
    }
}

void soft_net_deliver(SoftDevice *s, const void *frame, uint32_t bytes)
{
    static Packet packet;
    memcpy(packet.frame, frame, bytes);
    arrive(s, &packet, HDR_BYTES + bytes);
}

static void carry(SoftDevice *from, Packet *p, uint32_t bytes)
{
    SoftDevice *to = soft_find(VIRTIO_ID_NET, from->dev.index ^ 1);
    if (!is_linked(from)) {
        return;
    }
    soft_net_captured(from, p->frame, bytes - HDR_BYTES);
    if (to) {
        arrive(to, p, bytes);
    }
}

/* 5.1.9.2.2: flags that are not known are ignored, fields that no flag speaks of unused.
 */
static bool is_sent_on(Packet *p, uint32_t bytes)
{
    uint32_t at =
        virtio16_get(false, p->hdr.csum_start) + virtio16_get(false, p->hdr.csum_offset);
    if (soft_fault(checksums_unasked) && at && at + 2 <= bytes - HDR_BYTES) {
        p->frame[at] ^= 0xff;
    }
    return !(soft_fault(minds_unknown_header_flags) && p->hdr.flags & 0x80);
}

static void transmit(SoftDevice *s)
{
    static Packet packet;
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, TRANSMITQ)) != NULL) {
        uint32_t bytes = qvirtqueue_element_read(e, 0, &packet, sizeof(packet));
        bool is_whole = bytes == e->out_bytes && bytes >= HDR_BYTES + 14;
        soft_push(s, TRANSMITQ, e, 0);
        if (is_whole && is_sent_on(&packet, bytes)) {
            carry(s, &packet, bytes);
        }
    }
}

static void run(SoftDevice *s, uint16_t queue)
{
    if (queue == TRANSMITQ) {
        transmit(s);
    } else if (queue == CONTROLQ) {
        soft_net_control(s, queue);
    } else {
        show_late(s);
    }
}

static const char *know(const SoftDevice *s, const char *field)
{
    return strcmp(field, "partner") == 0 ? (s->dev.index ? "0" : "1") : NULL;
}

SOFT_MODEL(soft_net, .device_id = VIRTIO_ID_NET, .count = 2, .queues = QUEUES,
           .features = FEATURES(VIRTIO_NET_F_MTU, VIRTIO_NET_F_MAC,
                                VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_STATUS,
                                VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX,
                                VIRTIO_NET_F_CTRL_VLAN, VIRTIO_NET_F_CTRL_RX_EXTRA,
                                VIRTIO_NET_F_CTRL_MAC_ADDR, VIRTIO_NET_F_SPEED_DUPLEX,
                                VIRTIO_NET_F_GUEST_ANNOUNCE, VIRTIO_NET_F_GUEST_CSUM),
           .config_bytes = sizeof(struct virtio_net_config), .init = init, .reset = reset,
           .run = run, .act = soft_net_act, .know = know);
