/* SPDX-License-Identifier: MIT */
/*
 * Batches of pings, queues of a chosen size, and interrupts as evidence (2.7.7). Absence
 * of an interrupt is proven by order: a device that was reset sends none (2.4.1), so what
 * has not come by then was never sent.
 */
#include "tests/ring/ring_lib.h"
#include "drivers/virtio/bus.h"

#define OCCASION_NS (1000 * 1000)

const char *ring_clause(const Test *t, const char *split, const char *packed)
{
    return t->ring->is_packed ? packed : split;
}

const char *ring_content_clause(const Test *t, const QVirtioPing *ping, const char *split,
                                const char *packed)
{
    /* Tables have no links: the clause of packed rings is about NEXT. 2.8.7: "additional
     * indirect descriptors come immediately afterwards". */
    packed = t->ring->uses_indirect ? "virtio 2.8.7" : packed;
    return ping->is_blind ? BASIS_NONE : ring_clause(t, split, packed);
}

QVirtQueue *ring_queue(const QVirtioDevice *dev)
{
    return dev->vq[dev->driver->ping_queue];
}

static bool is_used(void *arg)
{
    return qvirtqueue_has_used(arg);
}

void ring_give_occasion(QVirtQueue *vq)
{
    qvirtio_wait(vq->dev, "a buffer that must not be used", is_used, vq, OCCASION_NS);
    wait_forget();
}

uint32_t ring_irq_count_now(QVirtQueue *vq)
{
    uint8_t status;
    /* An access leaves the guest: an interrupt that waits is taken on the way back. */
    vq->dev->bus->get_status(vq->dev, &status);
    return qvirtqueue_irq_count(vq);
}

uint16_t ring_small_size(QVirtioDevice *dev, uint16_t most)
{
    uint16_t max = 0, size = 1;
    if (dev->bus->queue_max(dev, dev->driver->ping_queue, &max)) {
        return 0;
    }
    while (size * 2u <= most && size * 2u <= max) {
        size *= 2;
    }
    return size;
}

const char *ring_why_not_framing(QVirtioDevice *dev)
{
    bool is_free = !qvirtio_is_legacy(dev) || qvirtio_offers(dev, VIRTIO_F_ANY_LAYOUT);
    return is_free ? NULL : "legacy device without VIRTIO_F_ANY_LAYOUT";
}

bool ring_begin(Test *t, QVirtioDevice *dev)
{
    QVirtioFeatures wanted = qvirtio_baseline(dev);
    qvirtio_features_add_list(&wanted, t->test->needs);
    qvirtio_features_add_list(&wanted, t->ring->features);
    int err = qvirtio_begin(dev);
    if (!err) {
        err = qvirtio_negotiate(dev, &wanted);
    }
    err = err ? err : qvirtio_open_queues(dev, t->ring, 0, dev->driver->ping_queue);
    return require_ok(t, err);
}

bool ring_start_queues(Test *t, QVirtioDevice *dev, uint16_t size)
{
    QVirtQueue *vq;
    return ring_begin(t, dev) &&
           require_ok(t,
                      qvirtqueue_open(dev, dev->driver->ping_queue, size, t->ring, &vq));
}

bool ring_start_finish(Test *t, QVirtioDevice *dev)
{
    return require_ok(t, qvirtio_start_finish(dev, t->ring));
}

bool ring_start_sized(Test *t, QVirtioDevice *dev, uint16_t size)
{
    return ring_start_queues(t, dev, size) && ring_start_finish(t, dev);
}

bool ring_reset_queue(Test *t, QVirtioDevice *dev)
{
    uint16_t index = dev->driver->ping_queue;
    bool enabled = true;
    return require_ok(t, dev->bus->queue_reset(dev, index)) &&
           require_ok(t, dev->bus->queue_enabled(dev, index, &enabled)) &&
           expect_that(t, "dev:2.6.1.1.1-2", !enabled, "the queue not enabled",
                       "enabled");
}

QVirtQueue *ring_enable_again(Test *t, QVirtioDevice *dev, uint16_t size)
{
    QVirtQueue *old = ring_queue(dev), *vq = NULL;
    int err = qvirtqueue_alloc(dev, old->index, size, t->ring, &vq);
    if (!err) {
        vq->irq.is_bound = old->irq.is_bound;
        err = qvirtqueue_enable(vq);
    }
    return require_ok(t, err) ? vq : NULL;
}

bool ring_batch_make(Test *t, QVirtioDevice *dev, RingBatch *b, uint32_t first,
                     unsigned count)
{
    *b = (RingBatch){
        .vq = ring_queue(dev),
        .count = count,
        .is_taken = arena_lend(count, 1),
        .ping = arena_lend(count * sizeof(QVirtioPing), 8),
    };
    int err = b->is_taken && b->ping ? 0 : -QVIRTIO_NO_MEMORY;
    for (unsigned i = 0; i < count && !err; i++) {
        err = dev->driver->ping_make(dev, first + i, &b->ping[i]);
    }
    return require_ok(t, err);
}

static unsigned parts_of(uint32_t bytes, unsigned pieces)
{
    return bytes < pieces ? bytes : pieces;
}

/* How many descriptors a ping takes that is cut so. */
static unsigned length_of(const QVirtioPing *p, unsigned pieces)
{
    return parts_of(p->out_bytes, pieces) +
           qvirtio_ping_in_parts(p, parts_of(p->in_bytes, pieces));
}

unsigned ring_batch_descriptors(const RingBatch *b, unsigned pieces)
{
    return b->vq->ring->uses_indirect ? 1 : length_of(b->ping, pieces);
}

unsigned ring_capacity(const QVirtioDevice *dev, unsigned pieces)
{
    QVirtioPing sample = {0};
    RingBatch b = {.vq = ring_queue(dev), .ping = &sample};
    if (dev->driver->ping_make((QVirtioDevice *)dev, 0, &sample)) {
        return 0;
    }
    /* 2.7.5.3.1: no chain is longer than the queue size, in a table or not. */
    unsigned length = length_of(&sample, pieces);
    return length > b.vq->size ? 0 : b.vq->size / ring_batch_descriptors(&b, pieces);
}

bool ring_batch_add(Test *t, RingBatch *b, unsigned i, unsigned pieces)
{
    QVirtioPing *p = &b->ping[i];
    pieces = pieces ? pieces : 1;
    return require_ok(t, qvirtio_ping_add(p, parts_of(p->out_bytes, pieces),
                                          parts_of(p->in_bytes, pieces)));
}

bool ring_batch_add_all(Test *t, RingBatch *b, unsigned pieces)
{
    for (unsigned i = 0; i < b->count; i++) {
        if (!ring_batch_add(t, b, i, pieces)) {
            return false;
        }
    }
    return true;
}

bool ring_check_at(Test *t, const ExpectAt *at, QVirtioPing *ping, uint32_t len)
{
    const char *why = qvirtio_ping_len_fault(ping, len);
    return expect_no_fault(t, at, why ? why : ping->dev->driver->ping_check(ping, len));
}

/* One completion: a ping of this batch that was not taken before. */
static bool take_one(Test *t, const ExpectAt *at, RingBatch *b)
{
    QVirtioUsed used;
    if (!expect_success(t, at, qvirtqueue_wait(b->vq, &used))) {
        return false;
    }
    QVirtioPing *ping = used.token;
    size_t i = ping - b->ping;
    if (ping < b->ping || i >= b->count || b->is_taken[i]) {
        return expect_condition(t, at, false, "each request used once",
                                "a used element for a request not in flight");
    }
    b->is_taken[i] = true;
    return ring_check_at(t, at, ping, used.len);
}

bool ring_batch_take_at(Test *t, const ExpectAt *at, RingBatch *b, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!take_one(t, at, b)) {
            return false;
        }
    }
    return true;
}

bool ring_pings_at(Test *t, const ExpectAt *at, QVirtioDevice *dev, uint32_t first,
                   unsigned count)
{
    RingBatch b;
    if (!ring_batch_make(t, dev, &b, first, count) || !ring_batch_add_all(t, &b, 1)) {
        return false;
    }
    qvirtqueue_kick(b.vq);
    return ring_batch_take_at(t, at, &b, count);
}

typedef struct Answer {
    QVirtQueue *vq;
    bool has_given_up;
} Answer;

static bool is_used_or_given_up(void *arg)
{
    Answer *a = arg;
    if (qvirtqueue_has_used(a->vq)) {
        return true;
    }
    a->has_given_up = qvirtio_has_status(a->vq->dev, VIRTIO_STATUS_NEEDS_RESET);
    return a->has_given_up;
}

static bool config_irq_came(void *arg)
{
    return ((const QVirtioDevice *)arg)->config_irq.count > 0;
}

void ring_let_give_up(QVirtioDevice *dev, uint64_t most_ns)
{
    if (dev->config_irq.is_bound) {
        qvirtio_wait(dev, "the interrupt of NEEDS_RESET", config_irq_came, dev, most_ns);
    }
}

bool ring_used_or_given_up_at(Test *t, const ExpectAt *at, QVirtQueue *vq)
{
    Answer a = {.vq = vq};
    int err = qvirtio_wait(vq->dev, vq->what, is_used_or_given_up, &a, 0);
    if (a.has_given_up) {
        ring_let_give_up(vq->dev, 0);
    }
    return expect_success(t, at, err) &&
           expect_condition(t, at, !a.has_given_up, "the request used", "NEEDS_RESET");
}

bool ring_irq_usable(Test *t, QVirtioDevice *dev)
{
    QVirtQueue *vq = ring_queue(dev);
    if (!vq->irq.is_bound) {
        test_skip(t, "queue %u has no interrupt here", vq->index);
        return false;
    }
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i] && dev->vq[i] != vq) {
            qvirtqueue_irq_disable(dev->vq[i]);
        }
    }
    return true;
}

typedef struct IrqGoal {
    const QVirtQueue *vq;
    uint32_t before;
} IrqGoal;

static bool irq_came(void *arg)
{
    const IrqGoal *goal = arg;
    return qvirtqueue_irq_count(goal->vq) != goal->before;
}

bool ring_irq_after_at(Test *t, const ExpectAt *at, QVirtQueue *vq, uint32_t before)
{
    IrqGoal goal = {.vq = vq, .before = before};
    return expect_success(
        t, at, qvirtio_wait(vq->dev, "an interrupt of the queue", irq_came, &goal, 0));
}

bool ring_irq_prime(Test *t, QVirtioDevice *dev, uint32_t number)
{
    QVirtQueue *vq = ring_queue(dev);
    qvirtqueue_irq_enable(vq);
    uint32_t before = qvirtqueue_irq_count(vq);
    return require_ping(t, dev, number) && ring_irq_after(t, BASIS_NONE, vq, before);
}

bool ring_irq_quiet(Test *t, QVirtioDevice *dev, uint32_t number)
{
    if (!ring_irq_prime(t, dev, number)) {
        return false;
    }
    qvirtqueue_irq_disable(ring_queue(dev));
    for (uint32_t i = 1; i < RING_QUIET_PINGS; i++) {
        if (!require_ping(t, dev, number + i)) {
            return false;
        }
    }
    return true;
}

void ring_irq_settle(QVirtioDevice *dev)
{
    uint8_t status;
    /* Each access leaves the guest: an interrupt that waits is taken on the way back. */
    dev->bus->get_status(dev, &status);
    dev->bus->reset(dev);
    dev->bus->get_status(dev, &status);
}
