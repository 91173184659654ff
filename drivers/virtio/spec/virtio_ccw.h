/* SPDX-License-Identifier: MIT */
/*
 * Virtio over channel I/O on the wire (4.3): the control unit, the channel commands and
 * their communication blocks, by their names in the specification; all big-endian but for
 * feature bits. Channel I/O itself is in kernel/arch/s390x/css.h.
 */
#ifndef VIRTIO_CCW_H
#define VIRTIO_CCW_H

#include "kernel/lib/byteorder.h"

/* 4.3.1 Basic Concepts. The control unit's model is the device type (5). */
#define VIRTIO_CCW_CU_TYPE 0x3832

/* 4.3.1.1 Channel Commands for Virtio */
#define CCW_CMD_WRITE_FEAT      0x11
#define CCW_CMD_READ_FEAT       0x12
#define CCW_CMD_SET_VQ          0x13
#define CCW_CMD_WRITE_CONF      0x21
#define CCW_CMD_READ_CONF       0x22
#define CCW_CMD_WRITE_STATUS    0x31
#define CCW_CMD_READ_VQ_CONF    0x32
#define CCW_CMD_VDEV_RESET      0x33
#define CCW_CMD_SET_IND         0x43
#define CCW_CMD_SET_CONF_IND    0x53
#define CCW_CMD_READ_STATUS     0x72 /* from revision 2 */
#define CCW_CMD_SET_IND_ADAPTER 0x73
#define CCW_CMD_SET_VIRTIO_REV  0x83

/* 4.3.2.1 Setting the Virtio Revision */
#define VIRTIO_CCW_REV_LEGACY 0
#define VIRTIO_CCW_REV_1      1
#define VIRTIO_CCW_REV_STATUS 2 /* with READ_STATUS */

struct virtio_rev_info {
    be16 revision;
    /* The length of the data behind it; there is none in revisions 0 to 2. */
    be16 length;
};
_Static_assert(sizeof(struct virtio_rev_info) == 4, "4.3.2.1");

/* 4.3.2.2 Configuring a Virtqueue */
struct vq_config_block {
    be16 index;
    be16 max_queue_size; /* written by the device */
};
_Static_assert(sizeof(struct vq_config_block) == 4, "4.3.2.2");

struct vq_info_block {
    be64 desc;
    be32 res0;
    be16 index;
    be16 size;
    be64 driver;
    be64 device;
};
_Static_assert(sizeof(struct vq_info_block) == 32, "4.3.2.2");

/* 4.3.2.2.2: revision 0 */
struct vq_info_block_legacy {
    /* 0 means that the queue is not in use. */
    be64 queue;
    be32 align;
    be16 index;
    be16 size;
};
_Static_assert(sizeof(struct vq_info_block_legacy) == 16, "4.3.2.2.2");

/* 4.3.2.4 Handling Device Features: "exactly 5 bytes in length". */
struct virtio_feature_desc {
    le32 features;
    uint8_t index;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_feature_desc) == 5, "4.3.2.4");

/* 4.3.2.6.3 Setting Up Two-Stage Queue Indicators: "exactly 25 bytes in length". */
struct virtio_thinint_area {
    be64 summary_indicator;
    be64 indicator;
    /* The bit of queue 0; bit 0 is the highest bit of the first byte. */
    be64 bit_nr;
    uint8_t isc;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_thinint_area) == 25, "4.3.2.6.3");

/* 4.3.3.1.1: "it sets bit 0 in the configuration indicators". */
#define VIRTIO_CCW_CONFIG_CHANGED 1u

/* 4.3.3.2 Guest->Host Notification */
#define VIRTIO_CCW_DIAG        0x500
#define VIRTIO_CCW_DIAG_NOTIFY 3

#endif
