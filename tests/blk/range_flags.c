/* SPDX-License-Identifier: MIT */
/*
 * Discard and write zeroes requests that break a rule for drivers (5.2.6, 5.2.6.1): a
 * reserved or forbidden flag, a range beyond the end of the disk, too many segments, or
 * an incomplete segment.
 */
#include "tests/blk/blk_lib.h"

#define DISCARD      VIRTIO_BLK_T_DISCARD
#define WRITE_ZEROES VIRTIO_BLK_T_WRITE_ZEROES
#define UNMAP        VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP

/* "The device MUST set the status byte to VIRTIO_BLK_S_UNSUPP for discard, secure erase
 * and write zeroes commands if any unknown flag is set." */
static void expect_unknown_flags_unsupported(Test *t, QVirtioDevice *dev, uint32_t type)
{
    static const uint32_t unknown[] = {1u << 1, 1u << 31, 1u << 16, ~1u};
    const BlkDisk *disk = blk_disk(dev);
    for (unsigned i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
        BlkRequest r =
            blk_range(dev, type, disk->scratch, block_sectors(disk), unknown[i]);
        expect_status(t, "dev:5.2.6.2-4", &r, VIRTIO_BLK_S_UNSUPP);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(discard_with_an_unknown_flag_is_unsupported, BLK_DISCARDS,
            .violates = "5.2.6")
{
    expect_unknown_flags_unsupported(t, dev, DISCARD);
}

VIRTIO_TEST(write_zeroes_with_an_unknown_flag_is_unsupported, BLK_ZEROES,
            .violates = "5.2.6")
{
    expect_unknown_flags_unsupported(t, dev, WRITE_ZEROES);
}

VIRTIO_TEST(write_zeroes_with_an_unknown_flag_zeroes_nothing, BLK_ZEROES,
            .violates = "5.2.6")
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t seed = random_next(&t->random);
    BlkRequest r = blk_range(dev, WRITE_ZEROES, disk->scratch, n, UNMAP | 2);
    if (require_write(t, dev, disk->scratch, n, seed) &&
        expect_status(t, "dev:5.2.6.2-4", &r, VIRTIO_BLK_S_UNSUPP)) {
        expect_written(t, BLK_DATA, dev, disk->scratch, n, seed);
    }
    expect_survives(t, dev);
}

/* "The unmap bit MUST be zero for discard commands." And: "the device MUST set the status
 * byte to VIRTIO_BLK_S_UNSUPP for discard commands if the unmap flag is set." */
VIRTIO_TEST(discard_with_unmap_is_unsupported, BLK_DISCARDS, .violates = "5.2.6.1")
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest r = blk_range(dev, DISCARD, disk->scratch, block_sectors(disk), UNMAP);
    expect_status(t, "dev:5.2.6.2-5", &r, VIRTIO_BLK_S_UNSUPP);
    expect_survives(t, dev);
}

/* The range starts at the last block and ends behind the disk. The device must not report
 * success. */
static void run_past_the_end(Test *t, QVirtioDevice *dev, uint32_t type)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint64_t last = disk->scratch + BLK_SCRATCH_SECTORS - n;
    const uint64_t starts[] = {last, disk->capacity, -(uint64_t)n, 1ull << 55};
    for (unsigned i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
        BlkRequest r = blk_range(dev, type, starts[i], 2 * n, 0);
        if (blk_provoke_plain(&r, 0) != BLK_USED) {
            break;
        }
        require_ne(t, *r.status, VIRTIO_BLK_S_OK);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(discard_behind_the_end_is_refused, BLK_DISCARDS, .violates = "5.2.6.1")
{
    run_past_the_end(t, dev, DISCARD);
}

VIRTIO_TEST(write_zeroes_behind_the_end_is_refused, BLK_ZEROES, .violates = "5.2.6.1")
{
    run_past_the_end(t, dev, WRITE_ZEROES);
}

/* Requests "MUST NOT contain more than max_discard_seg ... segments", and the data "MUST
 * be a multiple of the size of struct virtio_blk_discard_write_zeroes". */
static void send_bad_lengths(Test *t, QVirtioDevice *dev, uint32_t type, uint64_t most)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint32_t segments = most < 15 ? most + 1 : 16;
    const uint32_t lengths[] = {segments * 16, 17, 0, 15};
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        BlkRequest r = blk_request(dev, type, 0, lengths[i]);
        for (uint32_t s = 0; s < lengths[i] / 16; s++) {
            blk_segment(&r, s, disk->scratch + s % 4 * n, n, 0);
        }
        if (blk_provoke_plain(&r, BLK_SHORT_PATIENCE_NS) != BLK_USED) {
            break;
        }
        require_le(t, *r.status, VIRTIO_BLK_S_UNSUPP);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(discard_of_a_bad_length_is_survived, BLK_DISCARDS, .violates = "5.2.6.1")
{
    send_bad_lengths(t, dev, DISCARD, blk_config(t, dev, max_discard_seg));
}

VIRTIO_TEST(write_zeroes_of_a_bad_length_is_survived, BLK_ZEROES, .violates = "5.2.6.1")
{
    send_bad_lengths(t, dev, WRITE_ZEROES, blk_config(t, dev, max_write_zeroes_seg));
}
