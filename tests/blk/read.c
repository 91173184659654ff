/* SPDX-License-Identifier: MIT */
/*
 * Reads (5.2.6, VIRTIO_BLK_T_IN): which bytes they return, from which place, and how many
 * bytes the device says that it wrote. Reads beyond the end are in range.c, other
 * framings in framing.c.
 */
#include "tests/blk/blk_lib.h"

#define LARGE_SECTORS 2048

VIRTIO_TEST(read_gives_what_the_host_put_in, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL, .why_not = blk_why_no_pattern)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    expect_pattern(t, BLK_DATA, dev, 0, n, 0);
    for (unsigned i = 0; i < 3; i++) {
        expect_pattern(t, BLK_DATA, dev, blk_pick(t, disk, n), n, 0);
    }
}

/* The first read goes into a buffer that holds BLK_FILL, the second into zeroes. Neither
 * fill may remain. */
VIRTIO_TEST(two_reads_of_a_block_agree, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .rings = RINGS_ALL)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t sector = blk_pick(t, disk, block_sectors(disk));
    BlkRequest a, b = blk_request(dev, VIRTIO_BLK_T_IN, sector, disk->block_bytes);
    if (!require_read(t, dev, &a, sector, block_sectors(disk)) || !b.header) {
        return;
    }
    memset(b.data, 0, b.bytes);
    if (require_status(t, &b, VIRTIO_BLK_S_OK)) {
        require_same(t, b.data, a.data, a.bytes);
    }
}

/* 2.7.8: len is "the total of bytes written into the buffer". A driver may ignore bytes
 * behind that, so the device must count both the data and the status. */
VIRTIO_TEST(read_counts_data_and_status_as_used, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL, .buses = BUS_MODERN)
{
    uint32_t n = block_sectors(blk_disk(dev));
    for (uint32_t blocks = 1; blocks <= 4; blocks++) {
        BlkRequest r;
        if (require_read(t, dev, &r, 0, blocks * n)) {
            expect_used_len(t, r.used_len, r.bytes + 1);
        }
    }
}

VIRTIO_TEST(one_read_of_many_blocks_equals_many_reads_of_one, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk), blocks = 8;
    uint64_t sector = blk_pick(t, disk, blocks * n);
    BlkRequest all, one;
    if (!require_read(t, dev, &all, sector, blocks * n)) {
        return;
    }
    for (uint32_t i = 0; i < blocks; i++) {
        if (require_read(t, dev, &one, sector + i * n, n)) {
            require_same(t, one.data, all.data + i * one.bytes, one.bytes);
        }
    }
}

static const char *why_not_large(QVirtioDevice *dev)
{
    BlkDisk disk;
    if (qvirtio_offers(dev, VIRTIO_BLK_F_SIZE_MAX)) {
        return "the device limits the size of segments: it offers VIRTIO_BLK_F_SIZE_MAX";
    }
    if (blk_disk_read(dev, &disk) || disk.announced < LARGE_SECTORS) {
        return "the disk is smaller than 1 MiB and the 128 KiB that tests write";
    }
    return disk.zone && disk.zone < LARGE_SECTORS
               ? "the disk's zones are smaller than 1 MiB"
               : NULL;
}

VIRTIO_TEST(read_of_a_mebibyte_holds_the_same_data, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL, .why_not = why_not_large)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t first = blk_pick(t, disk, LARGE_SECTORS);
    BlkRequest all, one;
    if (!require_read(t, dev, &all, first, LARGE_SECTORS)) {
        return;
    }
    for (uint32_t at = 0; at < LARGE_SECTORS; at += LARGE_SECTORS / 4 - n) {
        if (require_read(t, dev, &one, first + at, n)) {
            require_same(t, one.data, all.data + at * SECTOR_BYTES, one.bytes);
        }
    }
}

VIRTIO_TEST(last_block_of_the_capacity_reads, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t end = disk->scratch + BLK_SCRATCH_SECTORS;
    if (disk->capacity < BLK_SECTORS_MIN) {
        end = disk->scratch;
    }
    BlkRequest r;
    require_read(t, dev, &r, end - block_sectors(disk), block_sectors(disk));
}

VIRTIO_TEST(read_leaves_its_header_unchanged, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t sector = blk_pick(t, disk, block_sectors(disk));
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, sector, disk->block_bytes);
    struct virtio_blk_req before = {0};
    if (r.header) {
        before = *r.header;
    }
    /* "A device MUST NOT write to a device-readable buffer" (2.7.5.1, 2.8.15) */
    if (require_status(t, &r, VIRTIO_BLK_S_OK)) {
        expect_same(t, t->ring->is_packed ? "dev:2.8.15-1a" : "dev:2.7.5.1-1a", r.header,
                    &before, sizeof(before));
    }
}

/* A length of 0 bytes is a multiple of 512, so the device may give any defined answer. */
VIRTIO_TEST(read_of_no_sectors_is_answered, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, 0, 0);
    if (require_ok(t, blk_run(&r))) {
        require_le(t, *r.status, VIRTIO_BLK_S_UNSUPP);
    }
}
