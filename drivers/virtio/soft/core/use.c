/* SPDX-License-Identifier: MIT */
/*
 * How the software devices hand requests back. Usually each is shown by itself, in the
 * order in which they were taken. The specification leaves more freedom than that, and
 * manners use it: with them what is used while a queue runs is held back until its run
 * ends. Queues whose used length is content carry a stream, which keeps its order.
 */
#include "drivers/virtio/soft/core/run.h"

/* "len is permitted to be an underestimate" of what was written. */
SOFT_MANNER(used_len_is_zero, "2.7.8.2", "claims no byte of its answers on split rings");
SOFT_MANNER(used_len_is_one_less, "2.7.8.2",
            "leaves the last byte of its answers out of the used length");
SOFT_MANNER(used_len_is_the_first_buffer, "2.7.8.2",
            "claims no more than the first writable descriptor of its answers");
/* "The used ring is where the device returns buffers once it is done with them." */
SOFT_MANNER(shows_a_run_at_once, "2.7.8", "moves used idx once for all that it used");
/* "Device is not generally required to use buffers in the same order in which they have
 * been made available by the driver." */
SOFT_MANNER(uses_in_reverse, "2.6", "uses what was available from the last to the first");
/* "this knowledge allows devices to notify the use of a batch of buffers to the driver by
 * only writing out a single used ring entry". */
SOFT_MANNER(one_entry_for_a_batch, "2.7.9", "writes one used entry for a batch in order");

#define HELD_MOST 1024

static struct Held {
    SoftDevice *s;
    uint16_t queue, count;
    struct {
        uint16_t index, slots, in_num;
        uint32_t len;
    } one[HELD_MOST];
} held;

/* Only the used length says how long the answer is. */
static bool says_content(const SoftDevice *s, uint16_t queue)
{
    return queue >= soft_ordinary(s) || s->model->len_is_content >> queue & 1;
}

static uint32_t claimed(const SoftDevice *s, uint16_t queue, const QVirtQueueElement *e,
                        uint32_t len)
{
    bool is_packed = s->queue[queue].side.format == &qvirtqueue_side_packed;

    if (is_packed || len == 0 || says_content(s, queue)) {
        return len;
    }
    if (soft_manner(used_len_is_zero)) {
        return 0;
    }
    if (soft_manner(used_len_is_one_less)) {
        return len - 1;
    }
    uint32_t first = e->sg[e->out_num].len;
    return len > first && soft_manner(used_len_is_the_first_buffer) ? first : len;
}

static bool is_held(const SoftDevice *s, uint16_t queue)
{
    return held.s == s && held.queue == queue && held.count < HELD_MOST;
}

/* 5.23.6.5.2: a clock uses reads in their order. */
static bool keeps_order(const SoftDevice *s)
{
    return s->dev.device_id == VIRTIO_ID_RTC;
}

void soft_use_begin(SoftDevice *s, uint16_t queue)
{
    bool is_in_order = soft_negotiated(s, VIRTIO_F_IN_ORDER);

    held.s = NULL;
    held.count = 0;
    if (says_content(s, queue)) {
        return;
    }
    if (is_in_order ? soft_manner(one_entry_for_a_batch)
                    : soft_manner(shows_a_run_at_once) ||
                          (!keeps_order(s) && soft_manner(uses_in_reverse))) {
        held.s = s;
        held.queue = queue;
    }
}

void soft_use(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e, uint32_t len)
{
    len = claimed(s, queue, e, len);
    if (!is_held(s, queue)) {
        qvirtqueue_push(&s->queue[queue].side, e, len);
        return;
    }
    held.one[held.count].index = e->index;
    held.one[held.count].slots = e->slots;
    held.one[held.count].in_num = e->in_num;
    held.one[held.count++].len = len;
}

/* Puts the i-th that is held into the used ring. */
static void fill(QVirtQueueSide *side, unsigned i, uint16_t slots, uint16_t offset)
{
    static QVirtQueueElement e;

    e.index = held.one[i].index;
    e.slots = slots;
    e.in_num = held.one[i].in_num;
    qvirtqueue_fill(side, &e, held.one[i].len, offset);
}

void soft_use_end(SoftDevice *s)
{
    uint16_t count = held.s == s ? held.count : 0, slots = 0;

    held.s = NULL;
    if (count == 0) {
        return;
    }
    QVirtQueueSide *side = &s->queue[held.queue].side;

    for (unsigned i = 0; i < count; i++) {
        slots += held.one[i].slots;
    }
    if (soft_negotiated(s, VIRTIO_F_IN_ORDER)) {
        fill(side, count - 1u, slots, 0);
        qvirtqueue_flush(side, count);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned at = soft_manner(uses_in_reverse) ? count - 1u - i : i;
        fill(side, at, held.one[at].slots, i);
    }
    qvirtqueue_flush(side, count);
}
