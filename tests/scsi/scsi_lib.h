/* SPDX-License-Identifier: MIT */
/*
 * What the SCSI tests share: commands with an expectation, units and places on them,
 * reasons to skip. A test that writes does so in the disk's scratch area, or announces
 * it.
 */
#ifndef TESTS_SCSI_LIB_H
#define TESTS_SCSI_LIB_H

#include "drivers/virtio/device/scsi.h"
#include "tests/harness/test.h"

#define STATUS_CLAUSE   "dev:5.6.6.1.1-1"
#define RESPONSE_CLAUSE "dev:5.6.6.1.1-2"

#define SECTOR_BYTES 512

/* These return a unit that is settled: no unit attention is left. Each skips the test and
 * returns NULL when there is none. The first takes any unit with a medium, the second a
 * disk that may be written. */
const ScsiUnit *scsi_any_unit(Test *t, QVirtioDevice *dev);
const ScsiUnit *scsi_disk(Test *t, QVirtioDevice *dev);
const ScsiUnit *scsi_read_only_disk(Test *t, QVirtioDevice *dev);
const ScsiUnit *scsi_cd(Test *t, QVirtioDevice *dev);
/* Returns a unit of which the host says that its reads take long. */
const ScsiUnit *scsi_slow_unit(Test *t, QVirtioDevice *dev);
bool scsi_is_slow(const QVirtioDevice *dev, const ScsiUnit *u);
/* Gives a target that does not exist. */
bool scsi_free_target(Test *t, QVirtioDevice *dev, ScsiLun *at);
/* Returns what the host tells of the unit, as TARGET.LUN.key; NULL when it tells nothing.
 */
const char *scsi_know(const QVirtioDevice *dev, const ScsiUnit *u, const char *key);

/* ---- Answers ---- */

/* Runs it: response VIRTIO_SCSI_S_OK, status GOOD. Returns false when that fails, which
 * is reported. */
#define expect_good(t, clause, r) scsi_expect_good(t, EXPECT_AT(clause, "answer"), r)
#define require_good(t, ...)      expect_good(t, BASIS_NONE, __VA_ARGS__)
bool scsi_expect_good(Test *t, const ExpectAt *at, ScsiRequest *r);
/* Of one that came back already. */
#define expect_good_answer(t, clause, r) \
    scsi_expect_good_answer(t, EXPECT_AT(clause, "answer"), r)
#define require_good_answer(t, ...) expect_good_answer(t, BASIS_NONE, __VA_ARGS__)
bool scsi_expect_good_answer(Test *t, const ExpectAt *at, const ScsiRequest *r);
/* Runs it: CHECK CONDITION with that sense. */
#define expect_sense(t, clause, r, sense) \
    scsi_expect_sense(t, EXPECT_AT(clause, "sense"), r, sense)
#define require_sense(t, ...) expect_sense(t, BASIS_NONE, __VA_ARGS__)
bool scsi_expect_sense(Test *t, const ExpectAt *at, ScsiRequest *r, uint32_t sense);
/* Runs it: that response, whatever the status. */
#define expect_response(t, clause, r, wanted) \
    scsi_expect_response(t, EXPECT_AT(clause, "response"), r, wanted)
#define require_response(t, ...) expect_response(t, BASIS_NONE, __VA_ARGS__)
bool scsi_expect_response(Test *t, const ExpectAt *at, ScsiRequest *r, uint8_t wanted);

/* ---- Data: sectors of 512 bytes, whatever the unit's blocks are ---- */

static inline uint32_t block_sectors(const ScsiUnit *u)
{
    return u->block_bytes / SECTOR_BYTES;
}

static inline uint64_t unit_sectors(const ScsiUnit *u)
{
    return u->blocks * block_sectors(u);
}

#define SCSI_SCRATCH_SECTORS   64
#define SCSI_ANNOUNCED_SECTORS 128
/* Return the first of the last sectors of a disk, which are for tests, and the first of
 * those before them, whose content is announced. */
uint64_t scsi_scratch(Test *t, QVirtioDevice *dev, const ScsiUnit *u);
uint64_t scsi_announced(const ScsiUnit *u);
/* Returns a block-aligned place for so many sectors in the part that nobody writes. */
uint64_t scsi_pick(Test *t, const ScsiUnit *u, uint32_t sectors);

ScsiRequest scsi_read(QVirtioDevice *dev, const ScsiUnit *u, uint64_t sector,
                      uint32_t sectors);
/* Prepares a write of words splitmix64(seed + sector * 64 + w). */
ScsiRequest scsi_write(QVirtioDevice *dev, const ScsiUnit *u, uint64_t sector,
                       uint32_t sectors, uint64_t seed);
/* The data are those of scsi_write() with this seed. */
#define expect_pattern(t, clause, data, sector, sectors, seed) \
    scsi_expect_pattern(t, EXPECT_AT(clause, #data), data, sector, sectors, seed)
#define require_pattern(t, ...) expect_pattern(t, BASIS_NONE, __VA_ARGS__)
bool scsi_expect_pattern(Test *t, const ExpectAt *at, const void *data, uint64_t sector,
                         uint32_t sectors, uint64_t seed);
/* A read, and what it brings. */
#define expect_read_back(t, clause, dev, u, sector, sectors, seed)                    \
    scsi_expect_read_back(t, EXPECT_AT(clause, "data read"), dev, u, sector, sectors, \
                          seed)
#define require_read_back(t, ...) expect_read_back(t, BASIS_NONE, __VA_ARGS__)
bool scsi_expect_read_back(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                           const ScsiUnit *u, uint64_t sector, uint32_t sectors,
                           uint64_t seed);
/* Writes, and reads back what was written. */
bool scsi_write_and_check(Test *t, QVirtioDevice *dev, const ScsiUnit *u, uint64_t sector,
                          uint32_t sectors, uint64_t seed);

/* Blocks at the start of a disk's scratch area, written with this seed. */
typedef struct ScsiKnown {
    const ScsiUnit *u;
    /* The first one's first sector. */
    uint64_t at;
    /* Sectors of each. */
    uint32_t n;
    uint64_t seed;
} ScsiKnown;
/* Returns false when the test is over: it is skipped, or the failure is reported. */
bool scsi_write_known(Test *t, QVirtioDevice *dev, unsigned blocks, ScsiKnown *k);

/* A field of struct virtio_scsi_config, 0 when it cannot be read (and that is reported).
 */
#define scsi_config(t, dev, field)                                        \
    scsi_config_field(t, dev, offsetof(struct virtio_scsi_config, field), \
                      sizeof(((struct virtio_scsi_config *)NULL)->field))
uint64_t scsi_config_field(Test *t, QVirtioDevice *dev, size_t off, size_t width);

/* .why_not: */
const char *scsi_why_not_framing(QVirtioDevice *dev);
const char *scsi_why_not_writable(QVirtioDevice *dev);

#endif
