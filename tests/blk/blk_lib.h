/* SPDX-License-Identifier: MIT */
/*
 * What the block tests share: requests whose status is expected, places on the disk, and
 * texts of SKIPs. A test writes to the disk's scratch area, or it announces what it
 * writes.
 */
#ifndef TESTS_BLK_LIB_H
#define TESTS_BLK_LIB_H

#include "drivers/virtio/device/blk.h"
#include "tests/harness/test.h"

#define SECTOR_BYTES VIRTIO_BLK_SECTOR_BYTES

/* Returns how many sectors one block of the disk has. Offsets and lengths of requests are
 * multiples of it. */
static inline uint32_t block_sectors(const BlkDisk *disk)
{
    return disk->block_bytes / SECTOR_BYTES;
}

/* The basis of a verdict on contents: 5.2.6 says that a read gives what the sectors hold
 * and that a write changes it, with the type of the request. */
#define BLK_DATA "virtio 5.2.6"

/* "The final status byte is written by the device: either VIRTIO_BLK_S_OK for success,
 * VIRTIO_BLK_S_IOERR for device or driver error or VIRTIO_BLK_S_UNSUPP for a request
 * unsupported by device" (5.2.6): which of the two errors a used request has that the
 * device cannot serve, it may choose. */
bool blk_expect_rejection(Test *t, const BlkRequest *r);
/* Runs the request and expects this status. Returns false when that fails, which is
 * reported. */
#define expect_status(t, clause, r, wanted) \
    blk_expect_status(t, EXPECT_AT(clause, "status"), r, wanted)
#define require_status(t, ...) expect_status(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_status(Test *t, const ExpectAt *at, BlkRequest *r, uint8_t wanted);
/* Expects the same of a request that has come back already. */
#define expect_answer(t, clause, r, wanted) \
    blk_expect_answer(t, EXPECT_AT(clause, "status"), r, wanted)
#define require_answer(t, ...) expect_answer(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_answer(Test *t, const ExpectAt *at, const BlkRequest *r, uint8_t wanted);

/* Reads sectors into *r. Returns false when that fails, which is reported; r->data must
 * not be used then. */
#define expect_read(t, clause, dev, r, sector, sectors) \
    blk_expect_read(t, EXPECT_AT(clause, "status of a read"), dev, r, sector, sectors)
#define require_read(t, ...) expect_read(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_read(Test *t, const ExpectAt *at, QVirtioDevice *dev, BlkRequest *r,
                     uint64_t sector, uint32_t sectors);

/* Content of a test's own, which depends on the sector and on a seed. blk_fill() makes it
 * in memory, expect_write() writes it, expect_written() reads it back and compares, and
 * expect_filled() compares what is in memory. The last three return false when that
 * fails, which is reported. */
void blk_fill(void *to, uint64_t sector, uint32_t sectors, uint64_t seed);
#define expect_write(t, clause, dev, sector, sectors, seed)                           \
    blk_expect_write(t, EXPECT_AT(clause, "status of a write"), dev, sector, sectors, \
                     seed)
#define require_write(t, ...) expect_write(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_write(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                      uint32_t sectors, uint64_t seed);
#define expect_written(t, clause, dev, sector, sectors, seed) \
    blk_expect_written(t, EXPECT_AT(clause, "data read"), dev, sector, sectors, seed)
#define require_written(t, ...) expect_written(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_written(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                        uint32_t sectors, uint64_t seed);
#define expect_filled(t, clause, data, sector, sectors, seed) \
    blk_expect_filled(t, EXPECT_AT(clause, #data), data, sector, sectors, seed)
#define require_filled(t, ...) expect_filled(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_filled(Test *t, const ExpectAt *at, const void *data, uint64_t sector,
                       uint32_t sectors, uint64_t seed);

/* Content that the runner knows: word w of sector s is splitmix64(seed + s * 64 + w).
 * expect_announced_write() writes and announces it, so that the runner looks for it in
 * the image; expect_pattern() reads and compares it. The runner's images hold it with the
 * seed 0. */
#define expect_announced_write(t, clause, dev, sector, sectors, seed)                  \
    blk_expect_announced_write(t, EXPECT_AT(clause, "status of a write"), dev, sector, \
                               sectors, seed)
#define require_announced_write(t, ...) expect_announced_write(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_announced_write(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                                uint64_t sector, uint32_t sectors, uint64_t seed);
#define expect_pattern(t, clause, dev, sector, sectors, seed) \
    blk_expect_pattern(t, EXPECT_AT(clause, "data read"), dev, sector, sectors, seed)
#define require_pattern(t, ...) expect_pattern(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_pattern(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                        uint32_t sectors, uint64_t seed);

/* Returns a random sector, aligned to a block, where so many sectors begin that no test
 * writes. */
uint64_t blk_pick(Test *t, const BlkDisk *disk, uint32_t sectors);

/* Asks for the ID with *r. No feature stands for this request, so a device need not know
 * it. Returns false when the test is over: it is skipped when the device does not know
 * the request and the truth says no serial, or the failure is reported. */
bool blk_expect_id(Test *t, QVirtioDevice *dev, BlkRequest *r);

/* The properties of tests that discard, or that write zeroes. */
#define BLK_ON(f)                                                                     \
    .device = VIRTIO_ID_BLOCK, .flags = TEST_WRITES, .why_not = blk_why_not_writable, \
    .needs = FEATURES(f)
#define BLK_DISCARDS BLK_ON(VIRTIO_BLK_F_DISCARD)
#define BLK_ZEROES   BLK_ON(VIRTIO_BLK_F_WRITE_ZEROES)

/* Makes a discard, write zeroes or secure erase request of one segment. */
BlkRequest blk_range(QVirtioDevice *dev, uint32_t type, uint64_t sector, uint32_t sectors,
                     uint32_t flags);
/* Makes one discard or write zeroes request for every second block of the scratch area,
 * with as many segments as the device allows in one request. Returns how many there are.
 * Returns 0 when the device allows only one; the test is then skipped. */
unsigned blk_every_other(Test *t, QVirtioDevice *dev, uint32_t type, BlkRequest *r);
/* Reads the sectors and expects zeroes. Returns false when that fails, which is
 * reported. */
#define expect_zeroes(t, clause, dev, sector, sectors) \
    blk_expect_zeroes(t, EXPECT_AT(clause, "data read"), dev, sector, sectors)
#define require_zeroes(t, ...) expect_zeroes(t, BASIS_NONE, __VA_ARGS__)
bool blk_expect_zeroes(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                       uint32_t sectors);

/* Reads a field of struct virtio_blk_config. Returns 0 when it cannot be read, which is
 * reported. */
#define blk_config(t, dev, field)                                       \
    blk_config_field(t, dev, offsetof(struct virtio_blk_config, field), \
                     sizeof(((struct virtio_blk_config *)NULL)->field))
uint64_t blk_config_field(Test *t, QVirtioDevice *dev, size_t off, size_t width);

/* Divides memory into pieces of random lengths. No piece is empty, so `pieces` must be at
 * most `bytes`. */
void blk_cut(Test *t, QVirtioSg *sg, const void *at, uint32_t bytes, unsigned pieces);

/* Returns how many requests of three buffers fit into the queue at once. */
unsigned blk_flight_size(const QVirtQueue *vq);
/* Returns whether the queue holds so many requests; if not, the test is skipped. */
bool blk_needs_flight(Test *t, const QVirtQueue *vq, unsigned requests);
/* Publishes everything that was added to the queue and takes n answers, in any order.
 * Returns whether each is a success; a failure is reported. */
bool blk_expect_all(Test *t, QVirtQueue *vq, unsigned n);

/* What the device did with a request that breaks a rule. */
typedef enum { BLK_USED, BLK_NEEDS_RESET, BLK_SILENT } BlkFate;
/* Sends the request in any framing and waits until it is used or the device needs a
 * reset; the answer is then in *r. Waits patience_ns nanoseconds. 0 stands for the time
 * that any request has, for requests that a device has every reason to answer. */
BlkFate blk_provoke(BlkRequest *r, const QVirtioSg *sg, unsigned out, unsigned in,
                    uint64_t patience_ns);
#define BLK_SHORT_PATIENCE_NS (5 * 1000 * 1000)
/* Does the same in the plain framing. */
BlkFate blk_provoke_plain(BlkRequest *r, uint64_t patience_ns);

/* Returns how many bytes from the start of the data the device has written, 0 to
 * r->bytes. `r` must be a run that has come back; the function runs the request again
 * with another fill. A byte that keeps both fills was not written. */
uint32_t blk_written_bytes(Test *t, BlkRequest *r);

/* For .why_not: return NULL, or why the disk cannot be written, or why its content is
 * unknown. */
const char *blk_why_not_writable(QVirtioDevice *dev);
const char *blk_why_no_pattern(QVirtioDevice *dev);
/* On a legacy device, other framings than header, data and status need
 * VIRTIO_F_ANY_LAYOUT (5.2.6.4). */
const char *blk_why_no_layout(QVirtioDevice *dev);
const char *blk_why_not_writable_in_any_layout(QVirtioDevice *dev);

#endif
