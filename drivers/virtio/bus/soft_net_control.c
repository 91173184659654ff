/* SPDX-License-Identifier: MIT */
/*
 * The control queue of the soft NICs (5.1.9.5.1 to 5.1.9.5.3): receive modes, the tables
 * of addresses, the device's own address, VLANs; and the filter that they make up.
 */
#include "drivers/virtio/bus/soft_net.h"
#include "kernel/string.h"

static SoftNet *net_of(SoftDevice *s)
{
    return s->data;
}

/* Without a driver's word a device receives all; its tables are empty. */
void soft_net_filter_reset(SoftDevice *s)
{
    SoftNet *n = net_of(s);
    memset(n, 0, sizeof(*n));
    n->mode[VIRTIO_NET_CTRL_RX_PROMISC] = true;
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
    net_of(s)->mode[command] = on != 0;
    return true;
}

/* Reads one table at *off; false when the request ends before it. */
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
    memcpy(soft_net_config(s)->mac, mac, 6);
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
    uint8_t bit = 1 << (id % 8), *at = &net_of(s)->vlan[id / 8];
    *at = command == VIRTIO_NET_CTRL_VLAN_ADD ? *at | bit : *at & ~bit;
    return true;
}

static bool obey(SoftDevice *s, const QVirtQueueElement *e)
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
    default:
        return false;
    }
}

void soft_net_control(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        if (e->in_bytes == 0) {
            soft_needs_reset(s); /* there is no place for an answer */
            return;
        }
        uint8_t ack = obey(s, e) ? VIRTIO_NET_OK : VIRTIO_NET_ERR;
        soft_push(s, queue, e, qvirtqueue_element_write(e, 0, &ack, 1));
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

static bool passes_vlan(const SoftDevice *s, const SoftNet *n, const uint8_t *frame,
                        uint32_t bytes)
{
    bool is_tagged = bytes >= 16 && frame[12] == 0x81 && frame[13] == 0;
    uint16_t id = (frame[14] << 8 | frame[15]) & 0xfff;
    return !soft_negotiated(s, VIRTIO_NET_F_CTRL_VLAN) || !is_tagged ||
           n->vlan[id / 8] >> (id % 8) & 1;
}

bool soft_net_passes(SoftDevice *s, const uint8_t *frame, uint32_t bytes)
{
    static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const SoftNet *n = net_of(s);
    bool is_broadcast = memcmp(frame, broadcast, 6) == 0;

    if (n->mode[VIRTIO_NET_CTRL_RX_PROMISC]) {
        return true;
    }
    if (!passes_vlan(s, n, frame, bytes)) {
        return false;
    }
    if (is_broadcast) {
        return !n->mode[VIRTIO_NET_CTRL_RX_NOBCAST];
    }
    if (frame[0] & 1) {
        return !n->mode[VIRTIO_NET_CTRL_RX_NOMULTI] &&
               (n->mode[VIRTIO_NET_CTRL_RX_ALLMULTI] || is_listed(&n->multicast, frame));
    }
    return !n->mode[VIRTIO_NET_CTRL_RX_NOUNI] &&
           (n->mode[VIRTIO_NET_CTRL_RX_ALLUNI] || is_listed(&n->unicast, frame) ||
            memcmp(frame, soft_net_config(s)->mac, 6) == 0);
}
