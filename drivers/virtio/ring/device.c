/* SPDX-License-Identifier: MIT */
/*
 * The device side of virtqueues above the format: mapping, copying from and to a request,
 * fill and flush in one. See device.h. Formats are in device_split.c and its like.
 */
#include "drivers/virtio/ring/device.h"
#include "drivers/virtio/soft_fault.h"
#include "kernel/string.h"

SOFT_FAULT(used_data_comes_late, "dev:2.7.8.2-2",
           "writes the start of the answer after used idx has moved");

void qvirtqueue_side_start(QVirtQueueSide *q)
{
    q->desc = q->driver = q->device = NULL;
    q->next_avail = q->next_used = q->judged_used = q->fill_slots = 0;
    q->avail_wrap = q->used_wrap = true;
    q->has_held = false;
    q->broken = NULL;
}

/* The areas are mapped at the first look: only then does a driver have to lend them. */
int qvirtqueue_pop(QVirtQueueSide *q, QVirtQueueElement *e)
{
    if (q->broken) {
        return -QVIRTIO_BROKEN;
    }
    if (!q->desc && q->format->map(q)) {
        q->broken = "a ring area is not lent or not aligned";
        return -QVIRTIO_BROKEN;
    }
    e->out_num = e->in_num = 0;
    e->out_bytes = e->in_bytes = 0;
    return q->format->pop(q, e);
}

void *qvirtqueue_map_area(dma_addr at, size_t bytes, size_t align)
{
    return at.raw % align ? NULL : arena_unmap(at, bytes);
}

void qvirtqueue_fill(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len,
                     uint16_t offset)
{
    q->format->fill(q, e, len, offset);
}

void qvirtqueue_flush(QVirtQueueSide *q, uint16_t count)
{
    q->format->flush(q, count);
}

void qvirtqueue_push(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len)
{
    qvirtqueue_fill(q, e, len, 0);
    qvirtqueue_flush(q, 1);
}

bool qvirtqueue_map_sg(const QVirtioSg *sg, unsigned count, QVirtIovec *to)
{
    for (unsigned i = 0; i < count; i++) {
        to[i].base = arena_unmap(sg[i].addr, sg[i].len);
        to[i].len = sg[i].len;
        if (!to[i].base) {
            return false;
        }
    }
    return true;
}

/* One piece of the request. Readable ones come first (2.7.4.2). */
const char *qvirtqueue_add_piece(QVirtQueueElement *e, uint64_t addr, uint32_t len,
                                 bool is_writable)
{
    unsigned n = e->out_num + e->in_num;
    QVirtioSg sg = {.addr = {addr}, .len = len};
    if (!is_writable && e->in_num) {
        return "a readable descriptor behind a writable one";
    }
    if (n == QVIRTQUEUE_CHAIN_MAX || !qvirtqueue_map_sg(&sg, 1, &e->sg[n])) {
        return "a buffer that is not lent";
    }
    if (is_writable) {
        e->in_num++;
        e->in_bytes += len;
    } else {
        e->out_num++;
        e->out_bytes += len;
    }
    return NULL;
}

bool qvirtqueue_wants_interrupt(QVirtQueueSide *q)
{
    return q->desc && !q->broken && q->format->wants_interrupt(q);
}

void qvirtqueue_ask_for_kick(QVirtQueueSide *q)
{
    if (q->desc && !q->broken) {
        q->format->ask_for_kick(q);
    }
}

/* Copies between a flat buffer and pieces: from them, or to them. */
static uint32_t copy(const QVirtIovec *sg, unsigned count, uint32_t off, uint8_t *flat,
                     uint32_t bytes, bool to_pieces)
{
    uint32_t done = 0;
    for (unsigned i = 0; i < count && done < bytes; i++) {
        if (off >= sg[i].len) {
            off -= sg[i].len;
            continue;
        }
        uint32_t here = sg[i].len - off;
        here = here < bytes - done ? here : bytes - done;
        if (to_pieces) {
            memcpy(sg[i].base + off, flat + done, here);
        } else {
            memcpy(flat + done, sg[i].base + off, here);
        }
        done += here;
        off = 0;
    }
    return done;
}

uint32_t qvirtqueue_element_read(const QVirtQueueElement *e, uint32_t off, void *to,
                                 uint32_t bytes)
{
    return copy(e->sg, e->out_num, off, to, bytes, false);
}

/* The start of an answer that a faulty device writes too late. */
static struct {
    uint8_t *to;
    uint8_t byte[8];
} late;

static void write_late(void)
{
    if (late.to) {
        memcpy(late.to, late.byte, sizeof(late.byte));
        late.to = NULL;
    }
}

void qvirtqueue_forget_late(void)
{
    late.to = NULL;
}

void qvirtqueue_catch_up(QVirtQueueSide *q)
{
    write_late();
    if (q->has_late) {
        q->has_late = false;
        ((QVRingUsed *)q->device)->ring[q->late_at] = q->late;
    }
}

/* Writes the answer, but for its start, which comes later. */
static uint32_t write_but_the_start(const QVirtQueueElement *e, const void *from,
                                    uint32_t bytes)
{
    uint8_t *start = e->sg[e->out_num].base, old[sizeof(late.byte)];
    write_late();
    memcpy(old, start, sizeof(old));
    uint32_t done = copy(e->sg + e->out_num, e->in_num, 0, (uint8_t *)from, bytes, true);
    memcpy(late.byte, start, sizeof(old));
    memcpy(start, old, sizeof(old));
    late.to = start;
    return done;
}

uint32_t qvirtqueue_element_write(const QVirtQueueElement *e, uint32_t off,
                                  const void *from, uint32_t bytes)
{
    if (soft_fault(used_data_comes_late) && off == 0 && e->in_num &&
        e->sg[e->out_num].len >= sizeof(late.byte) && bytes >= sizeof(late.byte)) {
        return write_but_the_start(e, from, bytes);
    }
    return copy(e->sg + e->out_num, e->in_num, off, (uint8_t *)from, bytes, true);
}
