/* SPDX-License-Identifier: MIT */
/*
 * The GPU on the wire (5.7): feature bits, config space, commands and responses of both
 * queues. Names are the specification's. Commands for which it names no structure share
 * struct virtio_gpu_resource. There is no legacy interface. 3D commands are left out,
 * except those that make and map a blob of the host.
 */
#ifndef VIRTIO_GPU_H
#define VIRTIO_GPU_H

#include "kernel/lib/byteorder.h"
#include <stdint.h>

/* 5.7.2 Virtqueues */
#define VIRTIO_GPU_CONTROLQ 0
#define VIRTIO_GPU_CURSORQ  1

/* 5.7.3 Feature bits */
#define VIRTIO_GPU_F_VIRGL          0
#define VIRTIO_GPU_F_EDID           1
#define VIRTIO_GPU_F_RESOURCE_UUID  2
#define VIRTIO_GPU_F_RESOURCE_BLOB  3
#define VIRTIO_GPU_F_CONTEXT_INIT   4
#define VIRTIO_GPU_F_BLOB_ALIGNMENT 5

/* 5.7.4 Device configuration layout */
#define VIRTIO_GPU_EVENT_DISPLAY (1u << 0)

struct virtio_gpu_config {
    le32 events_read;
    le32 events_clear;
    le32 num_scanouts;
    le32 num_capsets;
    le32 blob_alignment;
};
_Static_assert(sizeof(struct virtio_gpu_config) == 20, "5.7.4");

/* 5.7.5 Device Initialization */
#define VIRTIO_GPU_SHM_ID_UNDEFINED    0
#define VIRTIO_GPU_SHM_ID_HOST_VISIBLE 1

/* 5.7.6.7 Request header */
enum virtio_gpu_ctrl_type {
    VIRTIO_GPU_CMD_GET_DISPLAY_INFO = 0x0100,
    VIRTIO_GPU_CMD_RESOURCE_CREATE_2D,
    VIRTIO_GPU_CMD_RESOURCE_UNREF,
    VIRTIO_GPU_CMD_SET_SCANOUT,
    VIRTIO_GPU_CMD_RESOURCE_FLUSH,
    VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
    VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING,
    VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING,
    VIRTIO_GPU_CMD_GET_CAPSET_INFO,
    VIRTIO_GPU_CMD_GET_CAPSET,
    VIRTIO_GPU_CMD_GET_EDID,
    VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID,
    VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB,
    VIRTIO_GPU_CMD_SET_SCANOUT_BLOB,

    VIRTIO_GPU_CMD_CTX_CREATE = 0x0200,
    VIRTIO_GPU_CMD_CTX_DESTROY,
    VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE,
    VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE,
    VIRTIO_GPU_CMD_RESOURCE_CREATE_3D,
    VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D,
    VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D,
    VIRTIO_GPU_CMD_SUBMIT_3D,
    VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB,
    VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB,

    VIRTIO_GPU_CMD_UPDATE_CURSOR = 0x0300,
    VIRTIO_GPU_CMD_MOVE_CURSOR,

    VIRTIO_GPU_RESP_OK_NODATA = 0x1100,
    VIRTIO_GPU_RESP_OK_DISPLAY_INFO,
    VIRTIO_GPU_RESP_OK_CAPSET_INFO,
    VIRTIO_GPU_RESP_OK_CAPSET,
    VIRTIO_GPU_RESP_OK_EDID,
    VIRTIO_GPU_RESP_OK_RESOURCE_UUID,
    VIRTIO_GPU_RESP_OK_MAP_INFO,

    VIRTIO_GPU_RESP_ERR_UNSPEC = 0x1200,
    VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY,
    VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID,
    VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID,
    VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID,
    VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER,
};

#define VIRTIO_GPU_FLAG_FENCE         (1u << 0)
#define VIRTIO_GPU_FLAG_INFO_RING_IDX (1u << 1)

struct virtio_gpu_ctrl_hdr {
    le32 type;
    le32 flags;
    le64 fence_id;
    le32 ctx_id;
    uint8_t ring_idx;
    uint8_t padding[3];
};
_Static_assert(sizeof(struct virtio_gpu_ctrl_hdr) == 24, "5.7.6.7");

/* 5.7.6.8 controlq */
#define VIRTIO_GPU_MAX_SCANOUTS 16

struct virtio_gpu_rect {
    le32 x;
    le32 y;
    le32 width;
    le32 height;
};

struct virtio_gpu_display_one {
    struct virtio_gpu_rect r;
    le32 enabled;
    le32 flags;
};

struct virtio_gpu_resp_display_info {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_display_one pmodes[VIRTIO_GPU_MAX_SCANOUTS];
};
_Static_assert(sizeof(struct virtio_gpu_resp_display_info) == 408, "5.7.6.8");

struct virtio_gpu_get_edid {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 scanout;
    le32 padding;
};

#define VIRTIO_GPU_EDID_BYTES 1024

struct virtio_gpu_resp_edid {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 size;
    le32 padding;
    uint8_t edid[VIRTIO_GPU_EDID_BYTES];
};
_Static_assert(sizeof(struct virtio_gpu_resp_edid) == 1056, "5.7.6.8");

enum virtio_gpu_formats {
    VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM = 1,
    VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM = 2,
    VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM = 3,
    VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM = 4,
    VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM = 67,
    VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM = 68,
    VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM = 121,
    VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM = 134,
};

struct virtio_gpu_resource_create_2d {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 resource_id;
    le32 format;
    le32 width;
    le32 height;
};
_Static_assert(sizeof(struct virtio_gpu_resource_create_2d) == 40, "5.7.6.8");

/* RESOURCE_UNREF, DETACH_BACKING, ASSIGN_UUID, CTX_ATTACH_RESOURCE, UNMAP_BLOB. */
struct virtio_gpu_resource {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 resource_id;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_gpu_resource) == 32, "5.7.6.8");

struct virtio_gpu_set_scanout {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_rect r;
    le32 scanout_id;
    le32 resource_id;
};
_Static_assert(sizeof(struct virtio_gpu_set_scanout) == 48, "5.7.6.8");

struct virtio_gpu_resource_flush {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_rect r;
    le32 resource_id;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_gpu_resource_flush) == 48, "5.7.6.8");

struct virtio_gpu_transfer_to_host_2d {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_rect r;
    le64 offset;
    le32 resource_id;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_gpu_transfer_to_host_2d) == 56, "5.7.6.8");

struct virtio_gpu_resource_attach_backing {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 resource_id;
    le32 nr_entries;
};

struct virtio_gpu_mem_entry {
    le64 addr;
    le32 length;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_gpu_mem_entry) == 16, "5.7.6.8");

#define VIRTIO_GPU_CAPSET_VIRGL        1
#define VIRTIO_GPU_CAPSET_CROSS_DOMAIN 5

struct virtio_gpu_get_capset_info {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 capset_index;
    le32 padding;
};

struct virtio_gpu_resp_capset_info {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 capset_id;
    le32 capset_max_version;
    le32 capset_max_size;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_gpu_resp_capset_info) == 40, "5.7.6.8");

struct virtio_gpu_resp_resource_uuid {
    struct virtio_gpu_ctrl_hdr hdr;
    uint8_t uuid[16];
};

#define VIRTIO_GPU_BLOB_MEM_GUEST  1
#define VIRTIO_GPU_BLOB_MEM_HOST3D 2

#define VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE 1

struct virtio_gpu_resource_create_blob {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 resource_id;
    le32 blob_mem;
    le32 blob_flags;
    le32 nr_entries;
    le64 blob_id;
    le64 size;
};
_Static_assert(sizeof(struct virtio_gpu_resource_create_blob) == 56, "5.7.6.8");

struct virtio_gpu_set_scanout_blob {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_rect r;
    le32 scanout_id;
    le32 resource_id;
    le32 width;
    le32 height;
    le32 format;
    le32 padding;
    le32 strides[4];
    le32 offsets[4];
};
_Static_assert(sizeof(struct virtio_gpu_set_scanout_blob) == 96, "5.7.6.8");

/* 5.7.6.9 controlq (3d) */
struct virtio_gpu_ctx_create {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 nlen;
    le32 context_init;
    char debug_name[64];
};
_Static_assert(sizeof(struct virtio_gpu_ctx_create) == 96, "5.7.6.9");

struct virtio_gpu_resource_map_blob {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 resource_id;
    le32 padding;
    le64 offset;
};
_Static_assert(sizeof(struct virtio_gpu_resource_map_blob) == 40, "5.7.6.9");

struct virtio_gpu_resp_map_info {
    struct virtio_gpu_ctrl_hdr hdr;
    le32 map_info;
    le32 padding;
};

/* 5.7.6.10 cursorq */
#define VIRTIO_GPU_CURSOR_PIXELS 64 /* 5.7.6.6: each way */

struct virtio_gpu_cursor_pos {
    le32 scanout_id;
    le32 x;
    le32 y;
    le32 padding;
};

struct virtio_gpu_update_cursor {
    struct virtio_gpu_ctrl_hdr hdr;
    struct virtio_gpu_cursor_pos pos;
    le32 resource_id;
    le32 hot_x;
    le32 hot_y;
    le32 padding;
};
_Static_assert(sizeof(struct virtio_gpu_update_cursor) == 56, "5.7.6.10");

#endif
