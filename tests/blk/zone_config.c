/* SPDX-License-Identifier: MIT */
/*
 * Config space of a zoned disk (5.2.5.2) must agree with what its zones do: the model,
 * the size of a zone, the granularity of writes, and the longest append. The limits of
 * open zones are in zone_limits.c.
 */
#include "tests/blk/zone_lib.h"

#define LARGEST_APPEND 2048 /* the most sectors for which a test lends memory */

static const uint8_t models[] = {
    [VIRTIO_BLK_ZT_SWR] = VIRTIO_BLK_Z_HM, [VIRTIO_BLK_ZT_SWP] = VIRTIO_BLK_Z_HA};

/* "... to the value of VIRTIO_BLK_Z_HM if it operates as a host-managed zoned block
 * device", _HA "as a host-aware": a host-managed disk has SWR zones, a host-aware one SWP
 * zones. */
VIRTIO_TEST(zoned_model_is_that_of_the_zones, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zones_open(t, dev, &z) || !zone_look(t, dev, (z.count - 1) * z.zone, &zone)) {
        return;
    }
    if (zone.type == VIRTIO_BLK_ZT_CONV) {
        test_skip(t, "the last zone is a conventional one");
    } else if (require_le(t, zone.type, VIRTIO_BLK_ZT_SWP)) {
        expect_eq(t, "dev:5.2.5.2-8", z.model, models[zone.type]);
    }
}

/* "All zones of the device have the same size indicated by zone_sectors except for the
 * last zone that MAY be smaller": each zone must start where the one before it ends. */
VIRTIO_TEST(zone_sectors_is_the_distance_of_zones, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    enum { ZONES = 4 };
    struct virtio_blk_zone_descriptor *d;
    BlkZones z;
    if (!zones_open(t, dev, &z)) {
        return;
    }
    uint32_t bytes = sizeof(struct virtio_blk_zone_report) + ZONES * sizeof(*d);
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_ZONE_REPORT, 0, bytes);
    if (!require_status(t, &r, VIRTIO_BLK_S_OK)) {
        return;
    }
    const struct virtio_blk_zone_report *head = (const void *)r.data;
    uint64_t n = virtio64_get(false, head->nr_zones);
    d = (void *)(r.data + sizeof(*head));
    require_eq(t, n, z.count < ZONES ? z.count : ZONES);
    for (uint64_t i = 0; i < n && i < ZONES; i++) {
        expect_eq(t, "dev:5.2.5.2-9", virtio64_get(false, d[i].z_start), i * z.zone);
        require_le(t, virtio64_get(false, d[i].z_cap), z.zone);
    }
}

/* "... MUST be set ... to the maximum data size of a VIRTIO_BLK_T_ZONE_APPEND request
 * that can be successfully issued to the device." */
VIRTIO_TEST(append_of_max_append_sectors_is_done, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone)) {
        return;
    }
    if (z.max_append == 0 || z.max_append > zone.cap || z.max_append > LARGEST_APPEND) {
        test_skip(t,
                  "the limit of appends is 0 or too large for the test: "
                  "max_append_sectors is %llu",
                  (unsigned long long)z.max_append);
        return;
    }
    BlkRequest r =
        zone_writing(dev, VIRTIO_BLK_T_ZONE_APPEND, zone.start, z.max_append, 1);
    if (expect_status(t, "dev:5.2.5.2-13", &r, VIRTIO_BLK_S_OK)) {
        expect_written(t, BLK_DATA, dev, zone.start, z.max_append, 1);
    }
}

/* "the offset and size alignment constraint for VIRTIO_BLK_T_OUT and
 * VIRTIO_BLK_T_ZONE_APPEND requests issued to a sequential zone" */
VIRTIO_TEST(writes_of_the_granularity_are_done, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone)) {
        return;
    }
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t at = zone.start + i * z.unit;
        BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, at, z.unit, 2);
        if (!expect_status(t, "dev:5.2.5.2-16", &r, VIRTIO_BLK_S_OK)) {
            return;
        }
    }
    expect_written(t, BLK_DATA, dev, zone.start, 2 * z.unit, 2);
    if (zone_look(t, dev, zone.start, &zone)) {
        require_eq(t, zone.wp, zone.start + 2 * z.unit);
    }
}

/* "... at least one of the following conditions is met: ... the ending sector of the
 * request data multiplied by 512 is not a multiple of the value ... write_granularity" */
VIRTIO_TEST(write_below_the_granularity_is_unaligned, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES, .violates = "5.2.6.1",
            .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    BlkZones z;
    BlkZone zone;
    if (!zone_mine(t, dev, &z, &zone)) {
        return;
    }
    if (z.unit == 1) {
        test_skip(t, "no write is too small: write_granularity is one sector");
        return;
    }
    BlkRequest r = zone_writing(dev, VIRTIO_BLK_T_OUT, zone.start, z.unit - 1, 3);
    require_status(t, &r, VIRTIO_BLK_S_ZONE_UNALIGNED_WP);
    expect_survives(t, dev);
}
