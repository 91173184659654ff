/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_BLK_T_DISCARD (5.2.6): within its limits it succeeds, it changes no other
 * sector, and the sectors can be used again. A read of a discarded sector may return
 * anything (5.2.6.1), so the tests do not judge it. Tests that break a rule are in
 * range_flags.c.
 */
#include "tests/blk/blk_lib.h"

static BlkRequest discard(QVirtioDevice *dev, uint64_t sector, uint32_t sectors)
{
    return blk_range(dev, VIRTIO_BLK_T_DISCARD, sector, sectors, 0);
}

/* Returns how many sectors one aligned discard covers: one unit of
 * discard_sector_alignment, within the scratch area and at most max_discard_sectors.
 * Returns 0 when there is no such range. */
static uint32_t aligned_range(Test *t, QVirtioDevice *dev, uint64_t *sector)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t unit = blk_config(t, dev, discard_sector_alignment);
    uint64_t most = blk_config(t, dev, max_discard_sectors);
    unit = unit > block_sectors(disk) ? unit : block_sectors(disk);
    *sector = (disk->scratch + unit - 1) / unit * unit;
    bool fits = unit <= most && *sector + unit <= disk->scratch + BLK_SCRATCH_SECTORS;
    return fits ? unit : 0;
}

VIRTIO_TEST(aligned_discard_succeeds, BLK_DISCARDS)
{
    uint64_t sector;
    uint32_t sectors = aligned_range(t, dev, &sector);
    if (!sectors) {
        test_skip(
            t, "no aligned range within the device's limits fits into the scratch area");
        return;
    }
    BlkRequest r = discard(dev, sector, sectors);
    if (require_status(t, &r, VIRTIO_BLK_S_OK) && !qvirtio_is_legacy(dev)) {
        expect_used_len(t, r.used_len, 1);
    }
}

/* discard_sector_alignment "can be used by OS when splitting a request". The text does
 * not say what happens to a smaller range, so the device may refuse it. */
static bool expect_discard(Test *t, BlkRequest *r)
{
    return require_ok(t, blk_run(r)) && require_le(t, *r->status, VIRTIO_BLK_S_IOERR);
}

VIRTIO_TEST(discard_of_any_block_leaves_the_others, BLK_DISCARDS, .rings = RINGS_ALL)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t at = disk->scratch, seed = random_next(&t->random);
    uint32_t which = 1 + random_below(&t->random, 2);
    BlkRequest r = discard(dev, at + which * n, n);
    if (!require_write(t, dev, at, 4 * n, seed) || !expect_discard(t, &r)) {
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        if (i != which) {
            expect_written(t, BLK_DATA, dev, at + i * n, n, seed);
        }
    }
}

VIRTIO_TEST(discarded_sectors_read_without_error, BLK_DISCARDS)
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest back, r = discard(dev, disk->scratch, block_sectors(disk));
    if (expect_discard(t, &r)) {
        require_read(t, dev, &back, disk->scratch, block_sectors(disk));
    }
}

VIRTIO_TEST(discarded_sectors_take_new_data, BLK_DISCARDS)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r = discard(dev, disk->scratch, 2 * n);
    if (expect_discard(t, &r) && require_write(t, dev, disk->scratch, n, seed)) {
        expect_written(t, BLK_DATA, dev, disk->scratch, n, seed);
    }
}

VIRTIO_TEST(discard_takes_several_segments, BLK_DISCARDS)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r;
    unsigned segments = blk_every_other(t, dev, VIRTIO_BLK_T_DISCARD, &r);
    if (segments && require_write(t, dev, disk->scratch, 2 * segments * n, seed) &&
        expect_discard(t, &r)) {
        for (unsigned i = 0; i < segments; i++) {
            expect_written(t, BLK_DATA, dev, disk->scratch + (2 * i + 1) * n, n, seed);
        }
    }
}

static const char *why_discard_offered(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_DISCARD)
               ? "the device offers VIRTIO_BLK_F_DISCARD"
               : blk_why_not_writable(dev);
}

/* 5.2.6: UNSUPP is "for a request unsupported by device". A device that serves a request
 * that it did not offer must still not change other sectors. */
VIRTIO_TEST(discard_without_the_feature_harms_nothing, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6", .why_not = why_discard_offered)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r = discard(dev, disk->scratch, n);
    if (!require_write(t, dev, disk->scratch, 2 * n, seed)) {
        return;
    }
    if (blk_provoke_plain(&r, 0) == BLK_USED && *r.status != VIRTIO_BLK_S_OK) {
        blk_expect_rejection(t, &r);
    }
    if (expect_survives(t, dev)) {
        expect_written(t, BLK_DATA, dev, blk_disk(dev)->scratch + n, n, seed);
    }
}
