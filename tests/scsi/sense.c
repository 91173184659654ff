/* SPDX-License-Identifier: MIT */
/*
 * Commands that fail (5.6.6.1.1): the response is VIRTIO_SCSI_S_OK, "when the request was
 * completed and the status byte is filled with a SCSI status code (not necessarily
 * GOOD)", the status CHECK CONDITION, and sense data come with it.
 */
#include "tests/scsi/scsi_lib.h"

VIRTIO_TEST(unknown_command_is_an_illegal_request, .device = VIRTIO_ID_SCSI,
            .rings = RINGS_ALL)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB(SCSI_UNASSIGNED), 0, 0);
        expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_OPCODE);
        require_le(t, scsi_sense_len(&r), VIRTIO_SCSI_SENSE_DEFAULT);
    }
}

VIRTIO_TEST(read_past_the_end_is_out_of_range, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < 2; i++) {
        /* The first block behind the end, and two blocks of which one is there. */
        ScsiRequest r = scsi_read(dev, u, unit_sectors(u) - i * block_sectors(u),
                                  (1 + i) * block_sectors(u));
        if (!expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_LBA_RANGE) ||
            !require_eq(t, r.in[0], SCSI_FILL)) {
            return;
        }
    }
}

VIRTIO_TEST(address_that_wraps_is_out_of_range, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    if (u) {
        ScsiRequest r =
            scsi_request(dev, u->at, SCSI_CDB_16(SCSI_READ_16, 0, UINT64_MAX, 2), 0,
                         2 * u->block_bytes);
        expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_LBA_RANGE);
    }
}

VIRTIO_TEST(write_past_the_end_is_out_of_range, .device = VIRTIO_ID_SCSI,
            .flags = TEST_WRITES, .why_not = scsi_why_not_writable)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    if (!u) {
        return;
    }
    uint32_t n = block_sectors(u);
    uint64_t last = scsi_scratch(t, dev, u) + SCSI_SCRATCH_SECTORS - n;
    uint64_t seed = random_next(&t->random);
    if (!scsi_write_and_check(t, dev, u, last, n, seed)) {
        return;
    }
    ScsiRequest r = scsi_write(dev, u, last, 2 * n, ~seed);
    expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_LBA_RANGE);
    require_read_back(t, dev, u, last, n, seed);
}

/* sense_len "indicates the number of bytes actually written to the sense buffer". */
VIRTIO_TEST(good_status_comes_without_sense, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        if (require_good(t, &r)) {
            require_eq(t, scsi_sense_len(&r), 0);
            require_eq(t, scsi_residual(&r), 0);
        }
    }
}

/* The sense data came with the failure; nothing is left to ask for. */
VIRTIO_TEST(request_sense_finds_nothing_left, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest bad = scsi_request(dev, u->at, SCSI_CDB(SCSI_UNASSIGNED), 0, 0);
    ScsiRequest good = scsi_request(dev, u->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
    ScsiRequest r =
        scsi_request(dev, u->at, SCSI_CDB(SCSI_REQUEST_SENSE, 0, 0, 0, SCSI_SENSE_BYTES),
                     0, SCSI_SENSE_BYTES);
    if (require_sense(t, &bad, SCSI_SENSE_OPCODE) && require_good(t, &good) &&
        require_good(t, &r)) {
        require_eq(t, SCSI_SENSE_KEY(scsi_sense_of(r.in, SCSI_SENSE_BYTES)),
                   SCSI_KEY_NO_SENSE);
    }
}

VIRTIO_TEST(failed_command_does_not_spoil_the_next, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < 4; i++) {
        ScsiRequest bad = scsi_request(dev, u->at, SCSI_CDB(SCSI_UNASSIGNED), 0, 0);
        ScsiRequest good = scsi_read(dev, u, 0, block_sectors(u));
        if (!expect_sense(t, STATUS_CLAUSE, &bad, SCSI_SENSE_OPCODE) ||
            !require_good(t, &good)) {
            return;
        }
    }
}
