/* SPDX-License-Identifier: MIT */
/*
 * For who writes tests of the block device (5.2.6): makes a request, runs it, and looks
 * at what came back. Header, data and status of a request are buffers of their own, so
 * that canaries stand around each.
 *
 * Tests may write to the last 256 sectors of a disk, or to the second half of a zoned
 * one. Everything below stays as it was, so that reads there can be checked against what
 * the host put in.
 */
#ifndef QVIRTIO_DEVICE_BLK_H
#define QVIRTIO_DEVICE_BLK_H

#include "drivers/virtio/qvirtqueue.h"
#include "drivers/virtio/spec/virtio_blk.h"

/* No device writes this status, so a byte that still holds it was not written. */
#define BLK_STATUS_UNWRITTEN 0xff
/* What the device-writable data of a new request is filled with. */
#define BLK_FILL 0xa5

typedef struct BlkRequest {
    QVirtQueue *vq;
    /* The device reads it. NULL when the arena is full. */
    struct virtio_blk_req *header;
    /* NULL when the request has no data. */
    uint8_t *data;
    uint32_t bytes;
    /* The device reads the data; else it writes the data. */
    bool is_out;
    /* The device writes it. */
    uint8_t *status;
    /* Where a zone append wrote: it lies before the status in the same buffer. NULL in
     * other requests. */
    virtio64 *append_sector;
    /* How many bytes append_sector and status have together. */
    uint8_t status_bytes;
    uint32_t used_len;
} BlkRequest;

/* What was learned of a disk when the current life began. */
typedef struct BlkDisk {
    /* In sectors of 512 bytes, as all below that speak of sectors. */
    uint64_t capacity;
    /* The size of every request is a multiple of this: blk_size, or 512. */
    uint32_t block_bytes;
    /* Tests may write to it: it is not read-only, not zoned, not small, and scratch=
     * names it. */
    bool is_writable;
    /* How many sectors a zone has; no request may cross the end of a zone. 0: the disk
     * has no zones. */
    uint32_t zone;
    /* The first of 128 sectors. Tests announce what these sectors hold at the end. */
    uint64_t announced;
    /* The first of 64 sectors that only pings use. */
    uint64_t pings;
    /* The first of 64 sectors for tests. They end where the disk ends. */
    uint64_t scratch;
} BlkDisk;

#define BLK_ANNOUNCED_SECTORS 128
#define BLK_SCRATCH_SECTORS   64
/* A disk with fewer sectors has no room for all of these. */
#define BLK_SECTORS_MIN 512

/* Returns what was learned of the disk of a device that was started. */
const BlkDisk *blk_disk(const QVirtioDevice *d);
/* Learns the same of a device that was not started. Returns a negative error when config
 * space cannot be read. */
int blk_disk_read(QVirtioDevice *d, BlkDisk *disk);

/* Makes a request for queue 0 with `bytes` of data, in the direction that its type has.
 * The arena lends the buffers; `header` is NULL when it is full. */
BlkRequest blk_request(QVirtioDevice *d, uint32_t type, uint64_t sector, uint32_t bytes);
/* Fills in segment i of a discard, write zeroes or secure erase request. */
void blk_segment(BlkRequest *r, unsigned i, uint64_t sector, uint32_t sectors,
                 uint32_t flags);

#define BLK_SG_MAX 3
/* Maps header, data and status as one descriptor each, which is the framing that every
 * edition allows (5.2.6.4). *count is the number of all descriptors. Returns how many of
 * them, the first ones, are device-readable. */
unsigned blk_sg(const BlkRequest *r, QVirtioSg sg[BLK_SG_MAX], unsigned *count);
/* Adds the request in that framing. Its token is r. */
int blk_add(BlkRequest *r);
/* Adds the request, kicks, and waits until it is used. */
int blk_run(BlkRequest *r);
/* Does the same in the framing that the caller gives. */
int blk_run_sg(BlkRequest *r, const QVirtioSg *sg, unsigned out, unsigned in);

#endif
