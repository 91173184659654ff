/* SPDX-License-Identifier: MIT */
/*
 * What the tests of zoned disks share (5.2.6): the disk's characteristics, zones by their
 * reports, and zone requests. They write to sequential zones in the second half of the
 * disk, and to none without resetting it first.
 */
#ifndef TESTS_BLK_ZONE_LIB_H
#define TESTS_BLK_ZONE_LIB_H

#include "tests/blk/blk_lib.h"

/* Of config space, in sectors; 0: no limit, or none of it. */
typedef struct BlkZones {
    uint64_t zone, max_open, max_active, max_append;
    /* Of writes: write_granularity. */
    uint32_t unit;
    uint8_t model;
    uint64_t count;
    /* Zones from here on are the tests'. */
    uint64_t first;
    /* Above the zone that zone_take() looks at next. */
    uint64_t next;
} BlkZones;

/* One zone as a report has it. */
typedef struct BlkZone {
    uint64_t start, cap, wp;
    uint8_t type, state;
} BlkZone;

/* False: the disk has no zones (skipped), or nonsense in config space (which is
 * reported). */
bool zones_open(Test *t, QVirtioDevice *dev, BlkZones *z);
/* The zone that holds the sector. Returns false when that fails, which is reported. */
bool zone_look(Test *t, QVirtioDevice *dev, uint64_t sector, BlkZone *zone);
/* The next sequential zone that must be written at its write pointer, from the end of the
 * disk, reset. False: there is none left (skipped), or reported. */
bool zone_take(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone);
/* Both: one zone of the tests' own. */
bool zone_mine(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone);
/* The first conventional zone. Returns false when the test is over: it is skipped, or the
 * failure is reported. */
bool zone_conventional(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone);

/* A zone request without data is answered with this status. */
#define expect_zone(t, clause, dev, type, sector, wanted) \
    zone_expect(t, EXPECT_AT(clause, "status of " #type), dev, type, sector, wanted)
bool zone_expect(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t type,
                 uint64_t sector, uint8_t wanted);
/* The zone's state, by a report. */
#define expect_zone_state(t, clause, dev, sector, wanted) \
    zone_expect_state(t, EXPECT_AT(clause, "state of the zone"), dev, sector, wanted)
bool zone_expect_state(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                       uint8_t wanted);

/* A write or an append, of content by its sector and seed. */
BlkRequest zone_writing(QVirtioDevice *dev, uint32_t type, uint64_t sector,
                        uint32_t sectors, uint64_t seed);

/* For limits: resets all zones of the tests. False: others are open or closed, or the
 * disk has too many to look at (skipped). */
bool zones_quiet(Test *t, QVirtioDevice *dev, const BlkZones *z);

#endif
