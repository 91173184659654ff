/* SPDX-License-Identifier: MIT */
/*
 * The memory device on the wire (5.15): feature bits, config space, requests and
 * responses. Names are the specification's. There is no legacy interface: everything is
 * little-endian.
 */
#ifndef VIRTIO_MEM_H
#define VIRTIO_MEM_H

#include "kernel/lib/byteorder.h"

/* 5.15.3 Feature bits */
#define VIRTIO_MEM_F_ACPI_PXM               0
#define VIRTIO_MEM_F_UNPLUGGED_INACCESSIBLE 1
#define VIRTIO_MEM_F_PERSISTENT_SUSPEND     2

/* 5.15.4 Device configuration layout: all read-only for the driver */
struct virtio_mem_config {
    le64 block_size;
    le16 node_id;
    uint8_t padding[6];
    le64 addr;
    le64 region_size;
    le64 usable_region_size;
    le64 plugged_size;
    le64 requested_size;
};
_Static_assert(sizeof(struct virtio_mem_config) == 56, "5.15.4");

/* 5.15.6 Device Operation: request types */
#define VIRTIO_MEM_REQ_PLUG       0
#define VIRTIO_MEM_REQ_UNPLUG     1
#define VIRTIO_MEM_REQ_UNPLUG_ALL 2
#define VIRTIO_MEM_REQ_STATE      3

/* PLUG, UNPLUG and STATE have the same request-specific data, UNPLUG ALL has none. */
struct virtio_mem_req {
    le16 type;
    le16 padding[3];
    le64 addr;
    le16 nb_blocks;
    le16 data_padding[3];
};
_Static_assert(sizeof(struct virtio_mem_req) == 24, "all requests are 24 bytes long");

/* Response types */
#define VIRTIO_MEM_RESP_ACK   0
#define VIRTIO_MEM_RESP_NACK  1
#define VIRTIO_MEM_RESP_BUSY  2
#define VIRTIO_MEM_RESP_ERROR 3

/* The state is that of a STATE response. */
struct virtio_mem_resp {
    le16 type;
    le16 padding[3];
    le16 state;
};
_Static_assert(sizeof(struct virtio_mem_resp) == 10, "all responses are 10 bytes long");

/* 5.15.6.6 STATE request */
#define VIRTIO_MEM_STATE_PLUGGED   0
#define VIRTIO_MEM_STATE_UNPLUGGED 1
#define VIRTIO_MEM_STATE_MIXED     2

#endif
