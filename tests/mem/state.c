/* SPDX-License-Identifier: MIT */
/*
 * STATE requests (5.15.6.6): all plugged, none, some; and ranges that are none.
 */
#include "tests/mem/mem_lib.h"

VIRTIO_TEST(state_of_unplugged_blocks_is_unplugged, .device = VIRTIO_ID_MEM,
            .rings = RINGS_ALL, .why_not = mem_why_not_four)
{
    expect_eq(t, "dev:5.15.6.6.2-6", mem_state(t, dev, 0, 4), VIRTIO_MEM_STATE_UNPLUGGED);
    require_eq(t, mem_plug(t, dev, 1, 1), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.6.2-6", mem_state(t, dev, 0, 1), VIRTIO_MEM_STATE_UNPLUGGED);
    expect_eq(t, "dev:5.15.6.6.2-6", mem_state(t, dev, 2, 2), VIRTIO_MEM_STATE_UNPLUGGED);
}

VIRTIO_TEST(state_of_plugged_blocks_is_plugged, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    require_eq(t, mem_plug(t, dev, 1, 1), VIRTIO_MEM_RESP_ACK);
    require_eq(t, mem_plug(t, dev, 2, 2), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.6.2-5", mem_state(t, dev, 1, 3), VIRTIO_MEM_STATE_PLUGGED);
    expect_eq(t, "dev:5.15.6.6.2-5", mem_state(t, dev, 3, 1), VIRTIO_MEM_STATE_PLUGGED);
}

/* A plugged block first, last, and in the middle. */
VIRTIO_TEST(state_of_some_blocks_plugged_is_mixed, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    require_eq(t, mem_plug(t, dev, 1, 1), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.6.2-7", mem_state(t, dev, 1, 2), VIRTIO_MEM_STATE_MIXED);
    expect_eq(t, "dev:5.15.6.6.2-7", mem_state(t, dev, 0, 2), VIRTIO_MEM_STATE_MIXED);
    expect_eq(t, "dev:5.15.6.6.2-7", mem_state(t, dev, 0, 4), VIRTIO_MEM_STATE_MIXED);
}

/* Every usable block in one request, and the last one by itself. */
VIRTIO_TEST(state_of_every_usable_block_is_told, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    MemRegion m;
    if (!mem_region(t, dev, &m)) {
        return;
    }
    uint64_t blocks = m.usable / m.block;
    uint16_t most = blocks < UINT16_MAX ? blocks : UINT16_MAX;
    expect_eq(t, "dev:5.15.6.6.2-4",
              mem_ask(t, dev, VIRTIO_MEM_REQ_STATE, blocks - most, most),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.6.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_STATE, blocks - 1, 1),
              VIRTIO_MEM_RESP_ACK);
}

VIRTIO_TEST(state_ignores_what_means_nothing, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    const uint16_t type = VIRTIO_MEM_REQ_STATE;
    expect_eq(t, "dev:5.15.6.6.2-1", mem_ask_with_surplus(t, dev, type, 0),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.6.2-2", mem_ask_with_padding(t, dev, type, 0),
              VIRTIO_MEM_RESP_ACK);
}

VIRTIO_TEST(state_of_no_usable_range_is_an_error, .device = VIRTIO_ID_MEM)
{
    mem_expect_bad_ranges_refused(t, "dev:5.15.6.6.2-3", dev, VIRTIO_MEM_REQ_STATE);
}
