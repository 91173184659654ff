/* SPDX-License-Identifier: MIT */
/* Moves pages into the balloon and out of it (5.5.6): see balloon_lib.h. */
#include "tests/balloon/balloon_lib.h"

void balloon_fill(uint8_t *pages, unsigned from, unsigned count, uint64_t seed)
{
    for (unsigned i = from; i < from + count; i++) {
        pattern_fill(pages + i * PAGE_BYTES, PAGE_BYTES, splitmix64(seed + i));
    }
}

uint8_t *balloon_pages(Test *t, unsigned count, uint64_t seed)
{
    uint8_t *pages = arena_lend(count * PAGE_BYTES, PAGE_BYTES);
    if (!require_ok(t, pages ? 0 : -QVIRTIO_NO_MEMORY)) {
        return NULL;
    }
    balloon_fill(pages, 0, count, seed);
    return pages;
}

bool balloon_expect_pages(Test *t, const ExpectAt *at, const uint8_t *pages,
                          unsigned from, unsigned count, uint64_t seed)
{
    for (unsigned i = from; i < from + count; i++) {
        size_t same =
            pattern_mismatch(pages + i * PAGE_BYTES, PAGE_BYTES, splitmix64(seed + i));
        if (!expect_condition(t, at, same == PAGE_BYTES, "the content that was written",
                              "another from byte %zu of page %u on", same, i)) {
            return false;
        }
    }
    return true;
}

/* Sends the pages to the queue, and changes `actual` as a driver must. */
static bool move(Test *t, QVirtioDevice *dev, uint16_t queue, const void *pages,
                 unsigned count)
{
    const size_t actual = offsetof(struct virtio_balloon_config, actual);
    bool is_deflate = queue == VIRTIO_BALLOON_DEFLATEQ;
    uint32_t used_len = 0, before = 0;
    if (!require_ok(t, balloon_send(dev, queue, pages, count, &used_len)) ||
        !require_ok(t, balloon_config_read(dev, actual, &before))) {
        return false;
    }
    /* 5.5.6.2.1: of a legacy device "the driver SHOULD ignore the used length values". */
    if (!qvirtio_is_legacy(dev)) {
        expect_used_len(t, used_len, 0);
    }
    return require_ok(t, balloon_config_write(
                             dev, actual, is_deflate ? before - count : before + count));
}

bool balloon_inflate(Test *t, QVirtioDevice *dev, const void *pages, unsigned count)
{
    return move(t, dev, VIRTIO_BALLOON_INFLATEQ, pages, count);
}

bool balloon_deflate(Test *t, QVirtioDevice *dev, const void *pages, unsigned count)
{
    return move(t, dev, VIRTIO_BALLOON_DEFLATEQ, pages, count);
}

bool balloon_submit(Test *t, QVirtioDevice *dev, uint16_t queue, const void *at,
                    uint32_t bytes, bool is_writable)
{
    QVirtioSg sg = {arena_map(at, bytes), bytes};
    return require_ok(
        t, qvirtqueue_submit(dev->vq[queue], &sg, !is_writable, is_writable, NULL));
}
