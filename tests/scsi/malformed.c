/* SPDX-License-Identifier: MIT */
/*
 * Requests that are none of 5.6.6.1 and 5.6.6.2. What happens to them is left open: the
 * VMM lives, keeps to the memory it was lent, and the device works after a reset.
 */
#include "tests/scsi/scsi_lib.h"

#define PATIENCE_NS (5 * 1000 * 1000)

static QVirtioSg piece(const void *at, uint32_t bytes)
{
    return (QVirtioSg){arena_map(at, bytes), bytes};
}

static bool has_fate(void *arg)
{
    QVirtQueue *vq = arg;
    return qvirtqueue_has_used(vq) ||
           qvirtio_has_status(vq->dev, VIRTIO_STATUS_NEEDS_RESET);
}

/* Sends it, gives the device time to do what it does, and goes on. */
static void survive(Test *t, QVirtQueue *vq, const QVirtioSg *sg, unsigned out,
                    unsigned in)
{
    if (require_ok(t, qvirtqueue_add(vq, sg, out, in, vq))) {
        qvirtqueue_kick(vq);
        qvirtio_wait(vq->dev, "an answer to a bad request", has_fate, vq, PATIENCE_NS);
    }
    expect_survives(t, vq->dev);
}

static ScsiRequest inquiry(Test *t, QVirtioDevice *dev)
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    ScsiRequest r = {0};
    if (u) {
        r = scsi_request(dev, u->at, SCSI_CDB_6(SCSI_INQUIRY, 0, 0, SCSI_INQUIRY_BYTES),
                         0, SCSI_INQUIRY_BYTES);
        require_that(t, r.cmd, "memory", "none");
    }
    return r;
}

VIRTIO_TEST(short_command_is_survived, .device = VIRTIO_ID_SCSI, .violates = "5.6.6.1")
{
    ScsiRequest r = inquiry(t, dev);
    if (r.cmd) {
        QVirtioSg sg[] = {piece(r.cmd, r.cmd_bytes - 1), piece(r.resp, r.resp_bytes)};
        survive(t, r.vq, sg, 1, 1);
    }
}

VIRTIO_TEST(command_without_an_answer_is_survived, .device = VIRTIO_ID_SCSI,
            .violates = "5.6.6.1")
{
    ScsiRequest r = inquiry(t, dev);
    if (r.cmd) {
        survive(t, r.vq, (QVirtioSg[]){piece(r.cmd, r.cmd_bytes)}, 1, 0);
    }
}

VIRTIO_TEST(short_answer_is_survived, .device = VIRTIO_ID_SCSI, .violates = "5.6.6.1")
{
    ScsiRequest r = inquiry(t, dev);
    if (r.cmd) {
        QVirtioSg sg[] = {piece(r.cmd, r.cmd_bytes), piece(r.resp, sizeof(*r.resp) - 1)};
        survive(t, r.vq, sg, 1, 1);
    }
}

VIRTIO_TEST(answer_without_a_command_is_survived, .device = VIRTIO_ID_SCSI,
            .violates = "5.6.6.1")
{
    ScsiRequest r = inquiry(t, dev);
    if (r.cmd) {
        QVirtioSg sg[] = {piece(r.resp, r.resp_bytes), piece(r.in, r.in_bytes)};
        survive(t, r.vq, sg, 0, 2);
    }
}

/* "the only supported format for lun is: first byte set to 1 ..." */
VIRTIO_TEST(unsupported_lun_format_is_survived, .device = VIRTIO_ID_SCSI,
            .violates = "5.6.6.1")
{
    static const uint8_t firsts[] = {0, 2, 0x41, 0xff};
    const ScsiUnit *u = scsi_any_unit(t, dev);
    for (unsigned i = 0; u && i < sizeof(firsts); i++) {
        ScsiRequest r = scsi_request(dev, u->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        if (r.cmd) {
            r.cmd->lun[0] = firsts[i];
        }
        if (!require_ok(t, scsi_run(&r)) ||
            !require_ne(t, r.resp->response, SCSI_UNWRITTEN)) {
            return;
        }
    }
    if (u) {
        expect_survives(t, dev);
    }
}

/* Two commands in flight have one id (SAM: the initiator's fault). */
VIRTIO_TEST(duplicate_ids_are_survived, .device = VIRTIO_ID_SCSI, .violates = "5.6.6.1")
{
    const ScsiUnit *u = scsi_any_unit(t, dev);
    if (!u) {
        return;
    }
    ScsiRequest a = scsi_read(dev, u, 0, block_sectors(u));
    ScsiRequest b = scsi_read(dev, u, 0, block_sectors(u));
    if (!require_that(t, a.cmd && b.cmd, "memory", "none")) {
        return;
    }
    b.cmd->id = a.cmd->id;
    require_ok(t, scsi_add(&a));
    require_ok(t, scsi_add(&b));
    qvirtqueue_kick(a.vq);
    for (unsigned i = 0; i < 2; i++) {
        QVirtioUsed used;
        require_ok(t, qvirtqueue_wait(a.vq, &used));
    }
    expect_survives(t, dev);
}

/* Sizes that no buffer of a driver's could have. */
VIRTIO_TEST(senseless_sizes_are_survived, .device = VIRTIO_ID_SCSI, .violates = "5.6.4.1")
{
    static const uint32_t sizes[] = {0, 256, 65535, 65536, 0x80000000, UINT32_MAX};
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        size_t cdb = offsetof(struct virtio_scsi_config, cdb_size);
        size_t sense = offsetof(struct virtio_scsi_config, sense_size);
        if (!require_ok(t, qvirtio_config_write(dev, sense, 4, sizes[i])) ||
            !require_ok(t, qvirtio_config_write(dev, cdb, 4, sizes[i]))) {
            return;
        }
        ScsiRequest r = scsi_request(dev, (ScsiLun){0}, SCSI_CDB(SCSI_INQUIRY), 0, 0);
        if (!require_ok(t, scsi_add(&r))) {
            return;
        }
        qvirtqueue_kick(r.vq);
        qvirtio_wait(dev, "an answer to a bad request", has_fate, r.vq, PATIENCE_NS);
        if (!require_ok(t, qvirtio_stop(dev)) || !test_start(t, dev, NULL)) {
            return;
        }
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(short_function_is_survived, .device = VIRTIO_ID_SCSI, .violates = "5.6.6.2")
{
    ScsiControl c = scsi_tmf(dev, VIRTIO_SCSI_T_TMF_ABORT_TASK, (ScsiLun){0}, 0);
    if (require_that(t, c.out, "memory", "none")) {
        QVirtioSg sg[] = {piece(c.out, c.out_bytes - 1), piece(c.in, c.in_bytes)};
        survive(t, c.vq, sg, 1, 1);
    }
}

VIRTIO_TEST(function_without_an_answer_is_survived, .device = VIRTIO_ID_SCSI,
            .violates = "5.6.6.2")
{
    ScsiControl c = scsi_notify(dev, VIRTIO_SCSI_T_AN_QUERY, (ScsiLun){0}, 0);
    if (require_that(t, c.out, "memory", "none")) {
        survive(t, c.vq, (QVirtioSg[]){piece(c.out, c.out_bytes)}, 1, 0);
    }
}

VIRTIO_TEST(control_request_of_unknown_type_is_survived, .device = VIRTIO_ID_SCSI,
            .violates = "5.6.6.2")
{
    ScsiControl c = scsi_notify(dev, 0x1000, (ScsiLun){0}, 0);
    if (require_that(t, c.out, "memory", "none")) {
        QVirtioSg sg[] = {piece(c.out, c.out_bytes), piece(c.in, c.in_bytes)};
        survive(t, c.vq, sg, 1, 1);
    }
}

/* 5.6.6.3.1: buffers of the event queue "MUST be at least the size of struct
 * virtio_scsi_event", and device-writable. */
VIRTIO_TEST(bad_event_buffers_are_survived, .device = VIRTIO_ID_SCSI,
            .violates = "5.6.6.3.1")
{
    struct virtio_scsi_event *e = arena_lend(sizeof(*e), 8);
    QVirtQueue *vq = dev->vq[VIRTIO_SCSI_EVENTQ];
    if (!require_that(t, e, "memory", "none")) {
        return;
    }
    QVirtioSg readable = piece(e, sizeof(*e)), small = piece(e, 3);
    require_ok(t, qvirtqueue_add(vq, &readable, 1, 0, e));
    survive(t, vq, &small, 0, 1);
}
