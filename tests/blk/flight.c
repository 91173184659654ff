/* SPDX-License-Identifier: MIT */
/*
 * Many requests are in flight (5.2.6: "used by the device, not necessarily in order").
 * Each must come back once with its own answer, even when the device merges requests for
 * neighbouring sectors.
 */
#include "tests/blk/blk_lib.h"

#define FLIGHT_MAX 64

static unsigned flight_size(const QVirtQueue *vq)
{
    unsigned fit = blk_flight_size(vq);
    return fit < FLIGHT_MAX ? fit : FLIGHT_MAX;
}

/* Puts the numbers 0 to n - 1 into a random order. */
static void shuffle(Test *t, uint8_t *order, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned j = random_below(&t->random, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

/* Each request reads one block. The blocks are neighbours on the disk, and the requests
 * are in random order. */
VIRTIO_TEST(reads_in_flight_each_get_their_own_block, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL)
{
    static BlkRequest r[FLIGHT_MAX];
    const BlkDisk *disk = blk_disk(dev);
    uint8_t order[FLIGHT_MAX];
    unsigned count = flight_size(dev->vq[0]);
    uint32_t n = block_sectors(disk);
    uint64_t first = blk_pick(t, disk, FLIGHT_MAX * n);
    BlkRequest all;
    shuffle(t, order, count);
    for (unsigned i = 0; i < count; i++) {
        r[i] = blk_request(dev, VIRTIO_BLK_T_IN, first + order[i] * n, disk->block_bytes);
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    if (!blk_expect_all(t, dev->vq[0], count) ||
        !require_read(t, dev, &all, first, count * n)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *expected = all.data + order[i] * disk->block_bytes;
        if (!require_same(t, r[i].data, expected, disk->block_bytes)) {
            return;
        }
    }
}

VIRTIO_TEST(writes_in_flight_each_reach_their_own_block, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    static BlkRequest r[BLK_SCRATCH_SECTORS];
    const BlkDisk *disk = blk_disk(dev);
    uint8_t order[BLK_SCRATCH_SECTORS];
    uint32_t n = block_sectors(disk);
    unsigned count = flight_size(dev->vq[0]);
    count = count < BLK_SCRATCH_SECTORS / n ? count : BLK_SCRATCH_SECTORS / n;
    uint64_t stamp = random_next(&t->random);
    BlkRequest all;
    shuffle(t, order, count);
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = disk->scratch + order[i] * n;
        r[i] = blk_request(dev, VIRTIO_BLK_T_OUT, at, disk->block_bytes);
        if (r[i].header) {
            memset(r[i].data, (uint8_t)(stamp + order[i]), disk->block_bytes);
        }
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    if (!blk_expect_all(t, dev->vq[0], count) ||
        !require_read(t, dev, &all, disk->scratch, count * n)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *seen = all.data + order[i] * disk->block_bytes;
        if (!require_same(t, seen, r[i].data, disk->block_bytes)) {
            return;
        }
    }
}

/* The requests are reads of several sizes, identifications, and a flush where the device
 * has one. */
VIRTIO_TEST(kinds_of_requests_in_flight_do_not_mix, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL, .wants = FEATURES(VIRTIO_BLK_F_FLUSH))
{
    const BlkDisk *disk = blk_disk(dev);
    bool has_flush = qvirtio_negotiated(dev, VIRTIO_BLK_F_FLUSH);
    uint32_t n = block_sectors(disk);
    uint64_t at = blk_pick(t, disk, 4 * n);
    BlkRequest r[] = {
        blk_request(dev, VIRTIO_BLK_T_IN, at, 2 * disk->block_bytes),
        blk_request(dev, VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_BYTES),
        blk_request(dev, VIRTIO_BLK_T_IN, at, 4 * disk->block_bytes),
        blk_request(dev, VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_BYTES),
        blk_request(dev, VIRTIO_BLK_T_IN, at + n, disk->block_bytes),
        blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0),
    };
    unsigned count = sizeof(r) / sizeof(*r) - !has_flush;
    BlkRequest id;
    if (!blk_needs_flight(t, dev->vq[0], count) || !blk_expect_id(t, dev, &id)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    if (blk_expect_all(t, dev->vq[0], count)) {
        require_same(t, r[0].data, r[2].data, r[0].bytes);
        require_same(t, r[4].data, r[2].data + disk->block_bytes, r[4].bytes);
        require_same(t, r[1].data, id.data, VIRTIO_BLK_ID_BYTES);
        require_same(t, r[3].data, id.data, VIRTIO_BLK_ID_BYTES);
        require_ne(t, memcmp(r[4].data, r[1].data, VIRTIO_BLK_ID_BYTES), 0);
    }
}

/* The driver reads what a completed write has written, while other requests are in
 * flight. */
VIRTIO_TEST(read_sees_a_completed_write_amid_others, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random), elsewhere = disk->scratch + 4 * n;
    if (!blk_needs_flight(t, dev->vq[0], 3) ||
        !require_write(t, dev, disk->scratch, n, seed)) {
        return;
    }
    BlkRequest r[] = {
        blk_request(dev, VIRTIO_BLK_T_OUT, elsewhere, disk->block_bytes),
        blk_request(dev, VIRTIO_BLK_T_IN, disk->scratch, disk->block_bytes),
        blk_request(dev, VIRTIO_BLK_T_OUT, elsewhere + n, disk->block_bytes),
    };
    for (unsigned i = 0; i < 3; i++) {
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    if (blk_expect_all(t, dev->vq[0], 3)) {
        expect_filled(t, BLK_DATA, r[1].data, disk->scratch, n, seed);
    }
}
