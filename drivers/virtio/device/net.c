/* SPDX-License-Identifier: MIT */
/*
 * The driver of the network device (5.1): its queues and its ping. The ping is a tagged
 * frame on transmitq1 to the partner's address, which must arrive there byte for byte.
 * Where nobody told who the partner is, a ping only has to be used with length 0.
 *
 * Each ping lends the partner one more receive buffer, so any number of pings may be in
 * flight and no buffer is lent that no frame needs. Pings do not use more than one queue
 * pair.
 */
#include "drivers/virtio/device/net.h"
#include "drivers/virtio/device/net_private.h"
#include "drivers/virtio/scratch.h"
#include "kernel/clock.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

/* A power of two. */
#define ARRIVALS 1024
/* How many receive buffers the partner has for frames of earlier tests. */
#define STALE_FRAMES 8
/* How long to wait for a frame after a damaged one has come. */
#define DAMAGED_WAIT_NS (20 * NS_PER_MS)

/* A frame of this life that has reached the partner. */
typedef struct NetArrival {
    uint32_t number;
    bool is_taken;
    /* NULL, or what is wrong with the frame. */
    const char *fault;
} NetArrival;

struct NetLink {
    /* The partner NIC, which is started, or NULL. */
    QVirtioDevice *partner;
    /* know= named the partner; else it is a guess. */
    bool is_certain;
    /* The address that pings go to. It is no other NIC's than the partner's. */
    uint8_t to[6];
    uint64_t nonce;
    NetRx rx;
    /* How many pings were made and not checked yet. */
    uint32_t pings;
    /* How many frames came that are ours but not as they were sent. */
    uint32_t damaged;
    /* A ring in order of arrival; it holds the numbers from `first` to last - 1. */
    NetArrival arrival[ARRIVALS];
    uint32_t first, last;
};

/* 5.1.2: receiveq1, transmitq1 ... and the control queue after the last pair. */
static uint16_t net_queue_count(QVirtioDevice *d)
{
    uint64_t pairs = 1;
    if (qvirtio_negotiated(d, VIRTIO_NET_F_MQ) ||
        qvirtio_negotiated(d, VIRTIO_NET_F_RSS)) {
        qvirtio_config_read(d, offsetof(struct virtio_net_config, max_virtqueue_pairs), 2,
                            &pairs);
    }
    pairs = pairs ? pairs : 1; /* 0 is wrong; tests/net judges it */
    uint64_t count = 2 * pairs + qvirtio_negotiated(d, VIRTIO_NET_F_CTRL_VQ);
    return count < QVIRTIO_MAX_QUEUES ? count : QVIRTIO_MAX_QUEUES;
}

/* Chooses the address that pings go to: the partner's if it is administered locally (IEEE
 * 802: bit 1 of the first byte), else a local one that no NIC has. */
static void choose_address(NetLink *link)
{
    static const uint8_t nobody[6] = {0x02, 'q', 'v', 'i', 'r', 'x'};
    QVirtioDevice *p = link->partner;

    memcpy(link->to, nobody, sizeof(nobody));
    if (p && qvirtio_offers(p, VIRTIO_NET_F_MAC)) {
        uint8_t mac[6];
        int err = qvirtio_config_snapshot(p, offsetof(struct virtio_net_config, mac), mac,
                                          sizeof(mac));
        if (!err && (mac[0] & 3) == 2) {
            memcpy(link->to, mac, sizeof(mac));
        }
    }
}

static int net_open(QVirtioDevice *d, const QVirtioRing *ring)
{
    static uint64_t lives;
    (void)ring;

    NetLink *link = arena_lend(sizeof(*link), 8);
    if (!link) {
        return -QVIRTIO_NO_MEMORY;
    }
    d->driver_data = link;
    link->nonce = splitmix64(++lives);
    link->partner = qvirtio_is_scratch(d) ? net_find_partner(d, &link->is_certain) : NULL;
    int err = link->partner ? net_start_partner(link->partner, &link->rx) : 0;
    choose_address(link);
    return err;
}

static void net_close(QVirtioDevice *d)
{
    NetLink *link = d->driver_data;
    if (link && link->partner) {
        qvirtio_reset(link->partner);
        link->partner->irq_mode = QVIRTIO_IRQ_BEST;
    }
}

QVirtioDevice *net_partner(const QVirtioDevice *d)
{
    const NetLink *link = d->driver_data;
    return link && link->is_certain ? link->partner : NULL;
}

uint64_t net_nonce(const QVirtioDevice *d)
{
    return ((const NetLink *)d->driver_data)->nonce;
}

NetRx *net_partner_rx(const QVirtioDevice *d)
{
    return &((NetLink *)d->driver_data)->rx;
}

/* Returns the frame of a ping. It depends on nothing but the number. */
static NetFrame ping_frame(const NetLink *link, uint32_t number)
{
    NetFrame f = {.vlan = NET_NO_VLAN, .number = number, .bytes = NET_FRAME_MIN};
    memcpy(f.to, link->to, 6);
    return f;
}

/* Returns NULL when the frame is as it was sent, else what is wrong with it. */
static const char *judge(const NetLink *link, const NetPacket *packet, uint32_t number)
{
    uint8_t expected[NET_FRAME_MIN];
    NetFrame f = ping_frame(link, number);

    net_frame_write(&f, link->nonce, expected);
    if (packet->bytes != f.bytes) {
        return "the frame arrived with another length";
    }
    return memcmp(packet->frame, expected, f.bytes) ? "the frame arrived changed" : NULL;
}

/* Remembers every frame of this life that the partner's queue has received, and lends all
 * its buffers again. */
static int collect(NetLink *link)
{
    NetPacket packet;
    uint32_t number;
    int got;

    while ((got = net_rx_get(&link->rx, &packet)) == 1) {
        if (net_frame_number(packet.frame, packet.bytes, link->nonce, &number)) {
            link->arrival[link->last++ % ARRIVALS] = (NetArrival){
                .number = number,
                .fault = judge(link, &packet, number),
            };
        }
        link->damaged += net_frame_is_damaged(packet.frame, packet.bytes);
        int err = net_rx_again(&link->rx, &packet);
        if (err) {
            return err;
        }
    }
    return got;
}

/* Lends the partner a buffer for each frame that may be on its way, and some for frames
 * of earlier tests. */
static int stock_partner(NetLink *link)
{
    uint32_t wanted = link->pings + STALE_FRAMES;
    uint32_t lent = link->rx.vq->in_flight, size = link->rx.vq->size;

    wanted = wanted < size ? wanted : size;
    return lent < wanted ? net_rx_post(&link->rx, wanted - lent) : 0;
}

/* Sets the partner's filters so that it drops the frames of pings before it takes a
 * buffer for them, or resets the filters. */
static int filter_pings(QVirtioDevice *partner, bool on)
{
    uint8_t promisc = !on, nouni = on, ack = VIRTIO_NET_ERR, second = VIRTIO_NET_ERR;

    int err = net_command(partner, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC,
                          &promisc, 1, &ack);
    if (!err) {
        err = net_command(partner, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_NOUNI, &nouni,
                          1, &second);
    }
    return !err && (ack != VIRTIO_NET_OK || second != VIRTIO_NET_OK) ? -QVIRTIO_REFUSED
                                                                     : err;
}

/* For a partner without filters: begins a new life of it. When `on`, the only buffer is
 * too small for any frame, so frames are dropped and the buffer stays. */
static int starve(NetLink *link, bool on)
{
    int err = net_start_partner(link->partner, &link->rx);
    if (!err && on) {
        link->rx.buffer_bytes = NET_HDR_MAX + 8;
        err = net_rx_post(&link->rx, 1);
    }
    return err;
}

/*
 * A frame that is sent ten thousand times would use up the partner's buffers, and then
 * QEMU's hub would stop. So the partner drops all frames until the winding ends.
 */
static int net_wind(QVirtioDevice *d, bool begins)
{
    NetLink *link = d->driver_data;

    if (!link || !link->partner) {
        return 0;
    }
    int err = begins ? collect(link) : 0;
    if (!err && !qvirtio_negotiated(link->partner, VIRTIO_NET_F_CTRL_RX_EXTRA)) {
        return starve(link, begins);
    }
    if (!err) {
        err = stock_partner(link);
    }
    return err ? err : filter_pings(link->partner, begins);
}

/* Only a partner NIC may get tens of thousands of frames. */
static const char *net_why_no_wind(QVirtioDevice *d)
{
    bool is_certain;
    net_find_partner(d, &is_certain);
    return is_certain ? NULL : "the partner NIC is unknown; pass know=net.N.partner=M";
}

static int net_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    NetLink *link = d->driver_data;
    uint32_t hdr_bytes = net_hdr_bytes(d);
    NetFrame f = ping_frame(link, number);

    ping->dev = d;
    ping->vq = d->vq[VIRTIO_NET_TRANSMITQ1];
    ping->number = number;
    ping->is_blind = !link->partner || !link->is_certain;
    ping->out_bytes = hdr_bytes + f.bytes;
    /* 5.1.9.1: a legacy device may put the length of the whole chain there. */
    ping->used_max = qvirtio_is_legacy(d) ? ping->out_bytes : 0;
    ping->out = arena_lend(ping->out_bytes, 1);
    if (!ping->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    net_frame_write(&f, link->nonce, (uint8_t *)ping->out + hdr_bytes);
    if (!link->partner) {
        return 0;
    }
    link->pings++;
    int err = collect(link);
    return err ? err : stock_partner(link);
}

/* Takes the frame of this number out of the arrivals. Returns false when it has not
 * arrived. */
static bool take_arrival(NetLink *link, uint32_t number, const char **fault)
{
    if (link->last - link->first > ARRIVALS) {
        link->first = link->last - ARRIVALS;
    }
    for (uint32_t i = link->first; i != link->last; i++) {
        NetArrival *a = &link->arrival[i % ARRIVALS];
        if (!a->is_taken && a->number == number) {
            a->is_taken = true;
            *fault = a->fault;
            while (link->first != link->last &&
                   link->arrival[link->first % ARRIVALS].is_taken) {
                link->first++;
            }
            return true;
        }
    }
    return false;
}

static bool has_arrived(void *arg)
{
    return qvirtqueue_has_used(((NetLink *)arg)->rx.vq);
}

/* Waits until the partner has received something. A frame that came damaged does not come
 * again, so the wait is short then. */
static const char *wait_for_arrival(NetLink *link)
{
    uint64_t most = wait_timeout_ns();
    uint64_t bound = link->damaged && DAMAGED_WAIT_NS < most ? DAMAGED_WAIT_NS : most;
    int err = qvirtio_wait(link->partner, "the frame's arrival at the partner NIC",
                           has_arrived, link, bound);
    if (!err) {
        return NULL;
    }
    return link->damaged ? "the frame arrived changed"
                         : "the frame did not arrive at the partner NIC";
}

static const char *net_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    NetLink *link = ping->dev->driver_data;
    const char *fault = NULL;
    (void)used_len;

    if (!link->partner) {
        return NULL;
    }
    for (;;) {
        if (collect(link) != 0) {
            return "the partner NIC broke its ring";
        }
        if (take_arrival(link, ping->number, &fault)) {
            link->pings -= link->pings > 0;
            return link->is_certain ? fault : NULL;
        }
        fault = link->is_certain ? wait_for_arrival(link) : NULL;
        if (fault || !link->is_certain) {
            return fault;
        }
    }
}

QVIRTIO_DRIVER(net, .is_outward = true, .device_id = VIRTIO_ID_NET, .name = "net",
               .features = net_features, .fields = net_fields,
               .config_bytes = sizeof(struct virtio_net_config),
               .ping_queue = VIRTIO_NET_TRANSMITQ1, .queue_count = net_queue_count,
               .why_no_ping = net_why_no_ping, .open = net_open, .close = net_close,
               .ping_make = net_ping_make, .ping_check = net_ping_check,
               .why_no_wind = net_why_no_wind, .wind = net_wind);
