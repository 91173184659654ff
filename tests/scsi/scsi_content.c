/* SPDX-License-Identifier: MIT */
/*
 * What the SCSI tests write and expect to read: see scsi_lib.h. All content is the
 * runner's pattern, so that what is announced can be judged in the image as well.
 */
#include "kernel/lib/printf.h"
#include "tests/scsi/scsi_lib.h"

#define SECTOR_WORDS (SECTOR_BYTES / 8)

uint64_t scsi_announced(const ScsiUnit *u)
{
    return unit_sectors(u) - SCSI_SCRATCH_SECTORS - SCSI_ANNOUNCED_SECTORS;
}

/* The runner must not judge these sectors: said once a run for each disk. */
uint64_t scsi_scratch(Test *t, QVirtioDevice *dev, const ScsiUnit *u)
{
    static uint64_t told[4];
    (void)t;
    uint64_t scratch = unit_sectors(u) - SCSI_SCRATCH_SECTORS;
    uint64_t bit = 1ull << (u - scsi_map(dev)->unit);
    if (dev->index < 4 && !(told[dev->index] & bit)) {
        told[dev->index] |= bit;
        kprintf("# scratch %s.%u.%u sector %llu count %u\n", strchr(dev->name, '.') + 1,
                u->at.target, u->at.lun, (unsigned long long)scratch,
                SCSI_SCRATCH_SECTORS);
    }
    return scratch;
}

uint64_t scsi_pick(Test *t, const ScsiUnit *u, uint32_t sectors)
{
    uint64_t end = u->is_read_only ? unit_sectors(u) : scsi_announced(u);
    uint32_t step = block_sectors(u);
    return random_below(&t->random, (end - sectors) / step + 1) * step;
}

ScsiRequest scsi_read(QVirtioDevice *dev, const ScsiUnit *u, uint64_t sector,
                      uint32_t sectors)
{
    uint32_t per_block = block_sectors(u);
    return scsi_request(dev, u->at,
                        scsi_cdb_read(u, sector / per_block, sectors / per_block), 0,
                        sectors * SECTOR_BYTES);
}

ScsiRequest scsi_write(QVirtioDevice *dev, const ScsiUnit *u, uint64_t sector,
                       uint32_t sectors, uint64_t seed)
{
    uint32_t per_block = block_sectors(u);
    ScsiRequest r = scsi_request(
        dev, u->at, scsi_cdb_write(u, sector / per_block, sectors / per_block),
        sectors * SECTOR_BYTES, 0);
    if (r.cmd) {
        pattern_fill(r.out, r.out_bytes, seed + sector * SECTOR_WORDS);
    }
    return r;
}

bool scsi_expect_pattern(Test *t, const ExpectAt *at, const void *data, uint64_t sector,
                         uint32_t sectors, uint64_t seed)
{
    size_t bytes = (size_t)sectors * SECTOR_BYTES;
    size_t same = pattern_mismatch(data, bytes, seed + sector * SECTOR_WORDS);
    return expect_condition(t, at, same == bytes, "the data that belongs there",
                            "another byte at offset %zu of %u sectors at %llu", same,
                            sectors, (unsigned long long)sector);
}

bool scsi_expect_read_back(Test *t, const ExpectAt *at, QVirtioDevice *dev,
                           const ScsiUnit *u, uint64_t sector, uint32_t sectors,
                           uint64_t seed)
{
    ExpectAt read_at = *at;
    read_at.basis = BASIS_NONE;
    ScsiRequest r = scsi_read(dev, u, sector, sectors);
    return scsi_expect_good(t, &read_at, &r) &&
           scsi_expect_pattern(t, at, r.in, sector, sectors, seed);
}

bool scsi_write_and_check(Test *t, QVirtioDevice *dev, const ScsiUnit *u, uint64_t sector,
                          uint32_t sectors, uint64_t seed)
{
    ScsiRequest r = scsi_write(dev, u, sector, sectors, seed);
    return require_good(t, &r) && require_read_back(t, dev, u, sector, sectors, seed);
}

bool scsi_write_known(Test *t, QVirtioDevice *dev, unsigned blocks, ScsiKnown *k)
{
    *k = (ScsiKnown){.u = scsi_disk(t, dev), .seed = random_next(&t->random)};
    if (!k->u) {
        return false;
    }
    k->n = block_sectors(k->u);
    k->at = scsi_scratch(t, dev, k->u);
    return scsi_write_and_check(t, dev, k->u, k->at, blocks * k->n, k->seed);
}
