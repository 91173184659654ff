/* SPDX-License-Identifier: MIT */
/*
 * Virtqueues, driver side (2.6, 2.7): the honest hand on the ring. Nothing that the
 * device can write is trusted: free list, descriptors and indices are our own copies, and
 * a used id or length is checked before it is believed.
 *
 * A ring format (split, split-indirect, split-event ...) is a parameter of the test
 * point: the calls below mean the same in each. The recipe for one request:
 *
 *     qvirtqueue_add(vq, sg, out, in, token);   descriptors and available entry are
 * written, nothing is visible yet qvirtqueue_kick(vq);                      publish, and
 * notify if the device asked to be qvirtqueue_wait(vq, &used);               token and
 * used length, or -TIMEOUT or -BROKEN
 *
 * The same split into steps is there for tests that look at what happens in between:
 * qvirtqueue_publish(), qvirtio_notify(), qvirtqueue_get(). Memory: rings come from the
 * arena, buffers belong to the caller until the request is used.
 */
#ifndef QVIRTQUEUE_H
#define QVIRTQUEUE_H

#include "drivers/virtio/qvirtio.h"
#include "drivers/virtio/spec/virtio_ring.h"

/* One buffer of a chain: device-readable ones ("out") first, then device-writable ones
 * ("in"). */
typedef struct QVirtioSg {
    dma_addr addr;
    uint32_t len;
} QVirtioSg;

typedef struct QVirtioUsed {
    void *token;
    uint32_t len; /* bytes the device says it wrote; never more than the chain's writable
                     bytes */
} QVirtioUsed;

/* Where a ring's three areas are: pointers are ours, addresses are what the device was
 * told. */
typedef struct QVRing {
    uint16_t num;
    bool is_legacy;     /* its fields are in the guest's byte order */
    QVRingDesc *desc;   /* written by the driver only (2.7.5.1: the device MUST NOT) */
    QVRingAvail *avail; /* written by the driver */
    QVRingUsed *used;   /* written by the device */
    dma_addr desc_addr, avail_addr, used_addr;
} QVRing;

/* Our own book-keeping for one descriptor; the device never sees it. */
typedef struct QVRingSlot {
    void *token;       /* of a head in flight */
    uint32_t in_bytes; /* of a head: what the device may write at most */
    uint16_t count;    /* of a head: descriptors in the table; 0: not a head in flight */
    uint16_t next;     /* free list and chain */
    void *indirect;    /* of a head: its indirect table, kept for reuse */
    uint16_t indirect_size;
} QVRingSlot;

struct QVirtQueue {
    QVirtioDevice *dev;
    const QVirtioRing *ring; /* the format */
    uint16_t index;
    uint16_t size;     /* entries, as the device was told */
    uint16_t size_max; /* entries the device offered */
    QVRing vring;
    QVirtioIrq irq;

    QVRingSlot *slot;
    QVRingDesc *shadow; /* what we wrote to desc: compared, and used instead of it */
    uint16_t free_head, num_free;
    uint16_t last_added; /* id of the chain added last, as the device will name it */
    /* Counts of chains on split rings, of descriptors on packed ones. */
    uint16_t avail_idx; /* next index to publish; the shared one may lag behind */
    uint16_t published_idx;
    uint16_t last_used;  /* used entries taken */
    uint16_t next_place; /* behind the last published entry, as next_off and next_wrap of
                            a notification (2.9) */
    /* With VIRTIO_F_IN_ORDER: the first head in flight, buffers of the open batch that
     * were not taken yet, and the used length of its last one. */
    bool is_in_order;
    uint16_t oldest, batch_left;
    uint32_t batch_len;
    uint16_t kicked_idx; /* published_idx at the last kick decision (event index) */
    uint32_t in_flight;  /* heads */
    uint32_t kicks;      /* notifications really sent */
    uint32_t wound;      /* entries that went by in qvirtqueue_wind() */
    bool with_tables;    /* each chain goes through an indirect table; as the format says,
                            until a test changes its mind between two chains */
    bool irq_follows;    /* event index: used_event is moved along with last_used */
    bool takes_any_len;  /* a used length beyond the chain is cut to it, not BROKEN: on
                            legacy interfaces, and for tests about something else */
    char what[32];       /* "queue 0: a used buffer", for waits */
    const char *broken;  /* the rule the device broke, or NULL */
    void *format_data;   /* packed rings and others keep theirs here */
};

/* The operations of a ring format; the vtable of ring/split.c and ring/packed.c. */
struct QVirtioRing {
    const char *name;        /* as in test ids */
    const uint8_t *features; /* bits that the format negotiates, besides VERSION_1 */
    bool is_packed;
    bool uses_indirect; /* every chain, also of one, goes through an indirect table */
    bool uses_event;
    bool is_in_order;
    bool is_variant; /* tests are planned in it only where the device offers it: another
                        format says SKIP for it */
    int (*setup)(QVirtQueue *vq);
    int (*add)(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
               void *token);
    void (*publish)(QVirtQueue *vq);
    bool (*needs_kick)(QVirtQueue *vq);
    int (*get)(QVirtQueue *vq, QVirtioUsed *used);
    bool (*has_used)(const QVirtQueue *vq);
    /* What the next used element says, without taking it; false: there is none. */
    bool (*peek)(const QVirtQueue *vq, uint32_t *id, uint32_t *len);
    void (*irq_disable)(QVirtQueue *vq);
    void (*irq_enable_after)(QVirtQueue *vq, uint16_t more);
    int (*wind)(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                uint32_t entries);
    int (*desc_changed)(const QVirtQueue *vq);
};

/* Puts a pointer to a format in section .rings, sorted by id: the plan's order. */
#define QVIRTIO_RING(id, ...)               \
    const QVirtioRing id = {__VA_ARGS__};   \
    static const QVirtioRing *const id##_at \
        __attribute__((used, section(".rings." #id))) = &id

/* Formats by number, NULL past the end; 0 is plain split, the one that every device has.
 */
const QVirtioRing *qvirtio_ring(unsigned n);

/* ---- Setting up (2.6, 4.1.5.1.3) ---- */

/*
 * Opens queue index: reads its size, allocates the ring (size 0: as large as the device
 * offers, and never larger), binds its interrupt by d->irq_mode, and enables it. -RANGE:
 * there is no such queue. The result is also d->vq[index].
 */
int qvirtqueue_open(QVirtioDevice *d, uint16_t index, uint16_t size,
                    const QVirtioRing *ring, QVirtQueue **vq);
/* The two halves, for tests that stand between them: allocate only, then enable. */
int qvirtqueue_alloc(QVirtioDevice *d, uint16_t index, uint16_t size,
                     const QVirtioRing *ring, QVirtQueue **vq);
int qvirtqueue_enable(QVirtQueue *vq);

/* ---- Driver side ---- */

/* -NO_SPACE: not enough free descriptors. out + in >= 1. Memory of sg may be reused at
 * return. */
int qvirtqueue_add(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                   void *token);
/* Makes everything added visible to the device. */
void qvirtqueue_publish(QVirtQueue *vq);
/* Publishes, then notifies if the device did not suppress it; true when a notification
 * was sent. */
bool qvirtqueue_kick(QVirtQueue *vq);
/* Takes the next used element: 1, 0 when there is none, -BROKEN when the device broke the
 * ring. */
int qvirtqueue_get(QVirtQueue *vq, QVirtioUsed *used);
/* The same with a wait: 0, -TIMEOUT, -BROKEN. */
int qvirtqueue_wait(QVirtQueue *vq, QVirtioUsed *used);
/* Adds one request, kicks, waits for it. */
int qvirtqueue_submit(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                      uint32_t *len);
/* True when the device has used something that was not taken yet. */
bool qvirtqueue_has_used(const QVirtQueue *vq);

/*
 * Used-buffer notifications: none; or one at the next used buffer; or, with event index,
 * one when `more` further buffers beyond the next have been used. Without event index
 * irq_enable_after(vq, n) means the next one for any n. (2.7.7, 2.7.10)
 */
void qvirtqueue_irq_disable(QVirtQueue *vq);
void qvirtqueue_irq_enable(QVirtQueue *vq);
void qvirtqueue_irq_enable_after(QVirtQueue *vq, uint16_t more);
/* Interrupts delivered for this queue so far (INTx: those whose ISR had the queue bit).
 */
uint32_t qvirtqueue_irq_count(const QVirtQueue *vq);

/*
 * Winds an idle ring forward by `entries` uses of one and the same chain, as cheaply as
 * can be: the chain's head is published a ring at a time. The chain must be one the
 * device may run any number of times. Checks every used id.
 */
int qvirtqueue_wind(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                    uint32_t entries);

/* RFC names. */
void qvirtio_notify(QVirtioDevice *d, QVirtQueue *vq);
bool qvirtio_queue_ready(const QVirtQueue *vq); /* set up: an address is there */
bool qvirtio_queue_empty(
    const QVirtQueue *vq); /* nothing in flight: all published entries are used */

/* First descriptor whose bytes differ from what we wrote, or -1 (2.7.5.1). On a packed
 * ring also from what the device had written when the buffer was taken (2.8.15); those in
 * flight are the device's, and not looked at. */
int qvirtqueue_desc_changed(const QVirtQueue *vq);

/* "queue 0: avail 17 used 17 size 256 free 256" */
void qvirtqueue_format(const QVirtQueue *vq, char *to, size_t bytes);

/* The shared fields of a split ring, by the RFC's names, are in ring/qvring.h. */

/* (2.7.10.1) with 16-bit wrap: moving from old to new passes the event. Pure. */
static inline bool qvring_need_event(uint16_t event, uint16_t new_idx, uint16_t old_idx)
{
    return (uint16_t)(new_idx - event - 1) < (uint16_t)(new_idx - old_idx);
}

/* ---- Trace: the last ring operations of all queues, dumped when a test fails ---- */
typedef enum {
    QVRING_TRACE_ADD,
    QVRING_TRACE_PUBLISH,
    QVRING_TRACE_KICK,
    QVRING_TRACE_NO_KICK,
    QVRING_TRACE_USED,
    QVRING_TRACE_BROKEN,
    QVRING_TRACE_IRQ_OFF,
    QVRING_TRACE_IRQ_ON,
    QVRING_TRACE_FORGE,
} QVRingTraceKind;
void qvring_trace(const QVirtQueue *vq, QVRingTraceKind kind, uint32_t a, uint32_t b);
void qvring_trace_reset(void);
/* Calls line() for each remembered operation, oldest first. */
void qvring_trace_each(void (*line)(const char *text));

#endif
