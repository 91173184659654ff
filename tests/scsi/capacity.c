/* SPDX-License-Identifier: MIT */
/*
 * How large a disk is and how it is set: READ CAPACITY (SBC-3, 5.15 and 5.16) and MODE
 * SENSE (SPC-4, 6.11).
 */
#include "tests/scsi/scsi_lib.h"

#define MODE_BYTES 252

VIRTIO_TEST(capacity_is_as_told, .device = VIRTIO_ID_SCSI)
{
    const ScsiMap *map = scsi_map(dev);
    unsigned judged = 0;
    for (unsigned i = 0; i < map->count; i++) {
        uint64_t told;
        const char *text = scsi_know(dev, &map->unit[i], "sectors");
        if (text && string_to_u64(text, &told)) {
            require_eq(t, unit_sectors(&map->unit[i]), told);
            judged++;
        }
    }
    if (judged == 0) {
        test_skip(
            t, "no unit's capacity is known; pass know=scsi.N.TARGET.LUN.sectors=COUNT");
    }
}

VIRTIO_TEST(both_capacity_commands_agree, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest small = scsi_request(dev, u->at, SCSI_CDB(SCSI_READ_CAPACITY_10), 0,
                                     SCSI_CAPACITY_10_BYTES);
    ScsiRequest large =
        scsi_request(dev, u->at,
                     SCSI_CDB_16(SCSI_SERVICE_IN_16, SCSI_SAI_READ_CAPACITY_16, 0,
                                 SCSI_CAPACITY_16_BYTES),
                     0, SCSI_CAPACITY_16_BYTES);
    if (require_good(t, &small) && require_good(t, &large)) {
        require_eq(t, scsi_get_be32(small.in),
                   scsi_has_short_addresses(u) ? u->blocks - 1 : UINT32_MAX);
        require_eq(t, scsi_get_be64(large.in), u->blocks - 1);
        require_eq(t, scsi_get_be32(large.in + 8), u->block_bytes);
    }
}

static bool mode_sense(Test *t, QVirtioDevice *dev, const ScsiUnit *u, uint8_t op,
                       ScsiRequest *r)
{
    ScsiCdb cdb = op == SCSI_MODE_SENSE_6
                      ? SCSI_CDB(op, 8, 0x3f, 0, MODE_BYTES)
                      : SCSI_CDB(op, 8, 0x3f, 0, 0, 0, 0, SCSI_BE16(MODE_BYTES));
    *r = scsi_request(dev, u->at, cdb, 0, MODE_BYTES);
    return require_good(t, r);
}

VIRTIO_TEST(mode_sense_tells_write_protection, .device = VIRTIO_ID_SCSI)
{
    const ScsiMap *map = scsi_map(dev);
    unsigned judged = 0;
    for (unsigned i = 0; i < map->count; i++) {
        const ScsiUnit *u = &map->unit[i];
        if (u->type == SCSI_TYPE_DISK && scsi_know(dev, u, "sectors")) {
            require_eq(t, u->is_read_only, scsi_know(dev, u, "readonly") != NULL);
            judged++;
        }
    }
    if (judged == 0) {
        test_skip(t, "no disk is told; pass know=scsi.N.TARGET.LUN.sectors=COUNT");
    }
}

/* Pages follow each other behind the header, in the bytes that its length tells. */
VIRTIO_TEST(mode_pages_are_the_same_in_both_commands, .device = VIRTIO_ID_SCSI)
{
    ScsiRequest small, large;
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u || !mode_sense(t, dev, u, SCSI_MODE_SENSE_6, &small) ||
        !mode_sense(t, dev, u, SCSI_MODE_SENSE_10, &large)) {
        return;
    }
    unsigned at = 4 + small.in[3], end = small.in[0] + 1;
    unsigned at_10 = 8 + scsi_get_be16(large.in + 6);
    unsigned end_10 = scsi_get_be16(large.in) + 2;
    if (require_le(t, end, MODE_BYTES) && require_le(t, end_10, MODE_BYTES) &&
        require_ge(t, end, at) && require_eq(t, end_10 - at_10, end - at)) {
        require_same(t, small.in + at, large.in + at_10, end - at);
        require_eq(t, small.in[2], large.in[3]);
    }
}
