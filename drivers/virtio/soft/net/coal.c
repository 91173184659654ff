/* SPDX-License-Identifier: MIT */
/*
 * Notification coalescing (5.1.9.5.10) and statistics (5.1.9.5.11) of the software NICs.
 * Coalescing is best effort, and this device does none: it keeps the parameters and tells
 * them.
 */
#include "drivers/virtio/soft/net/net.h"
#include "kernel/lib/string.h"

SOFT_FAULT(minds_coal_reserved, "dev:5.1.9.5.10.6-1",
           "sets no parameters with something in reserved");
SOFT_FAULT(minds_coal_reserved_of_get, "dev:5.1.9.5.10.6-1",
           "tells no parameters with something in reserved");
SOFT_FAULT(coalesces_any_queue, "dev:5.1.9.5.10.6-4",
           "sets parameters of the control queue");
SOFT_FAULT(coalesces_closed_queues, "dev:5.1.9.5.10.6-4",
           "sets parameters of queues that are not enabled");
SOFT_FAULT(tells_of_any_queue, "dev:5.1.9.5.10.6-4",
           "tells parameters of the control queue");
SOFT_FAULT(tx_queue_keeps_coal, "dev:5.1.9.5.10.6-5",
           "a transmit queue keeps its parameters over a reset of the queue");
SOFT_FAULT(tx_queue_loses_coal, "dev:5.1.9.5.10.6-5",
           "a transmit queue has no parameters after a reset of the queue");
SOFT_FAULT(rx_queue_keeps_coal, "dev:5.1.9.5.10.6-6",
           "a receive queue keeps its parameters over a reset of the queue");
SOFT_FAULT(rx_queue_loses_coal, "dev:5.1.9.5.10.6-6",
           "a receive queue has no parameters after a reset of the queue");
SOFT_FAULT(coalescing_interrupts, "dev:5.1.9.5.10.6-8",
           "interrupts at max_packets although it is told not to");
SOFT_FAULT(coal_outlives_reset, "dev:5.1.9.5.10.6-9",
           "keeps coalescing parameters over a reset");
SOFT_FAULT(counts_nothing, "dev:5.1.9.5.11.12-1", "says that it has no statistics");
SOFT_FAULT(stats_of_no_queue, "dev:5.1.9.5.11.12-2",
           "gives statistics of a queue that there is not");
SOFT_FAULT(stats_of_unknown_type, "dev:5.1.9.5.11.12-2",
           "ignores types of statistics that it does not know");
SOFT_FAULT(stats_of_other_kind, "dev:5.1.9.5.11.12-2",
           "gives receive statistics of a transmit queue");
SOFT_FAULT(stats_stop_at_an_error, "dev:5.1.9.5.11.12-3",
           "answers the entries before a bad one");
SOFT_FAULT(stats_without_size, "dev:5.1.9.5.11.12-4", "leaves size 0 in a reply");
SOFT_FAULT(stats_without_type, "dev:5.1.9.5.11.12-5", "leaves type 0 in a reply");
SOFT_FAULT(stats_without_queue, "dev:5.1.9.5.11.12-5", "leaves vq_index 0 in a reply");
SOFT_FAULT(stats_fill_all, "dev:5.1.9.5.11.12-6",
           "clears what is left of the driver's buffer");
SOFT_FAULT(stats_claim_all, "dev:5.1.9.5.11.12-6",
           "says that it has written all of the driver's buffer");

#define TYPES                                                                \
    (1ull << VIRTIO_NET_STATS_RX_BASIC | 1ull << VIRTIO_NET_STATS_TX_BASIC | \
     1ull << VIRTIO_NET_STATS_CVQ)

/* ---- Coalescing ---- */

void soft_net_restart_coalescing(SoftDevice *s, const SoftNet *old)
{
    SoftNet *n = soft_net_of(s);
    if (soft_fault(coal_outlives_reset)) {
        memcpy(n->coal, old->coal, sizeof(n->coal));
    }
}

void soft_net_queue_reset(SoftDevice *s, uint16_t queue)
{
    SoftNet *n = soft_net_of(s);
    bool is_tx = queue % 2;
    if (is_tx ? soft_fault(tx_queue_keeps_coal) : soft_fault(rx_queue_keeps_coal)) {
        return;
    }
    n->coal[queue] = n->coal_set[is_tx];
    if (is_tx ? soft_fault(tx_queue_loses_coal) : soft_fault(rx_queue_loses_coal)) {
        memset(&n->coal[queue], 0, sizeof(n->coal[queue]));
    }
}

/* Used by a fault: a notification for every max_packets packets. */
void soft_net_coalesced(SoftDevice *s, uint16_t queue)
{
    const SoftNet *n = soft_net_of(s);
    uint32_t most = n->coal[queue].max_packets;
    if (soft_fault(coalescing_interrupts) && most && s->queue[queue].irq &&
        n->count[queue].packets % most == 0) {
        s->queue[queue].irq->count++;
    }
}

/* 5.1.9.5.10: "an enabled transmit or receive virtqueue". */
static bool is_data_queue(const SoftDevice *s, uint16_t queue)
{
    return queue < soft_net_controlq(s) && s->queue[queue].is_enabled;
}

static void set_all(SoftDevice *s, bool is_tx, SoftNetCoal coal)
{
    SoftNet *n = soft_net_of(s);
    n->coal_set[is_tx] = coal;
    for (uint16_t i = is_tx; i < soft_net_controlq(s); i += 2) {
        n->coal[i] = coal;
    }
}

static SoftNetCoal coal_of(const struct virtio_net_ctrl_coal *c)
{
    return (SoftNetCoal){le32_get(c->max_packets), le32_get(c->max_usecs)};
}

static bool tell(SoftDevice *s, const QVirtQueueElement *e, uint16_t queue,
                 uint32_t *written)
{
    const SoftNetCoal *coal = &soft_net_of(s)->coal[queue];
    struct virtio_net_ctrl_coal c = {le32_of(coal->max_packets),
                                     le32_of(coal->max_usecs)};
    *written = qvirtqueue_element_write(e, 0, &c, sizeof(c));
    return *written == sizeof(c);
}

static bool coalesce_queue(SoftDevice *s, const QVirtQueueElement *e, bool tells,
                           uint32_t *written)
{
    struct virtio_net_ctrl_coal_vq c = {0};
    uint32_t bytes = tells ? 4 : sizeof(c);
    if (!soft_negotiated(s, VIRTIO_NET_F_VQ_NOTF_COAL) ||
        qvirtqueue_element_read(e, 2, &c, bytes) != bytes) {
        return false;
    }
    uint16_t queue = le16_get(c.vq_index);
    bool is_lax = (!tells && soft_fault(coalesces_any_queue)) ||
                  (tells && soft_fault(tells_of_any_queue)) ||
                  (soft_fault(coalesces_closed_queues) && queue < soft_net_controlq(s));
    if (queue >= SOFT_QUEUES || (!is_data_queue(s, queue) && !is_lax) ||
        (le16_get(c.reserved) && (tells ? soft_fault(minds_coal_reserved_of_get)
                                        : soft_fault(minds_coal_reserved)))) {
        return false;
    }
    if (tells) {
        return tell(s, e, queue, written);
    }
    soft_net_of(s)->coal[queue] = coal_of(&c.coal);
    return true;
}

bool soft_net_coalesce(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                       uint32_t *written)
{
    struct virtio_net_ctrl_coal c;
    if (command > VIRTIO_NET_CTRL_NOTF_COAL_RX_SET) {
        return command <= VIRTIO_NET_CTRL_NOTF_COAL_VQ_GET &&
               coalesce_queue(s, e, command == VIRTIO_NET_CTRL_NOTF_COAL_VQ_GET, written);
    }
    if (!soft_negotiated(s, VIRTIO_NET_F_NOTF_COAL) ||
        qvirtqueue_element_read(e, 2, &c, sizeof(c)) != sizeof(c)) {
        return false;
    }
    set_all(s, command == VIRTIO_NET_CTRL_NOTF_COAL_TX_SET, coal_of(&c));
    return true;
}

/* ---- Statistics ---- */

static uint64_t types_of(const SoftDevice *s, uint16_t queue)
{
    if (queue == soft_net_controlq(s)) {
        return 1ull << VIRTIO_NET_STATS_CVQ;
    }
    if (queue > soft_net_controlq(s)) {
        return TYPES;
    }
    if (soft_fault(stats_of_other_kind)) {
        return 1ull << VIRTIO_NET_STATS_RX_BASIC | 1ull << VIRTIO_NET_STATS_TX_BASIC;
    }
    return 1ull << (queue % 2 ? VIRTIO_NET_STATS_TX_BASIC : VIRTIO_NET_STATS_RX_BASIC);
}

/* Writes one reply after those that are written. It is cut off where the buffer ends. */
static void reply(SoftDevice *s, const QVirtQueueElement *e, uint16_t queue, uint8_t type,
                  uint32_t *written)
{
    const SoftNet *n = soft_net_of(s);
    const SoftNetCount *count = &n->count[queue];
    bool is_control = type == VIRTIO_NET_STATS_CVQ;
    uint16_t bytes =
        is_control ? VIRTIO_NET_STATS_BYTES_CVQ : VIRTIO_NET_STATS_BYTES_BASIC;
    struct {
        struct virtio_net_stats_reply_hdr hdr;
        le64 counter[6];
    } r = {{0}, {{0}}};
    r.hdr.type = soft_fault(stats_without_type) ? 0 : type;
    r.hdr.vq_index = le16_of(soft_fault(stats_without_queue) ? 0 : queue);
    r.hdr.size = le16_of(soft_fault(stats_without_size) ? 0 : bytes);
    if (is_control) {
        r.counter[0] = le64_of(n->commands);
        r.counter[1] = le64_of(n->commands_ok + 1); /* and this command */
    } else {
        r.counter[1] = le64_of(count->packets);
        r.counter[2] = le64_of(count->bytes);
        r.counter[4] = le64_of(count->drops);
    }
    *written += qvirtqueue_element_write(e, 1 + *written, &r, bytes);
}

/* Returns true when the entry is correct (5.1.9.5.11.12). */
static bool is_right(const SoftDevice *s, uint16_t queue, uint64_t types)
{
    bool is_there = queue <= soft_net_controlq(s) || soft_fault(stats_of_no_queue);
    uint64_t known = types_of(s, queue);
    if (soft_fault(stats_of_unknown_type)) {
        known |= ~TYPES;
    }
    return is_there && (types & ~known) == 0;
}

/* Goes through the entries. It answers them, or only checks them. Returns false when an
 * entry is wrong. */
static bool walk(SoftDevice *s, const QVirtQueueElement *e, bool answers,
                 uint32_t *written)
{
    struct virtio_net_queue_stats entry;
    for (uint32_t off = 2; off < e->out_bytes; off += sizeof(entry)) {
        if (qvirtqueue_element_read(e, off, &entry, sizeof(entry)) != sizeof(entry)) {
            return false;
        }
        uint16_t queue = le16_get(entry.vq_index);
        uint64_t types = le64_get(entry.types_bitmap);
        if (!is_right(s, queue, types)) {
            return answers && soft_fault(stats_stop_at_an_error);
        }
        types &= answers ? TYPES : 0;
        for (uint8_t type = 0; type <= VIRTIO_NET_STATS_CVQ; type++) {
            if (types >> type & 1 && queue < SOFT_QUEUES) {
                reply(s, e, queue, type, written);
            }
        }
    }
    return true;
}

/* Used by faults against 5.1.9.5.11.12: "The device MUST fill up only upto the valid
 * bytes". */
static void spoil_rest(const QVirtQueueElement *e, uint32_t *written)
{
    static const uint8_t nothing[8];
    uint32_t from = 1 + *written;
    if (soft_fault(stats_fill_all) && from < e->in_bytes) {
        qvirtqueue_element_write(e, from, nothing, sizeof(nothing));
    }
    if (soft_fault(stats_claim_all)) {
        *written = e->in_bytes - 1;
    }
}

bool soft_net_stats(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                    uint32_t *written)
{
    le64 types = le64_of(soft_fault(counts_nothing) ? 0 : TYPES);
    if (command > VIRTIO_NET_CTRL_STATS_GET ||
        !soft_negotiated(s, VIRTIO_NET_F_DEVICE_STATS)) {
        return false;
    }
    if (command == VIRTIO_NET_CTRL_STATS_QUERY) {
        *written = qvirtqueue_element_write(e, 1, &types, sizeof(types));
        return true;
    }
    if (!walk(s, e, false, written) && !soft_fault(stats_stop_at_an_error)) {
        return false;
    }
    bool is_done = walk(s, e, true, written);
    spoil_rest(e, written);
    return is_done;
}
