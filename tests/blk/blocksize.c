/* SPDX-License-Identifier: MIT */
/*
 * Disks with logical blocks of more than 512 bytes (5.2.5): blk_size says what is optimal
 * and "does not affect the units used in the protocol (always 512 bytes)".
 */
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"

static const char *why_not_large_blocks(QVirtioDevice *dev)
{
    BlkDisk disk;
    return blk_disk_read(dev, &disk) || disk.block_bytes == SECTOR_BYTES
               ? "the disk's logical blocks have 512 bytes"
               : NULL;
}

static const char *why_not_writable_large_blocks(QVirtioDevice *dev)
{
    const char *why = why_not_large_blocks(dev);
    return why ? why : blk_why_not_writable(dev);
}

VIRTIO_TEST(large_blocks_leave_the_unit_at_512, .device = VIRTIO_ID_BLOCK,
            .why_not = why_not_large_blocks)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t sector = blk_pick(t, disk, 2 * n);
    BlkRequest both, second;
    if (require_read(t, dev, &both, sector, 2 * n) &&
        require_read(t, dev, &second, sector + n, n)) {
        require_same(t, second.data, both.data + second.bytes, second.bytes);
    }
}

VIRTIO_TEST(large_blocks_leave_capacity_in_sectors, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .why_not = why_not_large_blocks)
{
    uint64_t sectors;
    if (!qvirtio_truth_u64(dev, "sectors", &sectors)) {
        test_skip(t, "the number of sectors is unknown; pass know=blk.N.sectors=COUNT");
        return;
    }
    require_eq(t, blk_disk(dev)->capacity, sectors);
}

/* A device may serve or refuse a request for less than a block. It must not serve it only
 * partly. */
VIRTIO_TEST(read_of_part_of_a_block_is_right_or_refused, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .why_not = why_not_large_blocks)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t sector = blk_pick(t, disk, block_sectors(disk));
    BlkRequest block, part = blk_request(dev, VIRTIO_BLK_T_IN, sector + 1, SECTOR_BYTES);
    if (!require_ok(t, blk_run(&part)) ||
        !require_read(t, dev, &block, sector, block_sectors(disk))) {
        return;
    }
    if (*part.status == VIRTIO_BLK_S_OK) {
        expect_same(t, BLK_DATA, part.data, block.data + SECTOR_BYTES, SECTOR_BYTES);
    } else {
        blk_expect_rejection(t, &part);
    }
}

VIRTIO_TEST(write_of_part_of_a_block_is_right_or_refused, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .why_not = why_not_writable_large_blocks)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t old = random_next(&t->random), new = random_next(&t->random);
    BlkRequest block;
    BlkRequest part = blk_request(dev, VIRTIO_BLK_T_OUT, disk->scratch + 1, SECTOR_BYTES);
    if (!part.header || !require_write(t, dev, disk->scratch, n, old)) {
        return;
    }
    blk_fill(part.data, disk->scratch + 1, 1, new);
    if (!require_ok(t, blk_run(&part)) ||
        !require_read(t, dev, &block, disk->scratch, n)) {
        return;
    }
    uint8_t *expected = arena_lend(disk->block_bytes, 8);
    if (!require_that(t, expected, "memory", "none")) {
        return;
    }
    blk_fill(expected, disk->scratch, n, old);
    if (*part.status == VIRTIO_BLK_S_OK) {
        memcpy(expected + SECTOR_BYTES, part.data, SECTOR_BYTES);
    } else {
        blk_expect_rejection(t, &part);
    }
    expect_same(t, BLK_DATA, block.data, expected, disk->block_bytes);
}
