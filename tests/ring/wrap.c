/* SPDX-License-Identifier: MIT */
/*
 * The 16-bit indices wrap (2.7.13.3: "idx always increments, and wraps naturally at
 * 65536"). The ring is wound close to the wrap with one and the same request, then real
 * ones cross it. Winding is dear, so there is one point for the indices and one for
 * used_event.
 */
#include "tests/ring/ring_lib.h"

/* Uses entries until the next used element is number `goal`. False: reported. */
static bool wind_to(Test *t, QVirtioDevice *dev, uint16_t goal)
{
    RingChain *c = ring_chain_make(t, dev, 0);
    QVirtQueue *vq = ring_queue(dev);
    if (!c) {
        return false;
    }
    while (ring_chain_left(c)) {
        if (!ring_chain_cut(t, c, 0)) {
            return false;
        }
    }
    uint16_t entries = goal - vq->last_used;
    return expect_ok(t, NULL, qvirtqueue_wind(vq, c->sg, c->out, c->in, entries));
}

VIRTIO_TEST(indices_wrap_past_65535, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    unsigned capacity = ring_capacity(dev, 1);
    unsigned count = capacity < 3 ? capacity : 3;

    if (!wind_to(t, dev, 65531)) {
        return;
    }
    /* Three, in one batch, end at 65533; the next batch crosses; then single ones. */
    for (uint32_t number = 1; number < 12; number += count) {
        if (!ring_pings(t, NULL, dev, number, count)) {
            return;
        }
    }
    expect_le(t, NULL, qvring_used_idx(vq), 16);
    expect_eq(t, NULL, qvring_used_idx(vq), qvring_avail_idx(vq));
}

VIRTIO_TEST(used_event_works_across_the_wrap, .buses = BUS_MODERN,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    uint32_t number = 1;
    if (!ring_irq_usable(t, dev) || !wind_to(t, dev, 65533)) {
        return;
    }
    /* Elements 65533, 65534, 65535, 0, 1: each asked for by itself. */
    for (unsigned i = 0; i < 5; i++) {
        qvirtqueue_irq_enable_after(vq, 0);
        uint32_t before = qvirtqueue_irq_count(vq);
        if (!expect_ping(t, NULL, dev, number++) ||
            !ring_irq_after(t, SPLIT_CLAUSE(t, "dev:2.7.7.2-5"), vq, before)) {
            return;
        }
    }
    expect_eq(t, NULL, qvring_used_idx(vq), 2);
}
