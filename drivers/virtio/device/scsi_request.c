/* SPDX-License-Identifier: MIT */
/*
 * Commands of the SCSI host device (5.6.6.1). A command consists of buffers that are lent
 * separately. It is sent in the framing that even a legacy device without
 * VIRTIO_F_ANY_LAYOUT accepts, or in any other. The caller judges the answer.
 */
#include "drivers/virtio/device/scsi_private.h"
#include "kernel/lib/string.h"

#define SETTLE_TRIES 6

void scsi_put_lun(uint8_t lun[VIRTIO_SCSI_LUN_BYTES], ScsiLun at)
{
    memset(lun, 0, VIRTIO_SCSI_LUN_BYTES);
    lun[0] = 1;
    lun[1] = at.target;
    lun[2] = at.lun > 0xff ? 0x40 | at.lun >> 8 : 0; /* flat space addressing */
    lun[3] = at.lun;
}

/* Makes the readable bytes before dataout. r->cmd is NULL when the arena is full. */
static void fill_cmd(QVirtioDevice *d, ScsiRequest *r, ScsiLun at, const ScsiCdb *cdb,
                     uint32_t pi_out, uint32_t pi_in)
{
    ScsiState *s = scsi_state(d);
    bool legacy = qvirtio_is_legacy(d);
    bool has_pi = qvirtio_negotiated(d, VIRTIO_SCSI_F_T10_PI);
    struct virtio_scsi_pi pi = {virtio32_of(legacy, pi_out), virtio32_of(legacy, pi_in)};
    uint32_t cdb_bytes = s->cdb_size < sizeof(*cdb) ? s->cdb_size : sizeof(*cdb);

    r->cmd_bytes = sizeof(*r->cmd) + s->cdb_size + (has_pi ? sizeof(pi) + pi_out : 0);
    r->cmd = arena_lend(r->cmd_bytes, 8);
    if (!r->cmd) {
        return;
    }
    scsi_put_lun(r->cmd->lun, at);
    r->cmd->id = virtio64_of(legacy, ++s->next_id);
    memcpy(r->cmd->cdb, cdb->bytes, cdb_bytes);
    if (has_pi) {
        memcpy(r->cmd->cdb + s->cdb_size, &pi, sizeof(pi));
    }
}

ScsiRequest scsi_request_pi(QVirtioDevice *d, ScsiLun at, ScsiCdb cdb,
                            const uint32_t bytes[2], uint32_t pi_out, uint32_t pi_in)
{
    ScsiRequest r = {
        .vq = d->vq[VIRTIO_SCSI_REQUESTQ], .out_bytes = bytes[0], .in_bytes = bytes[1]};

    fill_cmd(d, &r, at, &cdb, pi_out, pi_in);
    r.resp_bytes = sizeof(*r.resp) + scsi_state(d)->sense_size + pi_in;
    r.resp = arena_lend(r.resp_bytes, 8);
    r.out = r.out_bytes ? arena_lend(r.out_bytes, 16) : NULL;
    r.in = r.in_bytes ? arena_lend(r.in_bytes, 16) : NULL;
    if (!r.resp || (r.out_bytes && !r.out) || (r.in_bytes && !r.in)) {
        r.cmd = NULL;
        return r;
    }
    memset(r.resp, SCSI_UNWRITTEN, r.resp_bytes);
    if (r.in) {
        memset(r.in, SCSI_FILL, r.in_bytes);
    }
    return r;
}

ScsiRequest scsi_request(QVirtioDevice *d, ScsiLun at, ScsiCdb cdb, uint32_t out_bytes,
                         uint32_t in_bytes)
{
    return scsi_request_pi(d, at, cdb, (uint32_t[]){out_bytes, in_bytes}, 0, 0);
}

unsigned scsi_sg(const ScsiRequest *r, QVirtioSg sg[SCSI_SG_MAX], unsigned *count)
{
    unsigned n = 0;
    sg[n++] = (QVirtioSg){arena_map(r->cmd, r->cmd_bytes), r->cmd_bytes};
    if (r->out_bytes) {
        sg[n++] = (QVirtioSg){arena_map(r->out, r->out_bytes), r->out_bytes};
    }
    unsigned out = n;
    sg[n++] = (QVirtioSg){arena_map(r->resp, r->resp_bytes), r->resp_bytes};
    if (r->in_bytes) {
        sg[n++] = (QVirtioSg){arena_map(r->in, r->in_bytes), r->in_bytes};
    }
    *count = n;
    return out;
}

int scsi_add(ScsiRequest *r)
{
    QVirtioSg sg[SCSI_SG_MAX];
    unsigned count;

    if (!r->cmd) {
        return -QVIRTIO_NO_MEMORY;
    }
    unsigned out = scsi_sg(r, sg, &count);
    return qvirtqueue_add(r->vq, sg, out, count - out, r);
}

int scsi_run(ScsiRequest *r)
{
    QVirtioUsed used;
    int err = scsi_add(r);
    if (!err) {
        qvirtqueue_kick(r->vq);
        err = qvirtqueue_wait(r->vq, &used);
    }
    if (!err) {
        r->used_len = used.len;
    }
    return err;
}

int scsi_run_sg(ScsiRequest *r, const QVirtioSg *sg, unsigned out, unsigned in)
{
    if (!r->cmd) {
        return -QVIRTIO_NO_MEMORY;
    }
    return qvirtqueue_submit(r->vq, sg, out, in, &r->used_len);
}

uint32_t scsi_sense_len(const ScsiRequest *r)
{
    return virtio32_get(qvirtio_is_legacy(r->vq->dev), r->resp->sense_len);
}

uint32_t scsi_residual(const ScsiRequest *r)
{
    return virtio32_get(qvirtio_is_legacy(r->vq->dev), r->resp->residual);
}

uint64_t scsi_id(const ScsiRequest *r)
{
    return virtio64_get(qvirtio_is_legacy(r->vq->dev), r->cmd->id);
}

uint32_t scsi_sense(const ScsiRequest *r)
{
    uint32_t room = r->resp_bytes - sizeof(*r->resp), bytes = scsi_sense_len(r);
    if (r->resp->response != VIRTIO_SCSI_S_OK || r->resp->status == SCSI_GOOD) {
        return SCSI_SENSE_NONE;
    }
    return scsi_sense_of(r->resp->sense, bytes < room ? bytes : room);
}

int scsi_settle(QVirtioDevice *d, ScsiLun at, ScsiRequest *r)
{
    for (unsigned i = 0; i < SETTLE_TRIES; i++) {
        *r = scsi_request(d, at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
        int err = scsi_run(r);
        if (err || SCSI_SENSE_KEY(scsi_sense(r)) != SCSI_KEY_UNIT_ATTENTION) {
            return err;
        }
    }
    return -QVIRTIO_REFUSED;
}
