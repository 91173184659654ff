/* SPDX-License-Identifier: MIT */
/*
 * The echo device (drivers/virtio/spec/echo.h) in software. The writable bytes of a
 * request become its readable ones, inverted, as many as there are of both. With IN_ORDER
 * it uses buffers in batches.
 */
#include "drivers/virtio/spec/echo.h"
#include "drivers/virtio/soft/core/soft.h"

SOFT_FAULT(uses_out_of_order, "dev:6.2-5",
           "serves the first of several requests last although IN_ORDER was accepted");
SOFT_FAULT(batch_is_named_by_its_first, "dev:6.2-5",
           "names a batch of in-order buffers by the first");

static uint32_t answer(const QVirtQueueElement *e)
{
    uint32_t bytes = e->out_bytes < e->in_bytes ? e->out_bytes : e->in_bytes;
    for (uint32_t at = 0; at < bytes;) {
        uint8_t piece[64];
        uint32_t most = bytes - at < sizeof(piece) ? bytes - at : sizeof(piece);
        uint32_t here = qvirtqueue_element_read(e, at, piece, most);
        for (uint32_t i = 0; i < here; i++) {
            piece[i] = ~piece[i];
        }
        at += qvirtqueue_element_write(e, at, piece, here);
    }
    return bytes;
}

/* Used by the fault uses_out_of_order: a request that is served when the device runs
 * next. */
static QVirtQueueElement kept;
static bool has_kept;

static bool is_kept(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e)
{
    if (has_kept || !soft_fault(uses_out_of_order) ||
        !soft_negotiated(s, VIRTIO_F_IN_ORDER)) {
        return false;
    }
    kept = *e;
    has_kept = true;
    soft_run_later(s, queue);
    return true;
}

/* 2.7.9, 2.8.9: with IN_ORDER one used entry may stand for a batch of buffers. All
 * buffers but the last are then taken to be written completely. */
typedef struct Batch {
    /* The last buffer, with the slots of all buffers of the batch. */
    QVirtQueueElement last;
    uint32_t len;
    uint16_t count;
} Batch;

static void batch_end(SoftDevice *s, uint16_t queue, Batch *b)
{
    if (b->count) {
        qvirtqueue_fill(&s->queue[queue].side, &b->last, b->len, 0);
        qvirtqueue_flush(&s->queue[queue].side, b->count);
        b->count = 0;
    }
}

static void batch_add(SoftDevice *s, uint16_t queue, Batch *b, const QVirtQueueElement *e)
{
    uint16_t slots = b->count ? b->last.slots : 0;
    uint16_t index = b->last.index;
    b->last = *e;
    b->last.slots += slots;
    if (b->count && soft_fault(batch_is_named_by_its_first)) {
        b->last.index = index;
    }
    b->len = answer(e);
    b->count++;
    if (b->len < e->in_bytes) {
        batch_end(s, queue, b);
    }
}

static void run(SoftDevice *s, uint16_t queue)
{
    static Batch batch;
    const QVirtQueueElement *e;
    bool in_order = soft_negotiated(s, VIRTIO_F_IN_ORDER) &&
                    (!soft_fault_chosen || soft_fault(batch_is_named_by_its_first));
    bool had_kept = has_kept && s->queue[queue].side.desc;
    if (had_kept) {
        soft_push(s, queue, &kept, answer(&kept));
    }
    while ((e = soft_pop(s, queue)) != NULL) {
        if (in_order) {
            batch_add(s, queue, &batch, e);
        } else if (had_kept || !is_kept(s, queue, e)) {
            soft_push(s, queue, e, answer(e));
        }
    }
    batch_end(s, queue, &batch);
    has_kept = has_kept && !had_kept;
}

static void reset(SoftDevice *s)
{
    (void)s;
    has_kept = false;
}

SOFT_MODEL(soft_echo, .device_id = ECHO_DEVICE_ID, .count = 1, .queues = ECHO_QUEUES,
           .reset = reset, .run = run);
