/* SPDX-License-Identifier: MIT */
/*
 * Lengths that do not fit (5.6.6.1): VIRTIO_SCSI_S_OVERRUN where a CDB wants more data
 * than there is room for, and residual where less was transferred: "data_length -
 * number_of_transferred_bytes".
 */
#include "tests/scsi/scsi_lib.h"

/* "VIRTIO_SCSI_S_OVERRUN if the content of the CDB ... requires more data than is
 * available in the datain and dataout buffers." */
VIRTIO_TEST(read_without_enough_datain_overruns, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    uint32_t bytes[] = {0, 1, u->block_bytes, 2 * u->block_bytes - 1};
    for (unsigned i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
        ScsiRequest r =
            scsi_request(dev, u->at, SCSI_CDB_10(SCSI_READ_10, 0, 2), 0, bytes[i]);
        if (!expect_response(t, RESPONSE_CLAUSE, &r, VIRTIO_SCSI_S_OVERRUN)) {
            return;
        }
    }
}

VIRTIO_TEST(write_without_enough_dataout_overruns, .device = VIRTIO_ID_SCSI,
            .flags = TEST_WRITES, .why_not = scsi_why_not_writable)
{
    ScsiKnown k;
    if (!scsi_write_known(t, dev, 2, &k)) {
        return;
    }
    ScsiRequest r = scsi_request(dev, k.u->at, scsi_cdb_write(k.u, k.at / k.n, 2),
                                 k.u->block_bytes, 0);
    expect_response(t, RESPONSE_CLAUSE, &r, VIRTIO_SCSI_S_OVERRUN);
    /* What is there of the second block is nobody's to write. */
    require_read_back(t, dev, k.u, k.at + k.n, k.n, k.seed);
}

VIRTIO_TEST(whole_transfer_leaves_no_residual, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_read(dev, u, 0, 2 * block_sectors(u));
        if (require_good(t, &r)) {
            require_eq(t, scsi_residual(&r), 0);
        }
    }
}

/* The bytes that residual leaves out are at the end, and are as they were. */
static bool expect_untouched_tail(Test *t, const ScsiRequest *r, uint32_t residual)
{
    if (!require_eq(t, scsi_residual(r), residual)) {
        return false;
    }
    for (uint32_t i = r->in_bytes - residual; i < r->in_bytes; i++) {
        if (!require_eq(t, r->in[i], SCSI_FILL)) {
            return false;
        }
    }
    return true;
}

VIRTIO_TEST(short_list_leaves_a_residual, .device = VIRTIO_ID_SCSI)
{
    enum { BYTES = 512 };
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB_REPORT_LUNS(0, BYTES), 0, BYTES);
    if (require_good(t, &r) && require_le(t, scsi_get_be32(r.in) + 8, BYTES)) {
        expect_untouched_tail(t, &r, BYTES - 8 - scsi_get_be32(r.in));
    }
}

/* One block is asked for; there is room for three. */
VIRTIO_TEST(read_stops_at_its_transfer_length, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest r =
        scsi_request(dev, u->at, SCSI_CDB_10(SCSI_READ_10, 0, 1), 0, 3 * u->block_bytes);
    if (require_good(t, &r)) {
        expect_untouched_tail(t, &r, 2 * u->block_bytes);
    }
}

VIRTIO_TEST(write_stops_at_its_transfer_length, .device = VIRTIO_ID_SCSI,
            .flags = TEST_WRITES, .why_not = scsi_why_not_writable)
{
    ScsiKnown k;
    if (!scsi_write_known(t, dev, 3, &k)) {
        return;
    }
    ScsiRequest r = scsi_request(dev, k.u->at, scsi_cdb_write(k.u, k.at / k.n, 1),
                                 3 * k.u->block_bytes, 0);
    if (require_good(t, &r)) {
        require_read_back(t, dev, k.u, k.at + k.n, 2 * k.n, k.seed);
        require_eq(t, scsi_residual(&r), 2 * k.u->block_bytes);
    }
}

/* 5.6.6.1.1: "if neither dataout nor datain is empty, and the VIRTIO_SCSI_F_INOUT feature
 * has not been negotiated, the request will be immediately returned with a response equal
 * to VIRTIO_SCSI_S_FAILURE." */
VIRTIO_TEST(both_directions_without_inout_fail, .device = VIRTIO_ID_SCSI)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (u) {
        ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB_10(SCSI_READ_10, 0, 1),
                                     u->block_bytes, u->block_bytes);
        expect_response(t, RESPONSE_CLAUSE, &r, VIRTIO_SCSI_S_FAILURE);
    }
}
