/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_BLK_T_FLUSH (5.2.6): the device answers it, alone and among other requests, and
 * data that was written before it can be read after it. That stable data survives a crash
 * (5.2.6.2) is not tested here; hand_flight.c looks for flushed data in the image.
 */
#include "tests/blk/blk_lib.h"

#define MANY 8

VIRTIO_TEST(flush_succeeds, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_BLK_F_FLUSH))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0);
    if (require_status(t, &r, VIRTIO_BLK_S_OK) && !qvirtio_is_legacy(dev)) {
        expect_used_len(t, r.used_len, 1);
    }
}

VIRTIO_TEST(flushed_data_is_in_the_image, .device = VIRTIO_ID_BLOCK, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_FLUSH), .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t place = random_below(&t->random, BLK_ANNOUNCED_SECTORS / n) * n;
    uint64_t at = disk->announced + place, seed = random_next(&t->random);
    BlkRequest flush = blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0);
    if (require_announced_write(t, dev, at, n, seed) &&
        require_status(t, &flush, VIRTIO_BLK_S_OK)) {
        expect_pattern(t, BLK_DATA, dev, at, n, seed);
    }
}

VIRTIO_TEST(many_flushes_in_flight_all_succeed, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_BLK_F_FLUSH))
{
    BlkRequest r[MANY];
    if (!blk_needs_flight(t, dev->vq[0], MANY)) {
        return;
    }
    for (unsigned i = 0; i < MANY; i++) {
        r[i] = blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0);
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    blk_expect_all(t, dev->vq[0], MANY);
}

VIRTIO_TEST(flush_amid_writes_loses_none, .device = VIRTIO_ID_BLOCK, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_FLUSH), .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r[MANY];
    if (!blk_needs_flight(t, dev->vq[0], MANY)) {
        return;
    }
    for (unsigned i = 0; i < MANY; i++) {
        uint64_t at = disk->scratch + i * n;
        bool is_flush = i % 4 == 2;
        r[i] = is_flush ? blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0)
                        : blk_request(dev, VIRTIO_BLK_T_OUT, at, disk->block_bytes);
        if (r[i].header && !is_flush) {
            blk_fill(r[i].data, at, 1, seed);
        }
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    if (!blk_expect_all(t, dev->vq[0], MANY)) {
        return;
    }
    BlkRequest back;
    for (unsigned i = 0; i < MANY; i++) {
        if (i % 4 != 2 && require_read(t, dev, &back, disk->scratch + i * n, n)) {
            require_same(t, back.data, r[i].data, disk->block_bytes);
        }
    }
}

/* 5.2.6.3: "VIRTIO_BLK_T_FLUSH_OUT was a synonym for VIRTIO_BLK_T_FLUSH" */
VIRTIO_TEST(flush_out_is_a_flush, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_PCI_LEGACY | BUS_MMIO_LEGACY | BUS_CCW_LEGACY,
            .needs = FEATURES(VIRTIO_BLK_F_FLUSH))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_FLUSH_OUT, 0, 0);
    require_status(t, &r, VIRTIO_BLK_S_OK);
}

/* "A driver MUST set sector to 0 for a VIRTIO_BLK_T_FLUSH request." */
VIRTIO_TEST(flush_of_a_sector_is_survived, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6.1", .needs = FEATURES(VIRTIO_BLK_F_FLUSH))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_FLUSH, UINT64_MAX, 0);
    blk_provoke_plain(&r, 0);
    expect_survives(t, dev);
}
