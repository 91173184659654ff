/* SPDX-License-Identifier: MIT */
/*
 * The device side of virtqueues above the format: mapping, copying from and to a request,
 * fill and flush in one (side.h). The formats are in split.c and packed.c.
 */
#include "drivers/virtio/soft/side/side.h"
#include "drivers/virtio/ring/qvring.h"
#include "drivers/virtio/soft/fault.h"
#include "drivers/virtio/soft/manner.h"
#include "drivers/virtio/spec/virtio_ring_packed.h"
#include "kernel/lib/string.h"

SOFT_FAULT(used_data_comes_late, "dev:2.7.8.2-2",
           "writes the start of the answer after used idx has moved");

/* "The device MAY set flags to 1 to advise the driver that notifications are not needed",
 * and "MAY use avail_event". */
SOFT_MANNER(polls_its_rings, "2.7.10.2", "wants no kicks, and looks at its rings always");
/* "The device MAY have a reasonable limit of descriptors it will allow in a chain." */
SOFT_MANNER(chain_limit_of_32, "2.7.4.1", "serves chains of 32 descriptors at most");
SOFT_MANNER(chain_limit_of_64, "2.7.4.1", "serves chains of 64 descriptors at most");

bool qvirtqueue_polls(void)
{
    return soft_manner(polls_its_rings);
}

unsigned qvirtqueue_chain_max(void)
{
    return soft_manner(chain_limit_of_32)   ? 32
           : soft_manner(chain_limit_of_64) ? 64
                                            : QVIRTQUEUE_CHAIN_MAX;
}

void qvirtqueue_side_start(QVirtQueueSide *q)
{
    q->desc = q->driver = q->device = NULL;
    q->next_avail = q->next_used = q->judged_used = q->fill_slots = 0;
    q->avail_wrap = q->used_wrap = true;
    q->has_held = q->has_news = false;
    q->broken = NULL;
}

/* The areas are mapped when they are first used, because a driver need not lend them
 * before. Those of an IOMMU's endpoint are mapped each time, because what was unmapped
 * since is out of reach. */
static bool has_areas(QVirtQueueSide *q)
{
    if (!q->broken && (!q->desc || q->dma) && q->format->map(q)) {
        q->broken = "a ring area is not lent, not mapped or not aligned";
    }
    return !q->broken;
}

int qvirtqueue_pop(QVirtQueueSide *q, QVirtQueueElement *e)
{
    if (!has_areas(q)) {
        return -QVIRTIO_BROKEN;
    }
    e->out_num = e->in_num = 0;
    e->out_bytes = e->in_bytes = 0;
    return q->format->pop(q, e);
}

/* The only place where an address becomes a pointer: to as many bytes as are in one
 * piece, of which *bytes is how many. */
static void *reach(const QVirtQueueSide *q, dma_addr at, uint64_t *bytes, bool is_write)
{
    if (q->dma && !q->dma->translate(q->dma, &at, bytes, is_write)) {
        return NULL;
    }
    return arena_unmap(at, *bytes);
}

void *qvirtqueue_map_area(const QVirtQueueSide *q, dma_addr at, size_t bytes,
                          size_t align, bool is_written)
{
    uint64_t here = bytes;
    void *area = at.raw % align ? NULL : reach(q, at, &here, is_written);
    return here == bytes ? area : NULL;
}

void qvirtqueue_fill(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len,
                     uint16_t offset)
{
    if (has_areas(q)) {
        q->format->fill(q, e, len, offset);
    }
}

void qvirtqueue_flush(QVirtQueueSide *q, uint16_t count)
{
    if (has_areas(q)) {
        q->format->flush(q, count);
        q->has_news = true;
    }
}

void qvirtqueue_push(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len)
{
    qvirtqueue_fill(q, e, len, 0);
    qvirtqueue_flush(q, 1);
}

unsigned qvirtqueue_map_sg(const QVirtQueueSide *q, QVirtioSg sg, bool is_writable,
                           QVirtIovec *to, unsigned most)
{
    unsigned n = 0;
    do {
        uint64_t here = sg.len;
        uint8_t *base = n < most ? reach(q, sg.addr, &here, is_writable) : NULL;
        if (!base) {
            return 0;
        }
        to[n++] = (QVirtIovec){base, here};
        sg.addr.raw += here;
        sg.len -= here;
    } while (sg.len);
    return n;
}

/* Readable buffers come before writable ones (2.7.4.2). */
const char *qvirtqueue_add_buffer(const QVirtQueueSide *q, QVirtQueueElement *e,
                                  uint64_t addr, uint32_t len, bool is_writable)
{
    unsigned n = e->out_num + e->in_num;
    QVirtioSg sg = {.addr = {addr}, .len = len};
    if (!is_writable && e->in_num) {
        return "a readable descriptor behind a writable one";
    }
    n = qvirtqueue_map_sg(q, sg, is_writable, &e->sg[n],
                          n < qvirtqueue_chain_max() ? qvirtqueue_chain_max() - n : 0);
    if (n == 0) {
        return "a buffer that is not lent, or one more than the device takes";
    }
    if (is_writable) {
        e->in_num += n;
        e->in_bytes += len;
    } else {
        e->out_num += n;
        e->out_bytes += len;
    }
    return NULL;
}

bool qvirtqueue_wants_interrupt(QVirtQueueSide *q)
{
    bool has_news = q->has_news;
    q->has_news = false;
    return has_news && has_areas(q) && q->format->wants_interrupt(q);
}

bool qvirtqueue_is_unsuppressed(const QVirtQueueSide *q)
{
    if (!q->desc || q->broken || q->uses_event) {
        return false;
    }
    return q->format == &qvirtqueue_side_packed
               ? le16_get(((QVRingPackedEvent *)q->driver)->flags) ==
                     RING_EVENT_FLAGS_ENABLE
               : !(qvring_avail_flags(&q->vring) & VIRTQ_AVAIL_F_NO_INTERRUPT);
}

void qvirtqueue_ask_for_kick(QVirtQueueSide *q)
{
    if (q->desc && has_areas(q)) {
        q->format->ask_for_kick(q);
    }
}

/* Copies between a flat buffer and pieces, in the direction that to_pieces says. */
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

/* Used by the fault used_data_comes_late: the start of an answer, which is written too
 * late. */
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
        qvring_used_ring_id(&q->vring, q->late_at, q->late_id);
        qvring_used_ring_len(&q->vring, q->late_at, q->late_len);
    }
}

/* Writes the answer except for its start, which comes later. */
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
