/* SPDX-License-Identifier: MIT */
/*
 * Writes and appends to zones (5.2.6.2): they must begin at the write pointer, stay
 * within the zone and its capacity, and have sizes that the disk takes.
 */
#include "tests/blk/zone_lib.h"

#define INVALID     VIRTIO_BLK_S_ZONE_INVALID_CMD
#define MEMORY_MOST 4096 /* the most sectors for which a test lends memory */
#define ZONED_WRITES \
    .buses = BUS_MODERN, .flags = TEST_WRITES, .needs = FEATURES(VIRTIO_BLK_F_ZONED)

/* "that has the sector value that is not aligned with the write pointer for the zone" */
VIRTIO_TEST(write_off_the_write_pointer_is_unaligned, .device = VIRTIO_ID_BLOCK,
            ZONED_WRITES)
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone)) {
        return;
    }
    BlkRequest ahead =
        zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start + 2 * z.unit, z.unit, 1);
    BlkRequest first = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit, 2);
    BlkRequest again = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit, 3);
    expect_status(t, "dev:5.2.6.2-31", &ahead, VIRTIO_BLK_S_ZONE_UNALIGNED_WP);
    if (require_status(t, &first, VIRTIO_BLK_S_OK)) {
        expect_status(t, "dev:5.2.6.2-31", &again, VIRTIO_BLK_S_ZONE_UNALIGNED_WP);
        expect_written(t, BLK_DATA, dev, zone.start, z.unit, 2);
    }
}

/* Returns whether the disk takes appends; if not, the test is skipped. */
static bool has_append(Test *t, const BlkZones *z)
{
    if (z->max_append < z->unit) {
        test_skip(t, "the disk takes no appends: max_append_sectors is %llu",
                  (unsigned long long)z->max_append);
        return false;
    }
    return true;
}

/* "append_sector ... MUST be set by the device to contain the first sector of the data
 * written to the zone." */
VIRTIO_TEST(append_tells_where_it_wrote, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
            ZONED_WRITES)
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone) || !has_append(t, &z)) {
        return;
    }
    for (uint64_t i = 0; i < 3; i++) {
        uint64_t at = zone.start + i * z.unit;
        BlkRequest r =
            blk_request(dev, VIRTIO_BLK_T_ZONE_APPEND, zone.start, z.unit * SECTOR_BYTES);
        if (r.header) {
            blk_fill(r.data, at, z.unit, 4);
        }
        if (!require_status(t, &r, VIRTIO_BLK_S_OK) ||
            !expect_eq(t, "dev:5.2.6.2-27", virtio64_get(false, *r.append_sector), at)) {
            return;
        }
    }
    expect_written(t, BLK_DATA, dev, zone.start, 3 * z.unit, 4);
}

VIRTIO_TEST(append_to_a_conventional_zone_is_invalid, .device = VIRTIO_ID_BLOCK,
            ZONED_WRITES)
{
    BlkZones z;
    BlkZone zone;
    if (zone_conventional(t, dev, &z, &zone) && has_append(t, &z)) {
        BlkRequest r =
            blk_request(dev, VIRTIO_BLK_T_ZONE_APPEND, zone.start, z.unit * SECTOR_BYTES);
        expect_status(t, "dev:5.2.6.2-18", &r, INVALID);
    }
}

/* "If the sector field ... does not specify the lowest sector for a zone" */
VIRTIO_TEST(append_to_the_middle_of_a_zone_is_invalid, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6.1", ZONED_WRITES)
{
    BlkZones z;
    BlkZone zone;
    if (zone_mine(t, dev, &z, &zone) && has_append(t, &z)) {
        BlkRequest r =
            zone_writing(dev, VIRTIO_BLK_T_ZONE_APPEND, zone.start + z.unit, z.unit, 5);
        expect_status(t, "dev:5.2.6.2-25", &r, INVALID);
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(append_of_more_than_max_append_sectors_is_invalid, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6.1", ZONED_WRITES)
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone) || !has_append(t, &z)) {
        return;
    }
    uint64_t sectors = z.max_append + z.unit;
    if (sectors > MEMORY_MOST) {
        test_skip(t,
                  "the test has too little memory for max_append_sectors, which is %llu",
                  (unsigned long long)z.max_append);
        return;
    }
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_ZONE_APPEND, zone.start, sectors, 6);
    expect_status(t, "dev:5.2.6.2-29", &r, INVALID);
    expect_survives(t, dev);
}

/* "... the data range that exceeds the remaining writable capacity for the zone" */
VIRTIO_TEST(write_past_the_capacity_of_a_zone_is_invalid, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6.1", ZONED_WRITES)
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone) || !zone_take(t, dev, &z, &zone)) {
        return;
    }
    if (zone.cap + z.unit > MEMORY_MOST) {
        test_skip(t,
                  "the test has too little memory for the zone's capacity, which is %llu",
                  (unsigned long long)zone.cap);
        return;
    }
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, zone.cap + z.unit, 7);
    expect_status(t, "dev:5.2.6.2-26", &r, INVALID);
    require_zone_state(t, dev, zone.start, VIRTIO_BLK_ZS_EMPTY);
    expect_survives(t, dev);
}

/* "... a VIRTIO_BLK_T_IN request or a VIRTIO_BLK_T_OUT request issued to a SWR zone has
 * the range that has sectors in more than one zone" */
VIRTIO_TEST(request_across_two_zones_is_invalid, .device = VIRTIO_ID_BLOCK, ZONED_WRITES)
{
    BlkZones z;
    BlkZone zone;
    /* The zone that is taken first lies behind this one. */
    if (!zone_mine(t, dev, &z, &zone) || !zone_take(t, dev, &z, &zone)) {
        return;
    }
    uint32_t n = 2 * block_sectors(blk_disk(dev));
    BlkRequest in =
        blk_request(dev, VIRTIO_BLK_T_IN, zone.start + z.zone - n / 2, n * SECTOR_BYTES);
    expect_status(t, "dev:5.2.6.2-30", &in, INVALID);
    if (z.zone + z.unit <= MEMORY_MOST) {
        BlkRequest out =
            zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.zone + z.unit, 8);
        expect_status(t, "dev:5.2.6.2-30", &out, INVALID);
    }
}
