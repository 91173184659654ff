/* SPDX-License-Identifier: MIT */
/*
 * What the ring tests share: pings in batches, pings scattered over memory, queues of a
 * chosen size, and interrupts as evidence. Everything is built on the device's own ping
 * (qvirtio_driver.h), so each device with a ping earns every ring test.
 */
#ifndef RING_LIB_H
#define RING_LIB_H

#include "drivers/virtio/ring/forge.h"
#include "tests/harness/test.h"

/* Returns the clause of this point's ring format, where 2.7 says of split rings what 2.8
 * says of packed ones. */
const char *ring_clause(const Test *t, const char *split, const char *packed);
/* For requests that say something, cut into several descriptors: those of a list are
 * taken in the driver's order. A ping that nobody looks into proves nothing. */
#define CONTENT_CLAUSE(t, ping, split) ring_content_clause(t, ping, split, "dev:2.8.18-1")
const char *ring_content_clause(const Test *t, const QVirtioPing *ping, const char *split,
                                const char *packed);

/* The queue that pings go to. */
QVirtQueue *ring_queue(const QVirtioDevice *dev);
/* Largest power of two that is neither above `most` nor above the ping queue's size. */
uint16_t ring_small_size(QVirtioDevice *dev, uint16_t most);
/* For .why_not of tests that cut messages: legacy framing is free with ANY_LAYOUT only
 * (2.7.4.3). */
const char *ring_why_not_framing(QVirtioDevice *dev);
/*
 * Starting the device by hand in a TEST_RAW test, with the point's format and the test's
 * .needs. ring_begin: features agreed, all queues but the ping's are open. _queues: the
 * ping's too, with `size` entries (0: its own). _finish: DRIVER_OK and the driver's part.
 * _sized: everything. False: reported.
 */
bool ring_begin(Test *t, QVirtioDevice *dev);
bool ring_start_queues(Test *t, QVirtioDevice *dev, uint16_t size);
bool ring_start_finish(Test *t, QVirtioDevice *dev);
bool ring_start_sized(Test *t, QVirtioDevice *dev, uint16_t size);

/* Resets the ping queue (2.6.1); its old ring stays as the device left it. False:
 * reported. */
bool ring_reset_queue(Test *t, QVirtioDevice *dev);
/* A fresh ring for the ping queue; NULL: reported. Its interrupt is routed as before, and
 * counted where it was before: in the first ring's counter. */
QVirtQueue *ring_enable_again(Test *t, QVirtioDevice *dev, uint16_t size);

/* ---- Batches: pings numbered first to first + count - 1 ---- */

typedef struct RingBatch {
    QVirtQueue *vq;
    unsigned count;
    uint8_t *is_taken;
    QVirtioPing *ping;
} RingBatch;

/* Makes the pings, adds nothing. False: reported. */
bool ring_batch_make(Test *t, QVirtioDevice *dev, RingBatch *b, uint32_t first,
                     unsigned count);
/* Adds ping i, its out bytes and its in bytes in up to `parts` descriptors each. */
bool ring_batch_add(Test *t, RingBatch *b, unsigned i, unsigned parts);
bool ring_batch_add_all(Test *t, RingBatch *b, unsigned parts);
/* Descriptors that one ping of the batch takes in the ring when cut like that. */
unsigned ring_batch_descriptors(const RingBatch *b, unsigned parts);
/* How many pings cut like that an empty ring holds. */
unsigned ring_capacity(const QVirtioDevice *dev, unsigned parts);
/* Waits for `count` completions: each a ping of the batch, once, with the right answer.
 */
#define ring_batch_take(t, clause, b, count) \
    ring_batch_take_at(t, EXPECT_AT(clause, "used buffers"), b, count)
bool ring_batch_take_at(Test *t, const ExpectAt *at, RingBatch *b, unsigned count);
/* Makes, adds, kicks once, takes all. */
#define ring_pings(t, clause, dev, first, count) \
    ring_pings_at(t, EXPECT_AT(clause, "used buffers"), dev, first, count)
bool ring_pings_at(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t first,
                   unsigned count);
/* The right answer to a ping that was used with this length. */
#define ring_check(t, clause, ping, len) \
    ring_check_at(t, EXPECT_AT(clause, "answer"), ping, len)
bool ring_check_at(Test *t, const ExpectAt *at, QVirtioPing *ping, uint32_t len);

/* Waits for a used buffer, but not on when the device sets NEEDS_RESET: for requests that
 * a device is known to give up on. False: reported. */
#define ring_used_or_given_up(t, clause, vq) \
    ring_used_or_given_up_at(t, EXPECT_AT(clause, "used buffer"), vq)
bool ring_used_or_given_up_at(Test *t, const ExpectAt *at, QVirtQueue *vq);

/* Waits for the interrupt that comes with NEEDS_RESET (2.1.2). Nobody judges it here, but
 * a QEMU whose device has a thread of its own locks up when it is reset while that thread
 * still sends it. 0 ns: as long as a wait may take. */
void ring_let_give_up(QVirtioDevice *dev, uint64_t most_ns);

/* ---- Interrupts ---- */

/* False: the ping queue has no interrupt to be seen, the test is skipped. Other queues
 * are told to be silent, as they may share it. */
bool ring_irq_usable(Test *t, QVirtioDevice *dev);
/* More interrupts than `before` have come. */
#define ring_irq_after(t, clause, vq, before) \
    ring_irq_after_at(t, EXPECT_AT(clause, "interrupt of the queue"), vq, before)
bool ring_irq_after_at(Test *t, const ExpectAt *at, QVirtQueue *vq, uint32_t before);
/* One ping with its interrupt: what comes later is later than this one's. */
bool ring_irq_prime(Test *t, QVirtioDevice *dev, uint32_t number);
/* The same, then silence: pings with interrupts off, numbered from number + 1, whose
 * completions are later than every interrupt that was still on its way. False: reported.
 */
#define RING_QUIET_PINGS 3
bool ring_irq_quiet(Test *t, QVirtioDevice *dev, uint32_t number);
/* Resets the device, which ends all its interrupts: those that were sent have come. */
void ring_irq_settle(QVirtioDevice *dev);

/* ---- Scattered chains ---- */

#define RING_PIECES_MAX 64

/* A ping whose bytes lie in pieces of memory of their own, each between canaries. */
typedef struct RingChain {
    QVirtioPing ping;
    QVirtioSg sg[RING_PIECES_MAX];
    void *piece[RING_PIECES_MAX];
    unsigned out, in;                     /* pieces so far */
    uint32_t out_cut_bytes, in_cut_bytes; /* bytes of the ping that are in pieces */
} RingChain;

/* Makes the ping, cuts nothing; NULL: reported. */
RingChain *ring_chain_make(Test *t, QVirtioDevice *dev, uint32_t number);
/* Cuts the next `bytes` off: out bytes until there are none left, then in bytes; never
 * across the two. 0: all that is left. False when nothing is left, or on an error. */
bool ring_chain_cut(Test *t, RingChain *c, uint32_t bytes);
/* Bytes that are not in pieces yet: of the out part while it has any, else of in. */
uint32_t ring_chain_left(const RingChain *c);
bool ring_chain_add(Test *t, RingChain *c);
/* Waits, and checks: the answer put together from the pieces, and out pieces unchanged.
 */
#define ring_chain_take(t, clause, c) \
    ring_chain_take_at(t, EXPECT_AT(clause, "scattered request"), c)
bool ring_chain_take_at(Test *t, const ExpectAt *at, RingChain *c);
/* Cuts what is left, adds, kicks, takes. */
#define ring_chain_run(t, clause, c) \
    ring_chain_run_at(t, EXPECT_AT(clause, "scattered request"), c)
bool ring_chain_run_at(Test *t, const ExpectAt *at, RingChain *c);

#endif
