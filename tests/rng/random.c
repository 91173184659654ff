/* SPDX-License-Identifier: MIT */
/*
 * Do the bytes look random (5.4: "high-quality randomness")? Four bounds that a good
 * source breaks with odds below 2^-60 each, so a failure is a fault: a constant, a
 * counter, a text, a short period, the same sequence again. No claim beyond that.
 */
#include "tests/rng/rng_lib.h"

enum { SAMPLE_BYTES = 4096 };

static uint8_t *sample(Test *t, QVirtioDevice *dev)
{
    uint8_t *at = rng_lend(t, SAMPLE_BYTES, 0);
    return at && rng_gather(t, dev, at, SAMPLE_BYTES) ? at : NULL;
}

/* 32,768 fair bits: mean 16,384, deviation 90.5. Ten deviations have odds of 2^-75. */
VIRTIO_TEST(ones_and_zeros_are_balanced, .device = VIRTIO_ID_RNG)
{
    const uint8_t *at = sample(t, dev);
    uint32_t ones = 0;
    for (unsigned i = 0; at && i < SAMPLE_BYTES; i++) {
        ones += __builtin_popcount(at[i]);
    }
    if (at) {
        expect_ge(t, "virtio 5.4", ones, 16384 - 905);
        expect_le(t, "virtio 5.4", ones, 16384 + 905);
    }
}

/* A byte value comes 16 times on average (Poisson); one of 256 more than 70 times: 2^-67.
 */
VIRTIO_TEST(no_byte_value_dominates, .device = VIRTIO_ID_RNG)
{
    uint16_t count[256] = {0}, most = 0;
    const uint8_t *at = sample(t, dev);
    for (unsigned i = 0; at && i < SAMPLE_BYTES; i++) {
        count[at[i]]++;
    }
    for (unsigned i = 0; i < 256; i++) {
        most = count[i] > most ? count[i] : most;
    }
    if (at) {
        expect_le(t, "virtio 5.4", most, 70);
    }
}

/* 128 blocks of 16 bytes make 2^13 pairs of which none is equal: odds of 2^-115. */
VIRTIO_TEST(no_block_repeats, .device = VIRTIO_ID_RNG)
{
    enum { STRIDE = 32 / sizeof(uint64_t), WORDS = SAMPLE_BYTES / sizeof(uint64_t) };
    uint64_t word[WORDS];
    const uint8_t *at = sample(t, dev);
    uint32_t same = 0;
    if (!at) {
        return;
    }
    memcpy(word, at, SAMPLE_BYTES);
    for (unsigned i = 0; i < WORDS; i += STRIDE) {
        for (unsigned j = 0; j < i; j += STRIDE) {
            same += word[i] == word[j] && word[i + 1] == word[j + 1];
        }
    }
    expect_eq(t, "virtio 5.4", same, 0);
}

/* 16 equal bytes by chance: 2^-128. */
VIRTIO_TEST(two_requests_get_different_bytes, .device = VIRTIO_ID_RNG, .rings = RINGS_ALL)
{
    enum { BYTES = 16 };
    uint8_t *first = rng_lend(t, BYTES, 0), *second = rng_lend(t, BYTES, 0);
    if (first && second && rng_gather(t, dev, first, BYTES) &&
        rng_gather(t, dev, second, BYTES)) {
        expect_that(t, "virtio 5.4", memcmp(first, second, BYTES) != 0, "different bytes",
                    "16 equal bytes");
    }
}

VIRTIO_TEST(reset_does_not_replay_the_bytes, .device = VIRTIO_ID_RNG)
{
    enum { BYTES = 16 };
    uint8_t *first = rng_lend(t, BYTES, 0), *second = rng_lend(t, BYTES, 0);
    if (first && second && rng_gather(t, dev, first, BYTES) && test_start(t, dev, NULL) &&
        rng_gather(t, dev, second, BYTES)) {
        expect_that(t, "virtio 5.4", memcmp(first, second, BYTES) != 0, "different bytes",
                    "16 equal bytes");
    }
}
