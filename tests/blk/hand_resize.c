/* SPDX-License-Identifier: MIT */
/*
 * The hand enlarges a disk while it runs (5.2.6.2): the driver is told and sees the new
 * capacity, and the content stays.
 */
#include "tests/blk/blk_lib.h"
#include "tests/harness/grow.h"

VIRTIO_TEST(capacity_change_is_told, .device = VIRTIO_ID_BLOCK, .flags = TEST_HAND)
{
    uint32_t before = dev->config_irq.count;
    if (grow_disk(t, dev, blk_disk(dev)->capacity + GROW_SECTORS)) {
        expect_ok(t, "dev:5.2.6.2-2", hand_await_news(dev, before));
    }
}

/* The disk grows twice, with requests in between. The device must tell it each time. */
VIRTIO_TEST(capacity_change_is_told_each_time, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_PING)
{
    uint64_t sectors = blk_disk(dev)->capacity;
    for (uint32_t i = 1; i <= 2; i++) {
        uint32_t before = dev->config_irq.count;
        if (!grow_disk(t, dev, sectors + i * GROW_SECTORS) ||
            !expect_ok(t, "dev:5.2.6.2-2", hand_await_news(dev, before))) {
            return;
        }
        require_ping(t, dev, i);
    }
}

VIRTIO_TEST(grown_disk_is_read_to_its_new_end, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND)
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, disk->capacity, disk->block_bytes);
    if (!require_ok(t, blk_run(&r)) || !blk_expect_rejection(t, &r) ||
        !grow_disk(t, dev, disk->capacity + GROW_SECTORS)) {
        return;
    }
    uint64_t last = disk->capacity + GROW_SECTORS - block_sectors(disk);
    expect_zeroes(t, BLK_DATA, dev, last, block_sectors(disk));
    r = blk_request(dev, VIRTIO_BLK_T_IN, disk->capacity + GROW_SECTORS,
                    disk->block_bytes);
    if (require_ok(t, blk_run(&r))) {
        blk_expect_rejection(t, &r);
    }
}

VIRTIO_TEST(grown_disk_keeps_its_content, .device = VIRTIO_ID_BLOCK, .flags = TEST_HAND,
            .why_not = blk_why_no_pattern)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t last = disk->announced / n * n - n; /* no test writes below */
    if (grow_disk(t, dev, disk->capacity + GROW_SECTORS)) {
        expect_pattern(t, BLK_DATA, dev, 0, n, 0);
        expect_pattern(t, BLK_DATA, dev, last, n, 0);
    }
}
