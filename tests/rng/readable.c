/* SPDX-License-Identifier: MIT */
/*
 * A driver that breaks 5.4.6.1 ("MUST NOT place device-readable buffers into the queue"):
 * whatever the device makes of it, it must not write into what it was lent for reading
 * (2.7.5.1), and it must work after a reset.
 */
#include "tests/rng/rng_lib.h"

enum { BYTES = 64 };

/* out parts are readable; memory is compared after the reset, when nothing can write. */
static void offer_readable(Test *t, QVirtioDevice *dev, unsigned in)
{
    uint8_t before[BYTES];
    uint64_t seed = random_next(&t->random);
    uint8_t *readable = rng_lend(t, BYTES, seed), *writable = rng_lend(t, BYTES, seed);
    if (!readable || !writable) {
        return;
    }
    QVirtioSg sg[] = {{arena_map(readable, BYTES), BYTES},
                      {arena_map(writable, BYTES), BYTES}};
    if (!require_ok(t, qvirtqueue_add(dev->vq[0], sg, 1, in, readable))) {
        return;
    }
    qvirtqueue_kick(dev->vq[0]);
    expect_survives(t, dev);
    pattern_fill(before, BYTES, seed);
    expect_same(t, t->ring->is_packed ? "dev:2.8.15-1a" : "dev:2.7.5.1-1a", readable,
                before, BYTES);
}

VIRTIO_TEST(readable_buffer_is_not_written, .device = VIRTIO_ID_RNG, .rings = RINGS_ALL,
            .violates = "5.4.6.1")
{
    offer_readable(t, dev, 0);
}

VIRTIO_TEST(readable_part_of_a_chain_is_not_written, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL, .violates = "5.4.6.1")
{
    offer_readable(t, dev, 1);
}
