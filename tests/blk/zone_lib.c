/* SPDX-License-Identifier: MIT */
/*
 * Helpers of the tests of zoned disks: see zone_lib.h. The only clause that they prove is
 * that a reset empties a zone.
 */
#include "tests/blk/zone_lib.h"

#define ZONES_MOST 1024 /* the most zones that are looked at one by one */

bool zones_open(Test *t, QVirtioDevice *dev, BlkZones *z)
{
    *z = (BlkZones){
        .zone = blk_config(t, dev, zoned.zone_sectors),
        .max_open = blk_config(t, dev, zoned.max_open_zones),
        .max_active = blk_config(t, dev, zoned.max_active_zones),
        .max_append = blk_config(t, dev, zoned.max_append_sectors),
        .unit = blk_config(t, dev, zoned.write_granularity) / SECTOR_BYTES,
        .model = blk_config(t, dev, zoned.model),
    };
    if (z->model == VIRTIO_BLK_Z_NONE) {
        test_skip(t, "the disk has no zones: its model is VIRTIO_BLK_Z_NONE");
        return false;
    }
    if (!require_ge(t, z->zone, 1) || !require_ge(t, z->unit, 1)) {
        return false;
    }
    z->count = (blk_disk(dev)->capacity + z->zone - 1) / z->zone;
    z->first = (z->count + 1) / 2;
    z->next = z->count;
    return true;
}

bool zone_look(Test *t, QVirtioDevice *dev, uint64_t sector, BlkZone *zone)
{
    struct virtio_blk_zone_report *head;
    struct virtio_blk_zone_descriptor *d;
    BlkRequest r =
        blk_request(dev, VIRTIO_BLK_T_ZONE_REPORT, sector, sizeof(*head) + sizeof(*d));
    if (!require_status(t, &r, VIRTIO_BLK_S_OK)) {
        return false;
    }
    head = (void *)r.data;
    d = (void *)(head + 1);
    *zone = (BlkZone){
        .start = virtio64_get(false, d->z_start),
        .cap = virtio64_get(false, d->z_cap),
        .wp = virtio64_get(false, d->z_wp),
        .type = d->z_type,
        .state = d->z_state,
    };
    return require_eq(t, virtio64_get(false, head->nr_zones), 1);
}

static bool is_usable(const BlkZone *zone)
{
    return zone->type == VIRTIO_BLK_ZT_SWR && zone->state != VIRTIO_BLK_ZS_RDONLY &&
           zone->state != VIRTIO_BLK_ZS_OFFLINE;
}

/* Resets the zone. "The device handles a VIRTIO_BLK_T_ZONE_RESET request by attempting to
 * change the state of the zone ... to VIRTIO_BLK_ZS_EMPTY": when the zone is not empty
 * afterwards, the answer must not have been OK. */
static bool reset(Test *t, QVirtioDevice *dev, BlkZone *zone)
{
    const char *clause =
        zone->state == VIRTIO_BLK_ZS_EMPTY ? BASIS_NONE : "dev:5.2.6.2-23";
    return require_zone(t, dev, VIRTIO_BLK_T_ZONE_RESET, zone->start, VIRTIO_BLK_S_OK) &&
           zone_look(t, dev, zone->start, zone) &&
           expect_eq(t, clause, zone->state, VIRTIO_BLK_ZS_EMPTY) &&
           require_eq(t, zone->wp, zone->start);
}

bool zone_take(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone)
{
    while (z->next > z->first) {
        if (!zone_look(t, dev, --z->next * z->zone, zone)) {
            return false;
        }
        if (is_usable(zone)) {
            return reset(t, dev, zone);
        }
    }
    test_skip(t, "the second half of the disk has too few sequential zones");
    return false;
}

bool zone_mine(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone)
{
    return zones_open(t, dev, z) && zone_take(t, dev, z, zone);
}

bool zone_conventional(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone)
{
    if (!zones_open(t, dev, z)) {
        return false;
    }
    for (uint64_t i = 0; i < z->count && i < ZONES_MOST; i++) {
        if (!zone_look(t, dev, i * z->zone, zone)) {
            return false;
        }
        if (zone->type == VIRTIO_BLK_ZT_CONV) {
            return true;
        }
    }
    test_skip(t, "the disk has no conventional zone");
    return false;
}

bool zone_expect(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t type,
                 uint64_t sector, uint8_t wanted)
{
    BlkRequest r = blk_request(dev, type, sector, 0);
    return blk_expect_status(t, at, &r, wanted);
}

bool zone_expect_state(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                       uint8_t wanted)
{
    BlkZone zone;
    return zone_look(t, dev, sector, &zone) &&
           expect_condition(t, at, zone.state == wanted, "another state",
                            "state %u instead of %u", zone.state, wanted);
}

BlkRequest zone_writing(QVirtioDevice *dev, uint32_t type, uint64_t sector,
                        uint32_t sectors, uint64_t seed)
{
    BlkRequest r = blk_request(dev, type, sector, sectors * SECTOR_BYTES);
    if (r.header) {
        blk_fill(r.data, sector, sectors, seed);
    }
    return r;
}

static bool is_active(const BlkZone *zone)
{
    return zone->state == VIRTIO_BLK_ZS_IOPEN || zone->state == VIRTIO_BLK_ZS_EOPEN ||
           zone->state == VIRTIO_BLK_ZS_CLOSED;
}

bool zones_quiet(Test *t, QVirtioDevice *dev, const BlkZones *z)
{
    if (z->count > ZONES_MOST) {
        test_skip(t, "the disk has more than %u zones", ZONES_MOST);
        return false;
    }
    for (uint64_t i = 0; i < z->count; i++) {
        BlkZone zone;
        if (!zone_look(t, dev, i * z->zone, &zone)) {
            return false;
        }
        if (is_active(&zone) && i < z->first) {
            test_skip(t, "a zone in the first half of the disk, which tests do not "
                         "write, is open or closed");
            return false;
        }
        if (is_active(&zone) &&
            !require_zone(t, dev, VIRTIO_BLK_T_ZONE_RESET, zone.start, VIRTIO_BLK_S_OK)) {
            return false;
        }
    }
    return true;
}
