/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_BLK_F_SEG_MAX and _SIZE_MAX (5.2.3): the device must serve a request with as
 * many segments as seg_max allows, and one with a segment as large as size_max allows.
 */
#include "tests/blk/blk_lib.h"

#define PIECES_MAX 512

/* Returns how many data segments one request can have: seg_max, or what the queue leaves
 * beside header and status. */
static unsigned most_segments(Test *t, QVirtioDevice *dev)
{
    uint64_t allowed = blk_config(t, dev, seg_max);
    unsigned room = dev->vq[0]->size - 2;
    room = room < PIECES_MAX ? room : PIECES_MAX;
    return allowed < room ? allowed : room;
}

/* Runs the request as header, data in so many pieces, and status. */
static bool expect_served_in(Test *t, BlkRequest *r, unsigned pieces)
{
    static QVirtioSg sg[PIECES_MAX + 2];
    if (!require_that(t, r->header, "memory", "none")) {
        return false;
    }
    sg[0] = (QVirtioSg){arena_map(r->header, sizeof(*r->header)), sizeof(*r->header)};
    blk_cut(t, sg + 1, r->data, r->bytes, pieces);
    sg[pieces + 1] = (QVirtioSg){arena_map(r->status, 1), 1};
    unsigned out = 1 + (r->is_out ? pieces : 0);
    return require_ok(t, blk_run_sg(r, sg, out, pieces + 2 - out)) &&
           require_answer(t, r, VIRTIO_BLK_S_OK);
}

VIRTIO_TEST(read_of_seg_max_segments_is_served, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_BLK_F_SEG_MAX))
{
    const BlkDisk *disk = blk_disk(dev);
    unsigned most = most_segments(t, dev);
    const unsigned counts[] = {most, most - 1, 1};
    for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts) && counts[i]; i++) {
        uint32_t sectors = 8 * block_sectors(disk);
        uint64_t sector = blk_pick(t, disk, sectors);
        BlkRequest plain,
            r = blk_request(dev, VIRTIO_BLK_T_IN, sector, sectors * SECTOR_BYTES);
        if (expect_served_in(t, &r, counts[i]) &&
            require_read(t, dev, &plain, sector, sectors)) {
            require_same(t, r.data, plain.data, r.bytes);
        }
    }
}

VIRTIO_TEST(write_of_seg_max_segments_is_served, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_SEG_MAX), .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t seed = random_next(&t->random);
    uint32_t n = 8;
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, disk->scratch, n * SECTOR_BYTES);
    if (r.header) {
        blk_fill(r.data, disk->scratch, n, seed);
    }
    if (expect_served_in(t, &r, most_segments(t, dev))) {
        expect_written(t, BLK_DATA, dev, disk->scratch, n, seed);
    }
}

VIRTIO_TEST(seg_max_allows_one_segment, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .needs = FEATURES(VIRTIO_BLK_F_SEG_MAX))
{
    require_ge(t, blk_config(t, dev, seg_max), 1);
}

VIRTIO_TEST(segment_of_size_max_is_served, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_BLK_F_SIZE_MAX))
{
    const BlkDisk *disk = blk_disk(dev);
    bool is_narrow = disk->zone && disk->zone < 128;
    uint32_t sectors = is_narrow ? disk->zone : 128;
    uint32_t most = sectors * SECTOR_BYTES / disk->block_bytes * disk->block_bytes;
    uint64_t allowed = blk_config(t, dev, size_max) / disk->block_bytes;
    uint32_t bytes =
        allowed * disk->block_bytes < most ? allowed * disk->block_bytes : most;
    if (!bytes || bytes / SECTOR_BYTES > disk->announced) {
        test_skip(t, "no whole block fits into size_max, or the disk is smaller than "
                     "that segment");
        return;
    }
    uint64_t sector = blk_pick(t, disk, bytes / SECTOR_BYTES);
    BlkRequest one, r = blk_request(dev, VIRTIO_BLK_T_IN, sector, bytes);
    if (expect_served_in(t, &r, 1) &&
        require_read(t, dev, &one, sector, block_sectors(disk))) {
        require_same(t, r.data, one.data, one.bytes);
    }
}
