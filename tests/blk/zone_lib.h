/* SPDX-License-Identifier: MIT */
/*
 * What the tests of zoned disks share (5.2.6): the disk's characteristics, zones as
 * reports show them, and zone requests. The tests write only to sequential zones in the
 * second half of the disk, and reset each of them first.
 */
#ifndef TESTS_BLK_ZONE_LIB_H
#define TESTS_BLK_ZONE_LIB_H

#include "tests/blk/blk_lib.h"

/* The characteristics in config space, in sectors. A limit of 0 means that there is no
 * limit, or that the disk has none of it. */
typedef struct BlkZones {
    uint64_t zone, max_open, max_active, max_append;
    /* The granularity of writes (write_granularity). */
    uint32_t unit;
    uint8_t model;
    /* How many zones the disk has. */
    uint64_t count;
    /* The first zone that tests may write to. */
    uint64_t first;
    /* The zone behind the one that zone_take() looks at next. */
    uint64_t next;
} BlkZones;

/* One zone, as a report shows it; places are sectors. */
typedef struct BlkZone {
    uint64_t start, cap, wp;
    uint8_t type, state;
} BlkZone;

/* Reads the characteristics. Returns false when the test is over: the disk has no zones
 * and the test is skipped, or config space makes no sense, which is reported. */
bool zones_open(Test *t, QVirtioDevice *dev, BlkZones *z);
/* Reports on the zone that holds the sector. Returns false when that fails, which is
 * reported. */
bool zone_look(Test *t, QVirtioDevice *dev, uint64_t sector, BlkZone *zone);
/* Takes the next sequential zone that must be written at its write pointer (SWR), from
 * the end of the disk on, and resets it. Returns false when the test is over: no zone is
 * left and the test is skipped, or the failure is reported. */
bool zone_take(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone);
/* Calls zones_open() and zone_take(): the test then has one zone of its own. */
bool zone_mine(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone);
/* Finds the first conventional zone. Returns false when the test is over: it is skipped,
 * or the failure is reported. */
bool zone_conventional(Test *t, QVirtioDevice *dev, BlkZones *z, BlkZone *zone);

/* Runs a zone request without data and expects this status. */
#define expect_zone(t, clause, dev, type, sector, wanted) \
    zone_expect(t, EXPECT_AT(clause, "status of " #type), dev, type, sector, wanted)
#define require_zone(t, ...) expect_zone(t, BASIS_NONE, __VA_ARGS__)
bool zone_expect(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t type,
                 uint64_t sector, uint8_t wanted);
/* Reports on the zone and expects this state. */
#define expect_zone_state(t, clause, dev, sector, wanted) \
    zone_expect_state(t, EXPECT_AT(clause, "state of the zone"), dev, sector, wanted)
#define require_zone_state(t, ...) expect_zone_state(t, BASIS_NONE, __VA_ARGS__)
bool zone_expect_state(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint64_t sector,
                       uint8_t wanted);

/* Makes a write or an append, with content that depends on the sector and the seed. */
BlkRequest zone_writing(QVirtioDevice *dev, uint32_t type, uint64_t sector,
                        uint32_t sectors, uint64_t seed);

/* For tests of limits: resets all active zones that tests may write to. Returns false
 * when the test is over: other zones are open or closed, or the disk has too many zones
 * to look at, and the test is skipped; or the failure is reported. */
bool zones_quiet(Test *t, QVirtioDevice *dev, const BlkZones *z);

#endif
