/* SPDX-License-Identifier: MIT */
/*
 * One buffer at the entropy device (5.4.6.2): at least one byte comes, whatever its size,
 * and nothing around the buffer is written. A device may fill less than the
 * whole buffer, so nothing here asks for more than one byte.
 */
#include "tests/rng/rng_lib.h"

VIRTIO_TEST(one_byte_buffer_gets_its_byte, .device = VIRTIO_ID_RNG, .rings = RINGS_ALL)
{
    uint8_t *at = rng_lend(t, 1, t->random.state);
    if (at && rng_read(t, dev, at, 1)) {
        /* 16 tries: that a random byte is always the one before has odds of 2^-128. */
        unsigned changed = 0;
        for (unsigned i = 0; i < 16; i++) {
            uint8_t before = *at;
            if (!rng_read(t, dev, at, 1)) {
                return;
            }
            changed += *at != before;
        }
        expect_ne(t, "dev:5.4.6.2-1a", changed, 0);
    }
}

VIRTIO_TEST(buffer_of_any_size_gets_a_byte, .device = VIRTIO_ID_RNG, .rings = RINGS_ALL)
{
    static const uint32_t sizes[] = {2, 3, 7, 8, 64, 65, 511, 4095, 4096, 65536};
    uint8_t *at = rng_lend(t, 65536, t->random.state);
    for (unsigned i = 0; at && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (!rng_read(t, dev, at, sizes[i])) {
            return;
        }
    }
}

VIRTIO_TEST(nothing_around_the_buffer_is_written, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL)
{
    enum { AROUND = 64, LENT = 100, ALL = AROUND + LENT + AROUND };
    uint8_t before[ALL];
    uint64_t seed = random_next(&t->random);
    uint8_t *at = rng_lend(t, ALL, seed);
    uint32_t came = at ? rng_read(t, dev, at + AROUND, LENT) : 0;
    if (!came) {
        return;
    }
    pattern_fill(before, ALL, seed);
    /* Behind the used length but within the buffer it may write (2.7.8.2). */
    expect_same(t, SAFETY, at, before, AROUND);
    expect_same(t, SAFETY, at + AROUND + LENT, before + AROUND + LENT, AROUND);
}

/*
 * A byte that the device does not write keeps its prefill; a random one differs from it
 * in 255 of 256 tries. After 12 tries the odds that one of 64 written bytes never
 * differed are below 2^-89.
 */
VIRTIO_TEST(every_byte_up_to_the_used_length_is_written, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL)
{
    enum { BYTES = 64, TRIES = 12 };
    uint8_t tries[BYTES] = {0}, changed[BYTES] = {0}, before[BYTES];
    uint64_t seed = random_next(&t->random);
    uint8_t *at = rng_lend(t, BYTES, seed);

    pattern_fill(before, BYTES, seed);
    for (unsigned i = 0; at && i < TRIES; i++) {
        memcpy(at, before, BYTES);
        uint32_t came = rng_read(t, dev, at, BYTES);
        if (!came) {
            return;
        }
        for (unsigned n = 0; n < came; n++) {
            tries[n]++;
            changed[n] += at[n] != before[n];
        }
    }
    unsigned unwritten = 0;
    for (unsigned n = 0; n < BYTES; n++) {
        unwritten += tries[n] == TRIES && changed[n] == 0;
    }
    expect_eq(t, test_written_basis(t), unwritten, 0);
}
