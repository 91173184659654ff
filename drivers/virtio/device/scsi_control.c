/* SPDX-License-Identifier: MIT */
/*
 * Drives the other queues of the SCSI host device: task management and asynchronous
 * notification on the control queue (5.6.6.2), and events (5.6.6.3).
 */
#include "drivers/virtio/device/scsi_private.h"
#include "kernel/lib/string.h"

static ScsiControl control(QVirtioDevice *d, uint32_t out_bytes, uint32_t in_bytes)
{
    ScsiControl c = {
        .vq = d->vq[VIRTIO_SCSI_CONTROLQ], .out_bytes = out_bytes, .in_bytes = in_bytes};
    c.out = arena_lend(out_bytes, 8);
    c.in = arena_lend(in_bytes, 4);
    if (!c.in) {
        c.out = NULL;
    } else {
        memset(c.in, SCSI_UNWRITTEN, in_bytes);
    }
    return c;
}

ScsiControl scsi_tmf(QVirtioDevice *d, uint32_t subtype, ScsiLun at, uint64_t id)
{
    bool legacy = qvirtio_is_legacy(d);
    struct virtio_scsi_ctrl_tmf *tmf;
    ScsiControl c = control(d, sizeof(*tmf), 1);
    tmf = c.out;
    if (tmf) {
        tmf->type = virtio32_of(legacy, VIRTIO_SCSI_T_TMF);
        tmf->subtype = virtio32_of(legacy, subtype);
        tmf->id = virtio64_of(legacy, id);
        scsi_put_lun(tmf->lun, at);
    }
    return c;
}

ScsiControl scsi_notify(QVirtioDevice *d, uint32_t type, ScsiLun at, uint32_t events)
{
    bool legacy = qvirtio_is_legacy(d);
    struct virtio_scsi_ctrl_an *an;
    ScsiControl c = control(d, sizeof(*an), sizeof(struct virtio_scsi_ctrl_an_resp));
    an = c.out;
    if (an) {
        an->type = virtio32_of(legacy, type);
        an->event_requested = virtio32_of(legacy, events);
        scsi_put_lun(an->lun, at);
    }
    return c;
}

int scsi_control_add(ScsiControl *c)
{
    if (!c->out) {
        return -QVIRTIO_NO_MEMORY;
    }
    QVirtioSg sg[] = {{arena_map(c->out, c->out_bytes), c->out_bytes},
                      {arena_map(c->in, c->in_bytes), c->in_bytes}};
    return qvirtqueue_add(c->vq, sg, 1, 1, c);
}

int scsi_control_run(ScsiControl *c)
{
    QVirtioUsed used;
    int err = scsi_control_add(c);
    if (!err) {
        qvirtqueue_kick(c->vq);
        err = qvirtqueue_wait(c->vq, &used);
    }
    if (!err) {
        c->used_len = used.len;
    }
    return err;
}

uint8_t scsi_response(const ScsiControl *c)
{
    return c->in[c->in_bytes - 1];
}

int scsi_lend_events(QVirtioDevice *d, unsigned n)
{
    QVirtQueue *vq = d->vq[VIRTIO_SCSI_EVENTQ];
    int err = 0;
    for (unsigned i = 0; i < n && !err; i++) {
        struct virtio_scsi_event *e = arena_lend(sizeof(*e), 8);
        if (!e) {
            return -QVIRTIO_NO_MEMORY;
        }
        memset(e, SCSI_UNWRITTEN, sizeof(*e));
        QVirtioSg sg = {arena_map(e, sizeof(*e)), sizeof(*e)};
        err = qvirtqueue_add(vq, &sg, 0, 1, e);
    }
    qvirtqueue_kick(vq);
    return err;
}

int scsi_get_event(QVirtioDevice *d, ScsiEvent *event)
{
    bool legacy = qvirtio_is_legacy(d);
    QVirtioUsed used;
    int got = qvirtqueue_get(d->vq[VIRTIO_SCSI_EVENTQ], &used);
    if (got == 1) {
        const struct virtio_scsi_event *e = used.token;
        *event = (ScsiEvent){
            .event = virtio32_get(legacy, e->event),
            .reason = virtio32_get(legacy, e->reason),
            .at = {.target = e->lun[1], .lun = scsi_get_be16(e->lun + 2) & 0x3fff},
            .is_addressed = e->lun[0] == 1,
        };
    }
    return got;
}
