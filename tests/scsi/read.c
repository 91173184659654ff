/* SPDX-License-Identifier: MIT */
/*
 * Reads (5.6.6.1, SBC-3): what comes is what the host put into the image, through each
 * read command, however long the transfer is and wherever its data go.
 */
#include "tests/scsi/scsi_lib.h"

#define BIG_SECTORS 512
#define PIECES_MOST (TEST_CHAIN_MOST - 2)

/* A unit whose content the host tells: the runner's pattern. */
static const ScsiUnit *told_unit(Test *t, QVirtioDevice *dev)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u && !scsi_know(dev, u, "sectors")) {
        test_skip(t, "it is unknown what the unit holds; pass "
                     "know=scsi.N.TARGET.LUN.sectors=COUNT");
        return NULL;
    }
    return u;
}

VIRTIO_TEST(read_brings_what_the_host_wrote, .device = VIRTIO_ID_SCSI, .rings = RINGS_ALL)
{
    const ScsiUnit *u = told_unit(t, dev);
    for (unsigned i = 0; u && i < 4; i++) {
        uint32_t n = (1 + i) * block_sectors(u);
        if (!require_read_back(t, dev, u, scsi_pick(t, u, n), n, 0)) {
            return;
        }
    }
}

VIRTIO_TEST(cd_reads_what_the_host_wrote, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_cd(t, dev);
    if (u && !scsi_know(dev, u, "sectors")) {
        test_skip(
            t,
            "it is unknown what the CD holds; pass know=scsi.N.TARGET.LUN.sectors=COUNT");
    } else if (u) {
        require_read_back(t, dev, u, scsi_pick(t, u, 8), 8, 0);
    }
}

/* READ(6) has 21 bits for the address. */
#define READ_6_BLOCKS (1u << 21)

VIRTIO_TEST(every_read_command_brings_the_same, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    if (!u) {
        return;
    }
    uint32_t n = 2, bytes = n * u->block_bytes, per_block = block_sectors(u);
    uint64_t most = u->blocks < READ_6_BLOCKS ? u->blocks : READ_6_BLOCKS;
    uint32_t lba = random_below(&t->random, most - n);
    const ScsiCdb cdbs[] = {
        SCSI_CDB(SCSI_READ_6, SCSI_B(lba, 16), SCSI_BE16(lba), n),
        SCSI_CDB_12(SCSI_READ_12, lba, n),
        SCSI_CDB_16(SCSI_READ_16, 0, lba, n),
    };
    ScsiRequest plain = scsi_read(dev, u, lba * per_block, n * per_block);
    if (!require_good(t, &plain)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(cdbs) / sizeof(*cdbs); i++) {
        ScsiRequest r = scsi_request(dev, u->at, cdbs[i], 0, bytes);
        if (!require_good(t, &r) || !require_same(t, r.in, plain.in, bytes)) {
            return;
        }
    }
}

VIRTIO_TEST(read_of_no_blocks_is_good, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_read(dev, u, 0, 0);
        require_good(t, &r);
    }
}

VIRTIO_TEST(last_block_can_be_read, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        uint32_t n = block_sectors(u);
        ScsiRequest r = scsi_read(dev, u, unit_sectors(u) - n, n);
        require_good(t, &r);
    }
}

/* 256 KiB in one piece. */
VIRTIO_TEST(big_read_comes_whole, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = told_unit(t, dev);
    if (!u) {
        return;
    }
    uint64_t most = scsi_config(t, dev, max_sectors);
    if (unit_sectors(u) < 2 * BIG_SECTORS || most < BIG_SECTORS) {
        test_skip(t, "fewer than %u sectors fit a transfer or the unit", BIG_SECTORS);
        return;
    }
    uint64_t sector = scsi_pick(t, u, BIG_SECTORS);
    if (require_read_back(t, dev, u, sector, BIG_SECTORS, 0)) {
        require_eq(t, block_sectors(u) * u->blocks, unit_sectors(u));
    }
}

/* The pieces lie apart in memory, at odd addresses, and have odd lengths. */
VIRTIO_TEST(datain_may_be_scattered, .device = VIRTIO_ID_SCSI, .rings = RINGS_ALL)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    uint32_t sectors = 8 * block_sectors(u);
    uint64_t sector = scsi_pick(t, u, sectors);
    ScsiRequest plain = scsi_read(dev, u, sector, sectors);
    ScsiRequest r = scsi_read(dev, u, sector, sectors);
    unsigned most = r.vq->size - 3, n = 2;
    if (r.vq->size < 8) {
        test_skip(t, "the device offers a queue of %u entries only", r.vq->size);
        return;
    }
    if (!require_good(t, &plain) || !require_that(t, r.cmd, "memory", "none")) {
        return;
    }
    QVirtioSg sg[2 + PIECES_MOST] = {{arena_map(r.cmd, r.cmd_bytes), r.cmd_bytes},
                                     {arena_map(r.resp, r.resp_bytes), r.resp_bytes}};
    uint8_t *piece[PIECES_MOST];
    most = most < PIECES_MOST ? most : PIECES_MOST;
    uint32_t left = r.in_bytes, average = r.in_bytes / most;
    for (unsigned i = 0; left; i++, n++) {
        uint32_t len = 1 + random_below(&t->random, 2 * average);
        len = i + 1 == most || len > left ? left : len;
        piece[i] = arena_lend(len, 1);
        if (!require_that(t, piece[i], "memory", "none")) {
            return;
        }
        sg[n] = (QVirtioSg){arena_map(piece[i], len), len};
        left -= len;
    }
    if (!require_ok(t, scsi_run_sg(&r, sg, 1, n - 1)) || !require_good_answer(t, &r)) {
        return;
    }
    const uint8_t *from = plain.in;
    for (unsigned i = 2; i < n; from += sg[i].len, i++) {
        if (!expect_same(t, "dev:2.7.4.1-1", piece[i - 2], from, sg[i].len)) {
            return;
        }
    }
}
