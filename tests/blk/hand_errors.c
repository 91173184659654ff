/* SPDX-License-Identifier: MIT */
/*
 * A disk with a block that cannot be read or written, which is the hand's doing. Requests
 * that touch the block must end with IOERR, and all others must be served as before
 * (5.2.6).
 */
#include "tests/blk/blk_lib.h"
#include "tests/harness/hand.h"

/* Has the hand break a block in the middle of the scratch area. */
static bool break_block(Test *t, QVirtioDevice *dev, uint64_t *bad)
{
    const BlkDisk *disk = blk_disk(dev);
    *bad = disk->scratch + 4 * block_sectors(disk);
    return hand_do(t, dev, "fail %llu", (unsigned long long)*bad);
}

static bool read_says(Test *t, QVirtioDevice *dev, uint64_t sector, uint32_t blocks,
                      uint8_t status)
{
    BlkRequest r =
        blk_request(dev, VIRTIO_BLK_T_IN, sector, blocks * blk_disk(dev)->block_bytes);
    return require_status(t, &r, status);
}

VIRTIO_TEST(read_of_a_bad_block_says_ioerr, .device = VIRTIO_ID_BLOCK, .flags = TEST_HAND)
{
    uint64_t bad;
    uint32_t n = block_sectors(blk_disk(dev));
    if (break_block(t, dev, &bad)) {
        read_says(t, dev, bad, 1, VIRTIO_BLK_S_IOERR);
        read_says(t, dev, bad - n, 3, VIRTIO_BLK_S_IOERR);
        read_says(t, dev, bad - n, 1, VIRTIO_BLK_S_OK);
        read_says(t, dev, bad + n, 1, VIRTIO_BLK_S_OK);
    }
}

VIRTIO_TEST(write_to_a_bad_block_says_ioerr, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_WRITES, .why_not = blk_why_not_writable)
{
    uint64_t bad, seed = random_next(&t->random);
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    if (!break_block(t, dev, &bad)) {
        return;
    }
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, bad, disk->block_bytes);
    if (r.header) {
        memset(r.data, 0x5a, r.bytes);
    }
    require_status(t, &r, VIRTIO_BLK_S_IOERR);
    if (require_write(t, dev, bad + n, n, seed)) {
        expect_written(t, BLK_DATA, dev, bad + n, n, seed);
    }
}

/* One bad request is among good ones. Each must get its own answer. */
VIRTIO_TEST(bad_block_fails_its_own_request_only, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND)
{
    /* Distances from the bad block, in blocks. No request is next to it, so the device
     * merges none with the bad one. */
    static const int8_t places[] = {-4, -2, 0, 2, 3};
    enum { COUNT = sizeof(places) };
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t bad;
    BlkRequest r[COUNT];
    if (!blk_needs_flight(t, dev->vq[0], COUNT) || !break_block(t, dev, &bad)) {
        return;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        uint64_t at = bad + places[i] * (int64_t)n;
        r[i] = blk_request(dev, VIRTIO_BLK_T_IN, at, disk->block_bytes);
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    qvirtqueue_kick(dev->vq[0]);
    for (unsigned i = 0; i < COUNT; i++) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(dev->vq[0], &used))) {
            return;
        }
    }
    for (unsigned i = 0; i < COUNT; i++) {
        require_answer(t, &r[i], places[i] == 0 ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK);
    }
}

/* The error concerns the block and not the device, which must ask for no reset and go on
 * to serve. */
VIRTIO_TEST(bad_block_leaves_the_device_alive, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_PING)
{
    uint64_t bad;
    if (break_block(t, dev, &bad)) {
        for (uint32_t i = 1; i <= 3; i++) {
            read_says(t, dev, bad, 1, VIRTIO_BLK_S_IOERR);
            require_ping(t, dev, i);
        }
        require_eq(t, qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET), false);
    }
}
