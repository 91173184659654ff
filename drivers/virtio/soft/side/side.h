/* SPDX-License-Identifier: MIT */
/*
 * Virtqueues, device side, by the RFC's names: pop takes the next request, map_sg makes
 * pointers of its addresses, fill and flush (or push, both in one) hand it back. The
 * format (split, packed) is behind a small table.
 *
 * The driver is not trusted: an address that is not lent, a chain that loops or is longer
 * than the queue, an index out of range make the queue broken, and nothing is touched.
 */
#ifndef QVIRTIO_RING_DEVICE_H
#define QVIRTIO_RING_DEVICE_H

#include "drivers/virtio/qvirtqueue.h"

/* The longest queue that a device of ours offers, and thus the longest chain (2.7.5). */
#define QVIRTQUEUE_CHAIN_MAX 128

typedef struct QVirtIovec {
    uint8_t *base;
    uint32_t len;
} QVirtIovec;

/* One request: device-readable pieces first, then device-writable ones. */
typedef struct QVirtQueueElement {
    /* What names it in the used ring. */
    uint16_t index;
    /* Entries of the ring that it takes up. */
    uint16_t slots;
    /* Pieces of sg. */
    uint16_t out_num, in_num;
    uint32_t out_bytes, in_bytes;
    QVirtIovec sg[QVIRTQUEUE_CHAIN_MAX];
} QVirtQueueElement;

typedef struct QVirtQueueSide QVirtQueueSide;

/* What stands between a device and memory, where it is an IOMMU's endpoint. */
typedef struct QVirtDma {
    uint32_t endpoint;
    /* Makes an address one of memory itself, and *bytes as many of those that were asked
     * for as are in one piece there; false: no access. */
    bool (*translate)(const struct QVirtDma *dma, dma_addr *at, uint64_t *bytes,
                      bool is_write);
} QVirtDma;

/* A ring format as the device sees it. */
typedef struct QVirtSideFormat {
    int (*map)(QVirtQueueSide *q);
    int (*pop)(QVirtQueueSide *q, QVirtQueueElement *e);
    void (*fill)(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len,
                 uint16_t offset);
    void (*flush)(QVirtQueueSide *q, uint16_t count);
    bool (*wants_interrupt)(QVirtQueueSide *q);
    void (*ask_for_kick)(QVirtQueueSide *q);
} QVirtSideFormat;

/* The device's side of one queue. What the driver told comes first. */
struct QVirtQueueSide {
    const QVirtSideFormat *format;
    uint16_t size;
    dma_addr desc_addr, driver_addr, device_addr;
    bool uses_indirect, uses_event;
    /* NULL: addresses are those of memory itself. */
    const QVirtDma *dma;

    /* The three areas, once mapped. */
    void *desc, *driver, *device;
    /* Split: the same by their types. */
    QVRing vring;
    /* Entries taken from the driver. */
    uint16_t next_avail;
    /* Entries shown to the driver. */
    uint16_t next_used;
    /* next_used at the last decision to interrupt. */
    uint16_t judged_used;
    /* Something was used since that decision. */
    bool has_news;
    /* The rule that the driver broke, or NULL. */
    const char *broken;

    /* Packed: next_avail and next_used are slots, each with the lap it is in; judged_used
     * counts slots; then where the next fill goes, how many slots were filled, and the
     * flags that the next flush writes. */
    bool avail_wrap, used_wrap, fill_wrap, has_held;
    uint16_t fill_slot, fill_slots, held_flags;

    /* Of a faulty device: an element that is written when the device runs next. */
    bool has_late;
    uint16_t late_at;
    uint32_t late_id, late_len;
};

extern const QVirtSideFormat qvirtqueue_side_split, qvirtqueue_side_packed;

/* Starts at the first entry of a ring whose size, addresses and format are filled in. */
void qvirtqueue_side_start(QVirtQueueSide *q);

/* Takes the next request: 1, 0 when there is none, -BROKEN. */
int qvirtqueue_pop(QVirtQueueSide *q, QVirtQueueElement *e);
/* Puts the request, of which len bytes were written, `offset` entries behind what the
 * driver sees; flush then shows the next `count`. */
void qvirtqueue_fill(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len,
                     uint16_t offset);
void qvirtqueue_flush(QVirtQueueSide *q, uint16_t count);
void qvirtqueue_push(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len);

/* How many pieces of memory a buffer is, at most `most`; 0, and none is to be used, when
 * part of it is not lent or may not be accessed. */
unsigned qvirtqueue_map_sg(const QVirtQueueSide *q, QVirtioSg sg, bool is_writable,
                           QVirtIovec *to, unsigned most);

/* For formats: an area of the ring or an indirect table, which is one piece; NULL when it
 * is not lent, may not be accessed, or is not aligned as it must be (2.7, 2.8.10.1). */
void *qvirtqueue_map_area(const QVirtQueueSide *q, dma_addr at, size_t bytes,
                          size_t align, bool is_written);

/* For formats: one more buffer of a request; NULL, or what is wrong with it. */
const char *qvirtqueue_add_buffer(const QVirtQueueSide *q, QVirtQueueElement *e,
                                  uint64_t addr, uint32_t len, bool is_writable);

/* Must the driver be interrupted for what was used since the last time this was asked? */
bool qvirtqueue_wants_interrupt(QVirtQueueSide *q);
/* All that was available is taken: a kick is wanted for the next. */
void qvirtqueue_ask_for_kick(QVirtQueueSide *q);

/* What a faulty device has put off is done now; and: it never will be. */
void qvirtqueue_catch_up(QVirtQueueSide *q);
void qvirtqueue_forget_late(void);

/* Bytes of the readable or writable part from `off` on; how many there were. */
uint32_t qvirtqueue_element_read(const QVirtQueueElement *e, uint32_t off, void *to,
                                 uint32_t bytes);
uint32_t qvirtqueue_element_write(const QVirtQueueElement *e, uint32_t off,
                                  const void *from, uint32_t bytes);

#endif
