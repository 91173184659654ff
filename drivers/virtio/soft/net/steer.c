/* SPDX-License-Identifier: MIT */
/*
 * Chooses the queue of a frame on the software NICs: automatic steering (5.1.9.5.6), RSS
 * (5.1.9.5.7) with its contexts (5.1.9.5.8), and the hash that RSS uses and that is
 * reported (5.1.9.4.4), which can be that of the inner packet of a tunnel. Left out: IPv6
 * extension headers, and tunnels other than VXLAN.
 */
#include "drivers/virtio/soft/net/net.h"
#include "kernel/lib/inet_sum.h"
#include "kernel/lib/string.h"

SOFT_MANNER(nic_hashes_ipv4_alone, "5.1.9.5.7.1", "knows the hash types of IPv4 alone");
SOFT_FAULT(hashes_inner_unasked, "dev:5.1.9.4.4.4-1",
           "hashes the inner header of tunnels that are not enabled");
SOFT_FAULT(takes_unknown_tunnels, "dev:5.1.9.4.4.4-2",
           "enables tunnel types that it does not support");
SOFT_FAULT(tunnels_stay_enabled, "dev:5.1.9.4.4.4-3",
           "ignores a set of tunnel types that is empty");
SOFT_FAULT(tunnels_outlive_reset, "dev:5.1.9.4.4.4-3",
           "keeps tunnel types enabled over a reset");
SOFT_FAULT(starts_with_all_pairs, "dev:5.1.9.5.6.2-1",
           "uses all queue pairs after a reset");
SOFT_FAULT(never_uses_fewer_pairs, "dev:5.1.9.5.6.2-2",
           "goes on with all queue pairs when fewer are set");
SOFT_FAULT(drops_for_one_reset_queue, "dev:5.1.9.5.6.2-3",
           "drops frames when one receive queue of several is in reset");
SOFT_FAULT(ignores_the_table, "dev:5.1.9.5.7.3-1",
           "takes the hash for the number of the queue");
SOFT_FAULT(ignores_unclassified, "dev:5.1.9.5.7.3-1",
           "puts frames without a hash into the first queue");
SOFT_FAULT(no_contexts_at_all, "dev:5.1.9.5.8.3-1", "says that it has no RSS contexts");
SOFT_FAULT(contexts_outlive_reset, "dev:5.1.9.5.8.3-2", "keeps contexts over a reset");

#define VXLAN_PORT 4789

enum { TCP = 6, UDP = 17 };

/* An IP packet: where its header is, and where the header after it is. */
typedef struct Ip {
    const uint8_t *at, *l4;
    bool is_6;
    /* 0: the packet is cut off. */
    uint8_t protocol;
} Ip;

uint32_t soft_net_hash_types(void)
{
    return soft_manner(nic_hashes_ipv4_alone) ? 7 : 0x3f;
}

static bool parse(const uint8_t *frame, uint32_t bytes, Ip *ip)
{
    uint16_t type = bytes >= 54 ? inet_get16(frame + 12) : 0;
    *ip = (Ip){.at = frame + 14, .is_6 = type == 0x86dd};
    ip->l4 = ip->at + (ip->is_6 ? 40 : 4 * (ip->at[0] & 15));
    if (ip->l4 + 8 <= frame + bytes) {
        ip->protocol = ip->at[ip->is_6 ? 6 : 9];
    }
    return type == 0x0800 || ip->is_6;
}

/* 5.1.9.4.4: returns the Toeplitz hash. A window of 32 bits moves over the key, bit by
 * bit. */
static uint32_t toeplitz(const uint8_t *key, const uint8_t *data, unsigned bytes)
{
    uint32_t window = (uint32_t)inet_get16(key) << 16 | inet_get16(key + 2), hash = 0;
    for (unsigned bit = 0; bit < 8 * bytes; bit++) {
        unsigned next = bit + 32;
        hash ^= data[bit / 8] << (bit % 8) & 0x80 ? window : 0;
        window = window << 1 | (key[next / 8 % SOFT_NET_KEY] >> (7 - next % 8) & 1);
    }
    return hash;
}

/* Returns the report of the most specific enabled type that fits the packet. */
static uint16_t choose_type(const Ip *ip, uint32_t types)
{
    uint16_t first = ip->is_6 ? VIRTIO_NET_HASH_REPORT_IPv6 : VIRTIO_NET_HASH_REPORT_IPv4;
    if (ip->protocol == TCP && types >> first & 1) {
        return first + 1;
    }
    if (ip->protocol == UDP && types >> (first + 1) & 1) {
        return first + 2;
    }
    return types >> (first - 1) & 1 ? first : VIRTIO_NET_HASH_REPORT_NONE;
}

static bool is_hashed_inside(const SoftNetSteering *st, const Ip *ip)
{
    bool is_enabled = st->tunnel_types & VIRTIO_NET_HASH_TUNNEL_TYPE_VXLAN;
    return ip->protocol == UDP && inet_get16(ip->l4 + 2) == VXLAN_PORT &&
           (is_enabled || soft_fault(hashes_inner_unasked));
}

static void hash_packet(const SoftNetSteering *st, SoftPacket *p)
{
    uint8_t input[36];
    Ip ip;
    bool is_ip = parse(p->frame, p->bytes, &ip);
    if (is_ip && is_hashed_inside(st, &ip)) {
        const uint8_t *inner = ip.l4 + 16;
        uint32_t before = (uint32_t)(inner - p->frame);
        is_ip = before < p->bytes && parse(inner, p->bytes - before, &ip);
    }
    uint16_t report =
        is_ip ? choose_type(&ip, st->hash_types) : VIRTIO_NET_HASH_REPORT_NONE;
    if (report == VIRTIO_NET_HASH_REPORT_NONE) {
        return;
    }
    unsigned bytes = ip.is_6 ? 32 : 8;
    bool has_ports =
        report != VIRTIO_NET_HASH_REPORT_IPv4 && report != VIRTIO_NET_HASH_REPORT_IPv6;
    memcpy(input, ip.at + (ip.is_6 ? 8 : 12), bytes);
    memcpy(input + bytes, ip.l4, 4);
    p->hdr.hash_report = le16_of(report);
    p->hdr.hash_value = le32_of(toeplitz(st->key, input, bytes + 4 * has_ports));
}

/* Returns one of the queues in use, chosen by the flow. It is a queue that is not in
 * reset, where there is one; else -1. */
static int steer_by_flow(const SoftDevice *s, const SoftNetSteering *st,
                         const SoftPacket *p)
{
    /* Each frame of a test is a flow of its own. */
    unsigned first = p->frame[5] + p->bytes;
    unsigned pairs = st->pairs;
    if (soft_fault(starts_with_all_pairs) && soft_negotiated(s, VIRTIO_NET_F_MQ)) {
        pairs = SOFT_NET_PAIRS;
    }
    for (unsigned i = 0; i < pairs; i++) {
        unsigned queue = 2 * ((first + i) % pairs);
        if (s->queue[queue].is_enabled) {
            return (int)queue;
        }
        if (soft_fault(drops_for_one_reset_queue)) {
            break;
        }
    }
    return -1;
}

static int steer_by_hash(const SoftDevice *s, const SoftNetSteering *st,
                         const SoftPacket *p)
{
    uint32_t hash = le32_get(p->hdr.hash_value);
    unsigned queue = 2 * st->table[hash & st->mask];
    if (soft_fault(ignores_the_table)) {
        queue = 2 * (hash % SOFT_NET_PAIRS);
    }
    if (le16_get(p->hdr.hash_report) == VIRTIO_NET_HASH_REPORT_NONE) {
        queue = soft_fault(ignores_unclassified) ? 0 : 2 * st->unclassified;
    }
    return s->queue[queue].is_enabled ? (int)queue : -1;
}

int soft_net_steer(SoftDevice *s, SoftPacket *p)
{
    const SoftNetSteering *st = &soft_net_of(s)->steering;
    if (soft_negotiated(s, VIRTIO_NET_F_RSS) ||
        soft_negotiated(s, VIRTIO_NET_F_HASH_REPORT)) {
        hash_packet(st, p);
    }
    int queue;
    if (soft_net_flow(s, p, &queue)) {
        return queue;
    }
    return st->is_rss ? steer_by_hash(s, st, p) : steer_by_flow(s, st, p);
}

/* 5.1.9.5.7: reads and checks what the driver says. Returns false when an entry is not a
 * queue. */
static bool read_rss(const QVirtQueueElement *e, uint32_t off, bool has_table,
                     SoftNetSteering *to)
{
    struct virtio_net_rss_config c;
    le16 entry;
    uint8_t key_bytes;
    if (qvirtqueue_element_read(e, off, &c, sizeof(c)) != sizeof(c)) {
        return false;
    }
    to->hash_types = le32_get(c.hash_types);
    to->mask = has_table ? le16_get(c.indirection_table_mask) : 0;
    to->unclassified = has_table ? le16_get(c.unclassified_queue) : 0;
    if (to->hash_types & ~soft_net_hash_types() || to->mask >= SOFT_NET_RSS ||
        to->mask & (to->mask + 1) || to->unclassified >= SOFT_NET_PAIRS) {
        return false;
    }
    off += sizeof(c);
    for (unsigned i = 0; i <= to->mask; i++, off += sizeof(entry)) {
        qvirtqueue_element_read(e, off, &entry, sizeof(entry));
        to->table[i] = has_table ? le16_get(entry) : 0;
        if (to->table[i] >= SOFT_NET_PAIRS) {
            return false;
        }
    }
    off += 2;
    if (qvirtqueue_element_read(e, off, &key_bytes, 1) != 1 || key_bytes > SOFT_NET_KEY) {
        return false;
    }
    memset(to->key, 0, sizeof(to->key));
    return qvirtqueue_element_read(e, off + 1, to->key, key_bytes) == key_bytes;
}

static bool set_pairs(SoftDevice *s, const QVirtQueueElement *e)
{
    SoftNetSteering *st = &soft_net_of(s)->steering;
    le16 data;
    if (qvirtqueue_element_read(e, 2, &data, sizeof(data)) != sizeof(data)) {
        return false;
    }
    uint16_t pairs = le16_get(data);
    if (pairs == 0 || pairs > SOFT_NET_PAIRS) {
        return false;
    }
    if (!(soft_fault(never_uses_fewer_pairs) && pairs < st->pairs)) {
        st->pairs = pairs;
    }
    st->is_rss = false;
    return true;
}

bool soft_net_set_steering(SoftDevice *s, const QVirtQueueElement *e, uint8_t command)
{
    SoftNetSteering *st = &soft_net_of(s)->steering, wanted = *st;
    bool is_rss = command == VIRTIO_NET_CTRL_MQ_RSS_CONFIG;
    if (command == VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET) {
        return soft_negotiated(s, VIRTIO_NET_F_MQ) && set_pairs(s, e);
    }
    if (command > VIRTIO_NET_CTRL_MQ_HASH_CONFIG ||
        !soft_negotiated(s, is_rss ? VIRTIO_NET_F_RSS : VIRTIO_NET_F_HASH_REPORT) ||
        !read_rss(e, 2, is_rss, &wanted)) {
        return false;
    }
    wanted.is_rss = is_rss;
    *st = wanted;
    return true;
}

bool soft_net_set_tunnels(SoftDevice *s, const QVirtQueueElement *e, uint8_t command)
{
    SoftNetSteering *st = &soft_net_of(s)->steering;
    le32 data;
    if (command != VIRTIO_NET_CTRL_HASH_TUNNEL_SET ||
        !soft_negotiated(s, VIRTIO_NET_F_HASH_TUNNEL) ||
        qvirtqueue_element_read(e, 2, &data, sizeof(data)) != sizeof(data)) {
        return false;
    }
    uint32_t types = le32_get(data);
    if (types & ~(uint32_t)VIRTIO_NET_HASH_TUNNEL_TYPE_VXLAN &&
        !soft_fault(takes_unknown_tunnels)) {
        return false;
    }
    if (types || !soft_fault(tunnels_stay_enabled)) {
        st->tunnel_types = types;
    }
    return true;
}

/* 5.1.9.5.8: there is one context. Nothing uses it, because only flow filters could. */
bool soft_net_contexts(SoftDevice *s, const QVirtQueueElement *e, uint8_t command,
                       uint32_t *written)
{
    static SoftNetSteering context;
    SoftNet *n = soft_net_of(s);
    le16 id = le16_of(!soft_fault(no_contexts_at_all));
    if (!soft_negotiated(s, VIRTIO_NET_F_RSS_CONTEXT)) {
        return false;
    }
    if (command == VIRTNET_RSS_CTX_CTRL_CAP_GET) {
        *written = qvirtqueue_element_write(e, 0, &id, sizeof(id));
        return *written == sizeof(id);
    }
    bool has_one = n->has_context, adds = command == VIRTNET_RSS_CTX_CTRL_ADD;
    if (command > VIRTNET_RSS_CTX_CTRL_DEL || has_one == adds ||
        qvirtqueue_element_read(e, 2, &id, sizeof(id)) != sizeof(id) ||
        le16_get(id) != 1) {
        return false;
    }
    bool deletes = command == VIRTNET_RSS_CTX_CTRL_DEL;
    if (!deletes && !read_rss(e, 2 + 8, true, &context)) {
        return false;
    }
    n->has_context = !deletes;
    return true;
}

void soft_net_restart(SoftDevice *s, const SoftNet *old)
{
    SoftNet *n = soft_net_of(s);
    n->steering.pairs = 1;
    n->has_context = old->has_context && soft_fault(contexts_outlive_reset);
    if (soft_fault(tunnels_outlive_reset)) {
        n->steering.tunnel_types = old->steering.tunnel_types;
    }
    soft_net_restart_coalescing(s, old);
}
