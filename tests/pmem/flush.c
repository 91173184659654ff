/* SPDX-License-Identifier: MIT */
/*
 * FLUSH (5.19.7): its result, and that what was written before it persists. Here over
 * device resets; what is on the host's medium is looked at by the runner.
 */
#include "tests/pmem/pmem_lib.h"

/* "The device MUST return "0" for success and "-1" for failure." */
VIRTIO_TEST(flush_returns_0_or_minus_1, .device = VIRTIO_ID_PMEM, .rings = RINGS_ALL)
{
    uint32_t ret = PMEM_UNANSWERED;
    if (require_ok(t, pmem_flush(dev, &ret))) {
        expect_that(t, "dev:5.19.7.3-1", ret == PMEM_DONE || ret == PMEM_FAILED,
                    "0 or -1", "0x%x", ret);
    }
}

VIRTIO_TEST(flush_succeeds_again_and_again, .device = VIRTIO_ID_PMEM)
{
    for (unsigned i = 0; i < 16 && pmem_flushes(t, dev); i++) {
    }
}

VIRTIO_TEST(memory_is_read_as_written, .device = VIRTIO_ID_PMEM, .flags = TEST_WRITES,
            .why_not = pmem_why_not_writable)
{
    uint64_t seed = random_next(&t->random);
    PmemRange range;
    if (!pmem_find_writable(t, dev, &range)) {
        return;
    }
    uint64_t first = pmem_first_writable(&range);
    pmem_write(dev, &range, first, PMEM_WRITABLE_SECTORS, seed);
    expect_sectors(t, "virtio 5.19", &range, first, PMEM_WRITABLE_SECTORS, seed);
    pmem_write(dev, &range, first + 5, 3, seed + 1);
    expect_sectors(t, "virtio 5.19", &range, first + 5, 3, seed + 1);
    expect_sectors(t, "virtio 5.19", &range, first, 5, seed);
    expect_sectors(t, "virtio 5.19", &range, first + 8, PMEM_WRITABLE_SECTORS - 8, seed);
    pmem_flushes(t, dev);
}

/* "all writes completed before a flush request persist across device reset and power
 * failure before completing the flush request". */
VIRTIO_TEST(flushed_writes_persist_across_reset, .device = VIRTIO_ID_PMEM,
            .rings = RINGS_ALL, .flags = TEST_WRITES, .why_not = pmem_why_not_writable)
{
    uint64_t seed = random_next(&t->random);
    PmemRange range;
    if (!pmem_find_writable(t, dev, &range)) {
        return;
    }
    uint64_t first = pmem_first_writable(&range);
    pmem_write(dev, &range, first, 8, seed);
    if (!pmem_flushes(t, dev) || !require_ok(t, qvirtio_stop(dev))) {
        return;
    }
    expect_sectors(t, "dev:5.19.7.1-1", &range, first, 8, seed);
    if (test_start(t, dev, NULL) && pmem_find(t, dev, &range)) {
        expect_sectors(t, "dev:5.19.7.1-1", &range, first, 8, seed);
    }
}

/* A flush saves what there is, and changes nothing. */
VIRTIO_TEST(flush_leaves_memory_as_it_is, .device = VIRTIO_ID_PMEM, .flags = TEST_WRITES,
            .why_not = pmem_why_not_writable)
{
    uint64_t seed = random_next(&t->random);
    PmemRange range;
    if (!pmem_find_writable(t, dev, &range)) {
        return;
    }
    uint64_t first = pmem_first_writable(&range);
    pmem_write(dev, &range, first, PMEM_WRITABLE_SECTORS, seed);
    if (pmem_flushes(t, dev) && pmem_flushes(t, dev)) {
        expect_sectors(t, "dev:5.19.7.1-1", &range, first, PMEM_WRITABLE_SECTORS, seed);
    }
}
