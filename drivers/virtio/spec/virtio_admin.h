/* SPDX-License-Identifier: MIT */
/*
 * Group administration commands on the wire (2.12, 2.14): the command itself, lists of
 * opcodes, access to a legacy interface, capabilities, resource objects, device parts.
 * What follows a header (`data`, lists) has no length of its own, so it is not in the
 * structures. Where the table of opcodes and the text differ (MODIFY and QUERY of
 * objects), the numbers are those of the text.
 */
#ifndef VIRTIO_ADMIN_H
#define VIRTIO_ADMIN_H

#include "kernel/lib/byteorder.h"
#include <stdint.h>

/* 2.12.1 Group administration commands: struct virtio_admin_cmd, as its two parts */
struct virtio_admin_cmd_head { /* device-readable; command_specific_data follows */
    le16 opcode;
    le16 group_type;
    uint8_t reserved1[12];
    le64 group_member_id;
};
_Static_assert(sizeof(struct virtio_admin_cmd_head) == 24, "2.12.1");

struct virtio_admin_cmd_tail { /* device-writable; command_specific_result follows */
    le16 status;
    le16 status_qualifier;
    uint8_t reserved2[4];
};
_Static_assert(sizeof(struct virtio_admin_cmd_tail) == 8, "2.12.1");

#define VIRTIO_ADMIN_GROUP_TYPE_SELF  0
#define VIRTIO_ADMIN_GROUP_TYPE_SRIOV 1

#define VIRTIO_ADMIN_CMD_LIST_QUERY              0x0000
#define VIRTIO_ADMIN_CMD_LIST_USE                0x0001
#define VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_WRITE 0x0002
#define VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_READ  0x0003
#define VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_WRITE    0x0004
#define VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_READ     0x0005
#define VIRTIO_ADMIN_CMD_LEGACY_NOTIFY_INFO      0x0006
#define VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY       0x0007
#define VIRTIO_ADMIN_CMD_DEVICE_CAP_GET          0x0008
#define VIRTIO_ADMIN_CMD_DRIVER_CAP_SET          0x0009
#define VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE     0x000a
#define VIRTIO_ADMIN_CMD_RESOURCE_OBJ_MODIFY     0x000b
#define VIRTIO_ADMIN_CMD_RESOURCE_OBJ_QUERY      0x000c
#define VIRTIO_ADMIN_CMD_RESOURCE_OBJ_DESTROY    0x000d
#define VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET  0x000e
#define VIRTIO_ADMIN_CMD_DEV_PARTS_GET           0x000f
#define VIRTIO_ADMIN_CMD_DEV_PARTS_SET           0x0010
#define VIRTIO_ADMIN_CMD_DEV_MODE_SET            0x0011
#define VIRTIO_ADMIN_CMDS                        0x0012 /* opcodes that are defined */

/* Linux's numbers; EEXIST (2.12.1.3.5) is not in the specification's table. */
#define VIRTIO_ADMIN_STATUS_OK     0
#define VIRTIO_ADMIN_STATUS_ENXIO  6
#define VIRTIO_ADMIN_STATUS_EAGAIN 11
#define VIRTIO_ADMIN_STATUS_ENOMEM 12
#define VIRTIO_ADMIN_STATUS_EBUSY  16
#define VIRTIO_ADMIN_STATUS_EEXIST 17
#define VIRTIO_ADMIN_STATUS_EINVAL 22
#define VIRTIO_ADMIN_STATUS_ENOSPC 28

#define VIRTIO_ADMIN_STATUS_Q_OK              0x00
#define VIRTIO_ADMIN_STATUS_Q_INVALID_COMMAND 0x01
#define VIRTIO_ADMIN_STATUS_Q_INVALID_OPCODE  0x02
#define VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD   0x03
#define VIRTIO_ADMIN_STATUS_Q_INVALID_GROUP   0x04
#define VIRTIO_ADMIN_STATUS_Q_INVALID_MEMBER  0x05
#define VIRTIO_ADMIN_STATUS_Q_NORESOURCE      0x06
#define VIRTIO_ADMIN_STATUS_Q_TRYAGAIN        0x07

/* 2.12.1.1 Legacy Interfaces: data follows the header of a write, and is the whole result
 * of a read. */
struct virtio_admin_cmd_legacy_wr_data {
    uint8_t offset;
    uint8_t reserved[7];
};
_Static_assert(sizeof(struct virtio_admin_cmd_legacy_wr_data) == 8, "2.12.1.1");

struct virtio_admin_cmd_legacy_rd_data {
    uint8_t offset;
};

struct virtio_pci_legacy_notify_info {
    uint8_t flags; /* 0: end of list, 1: owner device, 2: member device */
    uint8_t bar;
    uint8_t padding[6];
    le64 offset;
};
_Static_assert(sizeof(struct virtio_pci_legacy_notify_info) == 16, "2.12.1.1");

#define VIRTIO_ADMIN_CMD_NOTIFY_INFO_ENTRIES 4

struct virtio_admin_cmd_legacy_notify_info_result {
    struct virtio_pci_legacy_notify_info entries[VIRTIO_ADMIN_CMD_NOTIFY_INFO_ENTRIES];
};

/* 2.12.1.2 Device and driver capabilities */
#define VIRTIO_DEV_PARTS_CAP 0x0000
#define VIRTIO_ADMIN_CAPS    0x1000 /* ids from here on are reserved */

struct virtio_admin_cmd_cap_data { /* get: the whole of it; set: the capability follows */
    le16 id;
    uint8_t reserved[6];
};
_Static_assert(sizeof(struct virtio_admin_cmd_cap_data) == 8, "2.12.1.2");

struct virtio_dev_parts_cap {
    uint8_t get_parts_resource_objects_limit;
    uint8_t set_parts_resource_objects_limit;
};
_Static_assert(sizeof(struct virtio_dev_parts_cap) == 2, "2.12.1.4");

/* 2.12.1.3 Device resource objects */
#define VIRTIO_RESOURCE_OBJ_DEV_PARTS 0x000

struct virtio_admin_cmd_resource_obj_cmd_hdr {
    le16 type;
    uint8_t reserved[2];
    le32 id;
};
_Static_assert(sizeof(struct virtio_admin_cmd_resource_obj_cmd_hdr) == 8, "2.12.1.3");

struct virtio_admin_cmd_resource_obj_data { /* create, modify: the object follows */
    struct virtio_admin_cmd_resource_obj_cmd_hdr hdr;
    le64 flags;
};
_Static_assert(sizeof(struct virtio_admin_cmd_resource_obj_data) == 16, "2.12.1.3");

/* 2.12.1.4 Device parts */
struct virtio_resource_obj_dev_parts {
    uint8_t type;
    uint8_t reserved[7];
};

#define VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_GET 0
#define VIRTIO_RESOURCE_OBJ_DEV_PARTS_TYPE_SET 1

struct virtio_admin_cmd_dev_parts_data { /* metadata; get: a list of headers may follow */
    struct virtio_admin_cmd_resource_obj_cmd_hdr hdr;
    uint8_t type;
    uint8_t reserved[7];
};
_Static_assert(sizeof(struct virtio_admin_cmd_dev_parts_data) == 16, "2.12.1.4");

#define VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_SIZE  0
#define VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_COUNT 1
#define VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_TYPE_LIST  2

#define VIRTIO_ADMIN_CMD_DEV_PARTS_GET_TYPE_SELECTED 0
#define VIRTIO_ADMIN_CMD_DEV_PARTS_GET_TYPE_ALL      1

struct virtio_admin_cmd_dev_parts_metadata_result { /* of LIST: headers follow */
    le32 count;                                     /* of SIZE: bytes */
    le32 reserved;
};

struct virtio_admin_cmd_dev_mode_set_data {
    uint8_t flags;
};

#define VIRTIO_ADMIN_CMD_DEV_MODE_F_STOPPED 0

/* 2.14 Device parts: one stands directly behind the other, so a header may be at any
 * address. */
struct virtio_dev_part_hdr {
    le16 part_type;
    uint8_t flags;
    uint8_t reserved;
    union {
        struct {
            le32 offset;
            le32 reserved;
        } pci_common_cfg;
        struct {
            le16 index;
            uint8_t reserved[6];
        } vq_index;
        uint8_t device_type_raw[8];
    } selector;
    le32 length; /* of the value that follows */
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_dev_part_hdr) == 16, "2.14");

#define VIRTIO_DEV_PART_F_OPTIONAL 0

#define VIRTIO_DEV_PART_DEV_FEATURES   0x100
#define VIRTIO_DEV_PART_DRV_FEATURES   0x101
#define VIRTIO_DEV_PART_PCI_COMMON_CFG 0x102
#define VIRTIO_DEV_PART_DEVICE_STATUS  0x103
#define VIRTIO_DEV_PART_VQ_CFG         0x104
#define VIRTIO_DEV_PART_VQ_NOTIFY_CFG  0x105

struct virtio_dev_part_vq_cfg {
    le16 queue_size;
    le16 vector;
    le16 enabled;
    le16 reserved;
    le64 queue_desc;
    le64 queue_driver;
    le64 queue_device;
};
_Static_assert(sizeof(struct virtio_dev_part_vq_cfg) == 32, "2.14.1.5");

struct virtio_dev_part_vq_notify_data {
    le16 queue_notify_off;
    le16 queue_notif_config_data;
    uint8_t reserved[4];
};
_Static_assert(sizeof(struct virtio_dev_part_vq_notify_data) == 8, "2.14.1.6");

/* Commands as bits of a list (2.12.1), and the commands that belong together. */
#define ADMIN_BIT(opcode) (1ull << (opcode))
#define ADMIN_LIST_BITS \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_LIST_QUERY) | ADMIN_BIT(VIRTIO_ADMIN_CMD_LIST_USE))
#define ADMIN_LEGACY_BITS                                  \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_WRITE) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_READ) |  \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_WRITE) |    \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_READ))
#define ADMIN_CAP_BITS                               \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_CAP_ID_LIST_QUERY) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEVICE_CAP_GET) |    \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DRIVER_CAP_SET))
#define ADMIN_OBJECT_BITS                              \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_CREATE) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_MODIFY) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_QUERY) |  \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_RESOURCE_OBJ_DESTROY))
#define ADMIN_PART_BITS                                   \
    (ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_PARTS_METADATA_GET) | \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_PARTS_GET) |          \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_PARTS_SET) |          \
     ADMIN_BIT(VIRTIO_ADMIN_CMD_DEV_MODE_SET))

#endif
