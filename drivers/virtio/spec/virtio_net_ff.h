/* SPDX-License-Identifier: MIT */
/*
 * Flow filters of network devices on the wire (5.1.9.6): capabilities and resource
 * objects of administration commands (virtio_admin.h). Masks and keys follow their
 * headers, in network byte order. IPsec actions are left out.
 */
#ifndef VIRTIO_NET_FF_H
#define VIRTIO_NET_FF_H

#include "kernel/lib/byteorder.h"
#include <stdint.h>

/* 5.1.9.6.2 Device and driver capabilities */
#define VIRTIO_NET_FF_RESOURCE_CAP 0x0800
#define VIRTIO_NET_FF_SELECTOR_CAP 0x0801
#define VIRTIO_NET_FF_ACTION_CAP   0x0802

struct virtio_net_ff_cap_data {
    le32 groups_limit;
    le32 classifiers_limit;
    le32 rules_limit;
    le32 rules_per_group_limit;
    uint8_t last_rule_priority;
    uint8_t selectors_per_classifier_limit;
    uint8_t reserved[2];
};
_Static_assert(sizeof(struct virtio_net_ff_cap_data) == 20, "5.1.9.6.2");

struct virtio_net_ff_selector { /* mask[length] follows */
    uint8_t type;
    uint8_t flags;
    uint8_t reserved[2];
    uint8_t length;
    uint8_t reserved1[3];
};
_Static_assert(sizeof(struct virtio_net_ff_selector) == 8, "5.1.9.6.2");

#define VIRTIO_NET_FF_MASK_F_PARTIAL_MASK (1 << 0)

#define VIRTIO_NET_FF_MASK_TYPE_ETH  1
#define VIRTIO_NET_FF_MASK_TYPE_IPV4 2
#define VIRTIO_NET_FF_MASK_TYPE_IPV6 3
#define VIRTIO_NET_FF_MASK_TYPE_TCP  4
#define VIRTIO_NET_FF_MASK_TYPE_UDP  5
#define VIRTIO_NET_FF_MASK_TYPE_ESP  6

/* Of SELECTOR_CAP, of ACTION_CAP and of a classifier: selectors or actions follow. */
struct virtio_net_ff_list {
    uint8_t count;
    uint8_t reserved[7];
};

#define VIRTIO_NET_FF_ACTION_DROP         1
#define VIRTIO_NET_FF_ACTION_DIRECT_RX_VQ 2

/* 5.1.9.6.3 Resource objects */
#define VIRTIO_NET_RESOURCE_OBJ_FF_GROUP      0x0200
#define VIRTIO_NET_RESOURCE_OBJ_FF_CLASSIFIER 0x0201
#define VIRTIO_NET_RESOURCE_OBJ_FF_RULE       0x0202

struct virtio_net_resource_obj_ff_group {
    le16 group_priority;
};

struct virtio_net_resource_obj_ff_rule { /* keys follow */
    le32 group_id;
    le32 classifier_id;
    uint8_t rule_priority;
    uint8_t key_length;
    uint8_t action;
    uint8_t reserved;
    le16 vq_index;
    uint8_t reserved1[2];
};
_Static_assert(sizeof(struct virtio_net_resource_obj_ff_rule) == 16, "5.1.9.6.3");

#endif
