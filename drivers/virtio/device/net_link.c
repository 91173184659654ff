/* SPDX-License-Identifier: MIT */
/*
 * The other end of the link: the partner NIC of the device under test. It is started with
 * the few features that do not change what it receives, it is polled, and it gets receive
 * buffers only as frames are expected. Frames are sent from either end.
 *
 * Only the host knows which NIC is the partner (know=net.0.partner=1). When nobody told
 * it, the NIC with the neighbouring index is started all the same, because some backends
 * (QEMU's hub) hold frames back until somebody can receive them. But what does or does
 * not arrive there proves nothing.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/device/net.h"
#include "drivers/virtio/device/net_private.h"
#include "drivers/virtio/scratch.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/string.h"

#define SMALL_QUEUE 64

/* Returns the NIC with this index, or NULL when there is none or it is the device itself
 * on another bus. */
static QVirtioDevice *find_nic(const QVirtioDevice *d, const char *bus, int index)
{
    QVirtioDevice *p = qvirtio_device_find(bus, VIRTIO_ID_NET, index);
    return p && strcmp(p->where, d->where) != 0 ? p : NULL;
}

QVirtioDevice *net_find_partner(const QVirtioDevice *d, bool *is_certain)
{
    uint64_t told;
    *is_certain = qvirtio_truth_u64(d, "partner", &told);
    if (!*is_certain) {
        return find_nic(d, d->bus->name, d->index ^ 1);
    }
    QVirtioDevice *p = find_nic(d, d->bus->name, (int)told);
    for (unsigned i = 0; !p && qvirtio_device(i); i++) {
        p = find_nic(d, qvirtio_device(i)->bus->name, (int)told);
    }
    return p;
}

/* Pings are not sent where the hand holds the other end of the wire. They are not sent to
 * a legacy device without ANY_LAYOUT either: its driver puts the header into a descriptor
 * of its own (5.1.9.8), and no request here does so. */
const char *net_why_no_ping(QVirtioDevice *d)
{
    if (!qvirtio_is_scratch(d)) {
        return qvirtio_why_not_scratch(d);
    }
    if (qvirtio_truth(d, "wire")) {
        return "the other end of the wire belongs to the hand, which takes no pings";
    }
    bool is_free = !qvirtio_is_legacy(d) || qvirtio_offers(d, VIRTIO_F_ANY_LAYOUT);
    return is_free ? NULL : "the legacy device does not offer VIRTIO_F_ANY_LAYOUT";
}

const char *net_why_no_partner(QVirtioDevice *d)
{
    bool is_certain;
    const char *why = net_why_no_ping(d);
    if (why) {
        return why;
    }
    QVirtioDevice *p = net_find_partner(d, &is_certain);
    if (!is_certain) {
        return "the partner NIC is unknown; pass know=net.N.partner=M";
    }
    return p ? NULL : "the partner NIC that know= names does not exist";
}

/* Returns what a partner accepts: filters, so that it can be told to drop frames, and
 * offloads for what it sends, but nothing that changes the form of what it receives. */
static QVirtioFeatures partner_features(const QVirtioDevice *p)
{
    QVirtioFeatures wanted = qvirtio_baseline(p);
    qvirtio_features_add_list(
        &wanted, FEATURES(VIRTIO_NET_F_MAC, VIRTIO_NET_F_CSUM, VIRTIO_NET_F_HOST_TSO4,
                          VIRTIO_NET_F_HOST_TSO6, VIRTIO_NET_F_HOST_ECN,
                          VIRTIO_NET_F_HOST_USO, VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO,
                          VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM));
    if (qvirtio_offers(p, VIRTIO_NET_F_CTRL_VQ)) {
        qvirtio_features_add_list(&wanted,
                                  FEATURES(VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX,
                                           VIRTIO_NET_F_CTRL_RX_EXTRA));
    }
    return qvirtio_features_and(&wanted, &p->offered);
}

/* Opens a queue with no more entries than it needs. The size of a legacy queue is
 * fixed. */
static int open_small(QVirtioDevice *p, uint16_t index)
{
    uint16_t max = 0;
    QVirtQueue *vq;
    int err = p->bus->queue_max(p, index, &max);
    bool shrink = max > SMALL_QUEUE && !qvirtio_is_legacy(p);
    return err ? err
               : qvirtqueue_open(p, index, shrink ? SMALL_QUEUE : 0,
                                 qvirtio_plain_ring(p), &vq);
}

int net_start_partner(QVirtioDevice *p, NetRx *rx)
{
    QVirtioFeatures wanted = partner_features(p);
    QVirtQueue *vq;

    p->irq_mode = QVIRTIO_IRQ_NONE;
    int err = qvirtio_begin(p);
    if (!err) {
        err = qvirtio_negotiate(p, &wanted);
    }
    if (!err) {
        err = qvirtqueue_open(p, VIRTIO_NET_RECEIVEQ1, 0, qvirtio_plain_ring(p), &vq);
    }
    if (!err) {
        net_rx_init(rx, vq, NET_HDR_MAX + NET_FRAME_MAX);
        err = open_small(p, VIRTIO_NET_TRANSMITQ1);
    }
    if (!err && qvirtio_negotiated(p, VIRTIO_NET_F_CTRL_VQ)) {
        err = open_small(p, p->driver->queue_count(p) - 1);
    }
    /* Nobody handles its interrupts, and it may share a line with the device under
     * test. */
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES && !err; i++) {
        if (p->vq[i]) {
            qvirtqueue_irq_disable(p->vq[i]);
        }
    }
    return err ? err : qvirtio_driver_ok(p);
}

/* Takes all completions that are there. `wait` says to wait for one first. */
static int reap(QVirtQueue *vq, bool wait)
{
    QVirtioUsed used;
    int got = wait ? qvirtqueue_wait(vq, &used) : 1;
    while (got >= 0 && (got = qvirtqueue_get(vq, &used)) == 1) {
    }
    return got;
}

int net_sent(QVirtioDevice *from)
{
    QVirtQueue *vq = from->vq[VIRTIO_NET_TRANSMITQ1];
    int err = reap(vq, false);
    while (!err && vq->in_flight) {
        err = reap(vq, true);
    }
    return err;
}

int net_send_raw(QVirtioDevice *from, const void *bytes, uint32_t count, unsigned parts)
{
    QVirtioPing carrier = {
        .vq = from->vq[VIRTIO_NET_TRANSMITQ1],
        .out = (void *)bytes,
        .out_bytes = count,
    };
    int err = reap(carrier.vq, false);
    if (!err) {
        err = qvirtio_ping_add(&carrier, parts, 0);
    }
    if (err == -QVIRTIO_NO_SPACE) {
        err = reap(carrier.vq, true);
        err = err ? err : qvirtio_ping_add(&carrier, parts, 0);
    }
    if (!err) {
        qvirtqueue_kick(carrier.vq);
    }
    return err;
}

int net_send(QVirtioDevice *from, const NetFrame *f, uint64_t nonce)
{
    uint32_t hdr_bytes = net_hdr_bytes(from);
    uint8_t *at = arena_lend(hdr_bytes + f->bytes, 1);
    if (!at) {
        return -QVIRTIO_NO_MEMORY;
    }
    net_frame_write(f, nonce, at + hdr_bytes);
    return net_send_raw(from, at, hdr_bytes + f->bytes, 1);
}
