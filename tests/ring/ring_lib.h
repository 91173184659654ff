/* SPDX-License-Identifier: MIT */
/*
 * What the ring tests share: pings in batches, pings scattered over memory, queues of a
 * chosen size, and interrupts as evidence. Everything is built on the device's own ping
 * (drivers/virtio/driver.h), so each device with a ping earns every ring test.
 */
#ifndef RING_LIB_H
#define RING_LIB_H

#include "drivers/virtio/ring/forge.h"
#include "tests/harness/test.h"

/* Returns the clause of this point's ring format, where 2.7 says of split rings what 2.8
 * says of packed ones. */
const char *ring_clause(const Test *t, const char *split, const char *packed);
/* That a notification comes which the driver has asked for: on packed rings 2.8.10,
 * "After writing out some descriptors, both the device and the driver are expected to
 * consult the relevant structure to find out whether a used respectively an available
 * buffer notification should be sent". */
#define RING_IRQ(t, split) ring_clause(t, split, "virtio 2.8.10")
/* That a device serves a driver which follows its wishes for kicks: 2.7.10, "The device
 * can suppress available buffer notifications in a manner analogous to the way drivers
 * can suppress used buffer notifications", and the same sentence of 2.8.10. */
#define RING_WISHES(t) ring_clause(t, "virtio 2.7.10", "virtio 2.8.10")
/* 2.7, 2.8.10.1: "Queue Size corresponds to the maximum number of buffers" (descriptors)
 * "in the virtqueue"; the areas have their least alignments there too. */
#define RING_SIZE(t) ring_clause(t, "virtio 2.7", "virtio 2.8.10.1")
/* 2.7.8, 2.8: "The used ring is where the device returns buffers once it is done with
 * them"; it "writes a used device descriptor including the Buffer ID". */
#define RING_USED(t) ring_clause(t, "virtio 2.7.8", "virtio 2.8")
/* Returns the clause that a cut request proves: `split` on split rings, 2.8.18-1 on
 * packed ones (the descriptors of a list are taken in the driver's order), and what 2.8.7
 * says of packed tables. BASIS_NONE for a ping whose content nobody looks at. */
#define CONTENT_CLAUSE(t, ping, split) ring_content_clause(t, ping, split, "dev:2.8.18-1")
const char *ring_content_clause(const Test *t, const QVirtioPing *ping, const char *split,
                                const char *packed);

/* Returns the queue that pings go to. */
QVirtQueue *ring_queue(const QVirtioDevice *dev);
/* Gives the device a moment to do what it must not, where no later event proves that it
 * did not: returns as soon as a buffer is used. */
void ring_give_occasion(QVirtQueue *vq);
/* Returns how many interrupts of the queue have come, those on their way included. */
uint32_t ring_irq_count_now(QVirtQueue *vq);
/* Returns the largest power of two that is neither above `most` nor above the ping
 * queue's size. */
uint16_t ring_small_size(QVirtioDevice *dev, uint16_t most);
/* For .why_not of tests that cut messages: legacy framing is free with ANY_LAYOUT only
 * (2.7.4.3). */
const char *ring_why_not_framing(QVirtioDevice *dev);
/*
 * These start the device in a TEST_RAW test, with the point's format and the test's
 * .needs. ring_begin() negotiates and opens all queues but the ping's.
 * ring_start_queues() opens that as well, with `size` entries (0: as many as it offers).
 * ring_start_finish() sets DRIVER_OK and lets the driver prepare. ring_start_sized() does
 * all of it. Each returns false when that fails, which is reported.
 */
bool ring_begin(Test *t, QVirtioDevice *dev);
bool ring_start_queues(Test *t, QVirtioDevice *dev, uint16_t size);
bool ring_start_finish(Test *t, QVirtioDevice *dev);
bool ring_start_sized(Test *t, QVirtioDevice *dev, uint16_t size);

/* Resets the ping queue (2.6.1); its old ring stays as the device left it. Returns false
 * when that fails, which is reported. */
bool ring_reset_queue(Test *t, QVirtioDevice *dev);
/* Enables the ping queue with a new ring. Returns NULL when that fails, which is
 * reported. Its interrupt is routed as before, and counted where it was before: in the
 * first ring's counter. */
QVirtQueue *ring_enable_again(Test *t, QVirtioDevice *dev, uint16_t size);

/* ---- Batches: pings numbered first to first + count - 1 ---- */

typedef struct RingBatch {
    QVirtQueue *vq;
    unsigned count;
    uint8_t *is_taken;
    QVirtioPing *ping;
} RingBatch;

/* Makes the pings, adds nothing. Returns false when that fails, which is reported. */
bool ring_batch_make(Test *t, QVirtioDevice *dev, RingBatch *b, uint32_t first,
                     unsigned count);
/* Adds ping i, its out bytes and its in bytes in up to `pieces` descriptors each. */
bool ring_batch_add(Test *t, RingBatch *b, unsigned i, unsigned pieces);
bool ring_batch_add_all(Test *t, RingBatch *b, unsigned pieces);
/* Returns how many descriptors one ping of the batch takes in the ring when cut so. */
unsigned ring_batch_descriptors(const RingBatch *b, unsigned pieces);
/* Returns how many pings, cut so, an empty ring holds. */
unsigned ring_capacity(const QVirtioDevice *dev, unsigned pieces);
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
/* Checks the answer to a ping that was used with this length. */
#define ring_check(t, clause, ping, len) \
    ring_check_at(t, EXPECT_AT(clause, "answer"), ping, len)
bool ring_check_at(Test *t, const ExpectAt *at, QVirtioPing *ping, uint32_t len);

/* Waits for a used buffer, and ends early when the device sets NEEDS_RESET: for requests
 * that make some devices give up. Returns false when that fails, which is reported. */
#define ring_used_or_given_up(t, clause, vq) \
    ring_used_or_given_up_at(t, EXPECT_AT(clause, "used buffer"), vq)
bool ring_used_or_given_up_at(Test *t, const ExpectAt *at, QVirtQueue *vq);

/* Waits at most most_ns (0: the bound of a wait) for the interrupt that comes with
 * NEEDS_RESET (2.1.2). It is not judged: the wait is there because a QEMU whose device
 * has a thread of its own locks up when it is reset while that thread still sends it. */
void ring_let_give_up(QVirtioDevice *dev, uint64_t most_ns);

/* ---- Interrupts ---- */

/* Returns false when the ping queue has no interrupt that could be seen; the test is
 * skipped then. Else the other queues are told not to interrupt, as they may share it. */
bool ring_irq_usable(Test *t, QVirtioDevice *dev);
/* Waits until more interrupts than `before` have come. */
#define ring_irq_after(t, clause, vq, before) \
    ring_irq_after_at(t, EXPECT_AT(clause, "interrupt of the queue"), vq, before)
bool ring_irq_after_at(Test *t, const ExpectAt *at, QVirtQueue *vq, uint32_t before);
/* Sends one ping and waits for its interrupt, so that none of earlier pings is still on
 * its way. */
bool ring_irq_prime(Test *t, QVirtioDevice *dev, uint32_t number);
/* Does the same, then sends pings with interrupts off, numbered from number + 1: when
 * they are used, every interrupt that was still on its way has come. Returns false when
 * that fails, which is reported.
 */
#define RING_QUIET_PINGS 3
bool ring_irq_quiet(Test *t, QVirtioDevice *dev, uint32_t number);
/* Resets the device, and returns when all interrupts that it has sent have come. */
void ring_irq_settle(QVirtioDevice *dev);

/* ---- Scattered chains ---- */

#define RING_PIECES_MAX 64

/* A ping whose bytes lie in pieces of memory of their own, each between canaries. */
typedef struct RingChain {
    QVirtioPing ping;
    QVirtioSg sg[RING_PIECES_MAX];
    void *piece[RING_PIECES_MAX];
    /* Pieces so far. */
    unsigned out, in;
    /* Bytes of the ping that are in pieces. */
    uint32_t out_cut_bytes, in_cut_bytes;
} RingChain;

/* Makes the ping, cuts nothing. Returns NULL when that fails, which is reported. */
RingChain *ring_chain_make(Test *t, QVirtioDevice *dev, uint32_t number);
/* Makes a piece of the next `bytes`: of the out bytes while there are any, then of the in
 * bytes, never across the two. 0 means all that is left. Returns false when nothing is
 * left, or the arena is full. */
bool ring_chain_cut(Test *t, RingChain *c, uint32_t bytes);
/* Returns how many bytes are not in pieces yet: of the out bytes while there are any,
 * else of the in bytes. */
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
