/* SPDX-License-Identifier: MIT */
/*
 * What two features add to a command (5.6.3, 5.6.6.1): data in both directions at once
 * (INOUT), and protection information in front of the data (T10_PI).
 */
#include "tests/scsi/scsi_lib.h"

#define PI_BLOCK_BYTES 8
#define BLOCKS         4

/* Only the commands of 10 bytes are known to do what these tests want. */
static bool has_short_addresses(Test *t, const ScsiUnit *u)
{
    if (!scsi_has_short_addresses(u)) {
        test_skip(t, "the unit has more than 2^32 blocks: its end needs longer commands");
    }
    return scsi_has_short_addresses(u);
}

/* SBC-3, 5.50: XDWRITEREAD (10) writes dataout, and brings what it and the old data have
 * not in common. */
VIRTIO_TEST(both_directions_go_in_one_command, .device = VIRTIO_ID_SCSI,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_SCSI_F_INOUT),
            .flags = TEST_WRITES, .why_not = scsi_why_not_writable)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    uint64_t seed = random_next(&t->random);
    if (!u || !has_short_addresses(t, u)) {
        return;
    }
    uint32_t n = block_sectors(u);
    uint64_t at = scsi_scratch(t, dev, u);
    ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB_10(SCSI_XDWRITEREAD_10, at / n, 1),
                                 u->block_bytes, u->block_bytes);
    if (!scsi_write_and_check(t, dev, u, at, n, seed) ||
        !require_that(t, r.cmd, "memory", "none")) {
        return;
    }
    memset(r.out, 0, r.out_bytes);
    if (!require_ok(t, scsi_run(&r))) {
        return;
    }
    if (scsi_sense(&r) == SCSI_SENSE_OPCODE) {
        test_skip(t, "the unit has no XDWRITEREAD (10)");
    } else if (require_good_answer(t, &r)) {
        require_pattern(t, r.in, at, n, seed);
        require_eq(t, scsi_residual(&r), 0);
    }
}

/* One direction at a time is still a command. */
VIRTIO_TEST(inout_leaves_reads_as_they_were, .device = VIRTIO_ID_SCSI,
            .needs = FEATURES(VIRTIO_SCSI_F_INOUT))
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_read(dev, u, 0, block_sectors(u));
        require_good(t, &r);
    }
}

/* The protection information that was written comes back in front of the data. */
VIRTIO_TEST(protection_information_comes_back, .device = VIRTIO_ID_SCSI,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_SCSI_F_T10_PI),
            .flags = TEST_WRITES, .why_not = scsi_why_not_writable)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    uint64_t seed = random_next(&t->random);
    if (!u || !has_short_addresses(t, u)) {
        return;
    }
    uint32_t per_block = block_sectors(u), pi = BLOCKS * PI_BLOCK_BYTES;
    uint32_t bytes = BLOCKS * u->block_bytes;
    uint64_t at = scsi_scratch(t, dev, u), lba = at / per_block;
    ScsiRequest w = scsi_request_pi(dev, u->at, SCSI_CDB_10(SCSI_WRITE_10, lba, BLOCKS),
                                    (uint32_t[]){bytes, 0}, pi, 0);
    ScsiRequest r = scsi_request_pi(dev, u->at, SCSI_CDB_10(SCSI_READ_10, lba, BLOCKS),
                                    (uint32_t[]){0, bytes}, 0, pi);
    if (!require_that(t, w.cmd && r.cmd, "memory", "none")) {
        return;
    }
    uint8_t *sent = (uint8_t *)w.cmd + w.cmd_bytes - pi;
    pattern_fill(sent, pi, seed);
    pattern_fill(w.out, w.out_bytes, seed + at * (SECTOR_BYTES / 8));
    if (require_good(t, &w) && require_good(t, &r)) {
        require_same(t, (uint8_t *)r.resp + r.resp_bytes - pi, sent, pi);
        require_pattern(t, r.in, at, BLOCKS * per_block, seed);
    }
}

VIRTIO_TEST(command_without_protection_is_served, .device = VIRTIO_ID_SCSI,
            .needs = FEATURES(VIRTIO_SCSI_F_T10_PI))
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_read(dev, u, 0, block_sectors(u));
        require_good(t, &r);
    }
}

/* pi_bytesin and pi_bytesout that leave no room in the buffers. */
VIRTIO_TEST(endless_protection_information_is_survived, .device = VIRTIO_ID_SCSI,
            .violates = "5.6.6.1", .needs = FEATURES(VIRTIO_SCSI_F_T10_PI))
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest r = scsi_read(dev, u, 0, block_sectors(u));
    if (require_that(t, r.cmd, "memory", "none")) {
        memset((uint8_t *)r.cmd + r.cmd_bytes - sizeof(struct virtio_scsi_pi), 0xff,
               sizeof(struct virtio_scsi_pi));
        require_ok(t, scsi_add(&r));
        qvirtqueue_kick(r.vq);
        qvirtio_poll(dev);
        expect_survives(t, dev);
    }
}
