/* SPDX-License-Identifier: MIT */
/*
 * Tagged Ethernet frames; this code has no state. A frame consists of addresses, an
 * optional VLAN tag, an EtherType that is reserved for local experiments (IEEE 802,
 * 0x88b5), the tag of the test (number and nonce), and a pattern that depends on the
 * number. Both ends of the link are this kernel, so the tag is in CPU order.
 */
#include "drivers/virtio/device/net.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

#define TAG_BYTES 12

const uint8_t net_broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t sender[6] = {0x02, 'q', 'v', 'i', 'r', 't'};
static const uint8_t vlan_type[2] = {0x81, 0x00};
static const uint8_t experiment_type[2] = {0x88, 0xb5};

void net_frame_write(const NetFrame *f, uint64_t nonce, uint8_t *to)
{
    uint8_t *at = to;

    memcpy(at, f->to, 6);
    memcpy(at + 6, sender, 6);
    at += 12;
    if (f->vlan != NET_NO_VLAN) {
        memcpy(at, vlan_type, 2);
        at[2] = f->vlan >> 8;
        at[3] = f->vlan;
        at += NET_VLAN_BYTES;
    }
    memcpy(at, experiment_type, 2);
    memcpy(at + 2, &f->number, 4);
    memcpy(at + 6, &nonce, 8);
    at += 2 + TAG_BYTES;
    pattern_fill(at, f->bytes - (at - to), f->number);
}

bool net_frame_number(const uint8_t *frame, size_t bytes, uint64_t nonce,
                      uint32_t *number)
{
    const uint8_t *at = frame + 12;

    if (bytes < NET_FRAME_MIN) {
        return false;
    }
    if (memcmp(at, vlan_type, 2) == 0) {
        at += NET_VLAN_BYTES;
    }
    if (memcmp(at, experiment_type, 2) || memcmp(at + 6, &nonce, 8)) {
        return false;
    }
    memcpy(number, at + 2, 4);
    return true;
}

bool net_frame_is_damaged(const uint8_t *frame, size_t bytes)
{
    uint32_t number;
    const uint8_t *at = frame + 14;

    if (bytes < 12 || memcmp(frame + 6, sender, 6) != 0) {
        return false;
    }
    if (bytes < NET_FRAME_MIN) {
        return true;
    }
    if (memcmp(frame + 12, vlan_type, 2) == 0) {
        at += NET_VLAN_BYTES;
    }
    memcpy(&number, at, 4);
    at += TAG_BYTES;
    return memcmp(at - TAG_BYTES - 2, experiment_type, 2) != 0 ||
           pattern_mismatch(at, frame + bytes - at, number) < bytes - (at - frame);
}
