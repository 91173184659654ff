/* SPDX-License-Identifier: MIT */
/*
 * Writes (5.2.6, VIRTIO_BLK_T_OUT): the bytes arrive in their place and nowhere else, and
 * the memory of the request does not change. The runner looks in the image for what a
 * test has announced, when the VM is gone.
 */
#include "tests/blk/blk_lib.h"

VIRTIO_TEST(written_data_reads_back, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
            .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    if (require_write(t, dev, disk->scratch, n, seed)) {
        expect_written(t, BLK_DATA, dev, disk->scratch, n, seed);
    }
}

VIRTIO_TEST(write_changes_only_its_own_sectors, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t at = disk->scratch, old = random_next(&t->random), new = ~old;
    if (require_write(t, dev, at, 3 * n, old) && require_write(t, dev, at + n, n, new)) {
        expect_written(t, BLK_DATA, dev, at, n, old);
        expect_written(t, BLK_DATA, dev, at + n, n, new);
        expect_written(t, BLK_DATA, dev, at + 2 * n, n, old);
    }
}

VIRTIO_TEST(later_write_replaces_the_earlier, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    for (unsigned i = 0; i < 4; i++) {
        if (!require_write(t, dev, disk->scratch, n, seed + i)) {
            return;
        }
    }
    expect_written(t, BLK_DATA, dev, disk->scratch, n, seed + 3);
}

/* The device writes only one byte, the status, and by 2.7.8 it counts what it wrote. */
VIRTIO_TEST(write_counts_only_its_status_as_used, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, disk->scratch, disk->block_bytes);
    if (require_status(t, &r, VIRTIO_BLK_S_OK)) {
        expect_used_len(t, r.used_len, 1);
    }
}

VIRTIO_TEST(write_leaves_its_buffers_unchanged, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t seed = random_next(&t->random);
    uint32_t n = block_sectors(disk);
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, disk->scratch, disk->block_bytes);
    struct virtio_blk_req before;
    if (!require_that(t, r.header, "memory", "none")) {
        return;
    }
    before = *r.header;
    blk_fill(r.data, disk->scratch, n, seed);
    if (!require_status(t, &r, VIRTIO_BLK_S_OK)) {
        return;
    }
    /* "A device MUST NOT write to a device-readable buffer" (2.7.5.1, 2.8.15) */
    const char *clause = t->ring->is_packed ? "dev:2.8.15-1a" : "dev:2.7.5.1-1a";
    expect_same(t, clause, r.header, &before, sizeof(before));
    expect_filled(t, clause, r.data, disk->scratch, n, seed);
}

VIRTIO_TEST(last_block_of_the_capacity_takes_a_write, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t at = disk->scratch + BLK_SCRATCH_SECTORS - n, seed = random_next(&t->random);
    if (require_write(t, dev, at, n, seed)) {
        expect_written(t, BLK_DATA, dev, at, n, seed);
    }
}

VIRTIO_TEST(write_of_many_blocks_reads_back_block_by_block, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t at = disk->scratch, seed = random_next(&t->random);
    if (require_write(t, dev, at, BLK_SCRATCH_SECTORS, seed)) {
        for (uint32_t i = 0; i < BLK_SCRATCH_SECTORS; i += 8) {
            expect_written(t, BLK_DATA, dev, at + i, n, seed);
        }
    }
}

VIRTIO_TEST(written_data_is_in_the_image, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
            .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t place = random_below(&t->random, BLK_ANNOUNCED_SECTORS / n) * n;
    uint64_t at = disk->announced + place, seed = random_next(&t->random);
    if (require_announced_write(t, dev, at, n, seed)) {
        expect_pattern(t, BLK_DATA, dev, at, n, seed);
    }
}

VIRTIO_TEST(write_of_no_sectors_is_answered, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, blk_disk(dev)->scratch, 0);
    if (require_ok(t, blk_run(&r))) {
        require_le(t, *r.status, VIRTIO_BLK_S_UNSUPP);
    }
}
