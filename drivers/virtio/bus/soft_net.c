/* SPDX-License-Identifier: MIT */
/*
 * Two NICs (5.1) in software, joined: what one transmits the other receives. A frame that
 * finds no buffer is dropped, as real ones are. Left out: offloads, more than one pair of
 * queues.
 */
#include "drivers/virtio/bus/soft_net.h"
#include "kernel/page.h"
#include "kernel/string.h"

#define HDR_BYTES   sizeof(struct virtio_net_hdr)
#define FRAME_BYTES 2048
#define QUEUES      3

enum { RECEIVEQ, TRANSMITQ, CONTROLQ };

/* A frame under way, as it will lie in the buffers: header, then bytes. */
typedef struct Packet {
    struct virtio_net_hdr hdr;
    uint8_t frame[FRAME_BYTES];
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
}

static void reset(SoftDevice *s)
{
    const uint8_t mac[6] = {0x52, 0x54, 0, 0x50, 0xf7, s->dev.index};
    memcpy(soft_net_config(s)->mac, mac, 6);
    soft_net_filter_reset(s);
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
    uint32_t len =
        qvirtqueue_element_write(e, 0, (const uint8_t *)p + taken->at, bytes - taken->at);
    qvirtqueue_fill(&s->queue[RECEIVEQ].side, e, len, taken->count++);
    taken->at += len;
    return true;
}

/* 5.1.9.3.2: all buffers of a frame are used together, or none is. */
static void receive(SoftDevice *s, Packet *p, uint32_t bytes)
{
    static Taken taken;
    QVirtQueueSide *side = &s->queue[RECEIVEQ].side;
    const QVirtQueueSide before = *side;
    bool is_mergeable = soft_negotiated(s, VIRTIO_NET_F_MRG_RXBUF);

    taken.count = taken.at = 0;
    while (taken.at < bytes && (is_mergeable || taken.count == 0)) {
        if (!take_buffer(s, &taken, p, bytes)) {
            break;
        }
    }
    if (taken.at < bytes) {
        if (!side->broken) {
            *side = before;
        }
        return;
    }
    p->hdr.num_buffers = virtio16_of(false, taken.count);
    qvirtqueue_element_write(&taken.first, 0, &p->hdr, HDR_BYTES);
    qvirtqueue_flush(side, taken.count);
}

static void carry(SoftDevice *from, Packet *p, uint32_t bytes)
{
    SoftDevice *to = soft_find(VIRTIO_ID_NET, from->dev.index ^ 1);
    memset(&p->hdr, 0, HDR_BYTES);
    if (to && soft_is_live(to) && to->queue[RECEIVEQ].is_enabled &&
        soft_net_passes(to, p->frame, bytes - HDR_BYTES)) {
        receive(to, p, bytes);
    }
}

static void transmit(SoftDevice *s)
{
    static Packet packet;
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, TRANSMITQ)) != NULL) {
        uint32_t bytes = qvirtqueue_element_read(e, 0, &packet, sizeof(packet));
        bool is_whole = bytes == e->out_bytes && bytes >= HDR_BYTES + 14;
        soft_push(s, TRANSMITQ, e, 0);
        if (is_whole) {
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
    }
}

static const char *know(const SoftDevice *s, const char *field)
{
    return strcmp(field, "partner") == 0 ? (s->dev.index ? "0" : "1") : NULL;
}

const SoftModel soft_net = {
    .device_id = VIRTIO_ID_NET,
    .count = 2,
    .queues = QUEUES,
    .features = FEATURES(VIRTIO_NET_F_MTU, VIRTIO_NET_F_MAC, VIRTIO_NET_F_MRG_RXBUF,
                         VIRTIO_NET_F_STATUS, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX,
                         VIRTIO_NET_F_CTRL_VLAN, VIRTIO_NET_F_CTRL_RX_EXTRA,
                         VIRTIO_NET_F_CTRL_MAC_ADDR, VIRTIO_NET_F_SPEED_DUPLEX),
    .config_bytes = sizeof(struct virtio_net_config),
    .init = init,
    .reset = reset,
    .run = run,
    .know = know,
};
