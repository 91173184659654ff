/* SPDX-License-Identifier: MIT */
/*
 * Requests of the block device (5.2.6), for tests: make one, run it, look at what came
 * back. Each part of a request is a buffer of its own, so canaries stand around each.
 *
 * Where tests may write: the last 256 sectors of a disk, or the second half of a zoned
 * one. All below stays as it was, so that reads there can be checked against what the
 * host put in.
 */
#ifndef QVIRTIO_DEVICE_BLK_H
#define QVIRTIO_DEVICE_BLK_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_blk.h"

/* No device writes this status: a byte still holding it was not written. */
#define BLK_STATUS_UNWRITTEN 0xff
/* What the device-writable data of a new request is filled with. */
#define BLK_FILL 0xa5

typedef struct BlkRequest {
    QVirtQueue *vq;
    /* Device-readable; NULL when the arena is full. */
    struct virtio_blk_req *header;
    /* NULL when there are no bytes. */
    uint8_t *data;
    uint32_t bytes;
    /* Data is device-readable. */
    bool is_out;
    /* Device-writable. */
    uint8_t *status;
    /* Before it in one buffer; of a zone append, else NULL. */
    virtio64 *append_sector;
    /* Of both. */
    uint8_t status_bytes;
    uint32_t used_len;
} BlkRequest;

/* The disk of the current life, as its start found it. */
typedef struct BlkDisk {
    /* Sectors. */
    uint64_t capacity;
    /* Requests are multiples of this: blk_size, or 512. */
    uint32_t block_bytes;
    /* Not read-only, not zoned, and keep was not given. */
    bool is_writable;
    /* Sectors of one, where no request may cross; or 0. */
    uint32_t zone;
    /* 128 sectors whose final content tests announce. */
    uint64_t announced;
    /* 64 sectors that belong to pings. */
    uint64_t pings;
    /* 64 sectors for tests; they end where the disk ends. */
    uint64_t scratch;
} BlkDisk;

#define BLK_ANNOUNCED_SECTORS 128
#define BLK_SCRATCH_SECTORS   64
/* A disk smaller than this has no room for all that. */
#define BLK_SECTORS_MIN 512

const BlkDisk *blk_disk(const QVirtioDevice *d);
/* Does the same for a device that was not started. Returns a negative error when config
 * space cannot be read. */
int blk_disk_read(QVirtioDevice *d, BlkDisk *disk);

/* Prepares a request for queue 0 with `bytes` of data, in the direction that its type
 * has. */
BlkRequest blk_request(QVirtioDevice *d, uint32_t type, uint64_t sector, uint32_t bytes);
/* Fills in segment i of a discard, write zeroes or secure erase request. */
void blk_segment(BlkRequest *r, unsigned i, uint64_t sector, uint32_t sectors,
                 uint32_t flags);

#define BLK_SG_MAX 3
/* Makes one piece each of header, data and status: the framing that every edition allows
 * (5.2.6.4). Returns how many are device-readable; the rest of *count is writable. */
unsigned blk_sg(const BlkRequest *r, QVirtioSg sg[BLK_SG_MAX], unsigned *count);
/* Adds it so framed; its token is r. */
int blk_add(BlkRequest *r);
/* Adds, kicks, waits. */
int blk_run(BlkRequest *r);
/* Does the same in any framing. */
int blk_run_sg(BlkRequest *r, const QVirtioSg *sg, unsigned out, unsigned in);

#endif
