/* SPDX-License-Identifier: MIT */
/*
 * The used ring (2.7.8): an element is there, and what it speaks of is written, before
 * the used index moves. Seen by a guest that looks at the index without pause and reads
 * the element and the buffer in the very look that saw it move.
 */
#include "drivers/virtio/ring/qvring.h"
#include "tests/ring/ring_lib.h"

#define SENTINEL     0xfffffff0u
#define STEP_BYTES   8
#define SAMPLE_BYTES 64

typedef struct Watch {
    QVirtQueue *vq;
    uint16_t from;
    uint32_t id, len; /* of element `from`, at the first look that saw idx move */
    const uint8_t *in;
    uint8_t before[SAMPLE_BYTES]; /* the start of the buffer when it was lent */
    uint8_t first[SAMPLE_BYTES];  /* and at that look */
    uint32_t first_bytes;
} Watch;

static bool is_used(void *arg)
{
    Watch *w = arg;
    if (!w->vq->ring->peek(w->vq, &w->id, &w->len)) {
        return false;
    }
    memcpy(w->first, w->in, w->first_bytes);
    return true;
}

/* One ping under watch, its place in the used ring marked beforehand. Returns false when
 * that fails, which is reported. */
static bool watch_ping(Test *t, QVirtioDevice *dev, RingBatch *b, Watch *w,
                       uint32_t number)
{
    if (!ring_batch_make(t, dev, b, number, 1)) {
        return false;
    }
    QVirtioPing *p = b->ping;
    /* A driver whose answers may be short looks for its own filling behind them. */
    if (p->used_min == p->used_max) {
        pattern_fill(p->in, p->in_bytes, random_next(&t->random));
    }
    *w = (Watch){.vq = b->vq, .from = b->vq->last_used, .in = p->in};
    w->first_bytes = p->in_bytes < SAMPLE_BYTES ? p->in_bytes : SAMPLE_BYTES;
    memcpy(w->before, p->in, w->first_bytes);
    if (!b->vq->ring->is_packed) {
        forge_used_entry(b->vq, w->from % b->vq->size, SENTINEL, SENTINEL);
    }
    if (!ring_batch_add(t, b, 0, 1)) {
        return false;
    }
    qvirtqueue_kick(b->vq);
    return require_ok(t, qvirtio_wait(dev, b->vq->what, is_used, w, 0));
}

/* 2.7.8.2: "The device MUST set len prior to updating the used idx", and no more than it
 * could write. 2.8.4: "Element Length specifies the length of the buffer that has been
 * initialized (written to) by the device." */
VIRTIO_TEST(used_element_is_whole_when_it_shows, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING)
{
    for (uint32_t i = 0; i < 4; i++) {
        RingBatch b;
        Watch w;
        if (!watch_ping(t, dev, &b, &w, i)) {
            return;
        }
        uint16_t head = b.vq->last_added;
        if (!expect_eq(t, ring_clause(t, "dev:2.7.8.2-1", "virtio 2.8"), w.id, head) ||
            !require_ne(t, w.len, SENTINEL) ||
            !expect_le(t, ring_clause(t, "dev:2.7.8.2-2", "virtio 2.8.4"), w.len,
                       b.ping->in_bytes) ||
            !ring_batch_take(t, BASIS_NONE, &b, 1)) {
            return;
        }
    }
}

static bool has_answer(Test *t, QVirtioDevice *dev)
{
    QVirtioPing sample = {0};
    if (!require_ok(t, dev->driver->ping_make(dev, 0, &sample))) {
        return false;
    }
    if (sample.in_bytes == 0) {
        test_skip(t, "the ping of this device has nothing to write");
    }
    return sample.in_bytes > 0;
}

/*
 * What the used length covers differs from what was there before, by eights. That eight
 * random bytes are what they were is a chance of 2^-64.
 */
VIRTIO_TEST(used_length_covers_only_written_bytes, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    if (!has_answer(t, dev)) {
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        RingBatch b;
        Watch w;
        if (!watch_ping(t, dev, &b, &w, i)) {
            return;
        }
        uint32_t seen = w.len < w.first_bytes ? w.len : w.first_bytes;
        for (uint32_t at = 0; at + STEP_BYTES <= seen; at += STEP_BYTES) {
            bool is_stale = memcmp(w.first + at, w.before + at, STEP_BYTES) == 0;
            if (!expect_that(t, ring_clause(t, "dev:2.7.8.2-2", "virtio 2.8.4"),
                             !is_stale, "bytes written before used idx moved",
                             "what was there before at offset %u of %u", at, w.len)) {
                return;
            }
        }
        if (!ring_batch_take(t, BASIS_NONE, &b, 1)) {
            return;
        }
    }
}

/* 2.7.8: "idx field indicates where the device would put the next descriptor entry in the
 * ring". */
VIRTIO_TEST(used_idx_counts_completed_requests, .rings = RINGS_SPLIT | RINGS_DIRECT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    uint16_t from = qvring_used_idx(&vq->vring), done = 0;
    unsigned capacity = ring_capacity(dev, 1);

    for (unsigned count = 1; count <= capacity && count <= 8; count *= 2) {
        if (!ring_pings(t, BASIS_NONE, dev, done, count)) {
            return;
        }
        done += count;
        if (!expect_eq(t, "virtio 2.7.8", (uint16_t)(qvring_used_idx(&vq->vring) - from),
                       done)) {
            return;
        }
    }
}

VIRTIO_TEST(used_ring_names_each_chain_in_flight_once, .rings = RINGS_ALL,
            .flags = TEST_PING)
{
    unsigned capacity = ring_capacity(dev, 1);
    unsigned count = capacity < 16 ? capacity : 16;
    uint32_t number = 0;

    /* Completions come in any order, so the free list of the second round is shuffled. */
    for (unsigned round = 0; round < 2; round++, number += count) {
        if (!ring_pings(t, RING_USED(t), dev, number, count)) {
            return;
        }
    }
}
