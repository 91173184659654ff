/* SPDX-License-Identifier: MIT */
/*
 * "The device MUST NOT make assumptions about the particular arrangement of descriptors"
 * (2.7.4.1): commands with data, cut into descriptors as no driver would. Legacy devices
 * must have said VIRTIO_F_ANY_LAYOUT (5.6.6.4). And honest used lengths (2.7.8.2).
 */
#include "tests/scsi/scsi_lib.h"

#define LAYOUT        .wants = FEATURES(VIRTIO_F_ANY_LAYOUT), .why_not = scsi_why_not_framing
#define LAYOUT_CLAUSE "dev:2.7.4.1-1"

static QVirtioSg piece(const void *at, uint32_t bytes)
{
    return (QVirtioSg){arena_map(at, bytes), bytes};
}

/* An INQUIRY whose response and datain are one buffer; plain is how it should be. */
static bool joined_inquiry(Test *t, QVirtioDevice *dev, ScsiRequest *r,
                           ScsiRequest *plain)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    ScsiCdb cdb = SCSI_CDB_6(SCSI_INQUIRY, 0, 0, SCSI_INQUIRY_BYTES);
    if (!u) {
        return false;
    }
    *plain = scsi_request(dev, u->at, cdb, 0, SCSI_INQUIRY_BYTES);
    *r = scsi_request(dev, u->at, cdb, 0, SCSI_INQUIRY_BYTES);
    uint8_t *joined = arena_lend(r->resp_bytes + r->in_bytes, 8);
    if (!require_good(t, plain) || !require_that(t, joined && r->cmd, "memory", "none")) {
        return false;
    }
    memcpy(joined, r->resp, r->resp_bytes);
    memcpy(joined + r->resp_bytes, r->in, r->in_bytes);
    r->resp = (void *)joined;
    r->in = joined + r->resp_bytes;
    return true;
}

/* Runs it; the answer is that of the plain one. */
static bool expect_as_plain(Test *t, ScsiRequest *r, const ScsiRequest *plain,
                            const QVirtioSg *sg, unsigned out, unsigned in)
{
    return require_ok(t, scsi_run_sg(r, sg, out, in)) &&
           expect_good_answer(t, LAYOUT_CLAUSE, r) &&
           require_same(t, r->in, plain->in, r->in_bytes);
}

VIRTIO_TEST(response_and_datain_may_share_a_descriptor, .device = VIRTIO_ID_SCSI, LAYOUT)
{
    ScsiRequest r, plain;
    if (joined_inquiry(t, dev, &r, &plain)) {
        QVirtioSg sg[] = {piece(r.cmd, r.cmd_bytes),
                          piece(r.resp, r.resp_bytes + r.in_bytes)};
        expect_as_plain(t, &r, &plain, sg, 1, 1);
    }
}

VIRTIO_TEST(command_may_be_cut_anywhere, .device = VIRTIO_ID_SCSI, LAYOUT)
{
    static const uint8_t cuts[] = {1, 8, 16, 19, 20, 50};
    ScsiRequest r, plain;
    for (unsigned i = 0; i < sizeof(cuts); i++) {
        if (!joined_inquiry(t, dev, &r, &plain)) {
            return;
        }
        QVirtioSg sg[] = {piece(r.cmd, cuts[i]),
                          piece((char *)r.cmd + cuts[i], r.cmd_bytes - cuts[i]),
                          piece(r.resp, r.resp_bytes), piece(r.in, r.in_bytes)};
        if (!expect_as_plain(t, &r, &plain, sg, 2, 2)) {
            return;
        }
    }
}

VIRTIO_TEST(response_may_be_cut_anywhere, .device = VIRTIO_ID_SCSI, LAYOUT)
{
    static const uint8_t cuts[] = {1, 11, 12, 107, 109, 143};
    ScsiRequest r, plain;
    for (unsigned i = 0; i < sizeof(cuts); i++) {
        if (!joined_inquiry(t, dev, &r, &plain)) {
            return;
        }
        uint32_t rest = r.resp_bytes + r.in_bytes - cuts[i];
        QVirtioSg sg[] = {piece(r.cmd, r.cmd_bytes), piece(r.resp, cuts[i]),
                          piece((char *)r.resp + cuts[i], rest)};
        if (!expect_as_plain(t, &r, &plain, sg, 1, 2)) {
            return;
        }
    }
}

VIRTIO_TEST(header_and_dataout_may_share_a_descriptor, .device = VIRTIO_ID_SCSI,
            .flags = TEST_WRITES, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = scsi_why_not_writable)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    if (!u || scsi_why_not_framing(dev)) {
        if (u) {
            test_skip(t, "%s", scsi_why_not_framing(dev));
        }
        return;
    }
    uint32_t n = block_sectors(u);
    uint64_t at = scsi_scratch(t, dev, u), seed = random_next(&t->random);
    ScsiRequest r = scsi_write(dev, u, at, n, seed);
    uint8_t *joined = arena_lend(r.cmd_bytes + r.out_bytes, 1);
    if (!require_that(t, r.cmd && joined, "memory", "none")) {
        return;
    }
    memcpy(joined, r.cmd, r.cmd_bytes);
    memcpy(joined + r.cmd_bytes, r.out, r.out_bytes);
    QVirtioSg sg[] = {piece(joined, r.cmd_bytes + r.out_bytes),
                      piece(r.resp, r.resp_bytes)};
    if (require_ok(t, scsi_run_sg(&r, sg, 1, 1)) &&
        expect_good_answer(t, LAYOUT_CLAUSE, &r)) {
        require_read_back(t, dev, u, at, n, seed);
    }
}

static bool has_used(void *arg)
{
    return qvirtqueue_has_used(arg);
}

/* 2.7.8.2: what the device has read is not what it has written. */
VIRTIO_TEST(used_length_leaves_out_dataout, .device = VIRTIO_ID_SCSI, .buses = BUS_MODERN,
            .flags = TEST_WRITES, .why_not = scsi_why_not_writable)
{
    const ScsiUnit *u = scsi_disk(t, dev);
    uint32_t id, len = 0;
    if (!u) {
        return;
    }
    ScsiRequest r = scsi_write(dev, u, scsi_scratch(t, dev, u), block_sectors(u),
                               random_next(&t->random));
    if (!require_ok(t, scsi_add(&r))) {
        return;
    }
    qvirtqueue_kick(r.vq);
    if (require_ok(t, qvirtio_wait(dev, r.vq->what, has_used, r.vq, 0)) &&
        r.vq->ring->peek(r.vq, &id, &len)) {
        /* On packed rings a length beyond the buffer may stand for none (2.8.4). */
        const char *clause = t->ring->is_packed ? BASIS_NONE : "dev:2.7.8.2-2";
        expect_le(t, clause, len, r.resp_bytes);
    }
}
