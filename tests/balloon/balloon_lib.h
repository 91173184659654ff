/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the memory balloon (5.5) share: pages with a pattern of their own,
 * given away and taken back.
 */
#ifndef BALLOON_LIB_H
#define BALLOON_LIB_H

#include "drivers/virtio/device/balloon.h"
#include "tests/harness/test.h"

#define PAGE_BYTES VIRTIO_BALLOON_PAGE_BYTES

/* Lent pages, each filled with a pattern by its place. Returns NULL when that fails,
 * which is reported. */
uint8_t *balloon_pages(Test *t, unsigned count, uint64_t seed);
void balloon_fill(uint8_t *pages, unsigned from, unsigned count, uint64_t seed);
/* They hold it still. */
#define expect_pages(t, clause, pages, from, count, seed) \
    balloon_expect_pages(t, EXPECT_AT(clause, "pages"), pages, from, count, seed)
bool balloon_expect_pages(Test *t, const ExpectAt *at, const uint8_t *pages,
                          unsigned from, unsigned count, uint64_t seed);

/* The pages go into the balloon, or out of it; `actual` follows. Returns false when that
 * fails, which is reported. */
bool balloon_inflate(Test *t, QVirtioDevice *dev, const void *pages, unsigned count);
bool balloon_deflate(Test *t, QVirtioDevice *dev, const void *pages, unsigned count);

/* Buffers of one queue, used; all of them device-writable (reported pages, hints) or all
 * readable. Returns false when that fails, which is reported. */
bool balloon_submit(Test *t, QVirtioDevice *dev, uint16_t queue, const void *at,
                    uint32_t bytes, bool is_writable);

#endif
