/* SPDX-License-Identifier: MIT */
/*
 * Requests that move a zone from one state to another (5.2.6, 5.2.6.2): the states that
 * follow, and what the device refuses. Left out are closing an empty zone and finishing
 * an empty or closed one: the drives behind such disks allow it, but the text names no
 * such transition.
 */
#include "tests/blk/zone_lib.h"

#define INVALID VIRTIO_BLK_S_ZONE_INVALID_CMD

/* Writes to the zone and finishes it, so that it is full. */
static bool fill(Test *t, QVirtioDevice *dev, const BlkZones *z, const BlkZone *zone)
{
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone->start, z->unit, 1);
    return require_status(t, &r, VIRTIO_BLK_S_OK) &&
           require_zone(t, dev, VIRTIO_BLK_T_ZONE_FINISH, zone->start, VIRTIO_BLK_S_OK);
}

/* An open zone without data becomes empty when it is closed. With data it becomes closed,
 * and can be opened again. */
VIRTIO_TEST(zone_opens_and_closes, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .rings = RINGS_ALL, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone)) {
        return;
    }
    uint64_t at = zone.start;
    require_zone_state(t, dev, at, VIRTIO_BLK_ZS_EMPTY);
    require_zone(t, dev, VIRTIO_BLK_T_ZONE_OPEN, at, VIRTIO_BLK_S_OK);
    require_zone_state(t, dev, at, VIRTIO_BLK_ZS_EOPEN);
    require_zone(t, dev, VIRTIO_BLK_T_ZONE_CLOSE, at, VIRTIO_BLK_S_OK);
    require_zone_state(t, dev, at, VIRTIO_BLK_ZS_EMPTY);
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, at, z.unit, 1);
    require_status(t, &r, VIRTIO_BLK_S_OK);
    require_zone_state(t, dev, at, VIRTIO_BLK_ZS_IOPEN);
    require_zone(t, dev, VIRTIO_BLK_T_ZONE_CLOSE, at, VIRTIO_BLK_S_OK);
    require_zone_state(t, dev, at, VIRTIO_BLK_ZS_CLOSED);
    require_zone(t, dev, VIRTIO_BLK_T_ZONE_OPEN, at, VIRTIO_BLK_S_OK);
    require_zone_state(t, dev, at, VIRTIO_BLK_ZS_EOPEN);
}

/* "attempting to change the state ... to VIRTIO_BLK_ZS_FULL": when the zone is not full
 * afterwards, the answer must not have been OK. */
VIRTIO_TEST(finished_zone_is_full, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .flags = TEST_WRITES, .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (zone_mine(t, dev, &z, &zone) && fill(t, dev, &z, &zone)) {
        expect_zone_state(t, "dev:5.2.6.2-22", dev, zone.start, VIRTIO_BLK_ZS_FULL);
    }
}

/* zone_take() takes the zone once more, which resets it and expects that it is empty. */
VIRTIO_TEST(reset_zone_is_empty, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .flags = TEST_WRITES, .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (zone_mine(t, dev, &z, &zone) && fill(t, dev, &z, &zone)) {
        z.next++;
        if (zone_take(t, dev, &z, &zone)) {
            BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit, 2);
            require_status(t, &r, VIRTIO_BLK_S_OK);
        }
    }
}

/* A zone can only go from VIRTIO_BLK_ZS_FULL to VIRTIO_BLK_ZS_EMPTY. */
VIRTIO_TEST(full_zone_is_neither_opened_nor_closed, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (zone_mine(t, dev, &z, &zone) && fill(t, dev, &z, &zone)) {
        expect_zone(t, "dev:5.2.6.2-19", dev, VIRTIO_BLK_T_ZONE_OPEN, zone.start,
                    INVALID);
        expect_zone(t, "dev:5.2.6.2-21", dev, VIRTIO_BLK_T_ZONE_CLOSE, zone.start,
                    INVALID);
    }
}

static const struct {
    uint8_t type;
    /* The clause that begins "If the transition ... can not be performed". */
    const char *clause;
} managements[] = {
    {VIRTIO_BLK_T_ZONE_OPEN, "dev:5.2.6.2-19"},
    {VIRTIO_BLK_T_ZONE_CLOSE, "dev:5.2.6.2-21"},
    {VIRTIO_BLK_T_ZONE_FINISH, "dev:5.2.6.2-22"},
    {VIRTIO_BLK_T_ZONE_RESET, "dev:5.2.6.2-23"},
};

/* "... issued for a Conventional zone ..., the device MUST complete the request with
 * VIRTIO_BLK_S_ZONE_INVALID_CMD" */
VIRTIO_TEST(conventional_zone_is_not_managed, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zone_conventional(t, dev, &z, &zone)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(managements) / sizeof(*managements); i++) {
        expect_zone(t, "dev:5.2.6.2-17", dev, managements[i].type, zone.start, INVALID);
    }
    require_zone_state(t, dev, zone.start, VIRTIO_BLK_ZS_NOT_WP);
}

/* No zone exists there whose state could change. */
VIRTIO_TEST(zone_behind_the_disk_is_not_managed, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .violates = "5.2.6.1",
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    if (!zones_open(t, dev, &z)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(managements) / sizeof(*managements); i++) {
        expect_zone(t, managements[i].clause, dev, managements[i].type, z.count * z.zone,
                    INVALID);
    }
    expect_survives(t, dev);
}

/* The test runs only where no zone outside the tests' half holds data, because the reset
 * would lose it. */
VIRTIO_TEST(reset_all_empties_every_zone, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .flags = TEST_WRITES, .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone one, other;
    if (!zone_mine(t, dev, &z, &one) || !zone_take(t, dev, &z, &other) ||
        !zones_quiet(t, dev, &z)) {
        return;
    }
    for (uint64_t i = 0; i < z.first; i++) {
        BlkZone zone;
        if (!zone_look(t, dev, i * z.zone, &zone)) {
            return;
        }
        if (zone.state != VIRTIO_BLK_ZS_EMPTY && zone.state != VIRTIO_BLK_ZS_NOT_WP) {
            test_skip(t, "a zone in the first half of the disk, which tests do not "
                         "write, holds data");
            return;
        }
    }
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, other.start, z.unit, 1);
    if (fill(t, dev, &z, &one) && require_status(t, &r, VIRTIO_BLK_S_OK)) {
        require_zone(t, dev, VIRTIO_BLK_T_ZONE_RESET_ALL, 0, VIRTIO_BLK_S_OK);
        require_zone_state(t, dev, one.start, VIRTIO_BLK_ZS_EMPTY);
        require_zone_state(t, dev, other.start, VIRTIO_BLK_ZS_EMPTY);
    }
}
