/* SPDX-License-Identifier: MIT */
/*
 * What the block tests write and expect to read: see blk_lib.h. The content of a test's
 * own is one motif that repeats, with the number of the sector in it. It shows errors as
 * well as 64 computed words in each sector would, and it is cheap where an instruction
 * costs a microsecond.
 */
#include "tests/blk/blk_lib.h"

#define SECTOR_WORDS (SECTOR_BYTES / 8)

bool blk_expect_read(Test *t, const ExpectAt *at, QVirtioDevice *dev, BlkRequest *r,
                     uint64_t sector, uint32_t sectors)
{
    *r = blk_request(dev, VIRTIO_BLK_T_IN, sector, sectors * SECTOR_BYTES);
    return blk_expect_status(t, at, r, VIRTIO_BLK_S_OK);
}

/* Reads sectors for an expectation about their data. That the read works proves no
 * clause. */
static bool read_back(Test *t, const ExpectAt *at, QVirtioDevice *dev, BlkRequest *r,
                      uint64_t sector, uint32_t sectors)
{
    ExpectAt read_at = *at;
    read_at.basis = BASIS_NONE;
    return blk_expect_read(t, &read_at, dev, r, sector, sectors);
}

void blk_fill(void *to, uint64_t sector, uint32_t sectors, uint64_t seed)
{
    uint64_t motif[SECTOR_WORDS];
    pattern_fill(motif, sizeof(motif), seed);
    for (uint32_t i = 0; i < sectors; i++) {
        uint64_t *at = (uint64_t *)to + i * SECTOR_WORDS;
        memcpy(at, motif, sizeof(motif));
        at[0] ^= sector + i;
    }
}

bool blk_expect_write(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                      uint32_t sectors, uint64_t seed)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, sector, sectors * SECTOR_BYTES);
    if (r.header) {
        blk_fill(r.data, sector, sectors, seed);
    }
    return blk_expect_status(t, at, &r, VIRTIO_BLK_S_OK);
}

static bool expect_no_mismatch(Test *t, const ExpectAt *at, size_t bad, uint64_t sector,
                               uint32_t sectors)
{
    return expect_condition(t, at, bad == (size_t)sectors * SECTOR_BYTES,
                            "the data that belongs there",
                            "another byte at offset %zu of %u sectors at %llu", bad,
                            sectors, (unsigned long long)sector);
}

bool blk_expect_filled(Test *t, const ExpectAt *at, const void *data, uint64_t sector,
                       uint32_t sectors, uint64_t seed)
{
    uint64_t motif[SECTOR_WORDS];
    size_t same = 0;
    pattern_fill(motif, sizeof(motif), seed);
    uint64_t unstamped = motif[0];
    for (uint32_t i = 0; i < sectors && same == i * sizeof(motif); i++) {
        motif[0] = unstamped ^ (sector + i);
        same += memory_mismatch((const char *)data + same, motif, sizeof(motif));
    }
    return expect_no_mismatch(t, at, same, sector, sectors);
}

bool blk_expect_written(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                        uint32_t sectors, uint64_t seed)
{
    BlkRequest r;
    return read_back(t, at, dev, &r, sector, sectors) &&
           blk_expect_filled(t, at, r.data, sector, sectors, seed);
}

bool blk_expect_announced_write(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                                uint64_t sector, uint32_t sectors, uint64_t seed)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, sector, sectors * SECTOR_BYTES);
    if (r.header) {
        pattern_fill(r.data, r.bytes, seed + sector * SECTOR_WORDS);
    }
    if (!blk_expect_status(t, at, &r, VIRTIO_BLK_S_OK)) {
        return false;
    }
    test_announce_write(dev, sector, sectors, seed);
    return true;
}

bool blk_expect_pattern(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                        uint32_t sectors, uint64_t seed)
{
    BlkRequest r;
    if (!read_back(t, at, dev, &r, sector, sectors)) {
        return false;
    }
    size_t same = pattern_mismatch(r.data, r.bytes, seed + sector * SECTOR_WORDS);
    return expect_no_mismatch(t, at, same, sector, sectors);
}

#define SEGMENT_MAX 4

unsigned blk_every_other(Test *t, QVirtioDevice *dev, uint32_t type, BlkRequest *r)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    bool is_discard = type == VIRTIO_BLK_T_DISCARD;
    uint64_t most = is_discard ? blk_config(t, dev, max_discard_seg)
                               : blk_config(t, dev, max_write_zeroes_seg);
    if (most < 2) {
        test_skip(t, "the device takes one segment at most: max_%s_seg is %u",
                  is_discard ? "discard" : "write_zeroes", (unsigned)most);
        return 0;
    }
    unsigned segments = most < SEGMENT_MAX ? most : SEGMENT_MAX;
    *r = blk_request(dev, type, 0, segments * 16);
    for (unsigned i = 0; i < segments; i++) {
        blk_segment(r, i, disk->scratch + 2 * i * n, n, 0);
    }
    return segments;
}

bool blk_expect_zeroes(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                       uint32_t sectors)
{
    BlkRequest r;
    if (!read_back(t, at, dev, &r, sector, sectors)) {
        return false;
    }
    /* All bytes are zero when the first one is zero and each one equals the next. */
    uint32_t same = r.data[0] ? 0 : memory_mismatch(r.data, r.data + 1, r.bytes - 1) + 1;
    return expect_condition(t, at, same == r.bytes, "zeroes", "0x%02x at offset %u",
                            same < r.bytes ? r.data[same] : 0, same);
}
