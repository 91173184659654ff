/* SPDX-License-Identifier: MIT */
/*
 * Chains of descriptors (2.7.5): every length from one to the queue size, "the maximum
 * possible descriptor chain length", and links in any order. Long chains prove no clause,
 * as a device MAY have a reasonable limit (2.7.4.1).
 */
#include "tests/ring/ring_lib.h"

#define SHORT_CHAIN 16

/* A ping as one chain of `length` descriptors, or nearly so where it has too few bytes:
 * out bytes get the larger half, in bytes the rest. */
static bool run_chain(Test *t, QVirtioDevice *dev, uint32_t number, unsigned length)
{
    RingBatch b;
    if (!ring_batch_make(t, dev, &b, number, 1)) {
        return false;
    }
    QVirtioPing *p = b.ping;
    unsigned in = p->out_bytes ? length / 2 : length;
    in = in < p->in_bytes ? in : p->in_bytes;
    unsigned out = p->out_bytes ? length - in : 0;
    out = out < p->out_bytes ? out : p->out_bytes;
    if (!require_ok(t, qvirtio_ping_add(p, out, in))) {
        return false;
    }
    qvirtqueue_kick(b.vq);
    return out + in <= SHORT_CHAIN
               ? ring_batch_take(t, CONTENT_CLAUSE(t, p, "dev:2.7.4.1-1"), &b, 1)
               : ring_batch_take(t, BASIS_NONE, &b, 1);
}

VIRTIO_TEST(chains_of_boundary_lengths_work, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    unsigned size = ring_queue(dev)->size;
    uint32_t number = 0;
    /* One less, equal and one more: of 2, 4, 16 and 64. */
    for (unsigned power = 2; power <= 64 && power <= size; power *= power == 2 ? 2 : 4) {
        for (unsigned length = power == 2 ? 2 : power - 1; length <= power + 1;
             length++) {
            if (length <= size && !run_chain(t, dev, number++, length)) {
                return;
            }
        }
    }
}

VIRTIO_TEST(chains_of_sampled_lengths_work, .rings = RINGS_SPLIT | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    unsigned size = ring_queue(dev)->size;
    for (uint32_t i = 0; i < 4 && size > 2; i++) {
        if (!run_chain(t, dev, i, 2 + random_below(&t->random, size - 2))) {
            return;
        }
    }
}

VIRTIO_TEST(chain_as_long_as_the_queue_works, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    unsigned size = ring_queue(dev)->size;
    if (run_chain(t, dev, 0, size - 1) && run_chain(t, dev, 1, size)) {
        run_chain(t, dev, 2, size);
    }
}

/*
 * Turns the links of a chain around: the head stays first, as the available ring names
 * it, then come the other descriptors from the last to the second.
 */
static void link_backwards(QVirtQueue *vq, const uint16_t *at, unsigned count)
{
    ForgeDesc content[SHORT_CHAIN];
    for (unsigned i = 0; i < count; i++) {
        content[i] = forge_desc_get(vq, at[i]);
    }
    uint16_t slot = at[0];
    for (unsigned i = 0; i < count; i++) {
        uint16_t next = at[count - 1 - i];
        content[i].next = next;
        forge_desc(vq, slot, content[i]);
        slot = next;
    }
}

VIRTIO_TEST(links_of_a_chain_may_go_backwards,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .wants = FEATURES(VIRTIO_F_ANY_LAYOUT), .why_not = ring_why_not_framing)
{
    uint16_t at[SHORT_CHAIN];
    RingBatch b;
    QVirtQueue *vq = ring_queue(dev);
    unsigned pieces = vq->size / 2 < 4 ? vq->size / 2 : 4;

    if (!ring_batch_make(t, dev, &b, 0, 1) || !ring_batch_add(t, &b, 0, pieces)) {
        return;
    }
    unsigned count = forge_chain(vq, forge_last_head(vq), at, SHORT_CHAIN);
    link_backwards(vq, at, count);
    qvirtqueue_kick(vq);
    if (ring_batch_take(t, BASIS_NONE, &b, 1)) {
        expect_eq(t, "dev:2.7.5.1-2", qvirtqueue_desc_changed(vq), -1);
    }
}
