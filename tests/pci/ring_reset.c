/* SPDX-License-Identifier: MIT */
/*
 * Resetting one queue (2.6.1) as the common configuration shows it (4.1.4.3.1): the
 * device must offer VIRTIO_F_RING_RESET.
 */
#include "drivers/virtio/ring/qvring.h"
#include "drivers/virtio/spec/virtio_blk.h"
#include "tests/pci/pci_lib.h"

#define NEEDS_RING_RESET FEATURES(VIRTIO_F_RING_RESET)

static uint16_t queue_reset_of(QVirtioDevice *dev, uint16_t index)
{
    COMMON_WRITE16(dev, queue_select, index);
    return COMMON_READ16(dev, queue_reset);
}

static uint16_t queue_enable_of(QVirtioDevice *dev, uint16_t index)
{
    COMMON_WRITE16(dev, queue_select, index);
    return COMMON_READ16(dev, queue_enable);
}

/* "If VIRTIO_F_RING_RESET has been negotiated, the device MUST present a 0 in queue_reset
 * on reset", and "after the virtqueue is enabled with queue_enable". */
VIRTIO_TEST(queue_reset_reads_0_at_first, .flags = TEST_RAW, .buses = BUS_PCI,
            .needs = NEEDS_RING_RESET)
{
    if (!test_start(t, dev, NULL)) {
        return;
    }
    uint16_t queues = pci_queue_count(dev);
    for (uint16_t i = 0; i < queues; i++) {
        expect_eq(t, "dev:4.1.4.3.1-10", queue_reset_of(dev, i), 0);
    }
    /* The register exists where the feature "has been negotiated", so again. */
    if (!pci_begin(t, dev)) {
        return;
    }
    for (uint16_t i = 0; i < queues; i++) {
        expect_eq(t, "dev:4.1.4.3.1-9", queue_reset_of(dev, i), 0);
    }
}

typedef struct ResetWatch {
    QVirtioDevice *dev;
    uint16_t index;
} ResetWatch;

static bool has_reset(void *arg)
{
    const ResetWatch *w = arg;

    return queue_reset_of(w->dev, w->index) == 0;
}

/* Writes 1 to queue_reset and waits until it reads 0. */
static bool reset_queue(Test *t, QVirtioDevice *dev, uint16_t index)
{
    ResetWatch w = {.dev = dev, .index = index};

    COMMON_WRITE16(dev, queue_select, index);
    COMMON_WRITE16(dev, queue_reset, 1);
    return expect_ok(t, "dev:4.1.4.3.1-13",
                     qvirtio_wait(dev, "queue_reset to read 0", has_reset, &w, 0));
}

#define REOPENED_SIZE 128 /* the memory of many rings is needed in one test */

/* Sets the ping queue up anew, in memory of its own, with the interrupt that it had. */
static bool reopen_queue(Test *t, QVirtioDevice *dev)
{
    const QVirtQueue *old = pci_ping_queue(dev);
    uint16_t size = old->size < REOPENED_SIZE ? old->size : REOPENED_SIZE;
    QVirtQueue *vq;

    if (!require_ok(t, qvirtqueue_alloc(dev, old->index, size, t->ring, &vq))) {
        return false;
    }
    vq->irq = old->irq;
    qvirtio_pci_irq_lost(qvirtio_pci(dev), old->index);
    return require_ok(t, qvirtqueue_enable(vq));
}

/* "The device MUST present 0 in both queue_reset and queue_enable when queue reset has
 * completed": of the queue that was reset; its neighbours stay enabled. */
VIRTIO_TEST(queue_reset_disables_this_queue_only, .flags = TEST_PING, .buses = BUS_PCI,
            .needs = NEEDS_RING_RESET)
{
    uint16_t queues = pci_queue_count(dev), mine = dev->driver->ping_queue;

    require_ping(t, dev, 1);
    if (!reset_queue(t, dev, mine)) {
        return;
    }
    for (uint16_t i = 0; i < queues; i++) {
        /* "The driver uses this to selectively reset the queue." */
        expect_eq(t, i == mine ? "dev:4.1.4.3.1-13" : "virtio 4.1.4.3",
                  queue_enable_of(dev, i), i != mine && dev->vq[i]);
        expect_eq(t, i == mine ? "dev:4.1.4.3.1-13" : "dev:4.1.4.3.1-10",
                  queue_reset_of(dev, i), 0);
    }
}

/* "The device MUST reset the queue when 1 is written to queue_reset": set up anew it
 * starts from index 0 and serves; "the device MUST present a 0 in queue_reset after the
 * virtqueue is enabled". */
VIRTIO_TEST(queue_serves_again_after_its_reset, .flags = TEST_PING, .buses = BUS_PCI,
            .rings = RINGS_ALL, .needs = NEEDS_RING_RESET)
{
    uint16_t mine = dev->driver->ping_queue;

    for (uint32_t round = 1; round <= 3; round++) {
        require_ping(t, dev, 2 * round);
        if (!reset_queue(t, dev, mine)) {
            return;
        }
        if (!reopen_queue(t, dev)) {
            return;
        }
        expect_eq(t, "dev:4.1.4.3.1-10", queue_reset_of(dev, mine), 0);
        if (!expect_ping(t, "dev:4.1.4.3.1-11", dev, 2 * round + 1)) {
            return;
        }
    }
}

#define RACES       8
#define PINGS_AFTER 16 /* so long is what comes late looked for */

/* Fills the ring with requests and returns how many. */
typedef unsigned Fill(QVirtQueue *vq, void *arg);

/* Resets the ping queue once the device has answered the first of its requests, with the
 * others on their way; opens it anew, and lets the device serve the new ring. False:
 * something failed. */
static bool race_reset(Test *t, QVirtioDevice *dev, Fill *fill, void *arg)
{
    uint16_t mine = dev->driver->ping_queue;
    QVirtQueue *old = pci_ping_queue(dev);
    QVirtioUsed first;

    if (old->ring->is_packed) {
        test_skip(t, "the used index of a packed ring is the device's own");
        return false;
    }
    uint16_t sent = (uint16_t)(qvring_used_idx(&old->vring) + fill(old, arg));
    qvirtqueue_kick(old);
    if (!require_ok(t, qvirtqueue_wait(old, &first)) || !reset_queue(t, dev, mine)) {
        return false;
    }
    uint16_t used = qvring_used_idx(&old->vring);
    bool is_fine = reopen_queue(t, dev);
    for (uint32_t i = 1; i <= PINGS_AFTER && is_fine; i++) {
        is_fine = expect_ping(t, "dev:4.1.4.3.1-12", dev, 1000 + i);
    }
    /* A race that was over before the reset proves nothing. */
    uint16_t now = qvring_used_idx(&old->vring);
    return is_fine &&
           ((used == sent && now == used) || expect_eq(t, "dev:4.1.4.3.1-12", now, used));
}

#define IN_FLIGHT 64u

static unsigned fill_with_pings(QVirtQueue *vq, void *arg)
{
    QVirtioPing *ping = arg;
    unsigned n = 0;

    for (; n < IN_FLIGHT; n++) {
        ping[n].vq = vq;
        if (qvirtio_ping_add(&ping[n], 1, 1)) {
            break;
        }
    }
    return n;
}

/* A disk has a race of its own, below. */
static const char *why_not_pings(QVirtioDevice *dev)
{
    return dev->device_id == VIRTIO_ID_BLOCK ? "a disk can be reset before its large "
                                               "reads are used: the order is not fixed"
                                             : NULL;
}

/* "The device MUST continue to present 1 in queue_reset as long as the queue reset is
 * ongoing": once it presents 0, nothing of the old ring's is on its way any more, neither
 * into that ring nor into the one that was set up since. It is a race that the device
 * must win each time. */
VIRTIO_TEST(queue_reset_is_over_when_it_reads_0, .flags = TEST_PING, .buses = BUS_PCI,
            .needs = NEEDS_RING_RESET, .why_not = why_not_pings)
{
    QVirtioPing *ping = arena_lend(IN_FLIGHT * sizeof(*ping), 8);

    for (uint32_t i = 0; i < IN_FLIGHT; i++) {
        if (!require_ok(t, ping ? 0 : -QVIRTIO_NO_MEMORY) ||
            !require_ok(t, dev->driver->ping_make(dev, i + 1, &ping[i]))) {
            return;
        }
    }
    for (unsigned i = 0; i < RACES && race_reset(t, dev, fill_with_pings, ping); i++) {
    }
}

#define LARGE_RACES    32 /* QEMU 7.2 loses about one in four */
#define LARGE_BYTES    (1u << 20)
#define LARGE_MOST     24
#define LARGE_LEAST    4 /* fewer do not last */
#define LARGE_SEGMENTS 3

/* Reads of the same sectors into the same memory: nobody looks at it. */
static unsigned fill_with_large_reads(QVirtQueue *vq, void *arg)
{
    const QVirtioSg *sg = arg;
    unsigned n = 0;

    while (n < LARGE_MOST && qvirtqueue_add(vq, sg, 1, 2, vq) == 0) {
        n++;
    }
    return n;
}

VIRTIO_TEST(queue_reset_waits_for_large_reads, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .buses = BUS_PCI, .needs = NEEDS_RING_RESET)
{
    struct virtio_blk_req *req = arena_lend(sizeof(*req), 8);
    uint8_t *data = arena_lend(LARGE_BYTES, 512), *status = arena_lend(1, 1);

    if (!require_ok(t, req && data && status ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    if (pci_ping_queue(dev)->size < LARGE_LEAST * LARGE_SEGMENTS) {
        test_skip(t, "the queue holds fewer than %d requests", LARGE_LEAST);
        return;
    }
    req->type = virtio32_of(false, VIRTIO_BLK_T_IN);
    QVirtioSg sg[LARGE_SEGMENTS] = {
        {.addr = arena_map(req, sizeof(*req)), .len = sizeof(*req)},
        {.addr = arena_map(data, LARGE_BYTES), .len = LARGE_BYTES},
        {.addr = arena_map(status, 1), .len = 1},
    };
    for (unsigned i = 0; i < LARGE_RACES && race_reset(t, dev, fill_with_large_reads, sg);
         i++) {
    }
}

/* Nothing else has a vector then, so none is used up. */
static bool is_mapped_anew(Test *t, const PciBench *b, uint16_t queue)
{
    uint16_t seen = pci_bench_map(b, queue, 1);

    return expect_eq(
        t, seen == VIRTIO_MSI_NO_VECTOR ? "dev:4.1.5.1.2.1-8" : "virtio 4.1.5.1.3", seen,
        1);
}

/* "The driver MAY set driver-writeable queue configuration values to different values
 * than those that were used before the queue reset": its vector too, and interrupts go
 * there. */
VIRTIO_TEST(queue_takes_a_new_vector_after_its_reset, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_PCI, .needs = NEEDS_RING_RESET,
            .why_not = pci_why_no_two_vectors)
{
    uint16_t mine = dev->driver->ping_queue;
    QVirtQueue *vq;
    PciBench b;

    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, 2)) {
        return;
    }
    if (pci_bench_start(t, &b, 0, VIRTIO_MSI_NO_VECTOR) && require_ping(t, dev, 1) &&
        pci_bench_after(t, BASIS_NONE, &b, 0, 0) && reset_queue(t, dev, mine) &&
        require_ok(t, qvirtqueue_alloc(dev, mine, 0, t->ring, &vq)) &&
        is_mapped_anew(t, &b, mine) && require_ok(t, qvirtqueue_enable(vq)) &&
        require_ping(t, dev, 2)) {
        pci_bench_after(t, "dev:4.1.5.1.2.1-4", &b, 1, 0);
    }
    pci_bench_close(&b);
}

/* 2.6.1.2 has the driver reset enabled queues only; one that is not, and twice. */
VIRTIO_TEST(queue_reset_of_a_reset_queue, .violates = "2.6.1", .flags = TEST_PING,
            .buses = BUS_PCI, .needs = NEEDS_RING_RESET)
{
    uint16_t mine = dev->driver->ping_queue;

    if (reset_queue(t, dev, mine)) {
        COMMON_WRITE16(dev, queue_reset, 1);
    }
    expect_survives(t, dev);
}
