/* SPDX-License-Identifier: MIT */
/*
 * The memory itself (5.15.6): plugged blocks are the driver's, whatever happens to
 * others, and over a device reset (5.15.5.2). Only the first and last page of a block are
 * used: blocks are large.
 */
#include "kernel/mem/page.h"
#include "tests/mem/mem_lib.h"

/* Both pages are given the block's pattern, or hold it. */
static bool fill_block(Test *t, QVirtioDevice *dev, uint64_t block, uint64_t seed)
{
    MemRegion m;
    uint8_t *at = mem_region(t, dev, &m) ? mem_at(t, dev, block, m.block) : NULL;
    if (at) {
        pattern_fill(at, PAGE_BYTES, seed);
        pattern_fill(at + m.block - PAGE_BYTES, PAGE_BYTES, seed + m.block);
    }
    return at != NULL;
}

static bool expect_block(Test *t, const char *clause, QVirtioDevice *dev, uint64_t block,
                         uint64_t seed)
{
    MemRegion m;
    const uint8_t *at = mem_region(t, dev, &m) ? mem_at(t, dev, block, m.block) : NULL;
    if (!at) {
        return false;
    }
    const uint8_t *last = at + m.block - PAGE_BYTES;
    if (m.block == PAGE_BYTES) { /* first and last are one, and the last fill it */
        return expect_eq(t, clause, pattern_mismatch(at, PAGE_BYTES, seed + m.block),
                         PAGE_BYTES);
    }
    return expect_eq(t, clause, pattern_mismatch(at, PAGE_BYTES, seed), PAGE_BYTES) &&
           expect_eq(t, clause, pattern_mismatch(last, PAGE_BYTES, seed + m.block),
                     PAGE_BYTES);
}

static bool plug_filled(Test *t, QVirtioDevice *dev, uint64_t block, uint64_t seed)
{
    return require_eq(t, mem_plug(t, dev, block, 1), VIRTIO_MEM_RESP_ACK) &&
           fill_block(t, dev, block, seed);
}

/* "The device MUST allow the driver to read and write memory [...] of plugged memory
 * blocks": also when it had something else to do since. */
VIRTIO_TEST(plugged_memory_is_read_as_written, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    uint64_t seed = random_next(&t->random);
    if (!plug_filled(t, dev, 0, seed)) {
        return;
    }
    expect_block(t, "dev:5.15.6.2-4", dev, 0, seed);
    require_eq(t, mem_state(t, dev, 0, 1), VIRTIO_MEM_STATE_PLUGGED);
    expect_block(t, "dev:5.15.6.2-4", dev, 0, seed);
}

/* "The device MUST NOT modify memory [...] of plugged memory blocks", when it plugs and
 * unplugs those around. */
VIRTIO_TEST(plugging_and_unplugging_leaves_other_blocks_alone, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    uint64_t seed = random_next(&t->random);
    if (!plug_filled(t, dev, 1, seed) || !plug_filled(t, dev, 3, seed + 1)) {
        return;
    }
    require_eq(t, mem_plug(t, dev, 0, 1), VIRTIO_MEM_RESP_ACK);
    require_eq(t, mem_plug(t, dev, 2, 1), VIRTIO_MEM_RESP_ACK);
    expect_block(t, "dev:5.15.6.2-3", dev, 1, seed);
    require_eq(t, mem_unplug(t, dev, 2, 1), VIRTIO_MEM_RESP_ACK);
    require_eq(t, mem_unplug(t, dev, 0, 1), VIRTIO_MEM_RESP_ACK);
    expect_block(t, "dev:5.15.6.2-3", dev, 1, seed);
    expect_block(t, "dev:5.15.6.2-3", dev, 3, seed + 1);
}

/* A life whose driver does not begin with UNPLUG ALL. */
static bool start_as_it_is(Test *t, QVirtioDevice *dev)
{
    return require_ok(t, qvirtio_start_queues(dev, NULL, t->ring, 0)) &&
           require_ok(t, qvirtio_driver_ok(dev));
}

VIRTIO_TEST(device_reset_leaves_blocks_as_they_are, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    uint64_t seed = random_next(&t->random);
    if (!plug_filled(t, dev, 0, seed) || !plug_filled(t, dev, 2, seed + 1) ||
        !require_ok(t, qvirtio_stop(dev)) || !start_as_it_is(t, dev)) {
        return;
    }
    const char *clause = "dev:5.15.5.2-2";
    if (t->is_skipped) {
        return;
    }
    expect_eq(t, clause, mem_plugged(t, dev), 2);
    expect_eq(t, clause, mem_state(t, dev, 0, 1), VIRTIO_MEM_STATE_PLUGGED);
    expect_eq(t, clause, mem_state(t, dev, 1, 1), VIRTIO_MEM_STATE_UNPLUGGED);
    expect_eq(t, clause, mem_state(t, dev, 2, 1), VIRTIO_MEM_STATE_PLUGGED);
    expect_block(t, "dev:5.15.5.2-3", dev, 0, seed);
    expect_block(t, "dev:5.15.5.2-3", dev, 2, seed + 1);
}
