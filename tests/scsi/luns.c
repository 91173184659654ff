/* SPDX-License-Identifier: MIT */
/*
 * Addresses (5.6.6.1): the field lun, REPORT LUNS, and what is not there.
 */
#include "tests/scsi/scsi_lib.h"

#define LIST_BYTES (8 + 8 * SCSI_UNITS_MAX)

static ScsiRequest report_luns(QVirtioDevice *dev, ScsiLun at, uint32_t bytes)
{
    return scsi_request(dev, at, SCSI_CDB_REPORT_LUNS(0, bytes), 0, bytes);
}

VIRTIO_TEST(reported_luns_are_those_of_the_target, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest r = report_luns(dev, u->at, LIST_BYTES);
    if (!require_good(t, &r)) {
        return;
    }
    uint32_t bytes = scsi_get_be32(r.in);
    bool is_listed = false;
    require_eq(t, bytes % 8, 0);
    for (uint32_t i = 8; i + 8 <= LIST_BYTES && i < bytes + 8; i += 8) {
        is_listed |= (scsi_get_be16(r.in + i) & 0x3fff) == u->at.lun;
    }
    require_that(t, is_listed, "the unit's own LUN in the list", "not there");
}

/* The length says how long the list is, not how much of it came (SPC-4, 6.33). */
VIRTIO_TEST(short_list_tells_the_whole_length, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest whole = report_luns(dev, u->at, LIST_BYTES);
    ScsiRequest part = report_luns(dev, u->at, 16);
    if (require_good(t, &whole) && require_good(t, &part)) {
        require_same(t, part.in, whole.in, 16);
    }
}

/* "VIRTIO_SCSI_S_BAD_TARGET if the request was never processed because the target
 * indicated by lun does not exist." */
VIRTIO_TEST(missing_target_is_bad, .device = VIRTIO_ID_SCSI, .rings = RINGS_ALL)
{
    ScsiLun at;
    if (scsi_free_target(t, dev, &at)) {
        ScsiRequest r = scsi_request(dev, at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        expect_response(t, RESPONSE_CLAUSE, &r, VIRTIO_SCSI_S_BAD_TARGET);
    }
}

VIRTIO_TEST(command_with_data_to_a_missing_target_is_bad, .device = VIRTIO_ID_SCSI)
{
    ScsiLun at;
    if (!scsi_free_target(t, dev, &at)) {
        return;
    }
    ScsiRequest in = report_luns(dev, at, LIST_BYTES);
    ScsiRequest out = scsi_request(dev, at, SCSI_CDB_10(SCSI_WRITE_10, 0, 1), 512, 0);
    expect_response(t, RESPONSE_CLAUSE, &in, VIRTIO_SCSI_S_BAD_TARGET);
    expect_response(t, RESPONSE_CLAUSE, &out, VIRTIO_SCSI_S_BAD_TARGET);
    for (uint32_t i = 0; i < in.in_bytes; i++) {
        if (!require_eq(t, in.in[i], SCSI_FILL)) {
            return;
        }
    }
}

/* A LUN that no unit of this target has. */
static ScsiLun free_lun(const QVirtioDevice *dev, const ScsiUnit *u)
{
    const ScsiMap *map = scsi_map(dev);
    ScsiLun at = {.target = u->at.target, .lun = 7};
    for (unsigned i = 0; i < map->count; i++) {
        bool is_ours = map->unit[i].at.target == at.target;
        if (is_ours && map->unit[i].at.lun >= at.lun) {
            at.lun = map->unit[i].at.lun + 1;
        }
    }
    return at;
}

VIRTIO_TEST(missing_lun_is_not_supported, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r;
        /* The target has its own to say about a reset. */
        require_ok(t, scsi_settle(dev, free_lun(dev, u), &r));
        r = scsi_request(dev, free_lun(dev, u), SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        expect_sense(t, STATUS_CLAUSE, &r, SCSI_SENSE_NO_LUN);
    }
}

/* SPC-4, 6.6.2: INQUIRY of a LUN without a unit succeeds and says so. */
VIRTIO_TEST(missing_lun_answers_inquiry, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_request(dev, free_lun(dev, u),
                                     SCSI_CDB_6(SCSI_INQUIRY, 0, 0, SCSI_INQUIRY_BYTES),
                                     0, SCSI_INQUIRY_BYTES);
        if (require_good(t, &r)) {
            require_eq(t, r.in[0], SCSI_NO_UNIT);
        }
    }
}

/* SAM-5, 4.7: LUNs below 256 may be written in the flat space format as well. */
VIRTIO_TEST(flat_addresses_name_the_same_units, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest plain = scsi_read(dev, u, 0, block_sectors(u));
    ScsiRequest flat = scsi_read(dev, u, 0, block_sectors(u));
    if (require_that(t, plain.cmd && flat.cmd, "memory", "none")) {
        flat.cmd->lun[2] |= 0x40;
        if (require_good(t, &plain) && require_good(t, &flat)) {
            require_same(t, flat.in, plain.in, plain.in_bytes);
        }
    }
}

VIRTIO_TEST(units_do_not_mix, .device = VIRTIO_ID_SCSI)
{
    const ScsiMap *map = scsi_map(dev);
    unsigned judged = 0;
    for (unsigned i = 0; i < map->count; i++) {
        const ScsiUnit *u = &map->unit[i];
        ScsiRequest r;
        if (!scsi_know(dev, u, "sectors") || !u->block_bytes) {
            continue;
        }
        if (!require_ok(t, scsi_settle(dev, u->at, &r)) ||
            !require_read_back(t, dev, u, scsi_pick(t, u, block_sectors(u)),
                               block_sectors(u), 0)) {
            return;
        }
        judged++;
    }
    if (judged < 2) {
        test_skip(t, "the contents of two units are unknown; pass "
                     "know=scsi.N.TARGET.LUN.sectors=COUNT");
    }
}

/* "The virtio-scsi device SHOULD implement the REPORT LUNS well-known logical unit", at
 * 0xC1, 0x01 and six zero bytes. */
VIRTIO_TEST(well_known_unit_reports_luns, .device = VIRTIO_ID_SCSI, .buses = BUS_MODERN)
{
    ScsiRequest r = report_luns(dev, (ScsiLun){0}, LIST_BYTES);
    if (!require_that(t, r.cmd, "memory", "none")) {
        return;
    }
    memset(r.cmd->lun, 0, sizeof(r.cmd->lun));
    r.cmd->lun[0] = 0xc1;
    r.cmd->lun[1] = 0x01;
    if (expect_response(t, "dev:5.6.6.1-1", &r, VIRTIO_SCSI_S_OK)) {
        require_eq(t, r.resp->status, SCSI_GOOD);
    }
}
