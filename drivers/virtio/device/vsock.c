/* SPDX-License-Identifier: MIT */
/*
 * The driver of socket devices (5.10): tables, packets, and the ping. The ping is an RST
 * for a connection that does not exist. No answer may follow, so only its use is checked.
 */
#include "drivers/virtio/device/vsock.h"
#include "kernel/lib/string.h"

/* The port of pings on both ends. Nobody listens there. */
#define PING_PORT 0x70000000u

static const QVirtioFeatureName features[] = {
    {.bit = VIRTIO_VSOCK_F_STREAM, .name = "STREAM"},
    {.bit = VIRTIO_VSOCK_F_SEQPACKET, .name = "SEQPACKET"},
    {.bit = VIRTIO_VSOCK_F_NO_IMPLIED_STREAM, .name = "NO_IMPLIED_STREAM"},
    {.name = NULL},
};

static const QVirtioField fields[] = {
    {.name = "guest_cid", .feature = FEATURES_END, .width = 8, .count = 1},
    {.name = NULL},
};

static uint16_t queue_count(QVirtioDevice *d)
{
    (void)d;
    return VIRTIO_VSOCK_QUEUES;
}

struct virtio_vsock_hdr vsock_header(const VsockFlow *f, uint16_t op)
{
    return (struct virtio_vsock_hdr){
        .src_cid = le64_of(f->cid),
        .dst_cid = le64_of(VSOCK_CID_HOST),
        .src_port = le32_of(f->port),
        .dst_port = le32_of(f->peer_port),
        .type = le16_of(f->type),
        .op = le16_of(op),
        .buf_alloc = le32_of(f->buf_alloc),
        .fwd_cnt = le32_of(f->fwd_cnt),
    };
}

int vsock_send_as(QVirtioDevice *d, const struct virtio_vsock_hdr *hdr, const void *data)
{
    uint32_t len = data ? le32_get(hdr->len) : 0, bytes = sizeof(*hdr) + len;
    uint8_t *at = arena_lend(bytes, 8);
    if (!at) {
        return -QVIRTIO_NO_MEMORY;
    }
    memcpy(at, hdr, sizeof(*hdr));
    memcpy(at + sizeof(*hdr), data, len);
    QVirtioSg sg = {arena_map(at, bytes), bytes};
    return qvirtqueue_submit(d->vq[VIRTIO_VSOCK_TXQ], &sg, 1, 0, NULL);
}

int vsock_send(QVirtioDevice *d, VsockFlow *f, uint16_t op, uint32_t flags,
               const void *data, uint32_t len)
{
    struct virtio_vsock_hdr hdr = vsock_header(f, op);
    hdr.flags = le32_of(flags);
    hdr.len = le32_of(len);
    f->tx_cnt += len;
    return vsock_send_as(d, &hdr, data);
}

static int lend(QVirtioDevice *d, VsockPacket *p)
{
    memset(p, 0xa5, sizeof(*p));
    QVirtioSg sg = {arena_map(p, sizeof(*p)), sizeof(*p)};
    return qvirtqueue_add(d->vq[VIRTIO_VSOCK_RXQ], &sg, 0, 1, p);
}

int vsock_stock(QVirtioDevice *d, unsigned count)
{
    int err = 0;
    for (unsigned i = 0; i < count && !err; i++) {
        VsockPacket *p = arena_lend(sizeof(*p), 8);
        err = p ? lend(d, p) : -QVIRTIO_NO_MEMORY;
    }
    qvirtqueue_kick(d->vq[VIRTIO_VSOCK_RXQ]);
    return err;
}

int vsock_receive(QVirtioDevice *d, VsockPacket *packet, uint32_t *used_len)
{
    QVirtioUsed used;
    int err = qvirtqueue_wait(d->vq[VIRTIO_VSOCK_RXQ], &used);
    if (err) {
        return err;
    }
    memcpy(packet, used.token, sizeof(*packet));
    *used_len = used.len;
    err = lend(d, used.token);
    qvirtqueue_kick(d->vq[VIRTIO_VSOCK_RXQ]);
    return err;
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    VsockFlow flow = {.port = PING_PORT + number,
                      .peer_port = PING_PORT,
                      .type = VIRTIO_VSOCK_TYPE_STREAM};
    struct virtio_vsock_hdr *hdr = arena_lend(sizeof(*hdr), 8);
    if (!hdr) {
        return -QVIRTIO_NO_MEMORY;
    }
    int err = qvirtio_config_read(d, offsetof(struct virtio_vsock_config, guest_cid), 8,
                                  &flow.cid);
    *hdr = vsock_header(&flow, VIRTIO_VSOCK_OP_RST);
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[VIRTIO_VSOCK_TXQ],
        .number = number,
        .out = hdr,
        .out_bytes = sizeof(*hdr),
        .is_blind = true,
    };
    return err;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    (void)ping, (void)used_len;
    return NULL;
}

static int wind_make(QVirtioDevice *d, QVirtioPing *ping)
{
    return ping_make(d, 0, ping);
}

QVIRTIO_DRIVER(driver_vsock, .is_outward = true, .device_id = VIRTIO_ID_VSOCK,
               .name = "vsock", .features = features, .fields = fields,
               .config_bytes = sizeof(struct virtio_vsock_config),
               .ping_queue = VIRTIO_VSOCK_TXQ, .queue_count = queue_count,
               .ping_make = ping_make, .ping_check = ping_check, .wind_make = wind_make);
