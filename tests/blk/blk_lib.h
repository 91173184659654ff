/* SPDX-License-Identifier: MIT */
/*
 * What the block tests share: requests with an expectation, places on the disk, reasons
 * to skip. A test that writes does so in the disk's scratch area, or announces it.
 */
#ifndef TESTS_BLK_LIB_H
#define TESTS_BLK_LIB_H

#include "drivers/virtio/device/blk.h"
#include "tests/harness/test.h"

#define SECTOR_BYTES VIRTIO_BLK_SECTOR_BYTES

/* Sectors in one block of the disk: what offsets and lengths are multiples of. */
static inline uint32_t block_sectors(const BlkDisk *disk)
{
    return disk->block_bytes / SECTOR_BYTES;
}

/* Runs the request; the device answers with this status. */
#define expect_status(t, clause, r, wanted) \
    blk_expect_status(t, EXPECT_AT(clause, "status"), r, wanted)
bool blk_expect_status(Test *t, const ExpectAt *at, BlkRequest *r, uint8_t wanted);
/* The same for a request that came back already. */
#define expect_answer(t, clause, r, wanted) \
    blk_expect_answer(t, EXPECT_AT(clause, "status"), r, wanted)
bool blk_expect_answer(Test *t, const ExpectAt *at, const BlkRequest *r, uint8_t wanted);

/* Reads sectors into *r. Returns false when that fails, which is reported; r->data must
 * not be used then. */
#define expect_read(t, clause, dev, r, sector, sectors) \
    blk_expect_read(t, EXPECT_AT(clause, "status of a read"), dev, r, sector, sectors)
bool blk_expect_read(Test *t, const ExpectAt *at, QVirtioDevice *dev, BlkRequest *r,
                     uint64_t sector, uint32_t sectors);

/* Content of a test's own, told apart by sector and seed: written; read back and found
 * so; in memory already. */
void blk_fill(void *to, uint64_t sector, uint32_t sectors, uint64_t seed);
#define expect_write(t, clause, dev, sector, sectors, seed)                           \
    blk_expect_write(t, EXPECT_AT(clause, "status of a write"), dev, sector, sectors, \
                     seed)
bool blk_expect_write(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                      uint32_t sectors, uint64_t seed);
#define expect_written(t, clause, dev, sector, sectors, seed) \
    blk_expect_written(t, EXPECT_AT(clause, "data read"), dev, sector, sectors, seed)
bool blk_expect_written(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                        uint32_t sectors, uint64_t seed);
#define expect_filled(t, clause, data, sector, sectors, seed) \
    blk_expect_filled(t, EXPECT_AT(clause, #data), data, sector, sectors, seed)
bool blk_expect_filled(Test *t, const ExpectAt *at, const void *data, uint64_t sector,
                       uint32_t sectors, uint64_t seed);

/* Content that the host knows: word w of sector s is splitmix64(seed + s * 64 + w). A
 * write of it is announced; seed 0 is what the runner's images hold. */
#define expect_announced_write(t, clause, dev, sector, sectors, seed)                  \
    blk_expect_announced_write(t, EXPECT_AT(clause, "status of a write"), dev, sector, \
                               sectors, seed)
bool blk_expect_announced_write(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                                uint64_t sector, uint32_t sectors, uint64_t seed);
#define expect_pattern(t, clause, dev, sector, sectors, seed) \
    blk_expect_pattern(t, EXPECT_AT(clause, "data read"), dev, sector, sectors, seed)
bool blk_expect_pattern(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                        uint32_t sectors, uint64_t seed);

/* A block-aligned place for so many sectors in the part of the disk that nobody writes.
 */
uint64_t blk_pick(Test *t, const BlkDisk *disk, uint32_t sectors);

/* Asks for the ID into *r. No feature stands for it, so a device may not know it: then
 * the test is skipped, unless the host says that there is a serial. */
bool blk_expect_id(Test *t, QVirtioDevice *dev, BlkRequest *r);

/* Of tests that discard, or zero. */
#define BLK_ON(f)                                                                     \
    .device = VIRTIO_ID_BLOCK, .flags = TEST_WRITES, .why_not = blk_why_not_writable, \
    .needs = FEATURES(f)
#define BLK_DISCARDS BLK_ON(VIRTIO_BLK_F_DISCARD)
#define BLK_ZEROES   BLK_ON(VIRTIO_BLK_F_WRITE_ZEROES)

/* A discard, write zeroes or secure erase request of one segment. */
BlkRequest blk_range(QVirtioDevice *dev, uint32_t type, uint64_t sector, uint32_t sectors,
                     uint32_t flags);
/* One discard or write zeroes request for every other block of the scratch area, as many
 * as may be in one; how many. 0: that is one, and the test is skipped. */
unsigned blk_every_other(Test *t, QVirtioDevice *dev, uint32_t type, BlkRequest *r);
/* The sectors read as zeroes. */
#define expect_zeroes(t, clause, dev, sector, sectors) \
    blk_expect_zeroes(t, EXPECT_AT(clause, "data read"), dev, sector, sectors)
bool blk_expect_zeroes(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                       uint32_t sectors);

/* A field of struct virtio_blk_config, 0 when it cannot be read (and that is reported).
 */
#define blk_config(t, dev, field)                                       \
    blk_config_field(t, dev, offsetof(struct virtio_blk_config, field), \
                     sizeof(((struct virtio_blk_config *)NULL)->field))
uint64_t blk_config_field(Test *t, QVirtioDevice *dev, size_t off, size_t width);

/* Cuts memory into pieces of random lengths, none empty; pieces <= bytes. */
void blk_cut(Test *t, QVirtioSg *sg, const void *at, uint32_t bytes, unsigned pieces);

/* How many requests of three buffers fit the queue at once. */
unsigned blk_flight_size(const QVirtQueue *vq);
/* False, and the test is skipped, when the queue holds fewer. */
bool blk_needs_flight(Test *t, const QVirtQueue *vq, unsigned requests);
/* Publishes all that was added to the queue and takes n answers, in any order; each is a
 * success, or false. */
bool blk_expect_all(Test *t, QVirtQueue *vq, unsigned n);

/* What became of a request that breaks a rule. */
typedef enum { BLK_USED, BLK_NEEDS_RESET, BLK_SILENT } BlkFate;
/* Runs it in any framing and waits for either; the answer is in r. patience_ns 0: as long
 * as for any request, for those that a device has every reason to answer. */
BlkFate blk_provoke(BlkRequest *r, const QVirtioSg *sg, unsigned out, unsigned in,
                    uint64_t patience_ns);
#define BLK_SHORT_PATIENCE_NS (5 * 1000 * 1000)
/* In the plain framing. */
BlkFate blk_provoke_plain(BlkRequest *r, uint64_t patience_ns);

/* How many bytes from the start of the data the device has written, by two runs with
 * different fills: a byte that kept both was not written. r is the first run and must
 * have come back; runs the second itself. 0 to r->bytes. */
uint32_t blk_written_bytes(Test *t, BlkRequest *r);

/* .why_not: */
const char *blk_why_not_writable(QVirtioDevice *dev);
const char *blk_why_no_pattern(QVirtioDevice *dev);
/* Other framings than header, data, status need VIRTIO_F_ANY_LAYOUT on legacy (5.2.6.4).
 */
const char *blk_why_no_layout(QVirtioDevice *dev);
const char *blk_why_not_writable_in_any_layout(QVirtioDevice *dev);

#endif
