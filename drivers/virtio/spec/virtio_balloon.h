/* SPDX-License-Identifier: MIT */
/*
 * The traditional memory balloon on the wire (5.5): feature bits, config space, queues,
 * statistics. Names are the specification's. Config space is little-endian on the legacy
 * interface too (5.5.4.0.0.1); what goes through queues is in the guest's own order
 * there.
 */
#ifndef VIRTIO_BALLOON_H
#define VIRTIO_BALLOON_H

#include "drivers/virtio/qvirtio_types.h"

/* 5.5.2 Virtqueues */
#define VIRTIO_BALLOON_INFLATEQ     0
#define VIRTIO_BALLOON_DEFLATEQ     1
#define VIRTIO_BALLOON_STATSQ       2
#define VIRTIO_BALLOON_FREE_PAGE_VQ 3
#define VIRTIO_BALLOON_REPORTING_VQ 4

/* 5.5.3 Feature bits */
#define VIRTIO_BALLOON_F_MUST_TELL_HOST 0
#define VIRTIO_BALLOON_F_STATS_VQ       1
#define VIRTIO_BALLOON_F_DEFLATE_ON_OOM 2
#define VIRTIO_BALLOON_F_FREE_PAGE_HINT 3
#define VIRTIO_BALLOON_F_PAGE_POISON    4
#define VIRTIO_BALLOON_F_PAGE_REPORTING 5

/* 5.5.4 Device configuration layout */
struct virtio_balloon_config {
    le32 num_pages;             /* written by the device */
    le32 actual;                /* written by the driver */
    le32 free_page_hint_cmd_id; /* written by the device */
    le32 poison_val;            /* written by the driver, before DRIVER_OK */
};
_Static_assert(sizeof(struct virtio_balloon_config) == 16, "5.5.4");

/* 5.5.6: a page number is an address divided by this, however long a page of the guest
 * is. */
#define VIRTIO_BALLOON_PAGE_BYTES 4096u

/* 5.5.6.3 Memory Statistics, 5.5.6.4 their tags */
struct virtio_balloon_stat {
    virtio16 tag;
    virtio64 val;
} __attribute__((packed));
_Static_assert(sizeof(struct virtio_balloon_stat) == 10, "10-byte entries");

#define VIRTIO_BALLOON_S_SWAP_IN      0
#define VIRTIO_BALLOON_S_SWAP_OUT     1
#define VIRTIO_BALLOON_S_MAJFLT       2
#define VIRTIO_BALLOON_S_MINFLT       3
#define VIRTIO_BALLOON_S_MEMFREE      4
#define VIRTIO_BALLOON_S_MEMTOT       5
#define VIRTIO_BALLOON_S_AVAIL        6
#define VIRTIO_BALLOON_S_CACHES       7
#define VIRTIO_BALLOON_S_HTLB_PGALLOC 8
#define VIRTIO_BALLOON_S_HTLB_PGFAIL  9
#define VIRTIO_BALLOON_S_NR           10

/* 5.5.6.5 Free Page Hinting: reserved command IDs */
#define VIRTIO_BALLOON_CMD_ID_STOP 0
#define VIRTIO_BALLOON_CMD_ID_DONE 1

#endif
