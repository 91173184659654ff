/* SPDX-License-Identifier: MIT */
/*
 * How many zones a disk keeps open and active at once (5.2.5.2, 5.2.6.2): as many as
 * config space says. It must refuse one more with a status that stands for this limit.
 */
#include "tests/blk/zone_lib.h"

#define LIMIT_MOST 256 /* the most zones that a test opens */

/* Opens the disk when all zones that tests may use are free and so many that the limit
 * can be reached. Returns false when the test is over. */
static bool open_disk(Test *t, QVirtioDevice *dev, BlkZones *z, bool by_active)
{
    if (!zones_open(t, dev, z) || !zones_quiet(t, dev, z)) {
        return false;
    }
    uint64_t limit = by_active ? z->max_active : z->max_open;
    bool is_hidden = !by_active && z->max_active && z->max_active < z->max_open;
    if (limit == 0 || limit > LIMIT_MOST || is_hidden) {
        test_skip(
            t,
            "the limits cannot be reached: max_open_zones is %llu, max_active_zones %llu",
            (unsigned long long)z->max_open, (unsigned long long)z->max_active);
        return false;
    }
    return true;
}

static bool expect_refusal(Test *t, const ExpectAt *at, BlkRequest *r)
{
    if (!require_ok(t, blk_run(r))) {
        return false;
    }
    return expect_condition(t, at,
                            *r->status == VIRTIO_BLK_S_ZONE_OPEN_RESOURCE ||
                                *r->status == VIRTIO_BLK_S_ZONE_ACTIVE_RESOURCE,
                            "VIRTIO_BLK_S_ZONE_OPEN_RESOURCE or _ACTIVE_RESOURCE",
                            "status 0x%02x", *r->status);
}

/* Opens n zones explicitly. If config space shows a limit that is too high, this
 * fails. */
static bool open_zones(Test *t, QVirtioDevice *dev, BlkZones *z, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        BlkZone zone;
        if (!zone_take(t, dev, z, &zone) ||
            !expect_zone(t, "dev:5.2.5.2-11", dev, VIRTIO_BLK_T_ZONE_OPEN, zone.start,
                         VIRTIO_BLK_S_OK)) {
            return false;
        }
    }
    return true;
}

/* Opens as many zones as the limit allows, and takes one more that is not open. */
static bool open_all(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone)
{
    return open_disk(t, dev, z, false) && open_zones(t, dev, z, z->max_open) &&
           zone_take(t, dev, z, zone);
}

/* "... the maximum number of zones that can be open on the device": one more zone must
 * not open. */
VIRTIO_TEST(as_many_zones_open_as_max_open_zones, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!open_all(t, dev, &z, &zone)) {
        return;
    }
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_ZONE_OPEN, zone.start, 0);
    if (require_ok(t, blk_run(&r)) &&
        expect_ne(t, "dev:5.2.5.2-11", *r.status, VIRTIO_BLK_S_OK)) {
        BlkRequest again = blk_request(dev, VIRTIO_BLK_T_ZONE_OPEN, zone.start, 0);
        expect_refusal(t, EXPECT_AT("dev:5.2.6.2-20", "status"), &again);
        require_zone_state(t, dev, zone.start, VIRTIO_BLK_ZS_EMPTY);
    }
}

/* "This transition may fail due to insufficient open and/or active zone resources".
 * The open zones were opened explicitly, so the device may close none of them to make
 * room. */
VIRTIO_TEST(write_that_opens_one_zone_too_many_is_refused, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!open_all(t, dev, &z, &zone)) {
        return;
    }
    BlkRequest w = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit, 1);
    expect_refusal(t, EXPECT_AT("dev:5.2.6.2-24", "status of a write"), &w);
    if (z.max_append >= z.unit) {
        BlkRequest a = zone_writing(dev, VIRTIO_BLK_T_ZONE_APPEND, zone.start, z.unit, 1);
        expect_refusal(t, EXPECT_AT("dev:5.2.6.2-24", "status of an append"), &a);
    }
}

/* Zones that are written and closed are active. */
VIRTIO_TEST(as_many_zones_active_as_max_active_zones, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!open_disk(t, dev, &z, true)) {
        return;
    }
    for (uint64_t i = 0; i < z.max_active; i++) {
        if (!zone_take(t, dev, &z, &zone)) {
            return;
        }
        BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit, 1);
        if (!expect_status(t, "dev:5.2.5.2-12", &r, VIRTIO_BLK_S_OK) ||
            !require_zone(t, dev, VIRTIO_BLK_T_ZONE_CLOSE, zone.start, VIRTIO_BLK_S_OK)) {
            return;
        }
    }
    if (zone_take(t, dev, &z, &zone)) {
        BlkRequest r = blk_request(dev, VIRTIO_BLK_T_ZONE_OPEN, zone.start, 0);
        if (require_ok(t, blk_run(&r)) &&
            expect_ne(t, "dev:5.2.5.2-12", *r.status, VIRTIO_BLK_S_OK)) {
            expect_answer(t, "dev:5.2.6.2-20", &r, VIRTIO_BLK_S_ZONE_ACTIVE_RESOURCE);
        }
    }
}
