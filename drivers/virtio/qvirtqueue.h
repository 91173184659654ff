/* SPDX-License-Identifier: MIT */
/*
 * Virtqueues for who uses a device: the driver's side (2.6 to 2.8). It trusts nothing
 * that the device can write: the free list, descriptors and indices are our own copies,
 * and a used id or length is checked before it is believed.
 *
 * The ring format (split, split-indirect, packed ...) is a parameter of the test point,
 * and the calls below mean the same in each. One request goes so:
 *
 *     qvirtqueue_add(vq, sg, out, in, token)   writes descriptors; nothing is visible yet
 *     qvirtqueue_kick(vq)                      publishes, and notifies if that is wanted
 *     qvirtqueue_wait(vq, &used)               gives the token and the used length
 *
 * Tests that look at what happens in between take the smaller steps:
 * qvirtqueue_publish(), qvirtio_notify(), qvirtqueue_get(). Rings lie in the arena.
 * Buffers belong to the caller, who must leave them alone until the request is used.
 */
#ifndef QVIRTQUEUE_H
#define QVIRTQUEUE_H

#include "drivers/virtio/qvirtio.h"
#include "drivers/virtio/spec/virtio_ring.h"

/* One buffer of a chain. Device-readable ones ("out") come before device-writable ones
 * ("in"). */
typedef struct QVirtioSg {
    dma_addr addr;
    uint32_t len;
} QVirtioSg;

typedef struct QVirtioUsed {
    void *token;
    /* How many bytes the device says it wrote, cut to the chain's writable ones. */
    uint32_t len;
    /* The same, as the device said it. */
    uint32_t claimed;
} QVirtioUsed;

/* Where the three areas of a ring are: pointers for us, and the addresses that the device
 * was told. Both sides of a split ring reach its fields through the accessors of
 * ring/qvring.h, which take one of these. */
typedef struct QVRing {
    uint16_t num;
    /* The fields are in the guest's byte order. */
    bool is_legacy;
    /* Written by the driver only; the device MUST NOT (2.7.5.1). */
    QVRingDesc *desc;
    /* Written by the driver. */
    QVRingAvail *avail;
    /* Written by the device. */
    QVRingUsed *used;
    dma_addr desc_addr, avail_addr, used_addr;
} QVRing;

/* Our own book-keeping for one descriptor. The device never sees it. */
typedef struct QVRingSlot {
    /* Of a head in flight: the caller's token. */
    void *token;
    /* Of a head: how many bytes the device may write at most. */
    uint32_t in_bytes;
    /* Of a head: its descriptors in the table; 0 where no chain in flight begins. */
    uint16_t count;
    /* The next slot of the free list, or of the chain. */
    uint16_t next;
    /* Of a head: its indirect table, kept for its next chain, and how many entries that
     * has. */
    void *indirect;
    uint16_t indirect_size;
} QVRingSlot;

struct QVirtQueue {
    QVirtioDevice *dev;
    /* The ring format. */
    const QVirtioRing *ring;
    uint16_t index;
    /* size is how many entries the device was told; size_max is how many it offered. */
    uint16_t size, size_max;
    QVRing vring;
    QVirtioIrq irq;

    QVRingSlot *slot;
    /* What we wrote to desc. It is read instead of desc, and desc is compared with it. */
    QVRingDesc *shadow;
    uint16_t free_head, num_free;
    /* The id of the chain that was added last, as the device will name it. */
    uint16_t last_added;

    /* Positions count chains on split rings and descriptors on packed ones. */

    /* The next index to publish; the shared index may lag behind. */
    uint16_t avail_idx;
    uint16_t published_idx;
    /* How many used entries were taken. */
    uint16_t last_used;
    /* The place behind the last published entry, as next_off and next_wrap of a
     * notification (2.9). */
    uint16_t next_place;
    /* published_idx when it was last decided whether to kick (event index). */
    uint16_t kicked_idx;

    /* With VIRTIO_F_IN_ORDER: the first head in flight; how many buffers of the open
     * batch are still to be taken; the used length of the batch's last buffer. */
    bool is_in_order;
    uint16_t oldest, batch_left;
    uint32_t batch_len;

    /* How many chains are in flight. */
    uint32_t in_flight;
    /* How many notifications were really sent. */
    uint32_t kicks;
    /* How many entries went by in qvirtqueue_wind(). */
    uint32_t wound;
    /* Each chain goes through an indirect table. The format says so at first; a test may
     * change it between two chains. */
    bool with_tables;
    /* With event index: used_event moves along with last_used. */
    bool irq_follows;
    /* The name of a wait: "queue 0: a used buffer". */
    char what[32];
    /* The rule that the device broke, or NULL. */
    const char *broken;
    /* The format's own. */
    void *format_data;
};

/* The operations of a ring format; ring/split.c and ring/packed.c fill them in. They do
 * what the calls of the same name below do. */
struct QVirtioRing {
    /* As in ids. */
    const char *name;
    /* FEATURES(...) that the format negotiates beside VERSION_1. */
    const uint8_t *features;
    bool is_packed;
    /* Every chain goes through an indirect table, also one of a single buffer. */
    bool uses_indirect;
    bool uses_event;
    bool is_in_order;
    /* Tests are planned in this format only where the device offers its features.
     * Elsewhere they would be SKIPs that say the same as those of another format. */
    bool is_variant;
    int (*setup)(QVirtQueue *vq);
    int (*add)(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
               void *token);
    void (*publish)(QVirtQueue *vq);
    bool (*needs_kick)(QVirtQueue *vq);
    int (*get)(QVirtQueue *vq, QVirtioUsed *used);
    bool (*has_used)(const QVirtQueue *vq);
    /* Gives the next used element without taking it; returns false when there is none. */
    bool (*peek)(const QVirtQueue *vq, uint32_t *id, uint32_t *len);
    void (*irq_disable)(QVirtQueue *vq);
    void (*irq_enable_after)(QVirtQueue *vq, uint16_t more);
    int (*wind)(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                uint32_t entries);
    int (*desc_changed)(const QVirtQueue *vq);
};

/* Defines a ring format, and puts a pointer to it into section .rings. The plan has the
 * formats in the order of their identifiers. */
#define QVIRTIO_RING(id, ...)               \
    const QVirtioRing id = {__VA_ARGS__};   \
    static const QVirtioRing *const id##_at \
        __attribute__((used, section(".rings." #id))) = &id

/* Returns the format of this number, or NULL past the end. Number 0 is plain split;
 * qvirtio_plain_ring() is the plainest that a device has. */
const QVirtioRing *qvirtio_ring(unsigned n);

/* ---- Setting up (2.6, 4.1.5.1.3) ---- */

/* A queue that nobody asked to be longer has at most so many entries: a test's memory
 * has room for all queues of a device then. */
#define QVIRTQUEUE_SIZE_MOST 1024

/*
 * Opens queue `index`: reads its size, lays out the ring with `size` entries (0: as many
 * as the device offers, and QVIRTQUEUE_SIZE_MOST at most; more than it offers: as many as
 * it offers; of a split ring the next power of two below that), routes its interrupt as
 * d->irq_mode says, and enables it. The queue is also d->vq[index]. Returns
 * -QVIRTIO_NO_QUEUE when the device shows no such queue.
 */
int qvirtqueue_open(QVirtioDevice *d, uint16_t index, uint16_t size,
                    const QVirtioRing *ring, QVirtQueue **vq);
/* The two halves of qvirtqueue_open(), for callers that do something in between: laying
 * out the ring, then routing the interrupt and enabling the queue. */
int qvirtqueue_alloc(QVirtioDevice *d, uint16_t index, uint16_t size,
                     const QVirtioRing *ring, QVirtQueue **vq);
int qvirtqueue_enable(QVirtQueue *vq);

/* ---- Requests ---- */

/* Adds a chain of `out` readable and `in` writable buffers, at least one of them. The
 * array sg may be reused at once; token comes back with the used buffer. Returns
 * -QVIRTIO_NO_SPACE when there are not enough free descriptors. */
int qvirtqueue_add(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                   void *token);
/* Makes everything that was added visible to the device. */
void qvirtqueue_publish(QVirtQueue *vq);
/* Publishes, and notifies unless the device wants no notification. Returns true when one
 * was sent. */
bool qvirtqueue_kick(QVirtQueue *vq);
/* Takes the next used buffer. Returns 1, 0 when there is none, or -QVIRTIO_BROKEN. */
int qvirtqueue_get(QVirtQueue *vq, QVirtioUsed *used);
/* Waits for the next used buffer and takes it. Returns 0, -QVIRTIO_TIMEOUT,
 * -QVIRTIO_NEEDS_RESET or -QVIRTIO_BROKEN. */
int qvirtqueue_wait(QVirtQueue *vq, QVirtioUsed *used);
/* Adds one request, kicks, and waits for it. len may be NULL; it is what the device
 * claims to have written, which may be more than was lent. */
int qvirtqueue_submit(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                      uint32_t *len);
/* Returns true when the device has used something that was not taken yet. */
bool qvirtqueue_has_used(const QVirtQueue *vq);

/*
 * What interrupts the driver wants (2.7.7, 2.7.10): none; one at the next used buffer;
 * or, with event index, one when `more` buffers beyond the next have been used. Without
 * event index qvirtqueue_irq_enable_after() means the next one for any `more`.
 */
void qvirtqueue_irq_disable(QVirtQueue *vq);
void qvirtqueue_irq_enable(QVirtQueue *vq);
void qvirtqueue_irq_enable_after(QVirtQueue *vq, uint16_t more);
/* Returns how many interrupts came for this queue; of INTx, those whose ISR had the queue
 * bit. */
uint32_t qvirtqueue_irq_count(const QVirtQueue *vq);

/*
 * Winds an idle ring on by `entries` uses of one chain, as cheaply as can be: the chain's
 * head is published a ring at a time. The device must be able to run the chain any number
 * of times. Each used id is checked.
 */
int qvirtqueue_wind(QVirtQueue *vq, const QVirtioSg *sg, unsigned out, unsigned in,
                    uint32_t entries);

/* ---- RFC names ---- */

/* Notifies the device of a queue, whether it wants that or not. */
void qvirtio_notify(QVirtioDevice *d, QVirtQueue *vq);
/* Returns true when the queue is laid out. */
bool qvirtio_queue_ready(const QVirtQueue *vq);
/* Returns true when nothing is in flight: all that was published is used and taken. */
bool qvirtio_queue_empty(const QVirtQueue *vq);

/* Returns the first descriptor whose bytes differ from what we wrote, or -1 (2.7.5.1). On
 * a packed ring a taken buffer's descriptor must also stay as the device had written it
 * (2.8.15); descriptors in flight are not looked at. */
int qvirtqueue_desc_changed(const QVirtQueue *vq);

/* Writes "queue 0: avail 17 used 17 size 256 free 256" to `to`. */
void qvirtqueue_format(const QVirtQueue *vq, char *to, size_t bytes);

/* Returns true when an index that moves from old_idx to new_idx passes the event
 * (2.7.10.1), with 16-bit wrap. */
static inline bool qvring_need_event(uint16_t event, uint16_t new_idx, uint16_t old_idx)
{
    return (uint16_t)(new_idx - event - 1) < (uint16_t)(new_idx - old_idx);
}

/* ---- Trace: the last operations on all rings, printed when a test fails ---- */

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
/* Calls line() for each operation that is remembered, oldest first. */
void qvring_trace_each(void (*line)(const char *text));

#endif
