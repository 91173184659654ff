/* SPDX-License-Identifier: MIT */
/*
 * The same as framing.c (2.7.4.1, 5.2.6.4) for requests whose data the device reads.
 * Header and data are contiguous, in one descriptor or in several that do not end at
 * their border.
 */
#include "tests/blk/blk_lib.h"

#define PIECES_MAX    (TEST_CHAIN_MOST - 1)
#define HEADER_BYTES  sizeof(struct virtio_blk_req)
#define LAYOUT_CLAUSE "dev:2.7.4.1-1"

/* Makes a request whose header and data are in one buffer without a gap. */
static BlkRequest in_one_buffer(QVirtioDevice *dev, uint32_t type, uint64_t sector,
                                uint32_t bytes)
{
    BlkRequest r = blk_request(dev, type, sector, bytes);
    uint8_t *both = arena_lend(HEADER_BYTES + bytes, 8);
    if (r.header && both) {
        memcpy(both, r.header, HEADER_BYTES);
        r.data = both + HEADER_BYTES;
    }
    r.header = r.header && both ? (struct virtio_blk_req *)both : NULL;
    return r;
}

/* Runs the request with header and data divided into `out` pieces, and the status behind
 * them. */
static bool expect_served_in(Test *t, QVirtioDevice *dev, BlkRequest *r, unsigned out)
{
    QVirtioSg sg[PIECES_MAX + 1];
    unsigned most = dev->vq[0]->size - 1;
    most = most < PIECES_MAX ? most : PIECES_MAX;
    out = out < most ? out : most;
    blk_cut(t, sg, r->header, HEADER_BYTES + r->bytes, out);
    sg[out] = (QVirtioSg){arena_map(r->status, 1), 1};
    return expect_ok(t, LAYOUT_CLAUSE, blk_run_sg(r, sg, out, 1)) &&
           expect_answer(t, LAYOUT_CLAUSE, r, VIRTIO_BLK_S_OK);
}

static void write_in_pieces(Test *t, QVirtioDevice *dev, unsigned out)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r = in_one_buffer(dev, VIRTIO_BLK_T_OUT, disk->scratch, disk->block_bytes);
    if (!require_that(t, r.header, "memory", "none")) {
        return;
    }
    blk_fill(r.data, disk->scratch, n, seed);
    if (expect_served_in(t, dev, &r, out)) {
        expect_written(t, LAYOUT_CLAUSE, dev, disk->scratch, n, seed);
    }
}

VIRTIO_TEST(header_and_data_may_share_a_descriptor, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES,
            .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = blk_why_not_writable_in_any_layout)
{
    write_in_pieces(t, dev, 1);
}

VIRTIO_TEST(header_and_data_may_be_cut_anywhere, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES,
            .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = blk_why_not_writable_in_any_layout)
{
    static const unsigned pieces[] = {2, 3, 7, PIECES_MAX};
    for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        write_in_pieces(t, dev, pieces[i]);
    }
}

static void zero_in_pieces(Test *t, QVirtioDevice *dev, unsigned out)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    BlkRequest r = in_one_buffer(dev, VIRTIO_BLK_T_WRITE_ZEROES, 0, 16);
    blk_segment(&r, 0, disk->scratch, n, 0);
    if (require_that(t, r.header, "memory", "none") &&
        require_write(t, dev, disk->scratch, n, ~0ull) &&
        expect_served_in(t, dev, &r, out)) {
        expect_zeroes(t, LAYOUT_CLAUSE, dev, disk->scratch, n);
    }
}

VIRTIO_TEST(write_zeroes_segment_may_be_cut_anywhere, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_WRITE_ZEROES),
            .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = blk_why_not_writable_in_any_layout)
{
    zero_in_pieces(t, dev, 1);
    zero_in_pieces(t, dev, 5);
    zero_in_pieces(t, dev, 32);
}
