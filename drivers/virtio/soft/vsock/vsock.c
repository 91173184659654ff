/* SPDX-License-Identifier: MIT */
/*
 * A socket device (5.10) in software. On one port a listener sends back what comes, as a
 * stream or as messages; all other ports are closed. While the rx queue has no buffer,
 * answers wait in the device. When too many answers wait, packets stay in the tx queue.
 */
#include "drivers/virtio/soft/vsock/vsock.h"
#include "kernel/lib/string.h"

SOFT_FAULT(hides_no_implied_stream, "dev:5.10.3.2-1", "does not offer NO_IMPLIED_STREAM");
SOFT_FAULT(no_stream_without_features, "dev:5.10.3.2-2",
           "knows no streams when no feature was negotiated");
SOFT_FAULT(tx_waits_for_rx, "dev:5.10.6.1.2-1",
           "takes no packet while an answer waits for an rx buffer");
SOFT_FAULT(sends_beyond_the_credit, "dev:5.10.6.3.2-1",
           "sends data that the driver has no room for");
SOFT_FAULT(counts_bytes_it_never_got, "dev:5.10.6.3.2-2",
           "says that it forwarded more than it was sent");
SOFT_FAULT(forwards_less_than_it_did, "dev:5.10.6.3.2-2",
           "says that it forwarded nothing");
SOFT_FAULT(tells_no_buffer_space, "dev:5.10.6.3.2-2", "has 0 for its buffer space");
SOFT_FAULT(guest_has_the_hosts_cid, "dev:5.10.6.4.2-1", "gives the guest the host's CID");
/* "An RST reply MUST be sent if a packet is received with an unknown type value", and
 * nothing says of which type the reply is. */
SOFT_MANNER(rst_is_always_of_a_stream, "5.10.6.4.2",
            "sends RST with the type of stream sockets");
SOFT_MANNER(any_source_is_answered, "5.10.6.4", "does not look at the source's CID");
SOFT_MANNER(an_rst_is_answered, "5.10.6.5", "answers an RST of no connection with RST");
SOFT_MANNER(vsock_tells_credit_eagerly, "5.10.6.3",
            "tells its credit after each packet of a connection");
SOFT_FAULT(unknown_type_is_a_stream, "dev:5.10.6.4.2-2",
           "takes a socket type that it does not know for a stream");

#define ECHO_PORT      7
#define ECHO_PORT_TEXT "7"
#define FIRST_CID      3
#define FLOWS          4
#define REPLIES        16
#define BUFFER_BYTES   256

/* One connection to the listener. A ring holds the bytes that came and were not sent back
 * yet, each with the flags of the packet that it ends. */
typedef struct Flow {
    bool is_open;
    uint16_t type;
    /* The port of the guest. */
    uint32_t port;
    uint32_t rx_cnt, fwd_cnt, tx_cnt, peer_buf_alloc, peer_fwd_cnt;
    uint8_t data[BUFFER_BYTES], flags[BUFFER_BYTES];
} Flow;

typedef SoftVsockHeader Header;

static Flow flows[FLOWS];
static Header replies[REPLIES];
static unsigned reply_count;
static bool owes_event;

static struct virtio_vsock_config *config_of(SoftDevice *s)
{
    return (struct virtio_vsock_config *)s->config;
}

static void set_cid(SoftDevice *s, uint64_t cid)
{
    config_of(s)->guest_cid =
        le64_of(soft_fault(guest_has_the_hosts_cid) ? VSOCK_CID_HOST : cid);
}

static void init(SoftDevice *s)
{
    set_cid(s, FIRST_CID);
    if (soft_fault(hides_no_implied_stream)) {
        qvirtio_features_clear(&s->offered, VIRTIO_VSOCK_F_NO_IMPLIED_STREAM);
    }
}

static void reset(SoftDevice *s)
{
    (void)s;
    memset(flows, 0, sizeof(flows));
    reply_count = 0;
    owes_event = false;
    soft_vsock_hand_reset();
}

/* 5.10.3.2: without features streams work. With NO_IMPLIED_STREAM they work only when
 * STREAM was negotiated. */
static bool knows_type(const SoftDevice *s, uint16_t type)
{
    bool has_stream = soft_negotiated(s, VIRTIO_VSOCK_F_STREAM);
    bool has_message = soft_negotiated(s, VIRTIO_VSOCK_F_SEQPACKET);
    if (soft_fault(no_stream_without_features) && !has_stream && !has_message) {
        return false;
    }
    if (type == VIRTIO_VSOCK_TYPE_SEQPACKET) {
        return has_message;
    }
    return (type == VIRTIO_VSOCK_TYPE_STREAM || soft_fault(unknown_type_is_a_stream)) &&
           (has_stream || !soft_negotiated(s, VIRTIO_VSOCK_F_NO_IMPLIED_STREAM));
}

static Flow *find(const Header *h, bool is_open)
{
    for (unsigned i = 0; i < FLOWS; i++) {
        bool is_it = flows[i].port == le32_get(h->src_port) &&
                     flows[i].type == le16_get(h->type) &&
                     le32_get(h->dst_port) == ECHO_PORT;
        if (flows[i].is_open == is_open && (is_it || !is_open)) {
            return &flows[i];
        }
    }
    return NULL;
}

static void put_credit(Header *h, const Flow *f)
{
    h->buf_alloc = le32_of(soft_fault(tells_no_buffer_space) ? 0 : BUFFER_BYTES);
    h->fwd_cnt = le32_of(soft_fault(counts_bytes_it_never_got)   ? f->rx_cnt + 1
                         : soft_fault(forwards_less_than_it_did) ? 0
                                                                 : f->fwd_cnt);
}

void soft_vsock_reply(const Header *h)
{
    if (reply_count < REPLIES) {
        replies[reply_count++] = *h;
    }
}

static void reply(const Header *to, uint16_t op, const Flow *f)
{
    Header h = {
        .src_cid = to->dst_cid,
        .dst_cid = to->src_cid,
        .src_port = to->dst_port,
        .dst_port = to->src_port,
        .type = to->type,
        .op = le16_of(op),
    };
    if (f) {
        put_credit(&h, f);
    }
    if (op == VIRTIO_VSOCK_OP_RST && soft_manner(rst_is_always_of_a_stream)) {
        h.type = le16_of(VIRTIO_VSOCK_TYPE_STREAM);
    }
    soft_vsock_reply(&h);
}

static void open_flow(const Header *h)
{
    Flow *f =
        le32_get(h->dst_port) == ECHO_PORT && !find(h, true) ? find(h, false) : NULL;
    if (f) {
        *f = (Flow){.is_open = true,
                    .type = le16_get(h->type),
                    .port = le32_get(h->src_port),
                    .peer_buf_alloc = le32_get(h->buf_alloc),
                    .peer_fwd_cnt = le32_get(h->fwd_cnt)};
    }
    reply(h, f ? VIRTIO_VSOCK_OP_RESPONSE : VIRTIO_VSOCK_OP_RST, f);
}

static void close_flow(const Header *h, Flow *f)
{
    reply(h, VIRTIO_VSOCK_OP_RST, f);
    f->is_open = false;
}

/* Takes the data of a packet. Returns false when the driver had no credit for it, or not
 * all of it is there. */
static bool take_data(Flow *f, const Header *h, const QVirtQueueElement *e)
{
    uint32_t len = le32_get(h->len);
    if (len > BUFFER_BYTES - (f->rx_cnt - f->fwd_cnt) ||
        len > e->out_bytes - sizeof(*h)) {
        return false;
    }
    for (uint32_t i = 0; i < len; i++) {
        uint32_t at = f->rx_cnt++ % BUFFER_BYTES;
        qvirtqueue_element_read(e, sizeof(*h) + i, &f->data[at], 1);
        f->flags[at] = i + 1 == len ? (uint8_t)le32_get(h->flags) : 0;
    }
    return true;
}

static void work(Flow *f, const Header *h, const QVirtQueueElement *e)
{
    const uint32_t both =
        1u << VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE | 1u << VIRTIO_VSOCK_SHUTDOWN_F_SEND;
    f->peer_buf_alloc = le32_get(h->buf_alloc);
    f->peer_fwd_cnt = le32_get(h->fwd_cnt);
    switch (le16_get(h->op)) {
    case VIRTIO_VSOCK_OP_RW:
        if (!take_data(f, h, e)) {
            close_flow(h, f);
        } else if (soft_manner(vsock_tells_credit_eagerly)) {
            reply(h, VIRTIO_VSOCK_OP_CREDIT_UPDATE, f);
        }
        break;
    case VIRTIO_VSOCK_OP_CREDIT_REQUEST:
        reply(h, VIRTIO_VSOCK_OP_CREDIT_UPDATE, f);
        break;
    case VIRTIO_VSOCK_OP_CREDIT_UPDATE:
        break;
    case VIRTIO_VSOCK_OP_SHUTDOWN:
        if ((le32_get(h->flags) & both) == both) {
            close_flow(h, f);
        }
        break;
    default:
        close_flow(h, f);
    }
}

/* Handles one packet. An RST is never answered. */
static void handle(SoftDevice *s, const QVirtQueueElement *e)
{
    Header h;
    if (qvirtqueue_element_read(e, 0, &h, sizeof(h)) < sizeof(h) ||
        le64_get(h.dst_cid) != VSOCK_CID_HOST ||
        (le64_get(h.src_cid) != le64_get(config_of(s)->guest_cid) &&
         !soft_manner(any_source_is_answered))) {
        return;
    }
    Flow *f = find(&h, true);
    if (le32_get(h.dst_port) == SOFT_VSOCK_HOST_PORT) {
        soft_vsock_hand_take(&h, e);
    } else if (le16_get(h.op) == VIRTIO_VSOCK_OP_RST) {
        if (f) {
            f->is_open = false;
        } else if (reply_count < REPLIES / 2 && soft_manner(an_rst_is_answered)) {
            reply(&h, VIRTIO_VSOCK_OP_RST, NULL);
        }
    } else if (!knows_type(s, le16_get(h.type))) {
        reply(&h, VIRTIO_VSOCK_OP_RST, NULL);
    } else if (le16_get(h.op) == VIRTIO_VSOCK_OP_REQUEST) {
        open_flow(&h);
    } else if (f) {
        work(f, &h, e);
    } else {
        reply(&h, VIRTIO_VSOCK_OP_RST, NULL);
    }
}

/* Returns how many bytes may be sent now in a packet with that much room. A message ends
 * with its packet. */
static uint32_t sendable(const Flow *f, uint32_t room)
{
    uint32_t n = 0, most = f->rx_cnt - f->fwd_cnt;
    uint32_t credit = f->peer_buf_alloc - (f->tx_cnt - f->peer_fwd_cnt);
    most = most > credit && !soft_fault(sends_beyond_the_credit) ? credit : most;
    most = f->is_open ? most : 0;
    while (n < most && n < room) {
        n++;
        if (f->flags[(f->fwd_cnt + n - 1) % BUFFER_BYTES]) {
            break;
        }
    }
    return n;
}

static void send_data(SoftDevice *s, Flow *f)
{
    const QVirtQueueElement *e;
    while (sendable(f, 1) && (e = soft_pop(s, VIRTIO_VSOCK_RXQ)) != NULL) {
        uint32_t room = e->in_bytes > sizeof(Header) ? e->in_bytes - sizeof(Header) : 0;
        uint32_t n = sendable(f, room);
        uint32_t flags = n ? f->flags[(f->fwd_cnt + n - 1) % BUFFER_BYTES] : 0;
        for (uint32_t i = 0; i < n; i++) {
            qvirtqueue_element_write(e, sizeof(Header) + i,
                                     &f->data[f->fwd_cnt++ % BUFFER_BYTES], 1);
        }
        f->tx_cnt += n;
        Header h = {.src_cid = le64_of(VSOCK_CID_HOST),
                    .dst_cid = config_of(s)->guest_cid,
                    .src_port = le32_of(ECHO_PORT),
                    .dst_port = le32_of(f->port),
                    .len = le32_of(n),
                    .type = le16_of(f->type),
                    .op = le16_of(VIRTIO_VSOCK_OP_RW),
                    .flags = le32_of(flags)};
        put_credit(&h, f);
        soft_push(s, VIRTIO_VSOCK_RXQ, e,
                  n + qvirtqueue_element_write(e, 0, &h, sizeof(h)));
    }
}

/* Sends everything that waits, as far as there are buffers. */
static void send(SoftDevice *s)
{
    const QVirtQueueElement *e;
    unsigned sent = 0;
    if (!s->queue[VIRTIO_VSOCK_RXQ].is_enabled) {
        return;
    }
    while (sent < reply_count && (e = soft_pop(s, VIRTIO_VSOCK_RXQ)) != NULL) {
        soft_push(s, VIRTIO_VSOCK_RXQ, e,
                  qvirtqueue_element_write(e, 0, &replies[sent++], sizeof(Header)));
    }
    memmove(replies, replies + sent, (reply_count - sent) * sizeof(Header));
    reply_count -= sent;
    if (!reply_count) {
        soft_vsock_hand_send(s, le64_get(config_of(s)->guest_cid));
    }
    for (unsigned i = 0; i < FLOWS && !reply_count; i++) {
        send_data(s, &flows[i]);
    }
}

/* 5.10.6.1.2: packets are taken from tx while rx is full, as long as there is room for
 * answers. */
static void receive(SoftDevice *s)
{
    const QVirtQueueElement *e;
    unsigned most = soft_fault(tx_waits_for_rx) ? 1 : REPLIES;
    while (reply_count < most && (e = soft_pop(s, VIRTIO_VSOCK_TXQ)) != NULL) {
        handle(s, e);
        soft_push(s, VIRTIO_VSOCK_TXQ, e, 0);
        send(s);
    }
}

static void send_event(SoftDevice *s)
{
    const struct virtio_vsock_event event = {le32_of(VIRTIO_VSOCK_EVENT_TRANSPORT_RESET)};
    const QVirtQueueElement *e;
    if (owes_event && s->queue[VIRTIO_VSOCK_EVENTQ].is_enabled &&
        (e = soft_pop(s, VIRTIO_VSOCK_EVENTQ)) != NULL) {
        soft_push(s, VIRTIO_VSOCK_EVENTQ, e,
                  qvirtqueue_element_write(e, 0, &event, sizeof(event)));
        owes_event = false;
    }
}

/* Serves all queues, whichever was kicked. It looks at rx again later, so that the driver
 * kicks it. */
static void run(SoftDevice *s, uint16_t queue)
{
    if (queue == VIRTIO_VSOCK_EVENTQ) {
        send_event(s);
        return;
    }
    send(s);
    if (s->queue[VIRTIO_VSOCK_TXQ].is_enabled) {
        receive(s);
    }
    soft_run_later(s, queue == VIRTIO_VSOCK_TXQ ? VIRTIO_VSOCK_RXQ : SOFT_QUEUES);
}

/* Does what the hand is asked to do. "transport-reset" acts as after a migration
 * (5.10.6.7). */
static bool act(SoftDevice *s, const char *action, const char *args, char *value,
                size_t bytes)
{
    if (strcmp(action, "restore") == 0) {
        set_cid(s, FIRST_CID);
        return true;
    }
    if (strcmp(action, "transport-reset") != 0) {
        uint64_t cid = le64_get(config_of(s)->guest_cid);
        bool is_done = soft_vsock_hand_act(action, args, cid, value, bytes);
        if (is_done && soft_is_live(s)) {
            send(s);
        }
        return is_done;
    }
    reset(s);
    set_cid(s, FIRST_CID + 1);
    owes_event = true;
    if (soft_is_live(s)) {
        send_event(s);
    }
    return true;
}

static const char *truth(const SoftDevice *s, const char *field)
{
    (void)s;
    return strcmp(field, "echo_port") == 0 ? ECHO_PORT_TEXT : NULL;
}

SOFT_MODEL(soft_vsock, .device_id = VIRTIO_ID_VSOCK, .len_is_content = 1, .count = 1,
           .queues = VIRTIO_VSOCK_QUEUES,
           .features = FEATURES(VIRTIO_VSOCK_F_STREAM, VIRTIO_VSOCK_F_SEQPACKET,
                                VIRTIO_VSOCK_F_NO_IMPLIED_STREAM),
           .config_bytes = sizeof(struct virtio_vsock_config), .init = init,
           .reset = reset, .run = run, .act = act, .truth = truth);
