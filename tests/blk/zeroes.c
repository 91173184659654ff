/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_BLK_T_WRITE_ZEROES (5.2.6.2): "After a write zeroes command is completed, reads
 * of the specified ranges of sectors MUST return zeroes. This is true independent of
 * whether unmap was set or clear." Tests that break a rule are in range_flags.c.
 */
#include "tests/blk/blk_lib.h"

#define UNMAP VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP

static BlkRequest zeroes(QVirtioDevice *dev, uint64_t sector, uint32_t sectors,
                         uint32_t flags)
{
    return blk_range(dev, VIRTIO_BLK_T_WRITE_ZEROES, sector, sectors, flags);
}

/* Writes several blocks and then zeroes the one in the middle. */
static void zero_the_middle(Test *t, QVirtioDevice *dev, uint32_t flags)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t at = disk->scratch, seed = random_next(&t->random);
    BlkRequest r = zeroes(dev, at + n, n, flags);
    if (!require_write(t, dev, at, 3 * n, seed) ||
        !require_status(t, &r, VIRTIO_BLK_S_OK)) {
        return;
    }
    expect_zeroes(t, "dev:5.2.6.2-8", dev, at + n, n);
    expect_written(t, BLK_DATA, dev, at, n, seed);
    expect_written(t, BLK_DATA, dev, at + 2 * n, n, seed);
}

VIRTIO_TEST(zeroed_sectors_read_zero_and_no_others, BLK_ZEROES, .rings = RINGS_ALL)
{
    zero_the_middle(t, dev, 0);
}

VIRTIO_TEST(zeroed_and_unmapped_sectors_read_zero_and_no_others, BLK_ZEROES)
{
    zero_the_middle(t, dev, UNMAP);
}

/* Zeroes the whole scratch area, or as many of its sectors as one request may zero. */
static void zero_a_range(Test *t, QVirtioDevice *dev, uint32_t flags)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t most = blk_config(t, dev, max_write_zeroes_sectors);
    uint32_t sectors = most < BLK_SCRATCH_SECTORS ? most : BLK_SCRATCH_SECTORS;
    BlkRequest r = zeroes(dev, disk->scratch, sectors, flags);
    if (require_write(t, dev, disk->scratch, BLK_SCRATCH_SECTORS, ~0ull) &&
        require_status(t, &r, VIRTIO_BLK_S_OK)) {
        expect_zeroes(t, "dev:5.2.6.2-8", dev, disk->scratch, sectors);
    }
}

VIRTIO_TEST(long_zeroed_range_reads_zero, BLK_ZEROES)
{
    zero_a_range(t, dev, 0);
}

VIRTIO_TEST(long_unmapped_range_reads_zero, BLK_ZEROES)
{
    zero_a_range(t, dev, UNMAP);
}

VIRTIO_TEST(zeroed_sectors_take_new_data, BLK_ZEROES)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r = zeroes(dev, disk->scratch, 2 * n, UNMAP);
    if (require_status(t, &r, VIRTIO_BLK_S_OK) &&
        require_write(t, dev, disk->scratch, n, seed)) {
        expect_written(t, BLK_DATA, dev, disk->scratch, n, seed);
        expect_zeroes(t, "dev:5.2.6.2-8", dev, disk->scratch + n, n);
    }
}

VIRTIO_TEST(write_zeroes_counts_only_its_status_as_used, BLK_ZEROES, .buses = BUS_MODERN)
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest r = zeroes(dev, disk->scratch, block_sectors(disk), 0);
    if (require_status(t, &r, VIRTIO_BLK_S_OK)) {
        expect_used_len(t, r.used_len, 1);
    }
}

/* One request zeroes every second block. */
VIRTIO_TEST(write_zeroes_takes_several_segments, BLK_ZEROES)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r;
    unsigned segments = blk_every_other(t, dev, VIRTIO_BLK_T_WRITE_ZEROES, &r);
    if (!segments || !require_write(t, dev, disk->scratch, 2 * segments * n, seed) ||
        !require_status(t, &r, VIRTIO_BLK_S_OK)) {
        return;
    }
    for (unsigned i = 0; i < segments; i++) {
        uint64_t at = disk->scratch + 2 * i * n;
        expect_zeroes(t, "dev:5.2.6.2-8", dev, at, n);
        expect_written(t, BLK_DATA, dev, at + n, n, seed);
    }
}

static const char *why_write_zeroes_offered(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_WRITE_ZEROES)
               ? "the device offers VIRTIO_BLK_F_WRITE_ZEROES"
               : blk_why_not_writable(dev);
}

/* 5.2.6: UNSUPP is "for a request unsupported by device". The test accepts success only
 * if the sectors then read as zeroes. */
VIRTIO_TEST(write_zeroes_without_the_feature_is_done_or_unsupported,
            .device = VIRTIO_ID_BLOCK, .flags = TEST_WRITES, .violates = "5.2.6",
            .why_not = why_write_zeroes_offered)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    BlkRequest r = zeroes(dev, disk->scratch, n, 0);
    if (require_write(t, dev, disk->scratch, n, 1) &&
        blk_provoke_plain(&r, 0) == BLK_USED) {
        if (*r.status == VIRTIO_BLK_S_OK) {
            expect_zeroes(t, BLK_DATA, dev, disk->scratch, n);
        } else {
            blk_expect_rejection(t, &r);
        }
    }
    expect_survives(t, dev);
}
