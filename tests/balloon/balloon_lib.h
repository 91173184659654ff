/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the memory balloon (5.5) share: pages, each with a pattern of its
 * own, that the driver gives away and takes back.
 */
#ifndef BALLOON_LIB_H
#define BALLOON_LIB_H

#include "drivers/virtio/device/balloon.h"
#include "tests/harness/test.h"

#define PAGE_BYTES VIRTIO_BALLOON_PAGE_BYTES

/* Lends pages and fills each with a pattern that depends on its place. Returns NULL when
 * that fails, which is reported. */
uint8_t *balloon_pages(Test *t, unsigned count, uint64_t seed);
/* Fills `count` pages from page `from` on with their patterns. */
void balloon_fill(uint8_t *pages, unsigned from, unsigned count, uint64_t seed);
/* Expects that these pages still hold their patterns. */
#define expect_pages(t, clause, pages, from, count, seed) \
    balloon_expect_pages(t, EXPECT_AT(clause, "pages"), pages, from, count, seed)
#define require_pages(t, ...) expect_pages(t, BASIS_NONE, __VA_ARGS__)
bool balloon_expect_pages(Test *t, const ExpectAt *at, const uint8_t *pages,
                          unsigned from, unsigned count, uint64_t seed);

/* Moves the pages into the balloon, or out of it; the driver sets `actual` accordingly.
 * Returns false when that fails, which is reported. */
bool balloon_inflate(Test *t, QVirtioDevice *dev, const void *pages, unsigned count);
bool balloon_deflate(Test *t, QVirtioDevice *dev, const void *pages, unsigned count);

/* Sends one buffer to a queue and waits until it is used. The buffer is device-writable
 * (for reported pages and hints) or device-readable. Returns false when that fails, which
 * is reported. */
bool balloon_submit(Test *t, QVirtioDevice *dev, uint16_t queue, const void *at,
                    uint32_t bytes, bool is_writable);

#endif
