/* SPDX-License-Identifier: MIT */
/*
 * What the hand does to the software socket device: it makes one connection at a time to
 * a port of the guest (5.10.6.5), sends and receives some bytes, and ends it. Other
 * connections are in vsock.c.
 */
#include "drivers/virtio/soft/vsock/vsock.h"
#include "kernel/lib/string.h"

/* How many bytes can wait in each direction. */
#define MOST 64

typedef SoftVsockHeader Header;

typedef struct Queue {
    uint8_t at[MOST];
    uint32_t bytes;
} Queue;

static struct {
    bool is_open, is_accepted;
    /* The port of the guest. */
    uint32_t port;
    uint32_t fwd_cnt, tx_cnt, peer_buf_alloc, peer_fwd_cnt;
    Queue to_guest, from_guest;
} host;

void soft_vsock_hand_reset(void)
{
    memset(&host, 0, sizeof(host));
}

static Header header(uint64_t cid, uint16_t op)
{
    return (Header){
        .src_cid = le64_of(VSOCK_CID_HOST),
        .dst_cid = le64_of(cid),
        .src_port = le32_of(SOFT_VSOCK_HOST_PORT),
        .dst_port = le32_of(host.port),
        .type = le16_of(VIRTIO_VSOCK_TYPE_STREAM),
        .op = le16_of(op),
        .buf_alloc = le32_of(MOST),
        .fwd_cnt = le32_of(host.fwd_cnt),
    };
}

static void take_data(const Header *h, const QVirtQueueElement *e)
{
    Queue *q = &host.from_guest;
    uint32_t len = le32_get(h->len);
    if (len <= MOST - q->bytes && len <= e->out_bytes - sizeof(*h)) {
        q->bytes +=
            (uint32_t)qvirtqueue_element_read(e, sizeof(*h), q->at + q->bytes, len);
        host.fwd_cnt += len;
    }
}

void soft_vsock_hand_take(const Header *h, const QVirtQueueElement *e)
{
    if (!host.is_open || le32_get(h->src_port) != host.port) {
        return;
    }
    host.peer_buf_alloc = le32_get(h->buf_alloc);
    host.peer_fwd_cnt = le32_get(h->fwd_cnt);
    switch (le16_get(h->op)) {
    case VIRTIO_VSOCK_OP_RESPONSE:
        host.is_accepted = true;
        break;
    case VIRTIO_VSOCK_OP_RW:
        take_data(h, e);
        break;
    case VIRTIO_VSOCK_OP_RST:
        host.is_open = false;
        break;
    default:
        break;
    }
}

/* Sends what waits in one packet, when there are credit and a buffer for it. */
void soft_vsock_hand_send(SoftDevice *s, uint64_t cid)
{
    Queue *q = &host.to_guest;
    uint32_t credit = host.peer_buf_alloc - (host.tx_cnt - host.peer_fwd_cnt);
    const QVirtQueueElement *e;
    if (!host.is_accepted || q->bytes == 0 || credit < q->bytes ||
        (e = soft_pop(s, VIRTIO_VSOCK_RXQ)) == NULL) {
        return;
    }
    Header h = header(cid, VIRTIO_VSOCK_OP_RW);
    h.len = le32_of(q->bytes);
    host.tx_cnt += q->bytes;
    uint32_t used = (uint32_t)qvirtqueue_element_write(e, 0, &h, sizeof(h));
    used += (uint32_t)qvirtqueue_element_write(e, sizeof(h), q->at, q->bytes);
    q->bytes = 0;
    soft_push(s, VIRTIO_VSOCK_RXQ, e, used);
}

static uint32_t number(const char *text)
{
    uint32_t n = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (uint32_t)(*text - '0');
    }
    return n;
}

/* Arguments: the port of the guest, and what belongs to the action. */
bool soft_vsock_hand_act(const char *action, const char *args, uint64_t cid, char *value,
                         size_t bytes)
{
    const uint32_t both =
        1u << VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE | 1u << VIRTIO_VSOCK_SHUTDOWN_F_SEND;
    const char *rest = strchr(args, ' ');
    if (strcmp(action, "connect") == 0) {
        soft_vsock_hand_reset();
        host.is_open = true;
        host.port = number(args);
        Header h = header(cid, VIRTIO_VSOCK_OP_REQUEST);
        soft_vsock_reply(&h);
        return true;
    }
    if (!host.is_accepted || number(args) != host.port) {
        return false;
    }
    if (strcmp(action, "send") == 0 && rest) {
        host.to_guest.bytes = (uint32_t)hex_decode(rest + 1, host.to_guest.at, MOST);
        return host.to_guest.bytes <= MOST;
    }
    if (strcmp(action, "receive") == 0 && 2 * host.from_guest.bytes < bytes) {
        hex_encode(value, host.from_guest.at, host.from_guest.bytes);
        host.from_guest.bytes = 0;
        return true;
    }
    if (strcmp(action, "close") == 0) {
        Header h = header(cid, VIRTIO_VSOCK_OP_SHUTDOWN);
        h.flags = le32_of(both);
        soft_vsock_reply(&h);
        return true;
    }
    return false;
}
