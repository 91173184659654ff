/* SPDX-License-Identifier: MIT */
/*
 * Many buffers at the entropy device at once (5.4.6): each is used exactly once, each has
 * bytes of its own. That no id comes twice is checked by the ring code at every used
 * element; here is counted that none is left out.
 */
#include "tests/rng/rng_lib.h"

enum { BYTES = 16, MOST = 256 };

/* Fills the queue with buffers of BYTES each; how many there are. */
static unsigned fill_queue(Test *t, QVirtioDevice *dev, uint8_t *at)
{
    unsigned n = 0;
    for (; n < MOST; n++) {
        QVirtioSg sg = {arena_map(at + n * BYTES, BYTES), BYTES};
        int err = qvirtqueue_add(dev->vq[0], &sg, 0, 1, at + n * BYTES);
        if (err == -QVIRTIO_NO_SPACE) {
            break;
        }
        if (!require_ok(t, err)) {
            return 0;
        }
    }
    return n;
}

VIRTIO_TEST(full_queue_serves_each_buffer_once, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL)
{
    bool was_used[MOST] = {false};
    uint8_t *at = rng_lend(t, MOST * BYTES, 0);
    unsigned sent = at ? fill_queue(t, dev, at) : 0, served = 0;

    qvirtqueue_kick(dev->vq[0]);
    for (unsigned i = 0; i < sent; i++) {
        QVirtioUsed used;
        if (!rng_take(t, dev, &used)) {
            return;
        }
        unsigned n = (unsigned)((uint8_t *)used.token - at) / BYTES;
        served += !was_used[n];
        was_used[n] = true;
    }
    require_eq(t, served, sent);
    require_ge(t, sent, 1);
    require_that(t, !qvirtqueue_has_used(dev->vq[0]), "nothing used twice",
                 "a used element beyond the last buffer");
}

VIRTIO_TEST(buffers_in_flight_together_get_different_bytes, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL)
{
    const uint8_t *full[MOST];
    uint8_t *at = rng_lend(t, MOST * BYTES, 0);
    unsigned sent = at ? fill_queue(t, dev, at) : 0, count = 0, same = 0;

    qvirtqueue_kick(dev->vq[0]);
    for (unsigned i = 0; i < sent; i++) {
        QVirtioUsed used;
        if (!rng_take(t, dev, &used)) {
            return;
        }
        if (used.len == BYTES) {
            full[count++] = used.token;
        }
    }
    if (count < 2) {
        test_skip(t, "the device filled fewer than two of the buffers");
        return;
    }
    /* 256 buffers make 2^15 pairs: a false alarm has odds of 2^-113. */
    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < i; j++) {
            same += memcmp(full[i], full[j], BYTES) == 0;
        }
    }
    expect_eq(t, "virtio 5.4", same, 0);
}

VIRTIO_TEST(buffers_of_mixed_sizes_keep_their_own_bounds, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL)
{
    static const uint16_t sizes[] = {1, 300, 2, 64, 1000};
    enum { STRIDE = 1024, COUNT = 5 };
    uint8_t before[STRIDE];
    uint8_t *at = rng_lend(t, COUNT * STRIDE, 7);
    unsigned count = dev->vq[0]->size < COUNT ? dev->vq[0]->size : COUNT;

    for (unsigned i = 0; at && i < count; i++) {
        pattern_fill(at + i * STRIDE, STRIDE, i);
        QVirtioSg sg = {arena_map(at + i * STRIDE, sizes[i]), sizes[i]};
        if (!require_ok(t, qvirtqueue_add(dev->vq[0], &sg, 0, 1, at + i * STRIDE))) {
            return;
        }
    }
    qvirtqueue_kick(dev->vq[0]);
    for (unsigned i = 0; at && i < count; i++) {
        QVirtioUsed used;
        if (!rng_take(t, dev, &used)) {
            return;
        }
        unsigned n = (unsigned)((uint8_t *)used.token - at) / STRIDE;
        pattern_fill(before, STRIDE, n);
        /* Behind the used length but within the buffer it may write (2.7.8.2). */
        expect_same(t, SAFETY, (uint8_t *)used.token + sizes[n], before + sizes[n],
                    STRIDE - sizes[n]);
    }
}
