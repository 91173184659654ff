/* SPDX-License-Identifier: MIT */
/*
 * Reads in flight and functions that end them: see task_lib.h.
 */
#include "tests/scsi/task_lib.h"
#include "drivers/virtio/ring/qvring.h"

#define READ_SECTORS 8

static const ScsiUnit *choose(Test *t, QVirtioDevice *dev)
{
    const ScsiMap *map = scsi_map(dev);
    for (unsigned i = 0; i < map->count; i++) {
        if (scsi_is_slow(dev, &map->unit[i])) {
            return scsi_slow_unit(t, dev);
        }
    }
    return scsi_any_unit(t, dev);
}

bool task_launch(Test *t, QVirtioDevice *dev, Flight *f, unsigned count)
{
    *f = (Flight){.unit = choose(t, dev), .count = count};
    for (unsigned i = 0; f->unit && i < count; i++) {
        f->r[i] = scsi_read(dev, f->unit, i * READ_SECTORS, READ_SECTORS);
        if (!require_ok(t, scsi_add(&f->r[i]))) {
            return false;
        }
    }
    if (!f->unit) {
        return false;
    }
    /* What comes behind them on the same queue is answered: so they were taken. */
    ScsiRequest behind =
        scsi_request(dev, f->unit->at, SCSI_CDB(SCSI_TEST_UNIT_READY), 0, 0);
    QVirtQueue *vq = behind.vq;
    if (!require_ok(t, scsi_add(&behind))) {
        return false;
    }
    qvirtqueue_kick(vq);
    for (;;) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(vq, &used))) {
            return false;
        }
        if (used.token == &behind) {
            return true;
        }
        f->count--;
    }
}

typedef struct Watch {
    QVirtQueue *control, *requests;
    uint16_t used; /* of the request queue, when the control queue was first seen used */
} Watch;

static bool is_managed(void *arg)
{
    Watch *w = arg;
    if (!qvirtqueue_has_used(w->control)) {
        return false;
    }
    const QVirtQueue *vq = w->requests;
    w->used = vq->ring->is_packed
                  ? (uint16_t)vq->in_flight
                  : (uint16_t)(qvring_used_idx(&vq->vring) - vq->last_used);
    return true;
}

int task_manage(Test *t, QVirtioDevice *dev, ScsiControl *c)
{
    Watch w = {.control = c->vq, .requests = dev->vq[VIRTIO_SCSI_REQUESTQ]};
    QVirtioUsed used;
    if (!require_ok(t, scsi_control_add(c))) {
        return -1;
    }
    qvirtqueue_kick(c->vq);
    if (!require_ok(t, qvirtio_wait(dev, c->vq->what, is_managed, &w, 0)) ||
        !require_eq(t, qvirtqueue_get(c->vq, &used), 1)) {
        return -1;
    }
    return w.used;
}

bool task_land(Test *t, QVirtioDevice *dev, Flight *f, uint8_t either, uint8_t or)
{
    QVirtioUsed used;
    for (; f->count; f->count--) {
        if (!require_ok(t, qvirtqueue_wait(dev->vq[VIRTIO_SCSI_REQUESTQ], &used))) {
            return false;
        }
        uint8_t response = ((ScsiRequest *)used.token)->resp->response;
        if (!expect_that(t, RESPONSE_CLAUSE, response == either || response == or,
                         "the response of a command that was done, or ended so",
                         "response %u, not %u or %u", response, either, or)) {
            return false;
        }
    }
    return true;
}

bool task_is_done(Test *t, const ScsiControl *c)
{
    uint8_t response = scsi_response(c);
    if (response == VIRTIO_SCSI_S_FUNCTION_REJECTED) {
        test_skip(t, "the device answers VIRTIO_SCSI_S_FUNCTION_REJECTED");
        return false;
    }
    return require_eq(t, response, VIRTIO_SCSI_S_FUNCTION_COMPLETE);
}
