/* SPDX-License-Identifier: MIT */
/*
 * For software devices: virtqueues, device side, by the RFC's names. pop takes the next
 * request; map_sg makes pointers of its addresses; fill and flush, or push, which is both
 * in one, hand it back. The format (split, packed) is behind a small table.
 *
 * The driver is not trusted. An address that is not lent, a chain that loops or is longer
 * than the queue, or an index out of range makes the queue broken, and nothing is
 * touched.
 */
#ifndef QVIRTIO_RING_DEVICE_H
#define QVIRTIO_RING_DEVICE_H

#include "drivers/virtio/qvirtqueue.h"

/* The longest chain that a software device serves, which is how long its queues usually
 * are (2.7.5). */
#define QVIRTQUEUE_CHAIN_MAX 128

typedef struct QVirtIovec {
    uint8_t *base;
    uint32_t len;
} QVirtIovec;

/* One request: first its device-readable pieces, then its device-writable ones. */
typedef struct QVirtQueueElement {
    /* The id by which the used ring names it. */
    uint16_t index;
    /* How many entries of the ring it takes. */
    uint16_t slots;
    /* How many pieces of sg are readable, and how many writable. */
    uint16_t out_num, in_num;
    uint32_t out_bytes, in_bytes;
    QVirtIovec sg[QVIRTQUEUE_CHAIN_MAX];
} QVirtQueueElement;

typedef struct QVirtQueueSide QVirtQueueSide;

/* The IOMMU between a device and memory, where the device is one of its endpoints. */
typedef struct QVirtDma {
    uint32_t endpoint;
    /* Replaces *at by the address in memory itself, and cuts *bytes to those that are in
     * one piece there. Returns false when the device has no access. */
    bool (*translate)(const struct QVirtDma *dma, dma_addr *at, uint64_t *bytes,
                      bool is_write);
} QVirtDma;

/* A ring format as the device sees it. The functions do what those of the same name below
 * do; map finds the three areas, and returns 0 or -QVIRTIO_BROKEN. */
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
    /* Where addresses are looked up; NULL means that they are those of memory itself. */
    const QVirtDma *dma;

    /* The three areas as pointers; NULL until they are mapped. */
    void *desc, *driver, *device;
    /* Split rings: the same areas for the accessors of ring/qvring.h. is_legacy stays
     * false: a driver uses a software device through a legacy interface only where the
     * CPU is little-endian. */
    QVRing vring;
    /* How many entries were taken from the driver. */
    uint16_t next_avail;
    /* How many entries the driver was shown as used. */
    uint16_t next_used;
    /* next_used at the last decision to interrupt. */
    uint16_t judged_used;
    /* Something was used since it was last decided whether to interrupt. */
    bool has_news;
    /* The rule that the driver broke, or NULL. */
    const char *broken;

    /* Packed rings: next_avail and next_used are slots, and avail_wrap and used_wrap say
     * in which lap each of them is; judged_used counts slots. fill_slot and fill_wrap are
     * the place of the next fill, fill_slots says how many slots were filled, and
     * held_flags are what the next flush writes. */
    bool avail_wrap, used_wrap, fill_wrap, has_held;
    uint16_t fill_slot, fill_slots, held_flags;

    /* Used by faults: an element that is written when the device runs next. */
    bool has_late;
    uint16_t late_at;
    uint32_t late_id, late_len;
};

extern const QVirtSideFormat qvirtqueue_side_split, qvirtqueue_side_packed;

/* Starts a queue at the first entry of its ring. Size, addresses and format are filled
 * in. */
void qvirtqueue_side_start(QVirtQueueSide *q);

/* Takes the next request. Returns 1, 0 when there is none, or -QVIRTIO_BROKEN. */
int qvirtqueue_pop(QVirtQueueSide *q, QVirtQueueElement *e);
/* Puts a request, of which len bytes were written, into the used ring, `offset` entries
 * behind what the driver can see. flush then shows the next `count` entries to the
 * driver, and push does both for one request. */
void qvirtqueue_fill(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len,
                     uint16_t offset);
void qvirtqueue_flush(QVirtQueueSide *q, uint16_t count);
void qvirtqueue_push(QVirtQueueSide *q, const QVirtQueueElement *e, uint32_t len);

/* Makes pointers of a buffer, which is one or more pieces of memory, `most` at most.
 * Returns how many pieces there are; 0 when a byte of the buffer is not lent or may not
 * be accessed, and then no piece is to be used. */
unsigned qvirtqueue_map_sg(const QVirtQueueSide *q, QVirtioSg sg, bool is_writable,
                           QVirtIovec *to, unsigned most);

/* For formats: makes a pointer of an area of the ring, or of an indirect table, which
 * must be one piece. Returns NULL when it is not lent, may not be accessed, or is not
 * aligned as it must be (2.7, 2.8.10.1). */
void *qvirtqueue_map_area(const QVirtQueueSide *q, dma_addr at, size_t bytes,
                          size_t align, bool is_written);

/* For formats: adds a buffer to a request. Returns NULL, or what is wrong with the
 * buffer. */
const char *qvirtqueue_add_buffer(const QVirtQueueSide *q, QVirtQueueElement *e,
                                  uint64_t addr, uint32_t len, bool is_writable);

/* Returns true when the driver must be interrupted for what was used since the last call.
 */
bool qvirtqueue_wants_interrupt(QVirtQueueSide *q);
/* Returns true when the driver wants an interrupt for each used buffer, without event
 * index. */
bool qvirtqueue_is_unsuppressed(const QVirtQueueSide *q);
/* Asks the driver for a kick when it adds the next request; called when all that was
 * available is taken. */
void qvirtqueue_ask_for_kick(QVirtQueueSide *q);

/* Returns true when devices look at their rings without being kicked. */
bool qvirtqueue_polls(void);
/* Returns how many descriptors a chain may have. */
unsigned qvirtqueue_chain_max(void);

/* Used by faults: the first does now what the device has put off, the second forgets it
 * for ever. */
void qvirtqueue_catch_up(QVirtQueueSide *q);
void qvirtqueue_forget_late(void);

/* Copy bytes from the readable pieces of a request, or to its writable ones; they begin
 * at byte `off` of these. Return how many bytes there were. */
uint32_t qvirtqueue_element_read(const QVirtQueueElement *e, uint32_t off, void *to,
                                 uint32_t bytes);
uint32_t qvirtqueue_element_write(const QVirtQueueElement *e, uint32_t off,
                                  const void *from, uint32_t bytes);

#endif
