/* SPDX-License-Identifier: MIT */
/*
 * Serves the control queue of the software NICs (5.1.9.5.1 to 5.1.9.5.4): receive modes,
 * tables of addresses, the address of the device, VLANs and announcements. The filter
 * that all of them form is here too.
 */
#include "drivers/virtio/soft/net/net.h"
#include "kernel/lib/string.h"

/* "Receive filtering ... is best-effort: unwanted packets could still arrive". */
SOFT_MANNER_AGAINST(nic_filters_nothing, "5.1.9.5.1",
                    "dev:5.1.9.5.1.1-7 dev:5.1.9.5.1.1-8 dev:5.1.9.5.1.1-10 "
                    "dev:5.1.9.5.1.1-11 dev:5.1.9.5.1.1-12 dev:5.1.9.5.1.1-13 "
                    "dev:5.1.9.5.2.1-4",
                    "passes each frame whose VLAN passes, whatever was filtered");
SOFT_FAULT(refuses_all_multicast, "dev:5.1.9.5.1.1-1", "answers ALLMULTI with an error");
SOFT_FAULT(promiscuous_without_multicast, "dev:5.1.9.5.1.1-2",
           "drops multicast in promiscuous mode");
SOFT_FAULT(promiscuous_loses, "dev:5.1.9.5.1.1-3",
           "lets NOUNI win over promiscuous mode");
SOFT_FAULT(all_multicast_ipv4_only, "dev:5.1.9.5.1.1-4",
           "lets only groups of IPv4 pass in ALLMULTI");
SOFT_FAULT(refuses_extra_modes, "dev:5.1.9.5.1.1-5", "answers NOMULTI with an error");
SOFT_FAULT(all_unicast_does_nothing, "dev:5.1.9.5.1.1-6", "ignores ALLUNI");
SOFT_FAULT(no_multicast_does_nothing, "dev:5.1.9.5.1.1-7", "ignores NOMULTI");
SOFT_FAULT(all_multicast_wins, "dev:5.1.9.5.1.1-8", "lets ALLMULTI win over NOMULTI");
SOFT_FAULT(no_multicast_no_broadcast, "dev:5.1.9.5.1.1-9", "drops broadcasts in NOMULTI");
SOFT_FAULT(no_unicast_does_nothing, "dev:5.1.9.5.1.1-10", "ignores NOUNI");
SOFT_FAULT(all_unicast_wins, "dev:5.1.9.5.1.1-11", "lets ALLUNI win over NOUNI");
SOFT_FAULT(no_broadcast_does_nothing, "dev:5.1.9.5.1.1-12", "ignores NOBCAST");
SOFT_FAULT(all_multicast_has_broadcast, "dev:5.1.9.5.1.1-13",
           "lets ALLMULTI win over NOBCAST");
SOFT_FAULT(mac_table_outlives_reset, "dev:5.1.9.5.2.1-1",
           "keeps the table of addresses over a reset");
SOFT_FAULT(mac_table_loses_the_first, "dev:5.1.9.5.2.1-2",
           "drops the first address of each table");
SOFT_FAULT(mac_not_in_config, "dev:5.1.9.5.2.1-3",
           "takes a new address and does not show it");
SOFT_FAULT(strangers_pass, "dev:5.1.9.5.2.1-4",
           "lets frames pass that are for nobody here");
SOFT_FAULT(vlans_filtered_unasked, "dev:5.1.9.5.3.1-1",
           "drops tagged frames without CTRL_VLAN");
SOFT_FAULT(one_vlan_only, "dev:5.1.9.5.3.1-2a",
           "forgets all other ids when one is added");
SOFT_FAULT(deleting_a_vlan_deletes_all, "dev:5.1.9.5.3.1-2a",
           "forgets all other ids when one is deleted");
SOFT_FAULT(announces_for_ever, "dev:5.1.9.5.4.2-1",
           "keeps ANNOUNCE set when it is acknowledged");
SOFT_FAULT(unlisted_vlans_pass, "dev:5.1.9.5.3.1-2b", "lets ids pass that nobody listed");
SOFT_FAULT(commands_want_two_pieces, "dev:2.7.4.1-1",
           "refuses a command that is in more than two descriptors");
SOFT_FAULT(promiscuous_without_strangers, "dev:5.1.9.5.1.1-2",
           "drops other stations' frames in promiscuous mode");
SOFT_FAULT(promiscuous_without_broadcast, "dev:5.1.9.5.1.1-2",
           "drops broadcasts in promiscuous mode, as if they were a group of nobody");
SOFT_FAULT(other_groups_pass, "dev:5.1.9.5.2.1-4", "lets all groups pass");
SOFT_FAULT(next_vlans_pass, "dev:5.1.9.5.3.1-2b",
           "lets the ids beside a listed one pass");
SOFT_FAULT(priority_is_part_of_the_vlan, "dev:5.1.9.5.3.1-2a",
           "drops a listed id that comes with a priority");

static SoftNet *net_of(SoftDevice *s)
{
    return s->data;
}

/* Until the driver says something else, the device receives all frames; its tables are
 * empty. */
void soft_net_filter_reset(SoftDevice *s)
{
    static SoftNet old;
    SoftNet *n = net_of(s);
    old = *n;
    memset(n, 0, sizeof(*n));
    if (soft_fault(mac_table_outlives_reset)) {
        n->unicast = old.unicast;
        n->multicast = old.multicast;
    }
    n->mode[VIRTIO_NET_CTRL_RX_PROMISC] = true;
    soft_net_restart(s, &old);
}

static bool set_mode(SoftDevice *s, const QVirtQueueElement *e, uint8_t command)
{
    unsigned extra = soft_negotiated(s, VIRTIO_NET_F_CTRL_RX_EXTRA);
    uint8_t on;
    if (!soft_negotiated(s, VIRTIO_NET_F_CTRL_RX) ||
        command > (extra ? VIRTIO_NET_CTRL_RX_NOBCAST : VIRTIO_NET_CTRL_RX_ALLMULTI) ||
        qvirtqueue_element_read(e, 2, &on, 1) != 1) {
        return false;
    }
    if ((soft_fault(refuses_all_multicast) && command == VIRTIO_NET_CTRL_RX_ALLMULTI) ||
        (soft_fault(refuses_extra_modes) && command == VIRTIO_NET_CTRL_RX_NOMULTI)) {
        return false;
    }
    net_of(s)->mode[command] = on != 0;
    return true;
}

/* Reads one table at *off. Returns false when the request ends before the table does. */
static bool read_table(const QVirtQueueElement *e, uint32_t *off, SoftNetTable *table)
{
    virtio32 entries;
    if (qvirtqueue_element_read(e, *off, &entries, sizeof(entries)) != sizeof(entries)) {
        return false;
    }
    uint32_t count = virtio32_get(false, entries);
    *off += sizeof(entries);
    if (count > (e->out_bytes - *off) / 6) {
        return false;
    }
    table->is_over = count > SOFT_NET_TABLE;
    table->count = table->is_over ? SOFT_NET_TABLE : count;
    qvirtqueue_element_read(e, *off, table->mac, table->count * 6);
    *off += count * 6;
    if (soft_fault(mac_table_loses_the_first) && table->count) {
        table->count--;
        memmove(table->mac, table->mac + 1, table->count * 6);
    }
    return true;
}

static bool set_macs(SoftDevice *s, const QVirtQueueElement *e, uint8_t command)
{
    static SoftNetTable unicast, multicast;
    uint32_t off = 2;
    uint8_t mac[6];

    if (command == VIRTIO_NET_CTRL_MAC_TABLE_SET &&
        soft_negotiated(s, VIRTIO_NET_F_CTRL_RX)) {
        if (!read_table(e, &off, &unicast) || !read_table(e, &off, &multicast)) {
            return false;
        }
        net_of(s)->unicast = unicast;
        net_of(s)->multicast = multicast;
        return true;
    }
    if (command != VIRTIO_NET_CTRL_MAC_ADDR_SET ||
        !soft_negotiated(s, VIRTIO_NET_F_CTRL_MAC_ADDR) ||
        qvirtqueue_element_read(e, 2, mac, 6) != 6) {
        return false;
    }
    if (!soft_fault(mac_not_in_config)) {
        memcpy(soft_net_config(s)->mac, mac, 6);
    }
    return true;
}

static bool set_vlan(SoftDevice *s, const QVirtQueueElement *e, uint8_t command)
{
    virtio16 data;
    if (!soft_negotiated(s, VIRTIO_NET_F_CTRL_VLAN) ||
        command > VIRTIO_NET_CTRL_VLAN_DEL ||
        qvirtqueue_element_read(e, 2, &data, sizeof(data)) != sizeof(data)) {
        return false;
    }
    uint16_t id = virtio16_get(false, data);
    if (id >= 4096) {
        return false;
    }
    bool is_deletion = command == VIRTIO_NET_CTRL_VLAN_DEL;
    if (soft_fault(one_vlan_only) ||
        (is_deletion && soft_fault(deleting_a_vlan_deletes_all))) {
        memset(net_of(s)->vlan, 0, sizeof(net_of(s)->vlan));
    }
    uint8_t bit = 1 << (id % 8), *at = &net_of(s)->vlan[id / 8];
    *at = is_deletion ? *at & ~bit : *at | bit;
    return true;
}

/* 5.1.9.5.4.2: "the device MUST clear the VIRTIO_NET_S_ANNOUNCE bit in status upon
 * receipt". */
static bool acknowledge(SoftDevice *s, uint8_t command)
{
    struct virtio_net_config *c = soft_net_config(s);
    uint16_t left = virtio16_get(false, c->status) & ~VIRTIO_NET_S_ANNOUNCE;
    if (command != VIRTIO_NET_CTRL_ANNOUNCE_ACK ||
        !soft_negotiated(s, VIRTIO_NET_F_GUEST_ANNOUNCE)) {
        return false;
    }
    if (!soft_fault(announces_for_ever)) {
        c->status = virtio16_of(false, left);
    }
    return true;
}

static bool obey(SoftDevice *s, const QVirtQueueElement *e, uint32_t *written)
{
    uint8_t head[2];
    if (qvirtqueue_element_read(e, 0, head, 2) != 2) {
        return false;
    }
    switch (head[0]) {
    case VIRTIO_NET_CTRL_RX:
        return set_mode(s, e, head[1]);
    case VIRTIO_NET_CTRL_MAC:
        return set_macs(s, e, head[1]);
    case VIRTIO_NET_CTRL_VLAN:
        return set_vlan(s, e, head[1]);
    case VIRTIO_NET_CTRL_ANNOUNCE:
        return acknowledge(s, head[1]);
    case VIRTIO_NET_CTRL_MQ:
        return soft_net_set_steering(s, e, head[1]);
    case VIRTIO_NET_CTRL_GUEST_OFFLOADS:
        return soft_net_set_offloads(s, e, head[1]);
    case VIRTIO_NET_CTRL_NOTF_COAL:
        return soft_net_coalesce(s, e, head[1], written);
    case VIRTIO_NET_CTRL_HASH_TUNNEL:
        return soft_net_set_tunnels(s, e, head[1]);
    case VIRTIO_NET_CTRL_STATS:
        return soft_net_stats(s, e, head[1], written);
    case VIRTNET_RSS_CTX_CTRL:
        return soft_net_contexts(s, e, head[1], written);
    default:
        return false;
    }
}

/* 5.1.9.5: the answer comes before a result. Only where the device writes the data of the
 * command itself it comes after the result. Returns how many bytes are written in all. */
static uint32_t answer(const QVirtQueueElement *e, bool is_done, uint32_t written)
{
    uint8_t head[2] = {0}, ack = is_done ? VIRTIO_NET_OK : VIRTIO_NET_ERR;
    qvirtqueue_element_read(e, 0, head, 2);
    bool is_last =
        (head[0] == VIRTIO_NET_CTRL_NOTF_COAL &&
         head[1] == VIRTIO_NET_CTRL_NOTF_COAL_VQ_GET) ||
        (head[0] == VIRTNET_RSS_CTX_CTRL && head[1] == VIRTNET_RSS_CTX_CTRL_CAP_GET);
    qvirtqueue_element_write(e, is_last ? e->in_bytes - 1 : 0, &ack, 1);
    return is_last ? e->in_bytes : 1 + written;
}

void soft_net_control(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        if (e->in_bytes == 0) {
            soft_needs_reset(s); /* no room for an answer */
            return;
        }
        bool is_cut = soft_fault(commands_want_two_pieces) && e->out_num > 2;
        uint32_t written = 0;
        soft_net_of(s)->commands++;
        bool is_done = !is_cut && obey(s, e, &written);
        soft_net_of(s)->commands_ok += is_done;
        soft_push(s, queue, e, answer(e, is_done, written));
    }
}

static bool is_listed(const SoftNetTable *table, const uint8_t *mac)
{
    for (uint32_t i = 0; i < table->count; i++) {
        if (memcmp(table->mac[i], mac, 6) == 0) {
            return true;
        }
    }
    return table->is_over;
}

static bool lists_vlan(const SoftNet *n, uint16_t id)
{
    return n->vlan[id / 8] >> (id % 8) & 1;
}

static bool passes_vlan(const SoftDevice *s, const SoftNet *n, const uint8_t *frame,
                        uint32_t bytes)
{
    bool is_tagged = bytes >= 16 && frame[12] == 0x81 && frame[13] == 0;
    uint16_t id = (frame[14] << 8 | frame[15]) & 0xfff;
    bool filters =
        soft_negotiated(s, VIRTIO_NET_F_CTRL_VLAN) || soft_fault(vlans_filtered_unasked);
    if (soft_fault(priority_is_part_of_the_vlan) && frame[14] & 0xf0) {
        return !filters || !is_tagged;
    }
    return !filters || !is_tagged || lists_vlan(n, id) ||
           soft_fault(unlisted_vlans_pass) ||
           (soft_fault(next_vlans_pass) &&
            (lists_vlan(n, (id + 1) & 0xfff) || lists_vlan(n, (id - 1) & 0xfff)));
}

/* Returns true when a receive mode is on. Some faults ignore one. */
static bool is_on(const SoftNet *n, unsigned command)
{
    static const SoftFault *const ignored[SOFT_NET_MODES] = {
        [VIRTIO_NET_CTRL_RX_ALLUNI] = &soft_fault_all_unicast_does_nothing,
        [VIRTIO_NET_CTRL_RX_NOMULTI] = &soft_fault_no_multicast_does_nothing,
        [VIRTIO_NET_CTRL_RX_NOUNI] = &soft_fault_no_unicast_does_nothing,
        [VIRTIO_NET_CTRL_RX_NOBCAST] = &soft_fault_no_broadcast_does_nothing,
    };
    bool is_ignored = soft_fault_chosen && ignored[command] == soft_fault_chosen;
    return n->mode[command] && !is_ignored;
}

/* 5.1.9.5.1.1: promiscuous mode "SHOULD take effect even if one of the other modes is
 * on". */
static bool passes_all(const SoftNet *n, bool is_group, bool is_broadcast)
{
    return is_on(n, VIRTIO_NET_CTRL_RX_PROMISC) &&
           !(soft_fault(promiscuous_without_multicast) && is_group && !is_broadcast) &&
           !(soft_fault(promiscuous_without_broadcast) && is_broadcast) &&
           !(soft_fault(promiscuous_without_strangers) && !is_group) &&
           !(soft_fault(promiscuous_loses) && is_on(n, VIRTIO_NET_CTRL_RX_NOUNI));
}

static bool passes_broadcast(const SoftNet *n)
{
    bool is_lifted =
        soft_fault(all_multicast_has_broadcast) && is_on(n, VIRTIO_NET_CTRL_RX_ALLMULTI);
    bool is_mixed_up =
        soft_fault(no_multicast_no_broadcast) && is_on(n, VIRTIO_NET_CTRL_RX_NOMULTI);
    bool is_dropped =
        soft_fault(promiscuous_without_broadcast) && is_on(n, VIRTIO_NET_CTRL_RX_PROMISC);
    return (!is_on(n, VIRTIO_NET_CTRL_RX_NOBCAST) || is_lifted) && !is_mixed_up &&
           !is_dropped;
}

/* 5.1.9.5.1.1: the mode that suppresses frames wins. */
static bool passes_group(const SoftNet *n, const uint8_t *frame)
{
    bool all = is_on(n, VIRTIO_NET_CTRL_RX_ALLMULTI) &&
               !(soft_fault(all_multicast_ipv4_only) && frame[0] != 1);
    bool none =
        is_on(n, VIRTIO_NET_CTRL_RX_NOMULTI) && !(soft_fault(all_multicast_wins) && all);
    return !none &&
           (all || soft_fault(other_groups_pass) || is_listed(&n->multicast, frame));
}

static bool passes_station(SoftDevice *s, const SoftNet *n, const uint8_t *frame)
{
    bool all = is_on(n, VIRTIO_NET_CTRL_RX_ALLUNI);
    bool none =
        is_on(n, VIRTIO_NET_CTRL_RX_NOUNI) && !(soft_fault(all_unicast_wins) && all);
    return !none && (all || is_listed(&n->unicast, frame) || soft_fault(strangers_pass) ||
                     memcmp(frame, soft_net_config(s)->mac, 6) == 0);
}

bool soft_net_passes(SoftDevice *s, const uint8_t *frame, uint32_t bytes)
{
    static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const SoftNet *n = net_of(s);
    bool is_broadcast = memcmp(frame, broadcast, 6) == 0, is_group = frame[0] & 1;

    if (passes_all(n, is_group, is_broadcast)) {
        return true;
    }
    if (!passes_vlan(s, n, frame, bytes)) {
        return false;
    }
    if (soft_manner(nic_filters_nothing)) {
        return true;
    }
    if (is_broadcast) {
        return passes_broadcast(n);
    }
    return is_group ? passes_group(n, frame) : passes_station(s, n, frame);
}
