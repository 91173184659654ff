/* SPDX-License-Identifier: MIT */
/*
 * Zones that become read-only or offline, which is the hand's doing, and a disk that
 * takes no appends (5.2.6.2).
 */
#include "tests/blk/zone_lib.h"
#include "tests/harness/hand.h"

#define INVALID VIRTIO_BLK_S_ZONE_INVALID_CMD

/* The zone cannot change its state: "the zone state does not change and the request MUST
 * be completed with VIRTIO_BLK_S_ZONE_INVALID_CMD". */
static void expect_unmanaged(Test *t, QVirtioDevice *dev, uint64_t at)
{
    expect_zone(t, "dev:5.2.6.2-19", dev, VIRTIO_BLK_T_ZONE_OPEN, at, INVALID);
    expect_zone(t, "dev:5.2.6.2-21", dev, VIRTIO_BLK_T_ZONE_CLOSE, at, INVALID);
    expect_zone(t, "dev:5.2.6.2-22", dev, VIRTIO_BLK_T_ZONE_FINISH, at, INVALID);
    expect_zone(t, "dev:5.2.6.2-23", dev, VIRTIO_BLK_T_ZONE_RESET, at, INVALID);
}

/* Expects that a write is refused, and an append where the disk takes any. */
static void expect_unwritable(Test *t, QVirtioDevice *dev, const BlkZones *z, uint64_t at,
                              const char *clause)
{
    BlkRequest w = zone_writing(dev, VIRTIO_BLK_T_OUT, at + z->unit, z->unit, 1);
    expect_status(t, clause, &w, INVALID);
    if (z->max_append >= z->unit) {
        BlkRequest a = zone_writing(dev, VIRTIO_BLK_T_ZONE_APPEND, at, z->unit, 1);
        expect_status(t, clause, &a, INVALID);
    }
}

VIRTIO_TEST(read_only_zone_is_read_and_not_written, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_HAND | TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone)) {
        return;
    }
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit, 1);
    if (require_status(t, &r, VIRTIO_BLK_S_OK) &&
        hand_do(t, dev, "zone-readonly %llu", (unsigned long long)zone.start)) {
        expect_unwritable(t, dev, &z, zone.start, "dev:5.2.6.2-33");
        expect_written(t, BLK_DATA, dev, zone.start, z.unit, 1);
        expect_unmanaged(t, dev, zone.start);
        require_zone_state(t, dev, zone.start, VIRTIO_BLK_ZS_RDONLY);
    }
}

VIRTIO_TEST(offline_zone_takes_no_requests, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_HAND | TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    static const uint8_t types[] = {VIRTIO_BLK_T_ZONE_OPEN, VIRTIO_BLK_T_ZONE_CLOSE,
                                    VIRTIO_BLK_T_ZONE_FINISH, VIRTIO_BLK_T_ZONE_RESET};
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone) ||
        !hand_do(t, dev, "zone-offline %llu", (unsigned long long)zone.start)) {
        return;
    }
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, zone.start, z.unit * SECTOR_BYTES);
    expect_status(t, "dev:5.2.6.2-34", &r, INVALID);
    expect_unwritable(t, dev, &z, zone.start, "dev:5.2.6.2-34");
    for (unsigned i = 0; i < sizeof(types); i++) {
        expect_zone(t, "dev:5.2.6.2-34", dev, types[i], zone.start, INVALID);
    }
    require_zone_state(t, dev, zone.start, VIRTIO_BLK_ZS_OFFLINE);
}

/* "if max_append_sectors ... is reported as zero ..., the request SHALL be completed with
 * VIRTIO_BLK_S_UNSUPP" */
static void append_without_support(Test *t, QVirtioDevice *dev, const BlkZones *z,
                                   const BlkZone *zone)
{
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_ZONE_APPEND, zone->start, z->unit, 1);
    expect_status(t, "dev:5.2.6.2-28", &r, VIRTIO_BLK_S_UNSUPP);
}

VIRTIO_TEST(append_is_unsupported_where_its_limit_is_zero, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES, .violates = "5.2.6.1",
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone)) {
        return;
    }
    if (z.max_append) {
        test_skip(t, "the disk takes appends: max_append_sectors is %llu",
                  (unsigned long long)z.max_append);
        return;
    }
    append_without_support(t, dev, &z, &zone);
    expect_survives(t, dev);
}

VIRTIO_TEST(append_is_unsupported_when_the_host_forbids_it, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_HAND | TEST_WRITES, .violates = "5.2.6.1",
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (zone_mine(t, dev, &z, &zone) && hand_do(t, dev, "append-limit 0")) {
        append_without_support(t, dev, &z, &zone);
        expect_survives(t, dev);
    }
}
