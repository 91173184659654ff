/* SPDX-License-Identifier: MIT */
/*
 * The block device on the wire (5.2): feature bits, config space, requests and statuses,
 * by the specification's names. No code. Multi-byte fields are virtio16/32/64, because a
 * legacy interface keeps them in the guest's own order (5.2.4.1, 5.2.6.3).
 */
#ifndef VIRTIO_BLK_H
#define VIRTIO_BLK_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.2.3 Feature bits */
#define VIRTIO_BLK_F_BARRIER      0 /* legacy */
#define VIRTIO_BLK_F_SIZE_MAX     1
#define VIRTIO_BLK_F_SEG_MAX      2
#define VIRTIO_BLK_F_GEOMETRY     4
#define VIRTIO_BLK_F_RO           5
#define VIRTIO_BLK_F_BLK_SIZE     6
#define VIRTIO_BLK_F_SCSI         7 /* legacy */
#define VIRTIO_BLK_F_FLUSH        9
#define VIRTIO_BLK_F_TOPOLOGY     10
#define VIRTIO_BLK_F_CONFIG_WCE   11
#define VIRTIO_BLK_F_MQ           12
#define VIRTIO_BLK_F_DISCARD      13
#define VIRTIO_BLK_F_WRITE_ZEROES 14
#define VIRTIO_BLK_F_LIFETIME     15
#define VIRTIO_BLK_F_SECURE_ERASE 16
#define VIRTIO_BLK_F_ZONED        17

/* 5.2.4 Device configuration layout */
struct virtio_blk_geometry {
    virtio16 cylinders;
    uint8_t heads;
    uint8_t sectors;
};

struct virtio_blk_topology {
    uint8_t physical_block_exp; /* logical blocks per physical block, log2 */
    uint8_t alignment_offset;   /* first aligned logical block */
    virtio16 min_io_size;       /* in logical blocks */
    virtio32 opt_io_size;       /* in logical blocks */
};

struct virtio_blk_zoned_characteristics {
    virtio32 zone_sectors;
    virtio32 max_open_zones;
    virtio32 max_active_zones;
    virtio32 max_append_sectors;
    virtio32 write_granularity;
    uint8_t model;
    uint8_t unused2[3];
};

struct virtio_blk_config {
    virtio64 capacity; /* in 512-byte sectors */
    virtio32 size_max;
    virtio32 seg_max;
    struct virtio_blk_geometry geometry;
    virtio32 blk_size;
    struct virtio_blk_topology topology;
    /* The only field that the driver may write. */
    uint8_t writeback;
    uint8_t unused0;
    virtio16 num_queues;
    virtio32 max_discard_sectors;
    virtio32 max_discard_seg;
    virtio32 discard_sector_alignment;
    virtio32 max_write_zeroes_sectors;
    virtio32 max_write_zeroes_seg;
    uint8_t write_zeroes_may_unmap;
    uint8_t unused1[3];
    virtio32 max_secure_erase_sectors;
    virtio32 max_secure_erase_seg;
    virtio32 secure_erase_sector_alignment;
    struct virtio_blk_zoned_characteristics zoned;
};
_Static_assert(sizeof(struct virtio_blk_config) == 96, "5.2.4");
_Static_assert(offsetof(struct virtio_blk_config, num_queues) == 34, "5.2.4");
_Static_assert(offsetof(struct virtio_blk_config, zoned) == 72, "5.2.4");

/* zoned.model */
#define VIRTIO_BLK_Z_NONE 0
#define VIRTIO_BLK_Z_HM   1
#define VIRTIO_BLK_Z_HA   2

/* 5.2.6 Device Operation: what comes before the data. The status byte comes after it. */
#define VIRTIO_BLK_SECTOR_BYTES 512

struct virtio_blk_req {
    virtio32 type;
    virtio32 reserved; /* legacy: ioprio, a hint */
    virtio64 sector;
};
_Static_assert(sizeof(struct virtio_blk_req) == 16, "5.2.6");

#define VIRTIO_BLK_T_IN             0
#define VIRTIO_BLK_T_OUT            1
#define VIRTIO_BLK_T_SCSI_CMD       2 /* legacy */
#define VIRTIO_BLK_T_FLUSH          4
#define VIRTIO_BLK_T_FLUSH_OUT      5 /* legacy synonym */
#define VIRTIO_BLK_T_GET_ID         8
#define VIRTIO_BLK_T_GET_LIFETIME   10
#define VIRTIO_BLK_T_DISCARD        11
#define VIRTIO_BLK_T_WRITE_ZEROES   13
#define VIRTIO_BLK_T_SECURE_ERASE   14
#define VIRTIO_BLK_T_ZONE_APPEND    15
#define VIRTIO_BLK_T_ZONE_REPORT    16
#define VIRTIO_BLK_T_ZONE_OPEN      18
#define VIRTIO_BLK_T_ZONE_CLOSE     20
#define VIRTIO_BLK_T_ZONE_FINISH    22
#define VIRTIO_BLK_T_ZONE_RESET     24
#define VIRTIO_BLK_T_ZONE_RESET_ALL 26

#define VIRTIO_BLK_ID_BYTES 20

/* Data of discard, secure erase and write zeroes: one or more of these */
struct virtio_blk_discard_write_zeroes {
    virtio64 sector;
    virtio32 num_sectors;
    virtio32 flags;
};
_Static_assert(sizeof(struct virtio_blk_discard_write_zeroes) == 16, "5.2.6");
#define VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP 1 /* flags.unmap; the rest is reserved */

/* Data of VIRTIO_BLK_T_GET_LIFETIME */
struct virtio_blk_lifetime {
    virtio16 pre_eol_info;
    virtio16 device_lifetime_est_typ_a;
    virtio16 device_lifetime_est_typ_b;
};
_Static_assert(sizeof(struct virtio_blk_lifetime) == 6, "5.2.6");
#define VIRTIO_BLK_PRE_EOL_INFO_URGENT 3  /* the largest that is not reserved */
#define VIRTIO_BLK_LIFETIME_EST_MAX    11 /* the largest that is not reserved */

/* Data of VIRTIO_BLK_T_ZONE_REPORT: this, then the descriptors */
struct virtio_blk_zone_report {
    virtio64 nr_zones;
    uint8_t reserved[56];
};
_Static_assert(sizeof(struct virtio_blk_zone_report) == 64, "5.2.6");

struct virtio_blk_zone_descriptor {
    virtio64 z_cap;
    virtio64 z_start;
    virtio64 z_wp;
    uint8_t z_type;
    uint8_t z_state;
    uint8_t reserved[38];
};
_Static_assert(sizeof(struct virtio_blk_zone_descriptor) == 64, "5.2.6");

/* z_type */
#define VIRTIO_BLK_ZT_CONV 1
#define VIRTIO_BLK_ZT_SWR  2
#define VIRTIO_BLK_ZT_SWP  3

/* z_state */
#define VIRTIO_BLK_ZS_NOT_WP  0
#define VIRTIO_BLK_ZS_EMPTY   1
#define VIRTIO_BLK_ZS_IOPEN   2
#define VIRTIO_BLK_ZS_EOPEN   3
#define VIRTIO_BLK_ZS_CLOSED  4
#define VIRTIO_BLK_ZS_RDONLY  13
#define VIRTIO_BLK_ZS_FULL    14
#define VIRTIO_BLK_ZS_OFFLINE 15

#define VIRTIO_BLK_S_OK                   0
#define VIRTIO_BLK_S_IOERR                1
#define VIRTIO_BLK_S_UNSUPP               2
#define VIRTIO_BLK_S_ZONE_INVALID_CMD     3
#define VIRTIO_BLK_S_ZONE_UNALIGNED_WP    4
#define VIRTIO_BLK_S_ZONE_OPEN_RESOURCE   5
#define VIRTIO_BLK_S_ZONE_ACTIVE_RESOURCE 6

#endif
