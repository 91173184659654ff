/* SPDX-License-Identifier: MIT */
/*
 * The config space of the SCSI host device (5.6.4): what its two writable fields do, that
 * a reset restores them, the limits of addresses, and that its queues are there.
 */
#include "tests/scsi/scsi_lib.h"

/* 5.6.4.2: "On reset, the device MUST set sense_size to 96 and cdb_size to 32." */
VIRTIO_TEST(reset_restores_sense_and_cdb_size, .device = VIRTIO_ID_SCSI)
{
    require_eq(t, scsi_config(t, dev, sense_size), 96);
    require_eq(t, scsi_config(t, dev, cdb_size), 32);
    if (!require_ok(t, scsi_set_sizes(dev, 200, 64)) ||
        !require_ok(t, qvirtio_stop(dev)) || !require_ok(t, qvirtio_begin(dev))) {
        return;
    }
    expect_eq(t, "dev:5.6.4.2-1", scsi_config(t, dev, sense_size), 96);
    expect_eq(t, "dev:5.6.4.2-1", scsi_config(t, dev, cdb_size), 32);
}

VIRTIO_TEST(written_sizes_read_back, .device = VIRTIO_ID_SCSI)
{
    if (require_ok(t, scsi_set_sizes(dev, 252, 48))) {
        require_eq(t, scsi_config(t, dev, sense_size), 252);
        require_eq(t, scsi_config(t, dev, cdb_size), 48);
    }
}

/* "max_channel SHOULD be zero. max_target SHOULD be less than or equal to 255. max_lun
 * SHOULD be less than or equal to 16383." */
VIRTIO_TEST(address_limits_fit_the_lun_field, .device = VIRTIO_ID_SCSI, .flags = TEST_RAW)
{
    expect_eq(t, "dev:5.6.4-1", scsi_config(t, dev, max_channel), 0);
    expect_le(t, "dev:5.6.4-2", scsi_config(t, dev, max_target), 255);
    expect_le(t, "dev:5.6.4-3", scsi_config(t, dev, max_lun), 16383);
}

VIRTIO_TEST(units_are_within_the_address_limits, .device = VIRTIO_ID_SCSI)
{
    const ScsiMap *map = scsi_map(dev);
    if (map->count == 0) {
        test_skip(t, "no logical unit is there");
    }
    for (unsigned i = 0; i < map->count; i++) {
        require_le(t, map->unit[i].at.lun, scsi_config(t, dev, max_lun));
        require_le(t, map->unit[i].at.target, scsi_config(t, dev, max_target));
    }
}

/* An event is never longer than what the field says it may be. */
VIRTIO_TEST(event_info_size_holds_an_event, .device = VIRTIO_ID_SCSI, .flags = TEST_RAW)
{
    require_ge(t, scsi_config(t, dev, event_info_size), sizeof(struct virtio_scsi_event));
}

VIRTIO_TEST(limits_of_requests_are_not_zero, .device = VIRTIO_ID_SCSI, .flags = TEST_RAW)
{
    require_ge(t, scsi_config(t, dev, num_queues), 1);
    require_ge(t, scsi_config(t, dev, seg_max), 1);
    require_ge(t, scsi_config(t, dev, max_sectors), 1);
    require_ge(t, scsi_config(t, dev, cmd_per_lun), 1);
}

/* "sense_size is the maximum size of the sense data that the device will write" */
VIRTIO_TEST(sense_data_ends_at_sense_size, .device = VIRTIO_ID_SCSI)
{
    static const uint16_t sizes[] = {0, 4, 18, 252};
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < sizeof(sizes) / sizeof(*sizes); i++) {
        if (!require_ok(t, scsi_set_sizes(dev, sizes[i], 32))) {
            return;
        }
        ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB(SCSI_UNASSIGNED), 0, 0);
        if (!require_ok(t, scsi_run(&r)) ||
            !expect_eq(t, STATUS_CLAUSE, r.resp->status, SCSI_CHECK_CONDITION) ||
            !require_le(t, scsi_sense_len(&r), sizes[i])) {
            return;
        }
        if (sizes[i] >= SCSI_SENSE_BYTES) {
            require_eq(t, scsi_sense(&r), SCSI_SENSE_OPCODE);
        }
    }
}

/* datain begins behind sense_size bytes, wherever that is. */
VIRTIO_TEST(data_follow_a_response_of_any_size, .device = VIRTIO_ID_SCSI)
{
    static const uint16_t sizes[] = {16, 33, 96, 500};
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest plain = scsi_read(dev, u, 0, block_sectors(u));
    if (!require_good(t, &plain)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        if (!require_ok(t, scsi_set_sizes(dev, sizes[i], 32))) {
            return;
        }
        ScsiRequest r = scsi_read(dev, u, 0, block_sectors(u));
        if (!require_good(t, &r) || !require_same(t, r.in, plain.in, r.in_bytes)) {
            return;
        }
    }
}

VIRTIO_TEST(commands_come_in_cdbs_of_any_size, .device = VIRTIO_ID_SCSI)
{
    static const uint8_t sizes[] = {10, 16, 64, 255};
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest plain = scsi_read(dev, u, 0, block_sectors(u));
    if (!require_good(t, &plain)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(sizes); i++) {
        if (!require_ok(t, scsi_set_sizes(dev, 96, sizes[i]))) {
            return;
        }
        ScsiRequest r = scsi_read(dev, u, 0, block_sectors(u));
        if (!require_good(t, &r) || !require_same(t, r.in, plain.in, r.in_bytes)) {
            return;
        }
    }
}
