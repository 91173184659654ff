/* SPDX-License-Identifier: MIT */
/*
 * "A driver MUST NOT submit a request which would cause a read or write beyond capacity"
 * (5.2.6.1): these tests do. A device that answers must not say that it succeeded. It may
 * also ask for a reset.
 */
#include "tests/blk/blk_lib.h"

/* What was not there cannot have been read or written. Whether the device refuses the
 * request, and with which status, or leaves the status alone, is its affair. */
static void expect_refused(Test *t, BlkRequest *r)
{
    if (blk_provoke_plain(r, 0) == BLK_USED) {
        expect_that(t, SAFETY, *r->status != VIRTIO_BLK_S_OK,
                    "no success beyond the end of the disk", "VIRTIO_BLK_S_OK");
    }
}

static void read_at(Test *t, QVirtioDevice *dev, uint64_t sector, uint32_t bytes)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, sector, bytes);
    expect_refused(t, &r);
    expect_survives(t, dev);
}

VIRTIO_TEST(read_behind_the_end_is_refused, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .violates = "5.2.6.1")
{
    const BlkDisk *disk = blk_disk(dev);
    read_at(t, dev, disk->capacity, disk->block_bytes);
}

VIRTIO_TEST(read_across_the_end_is_refused, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .violates = "5.2.6.1")
{
    const BlkDisk *disk = blk_disk(dev);
    read_at(t, dev, disk->capacity - block_sectors(disk), 2 * disk->block_bytes);
}

VIRTIO_TEST(read_of_the_largest_sector_number_is_refused, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .violates = "5.2.6.1")
{
    const BlkDisk *disk = blk_disk(dev);
    read_at(t, dev, -(uint64_t)block_sectors(disk), disk->block_bytes);
}

/* sector * 512 is 0 modulo 2^64, so a device that multiplies first would read sector
 * 0. */
VIRTIO_TEST(read_whose_offset_wraps_is_refused, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .violates = "5.2.6.1")
{
    read_at(t, dev, 1ull << 55, blk_disk(dev)->block_bytes);
}

VIRTIO_TEST(read_whose_end_wraps_is_refused, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .violates = "5.2.6.1")
{
    const BlkDisk *disk = blk_disk(dev);
    read_at(t, dev, -(uint64_t)block_sectors(disk), 4 * disk->block_bytes);
}

/* Writes at a place that touches the scratch area, or would touch it when a product
 * wraps. The content of the scratch area must stay. */
static void write_at(Test *t, QVirtioDevice *dev, uint64_t sector, uint32_t blocks)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, sector, blocks * disk->block_bytes);
    uint64_t last = disk->scratch + BLK_SCRATCH_SECTORS - n;
    if (!require_write(t, dev, disk->scratch, n, seed) ||
        !require_write(t, dev, last, n, seed)) {
        return;
    }
    expect_refused(t, &r);
    if (expect_survives(t, dev)) {
        disk = blk_disk(dev);
        expect_written(t, BLK_DATA, dev, disk->scratch, n, seed);
        expect_written(t, BLK_DATA, dev, last, n, seed);
    }
}

VIRTIO_TEST(write_behind_the_end_is_refused, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6.1", .why_not = blk_why_not_writable)
{
    write_at(t, dev, blk_disk(dev)->capacity, 1);
}

VIRTIO_TEST(write_across_the_end_is_refused_whole, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6.1", .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    write_at(t, dev, disk->scratch + BLK_SCRATCH_SECTORS - block_sectors(disk), 2);
}

/* (sector * 512) modulo 2^64 lies in the scratch area. */
VIRTIO_TEST(write_whose_offset_wraps_is_refused, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6.1", .why_not = blk_why_not_writable)
{
    write_at(t, dev, (1ull << 55) + blk_disk(dev)->scratch, 1);
}

VIRTIO_TEST(capacity_stays_after_a_write_behind_the_end, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6.1", .why_not = blk_why_not_writable)
{
    uint64_t before = blk_disk(dev)->capacity;
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, before, blk_disk(dev)->block_bytes);
    blk_provoke_plain(&r, 0);
    require_eq(t, blk_config(t, dev, capacity), before);
    expect_survives(t, dev);
}
