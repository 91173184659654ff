/* SPDX-License-Identifier: MIT */
/*
 * One buffer in several descriptors (2.7.4, 5.4.6): the bytes fill them in the order of
 * the chain, wherever they lie in memory, and the used length counts over the whole
 * chain. Descriptors of one byte are too short to tell new bytes from old ones: with them
 * only the memory between is looked at.
 */
#include "tests/rng/rng_lib.h"

/* So many new bytes are told from what was there before: the odds are 2^-64. */
#define TELLING_BYTES 8

/* The bytes that the device counts are new, in each piece of the chain that has enough of
 * them: a used length counts from the first byte of the first descriptor on. */
static void expect_filled(Test *t, const QVirtioSg *sg, const uint8_t *const *now,
                          const uint8_t *const *before, unsigned parts, uint32_t left)
{
    for (unsigned i = 0; i < parts && left; i++) {
        uint32_t here = sg[i].len < left ? sg[i].len : left;
        if (here >= TELLING_BYTES) {
            expect_that(t, test_written_basis(t), memcmp(now[i], before[i], here) != 0,
                        "new bytes in each descriptor that the used length reaches",
                        "the prefill in descriptor %u", i);
        }
        left -= here;
    }
}

/* Lays `parts` pieces backwards in memory, a guard byte between them, and reads into the
 * chain. The bytes between the pieces must be as before. */
static void read_chain(Test *t, QVirtioDevice *dev, const uint16_t *bytes, unsigned parts)
{
    enum { PARTS_MAX = 32, ALL_MAX = 1024 };
    QVirtioSg sg[PARTS_MAX];
    uint16_t start[PARTS_MAX];
    uint8_t before[ALL_MAX];
    const uint8_t *now[PARTS_MAX], *old[PARTS_MAX];
    uint64_t seed = random_next(&t->random);
    uint32_t all = 1, total = 0;

    for (unsigned i = parts; i-- > 0;) {
        start[i] = all;
        all += bytes[i] + 1;
        total += bytes[i];
    }
    uint8_t *at = rng_lend(t, all, seed);
    pattern_fill(before, all, seed);
    for (unsigned i = 0; at && i < parts; i++) {
        sg[i] = (QVirtioSg){arena_map(at + start[i], bytes[i]), bytes[i]};
    }
    QVirtioUsed used;
    if (!at || !require_ok(t, qvirtqueue_add(dev->vq[0], sg, 0, parts, at))) {
        return;
    }
    qvirtqueue_kick(dev->vq[0]);
    if (!rng_take(t, dev, &used)) {
        return;
    }
    for (unsigned i = 0; i < parts; i++) {
        now[i] = at + start[i];
        old[i] = before + start[i];
    }
    expect_filled(t, sg, now, old, parts, used.len);
    /* All of the buffer may be written, also behind the used length (2.7.8.2). What must
     * be untouched lies between its parts. */
    for (unsigned i = 0; i < parts; i++) {
        memcpy(before + start[i], at + start[i], bytes[i]);
    }
    expect_same(t, SAFETY, at, before, all);
    require_le(t, used.len, total);
}

VIRTIO_TEST(chain_is_filled_in_its_order, .device = VIRTIO_ID_RNG, .rings = RINGS_ALL)
{
    static const uint16_t bytes[] = {1, 7, 200, 64, 3};
    read_chain(t, dev, bytes, 5);
}

VIRTIO_TEST(chain_of_one_byte_descriptors_is_used, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL)
{
    static const uint16_t bytes[] = {1, 1, 1, 1, 1, 1, 1, 1};
    unsigned most = dev->vq[0]->size < 8 ? dev->vq[0]->size : 8;
    read_chain(t, dev, bytes, most);
}

/* The first descriptors of a chain are those that a short answer must reach. */
VIRTIO_TEST(first_descriptor_of_a_chain_is_written, .device = VIRTIO_ID_RNG,
            .rings = RINGS_ALL)
{
    enum { FIRST = 8, SECOND = 24 };
    uint64_t seed = random_next(&t->random);
    uint8_t before[FIRST];
    uint8_t *second = rng_lend(t, SECOND, seed), *first = rng_lend(t, FIRST, seed);
    if (!first || !second) {
        return;
    }
    QVirtioSg sg[] = {{arena_map(first, FIRST), FIRST},
                      {arena_map(second, SECOND), SECOND}};
    QVirtioUsed used;
    if (!require_ok(t, qvirtqueue_add(dev->vq[0], sg, 0, 2, first))) {
        return;
    }
    qvirtqueue_kick(dev->vq[0]);
    if (!rng_take(t, dev, &used)) {
        return;
    }
    if (used.len < FIRST) {
        test_skip(t, "the device gave only %u bytes", used.len);
        return;
    }
    pattern_fill(before, FIRST, seed);
    /* Odds of a false alarm: 2^-64. */
    expect_that(t, test_written_basis(t), memcmp(first, before, FIRST) != 0,
                "new bytes in the first", "the prefill");
}
