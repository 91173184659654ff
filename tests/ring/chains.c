/* SPDX-License-Identifier: MIT */
/*
 * Chains of descriptors (2.7.5): every length from one to the queue size, "the maximum
 * possible descriptor chain length", and links in any order. Long chains are not judged,
 * as "The device MAY have a reasonable limit of descriptors it will allow in a chain"
 * (2.7.4.1), and 2.8.5 lets a "device-specific value" limit lists: it lives, and works
 * after a reset.
 */
#include "tests/ring/ring_lib.h"

#define SHORT_CHAIN 16
#define LONG_CHAIN  1024 /* as many pieces as we can make of a ping */

static unsigned longest(const QVirtioDevice *dev)
{
    unsigned size = ring_queue(dev)->size;
    return size < LONG_CHAIN ? size : LONG_CHAIN;
}

/*
 * A ping as one chain of `length` descriptors, or nearly so where it has too few bytes:
 * out bytes get the larger half, in bytes the rest. Returns false when the test is over:
 * something failed, or the device does not take a long chain.
 */
static bool run_chain(Test *t, QVirtioDevice *dev, uint32_t number, unsigned length)
{
    RingBatch b;
    if (!ring_batch_make(t, dev, &b, number, 1)) {
        return false;
    }
    QVirtioPing *p = b.ping;
    if (length < 2 && p->out_bytes && p->in_bytes) {
        return true;
    }
    unsigned in = p->out_bytes ? length / 2 : length;
    in = in < p->in_bytes ? in : p->in_bytes;
    unsigned out = p->out_bytes ? length - in : 0;
    out = out < p->out_bytes ? out : p->out_bytes;
    if (!require_ok(t, qvirtio_ping_add(p, out, in))) {
        return false;
    }
    qvirtqueue_kick(b.vq);
    if (out + in <= SHORT_CHAIN) {
        return ring_batch_take(t, CONTENT_CLAUSE(t, p, "dev:2.7.4.1-1"), &b, 1);
    }
    QVirtioUsed used;
    int err = qvirtqueue_wait(b.vq, &used);
    const char *why =
        err ? qvirtio_error_name(err) : p->dev->driver->ping_check(p, used.len);
    if (why) {
        test_note(t, "a chain of %u descriptors is not served: %s", out + in, why);
    }
    return !why;
}

VIRTIO_TEST(chains_of_boundary_lengths_work, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    unsigned size = ring_queue(dev)->size;
    uint32_t number = 0;
    bool goes_on = true;
    /* One less, equal and one more: of 2, 4, 16 and 64. */
    for (unsigned power = 2; power <= 64 && power <= size; power *= power == 2 ? 2 : 4) {
        for (unsigned length = power == 2 ? 2 : power - 1; goes_on && length <= power + 1;
             length++) {
            goes_on = length > size || run_chain(t, dev, number++, length);
        }
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(chains_of_sampled_lengths_are_survived, .rings = RINGS_SPLIT | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    unsigned most = longest(dev);
    for (uint32_t i = 0; i < 4 && most > 2; i++) {
        if (!run_chain(t, dev, i, 2 + random_below(&t->random, most - 2))) {
            break;
        }
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(chain_as_long_as_the_queue_is_survived, .rings = RINGS_ALL | RINGS_NO_EVENT,
            .flags = TEST_PING, .wants = FEATURES(VIRTIO_F_ANY_LAYOUT),
            .why_not = ring_why_not_framing)
{
    unsigned most = longest(dev);
    if (most > 1 && run_chain(t, dev, 0, most - 1) && run_chain(t, dev, 1, most)) {
        run_chain(t, dev, 2, most);
    }
    expect_survives(t, dev);
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

    if (vq->is_in_order) {
        test_skip(t, "with IN_ORDER links go forward (2.7.5.2)");
        return;
    }
    if (!ring_batch_make(t, dev, &b, 0, 1) || !ring_batch_add(t, &b, 0, pieces)) {
        return;
    }
    unsigned count = forge_chain(vq, forge_last_head(vq), at, SHORT_CHAIN);
    link_backwards(vq, at, count);
    qvirtqueue_kick(vq);
    /* 2.7.5: "the buffers can be chained via next". */
    if (ring_batch_take(t, "virtio 2.7.5", &b, 1)) {
        expect_eq(t, "dev:2.7.5.1-2", qvirtqueue_desc_changed(vq), -1);
    }
}
