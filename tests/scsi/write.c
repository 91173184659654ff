/* SPDX-License-Identifier: MIT */
/*
 * Writes (5.6.6.1, SBC-3): data that were written are read back, by each write command,
 * and are in the image when the VM is gone; what is read-only stays.
 */
#include "tests/scsi/scsi_lib.h"

#define WRITES .flags = TEST_WRITES, .why_not = scsi_why_not_writable

VIRTIO_TEST(write_is_read_back, .device = VIRTIO_ID_SCSI, .rings = RINGS_ALL, WRITES)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    for (unsigned i = 0; u && i < 2; i++) {
        uint64_t at = scsi_scratch(t, dev, u) + i * 4 * block_sectors(u);
        if (!scsi_write_and_check(t, dev, u, at, (1 + i) * block_sectors(u),
                                  random_next(&t->random))) {
            return;
        }
    }
}

VIRTIO_TEST(written_data_is_in_the_units_image, .device = VIRTIO_ID_SCSI, WRITES)
{
    const ScsiMap *map = scsi_map(dev);
    unsigned written = 0;
    for (unsigned i = 0; i < map->count; i++) {
        const ScsiUnit *u = &map->unit[i];
        ScsiRequest r;
        if (u->is_read_only || !scsi_know(dev, u, "sectors") ||
            unit_sectors(u) < 4 * SCSI_ANNOUNCED_SECTORS) {
            continue;
        }
        uint32_t n = block_sectors(u);
        uint64_t place = random_below(&t->random, SCSI_ANNOUNCED_SECTORS / n) * n;
        uint64_t at = scsi_announced(u) + place, seed = random_next(&t->random);
        if (!require_ok(t, scsi_settle(dev, u->at, &r)) ||
            !scsi_write_and_check(t, dev, u, at, n, seed)) {
            return;
        }
        test_announce_unit_write(dev, u->at.target, u->at.lun, at, n, seed);
        written++;
    }
    if (!written) {
        test_skip(t, "no disk that may be written is told; pass "
                     "know=scsi.N.TARGET.LUN.sectors=COUNT");
    }
}

VIRTIO_TEST(every_write_command_writes, .device = VIRTIO_ID_SCSI, WRITES)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    if (!u) {
        return;
    }
    uint32_t n = block_sectors(u);
    uint64_t at = scsi_scratch(t, dev, u), lba = at / n;
    /* The last one forces unit access. The first cannot name blocks behind the 2^32nd. */
    const ScsiCdb cdbs[] = {SCSI_CDB_12(SCSI_WRITE_12, lba, 1),
                            SCSI_CDB_16(SCSI_WRITE_16, 0, lba, 1),
                            SCSI_CDB_16(SCSI_WRITE_16, 8, lba, 1)};
    for (unsigned i = !scsi_has_short_addresses(u); i < sizeof(cdbs) / sizeof(*cdbs);
         i++) {
        uint64_t seed = random_next(&t->random);
        ScsiRequest r = scsi_write(dev, u, at, n, seed);
        if (r.cmd) {
            memcpy(r.cmd->cdb, cdbs[i].bytes, sizeof(cdbs[i].bytes));
        }
        if (!require_good(t, &r) || !require_read_back(t, dev, u, at, n, seed)) {
            return;
        }
    }
}

VIRTIO_TEST(big_write_reads_back_block_by_block, .device = VIRTIO_ID_SCSI, WRITES)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    uint64_t seed = random_next(&t->random);
    if (!u) {
        return;
    }
    uint64_t at = scsi_scratch(t, dev, u);
    ScsiRequest r = scsi_write(dev, u, at, SCSI_SCRATCH_SECTORS, seed);
    if (!require_good(t, &r)) {
        return;
    }
    for (uint32_t i = 0; i < SCSI_SCRATCH_SECTORS; i += 8) {
        if (!require_read_back(t, dev, u, at + i, 8, seed)) {
            return;
        }
    }
}

VIRTIO_TEST(dataout_may_be_scattered, .device = VIRTIO_ID_SCSI, .rings = RINGS_ALL,
            WRITES)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    enum { PIECES = 8 };
    if (!u) {
        return;
    }
    uint64_t at = scsi_scratch(t, dev, u), seed = random_next(&t->random);
    ScsiRequest r = scsi_write(dev, u, at, 8 * block_sectors(u), seed);
    if (!require_that(t, r.cmd, "memory", "none")) {
        return;
    }
    QVirtioSg sg[2 + PIECES] = {{arena_map(r.cmd, r.cmd_bytes), r.cmd_bytes}};
    uint32_t from = 0;
    for (unsigned i = 1; i <= PIECES; i++) {
        uint32_t most = 2 * r.out_bytes / PIECES;
        uint32_t len = 1 + random_below(&t->random, most < r.out_bytes - from - PIECES
                                                        ? most
                                                        : r.out_bytes - from - PIECES);
        len = i == PIECES ? r.out_bytes - from : len;
        sg[i] = (QVirtioSg){arena_map(r.out + from, len), len};
        from += len;
    }
    sg[PIECES + 1] = (QVirtioSg){arena_map(r.resp, r.resp_bytes), r.resp_bytes};
    if (require_ok(t, scsi_run_sg(&r, sg, 1 + PIECES, 1)) && require_good_answer(t, &r)) {
        expect_read_back(t, "dev:2.7.4.1-1", dev, u, at, 8 * block_sectors(u), seed);
    }
}

VIRTIO_TEST(write_leaves_its_data_and_its_neighbours_alone, .device = VIRTIO_ID_SCSI,
            WRITES)
{
    ScsiKnown k;
    if (!scsi_write_known(t, dev, 3, &k)) {
        return;
    }
    ScsiRequest r = scsi_write(dev, k.u, k.at + k.n, k.n, ~k.seed);
    if (require_good(t, &r)) {
        require_pattern(t, r.out, k.at + k.n, k.n, ~k.seed);
        require_read_back(t, dev, k.u, k.at, k.n, k.seed);
        require_read_back(t, dev, k.u, k.at + k.n, k.n, ~k.seed);
        require_read_back(t, dev, k.u, k.at + 2 * k.n, k.n, k.seed);
    }
}

VIRTIO_TEST(read_only_disk_refuses_a_write, .device = VIRTIO_ID_SCSI, WRITES)
{
    const ScsiUnit *u = scsi_read_only_disk(t, dev);
    if (!u) {
        return;
    }
    uint32_t n = block_sectors(u);
    ScsiRequest before = scsi_read(dev, u, 0, n), after = scsi_read(dev, u, 0, n);
    ScsiRequest r = scsi_write(dev, u, 0, n, random_next(&t->random));
    if (require_good(t, &before) &&
        expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_WRITE_PROTECTED) &&
        require_good(t, &after)) {
        require_same(t, after.in, before.in, before.in_bytes);
    }
}

VIRTIO_TEST(cache_is_synchronized, .device = VIRTIO_ID_SCSI, WRITES)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    uint64_t seed = random_next(&t->random);
    if (!u) {
        return;
    }
    uint64_t at = scsi_scratch(t, dev, u);
    ScsiRequest w = scsi_write(dev, u, at, block_sectors(u), seed);
    ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB_10(SCSI_SYNC_CACHE_10, 0, 0), 0, 0);
    if (require_good(t, &w) && require_good(t, &r)) {
        require_read_back(t, dev, u, at, block_sectors(u), seed);
    }
}

/* SBC-3, 5.43: one block is sent, and goes everywhere. */
VIRTIO_TEST(same_block_is_written_throughout, .device = VIRTIO_ID_SCSI, WRITES)
{
    ScsiKnown k;
    if (!scsi_write_known(t, dev, 6, &k)) {
        return;
    }
    ScsiRequest w =
        scsi_request(dev, k.u->at, SCSI_CDB_16(SCSI_WRITE_SAME_16, 0, k.at / k.n + 1, 4),
                     k.u->block_bytes, 0);
    ScsiRequest r = scsi_read(dev, k.u, k.at + k.n, 4 * k.n);
    if (!require_ok(t, scsi_run(&w))) {
        return;
    }
    if (scsi_sense(&w) == SCSI_SENSE_OPCODE) {
        test_skip(t, "the unit has no WRITE SAME (16)");
        return;
    }
    if (require_good_answer(t, &w) && require_good(t, &r)) {
        for (unsigned i = 0; i < 4; i++) {
            require_same(t, r.in + i * k.u->block_bytes, w.out, k.u->block_bytes);
        }
        require_read_back(t, dev, k.u, k.at, k.n, k.seed);
        require_read_back(t, dev, k.u, k.at + 5 * k.n, k.n, k.seed);
    }
}
