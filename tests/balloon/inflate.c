/* SPDX-License-Identifier: MIT */
/*
 * Inflating and deflating (5.5.6). What a page in the balloon holds is up to the device.
 * The tests judge all other pages, and the pages that came back.
 */
#include "tests/balloon/balloon_lib.h"

enum { PAGES = 8 };

VIRTIO_TEST(pages_beside_the_balloon_keep_their_content, .device = VIRTIO_ID_BALLOON,
            .rings = RINGS_ALL)
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    if (!pages || !balloon_inflate(t, dev, pages + 3 * PAGE_BYTES, 2)) {
        return;
    }
    require_pages(t, pages, 0, 3, seed);
    require_pages(t, pages, 5, PAGES - 5, seed);
    if (balloon_deflate(t, dev, pages + 3 * PAGE_BYTES, 2)) {
        require_pages(t, pages, 0, 3, seed);
        require_pages(t, pages, 5, PAGES - 5, seed);
    }
}

/* A page that came back is the driver's as before: what the driver writes to it stays,
 * even when other pages go into the balloon. */
VIRTIO_TEST(deflated_pages_are_the_drivers_again, .device = VIRTIO_ID_BALLOON,
            .rings = RINGS_ALL)
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    if (!pages || !balloon_inflate(t, dev, pages, PAGES) ||
        !balloon_deflate(t, dev, pages, PAGES / 2)) {
        return;
    }
    balloon_fill(pages, 0, PAGES / 2, ++seed);
    if (!balloon_deflate(t, dev, pages + PAGES / 2 * PAGE_BYTES, PAGES / 2)) {
        return;
    }
    balloon_fill(pages, PAGES / 2, PAGES / 2, seed);
    if (balloon_inflate(t, dev, pages, 1)) {
        require_pages(t, pages, 1, PAGES - 1, seed);
    }
}

/* The same page is inflated, deflated and written many times. */
VIRTIO_TEST(pages_go_in_and_out_again_and_again, .device = VIRTIO_ID_BALLOON)
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, 2, seed);
    for (unsigned i = 0; pages && i < 16; i++) {
        if (!balloon_inflate(t, dev, pages + PAGE_BYTES, 1) ||
            !balloon_deflate(t, dev, pages + PAGE_BYTES, 1)) {
            return;
        }
        balloon_fill(pages, 1, 1, seed);
        if (!require_pages(t, pages, 0, 2, seed)) {
            return;
        }
    }
}

/* One array holds 64 numbers, those of every second page of a range. The pages between
 * them must stay. */
VIRTIO_TEST(long_arrays_of_numbers_are_taken, .device = VIRTIO_ID_BALLOON)
{
    enum { MANY = 64 };
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, 2 * MANY, seed);
    virtio32 *numbers = arena_lend(MANY * sizeof(*numbers), 4);
    if (!pages || !require_ok(t, numbers ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    for (unsigned i = 0; i < MANY; i++) {
        balloon_numbers(dev, &numbers[i], pages + 2 * i * PAGE_BYTES, 1);
    }
    uint32_t bytes = MANY * sizeof(*numbers);
    if (!balloon_submit(t, dev, VIRTIO_BALLOON_INFLATEQ, numbers, bytes, false) ||
        !balloon_submit(t, dev, VIRTIO_BALLOON_DEFLATEQ, numbers, bytes, false)) {
        return;
    }
    for (unsigned i = 0; i < MANY; i++) {
        if (!require_pages(t, pages, 2 * i + 1, 1, seed)) {
            return;
        }
    }
}

/* A number is 4 bytes of the array, whichever descriptors they are in (2.7.4). */
VIRTIO_TEST(numbers_may_be_cut_by_descriptors, .device = VIRTIO_ID_BALLOON)
{
    uint64_t seed = random_next(&t->random);
    uint8_t *pages = balloon_pages(t, PAGES, seed);
    virtio32 *numbers = arena_lend(2 * sizeof(*numbers), 4);
    if (!pages || !require_ok(t, numbers ? 0 : -QVIRTIO_NO_MEMORY)) {
        return;
    }
    balloon_numbers(dev, numbers, pages + 3 * PAGE_BYTES, 2);
    const uint8_t *at = (const uint8_t *)numbers;
    QVirtioSg sg[] = {{arena_map(at, 1), 1},
                      {arena_map(at + 1, 2), 2},
                      {arena_map(at + 3, 4), 4},
                      {arena_map(at + 7, 1), 1}};
    for (uint16_t queue = 0; queue < 2; queue++) {
        require_ok(t, qvirtqueue_submit(dev->vq[queue], sg, 4, 0, NULL));
    }
    require_pages(t, pages, 0, 3, seed);
    require_pages(t, pages, 5, PAGES - 5, seed);
}
