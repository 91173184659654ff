/* SPDX-License-Identifier: MIT */
/*
 * Sectors behind the write pointer (5.2.6.2) count as unwritten, whatever was there
 * before. A read of them returns a fill pattern or fails. Another test is about secure
 * erase of a zone.
 */
#include "tests/blk/zone_lib.h"

/* Writes data to the first two units of a zone. */
static bool write_two(Test *t, QVirtioDevice *dev, const BlkZones *z, const BlkZone *zone,
                      uint64_t seed)
{
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone->start, 2 * z->unit, seed);
    return require_status(t, &r, VIRTIO_BLK_S_OK);
}

/* Expects that the sectors do not hold what blk_fill() makes of the seed. The read may
 * also fail. */
static void expect_unwritten(Test *t, QVirtioDevice *dev, uint64_t sector,
                             uint32_t sectors, uint64_t seed)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, sector, sectors * SECTOR_BYTES);
    uint8_t *old = arena_lend(sectors * SECTOR_BYTES, 16);
    if (!require_that(t, r.header && old, "memory", "none") ||
        !require_ok(t, blk_run(&r)) || *r.status != VIRTIO_BLK_S_OK) {
        return;
    }
    blk_fill(old, sector, sectors, seed);
    for (uint32_t at = 0; at < r.bytes; at += SECTOR_BYTES) {
        size_t same = memory_mismatch(r.data + at, old + at, SECTOR_BYTES);
        expect_ne(t, "dev:5.2.6.2-35", same, SECTOR_BYTES);
    }
    /* "Fill the unwritten data with a device-specific byte pattern." */
    expect_eq(t, "dev:5.2.6.2-36", blk_written_bytes(t, &r), r.bytes);
}

VIRTIO_TEST(reset_zone_does_not_give_out_old_data, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    uint64_t seed = random_next(&t->random);
    if (zone_mine(t, dev, &z, &zone) && write_two(t, dev, &z, &zone, seed) &&
        require_zone(t, dev, VIRTIO_BLK_T_ZONE_RESET, zone.start, VIRTIO_BLK_S_OK)) {
        expect_unwritten(t, dev, zone.start, 2 * z.unit, seed);
    }
}

/* "The sectors between the write pointer position and the end of the last sector within
 * the zone capacity during VIRTIO_BLK_T_ZONE_FINISH request processing are also
 * considered unwritten data." */
VIRTIO_TEST(finished_zone_does_not_give_out_old_data, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    uint64_t seed = random_next(&t->random);
    if (!zone_mine(t, dev, &z, &zone) || !write_two(t, dev, &z, &zone, seed) ||
        !require_zone(t, dev, VIRTIO_BLK_T_ZONE_RESET, zone.start, VIRTIO_BLK_S_OK)) {
        return;
    }
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit, ~seed);
    if (require_status(t, &r, VIRTIO_BLK_S_OK) &&
        require_zone(t, dev, VIRTIO_BLK_T_ZONE_FINISH, zone.start, VIRTIO_BLK_S_OK)) {
        expect_written(t, BLK_DATA, dev, zone.start, z.unit, ~seed);
        expect_unwritten(t, dev, zone.start + z.unit, z.unit, seed);
    }
}

/* "The device MUST handle a VIRTIO_BLK_T_SECURE_ERASE request in the same way it handles
 * VIRTIO_BLK_T_ZONE_RESET request for the zone range specified" */
VIRTIO_TEST(secure_erase_resets_a_zone, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED, VIRTIO_BLK_F_SECURE_ERASE))
{
    BlkZones z;
    BlkZone zone;
    uint64_t seed = random_next(&t->random);
    /* The zone that is taken first may be the last one of the disk, and smaller than the
     * others. */
    if (!zone_mine(t, dev, &z, &zone) || !zone_take(t, dev, &z, &zone) ||
        !write_two(t, dev, &z, &zone, seed)) {
        return;
    }
    uint64_t unit = blk_config(t, dev, secure_erase_sector_alignment);
    uint64_t most = blk_config(t, dev, max_secure_erase_sectors);
    if (unit > z.zone || (most && most < z.zone)) {
        test_skip(t, "the device does not allow a secure erase of a single zone");
        return;
    }
    BlkRequest r = blk_range(dev, VIRTIO_BLK_T_SECURE_ERASE, zone.start, z.zone, 0);
    if (require_status(t, &r, VIRTIO_BLK_S_OK)) {
        expect_zone_state(t, "dev:5.2.6.2-39", dev, zone.start, VIRTIO_BLK_ZS_EMPTY);
        expect_unwritten(t, dev, zone.start, 2 * z.unit, seed);
    }
}

VIRTIO_TEST(secure_erase_of_a_zone_with_an_unknown_flag_is_unsupported,
            .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN, .flags = TEST_WRITES,
            .violates = "5.2.6",
            .needs = FEATURES(VIRTIO_BLK_F_ZONED, VIRTIO_BLK_F_SECURE_ERASE))
{
    BlkZones z;
    BlkZone zone;
    if (zone_mine(t, dev, &z, &zone) && zone_take(t, dev, &z, &zone)) {
        BlkRequest r = blk_range(dev, VIRTIO_BLK_T_SECURE_ERASE, zone.start, z.zone, 2);
        expect_status(t, "dev:5.2.6.2-4", &r, VIRTIO_BLK_S_UNSUPP);
        expect_survives(t, dev);
    }
}
