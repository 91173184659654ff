/* SPDX-License-Identifier: MIT */
/*
 * PLUG requests (5.15.6.3): what is acknowledged, what is refused, and what config space
 * says then.
 */
#include "tests/mem/mem_lib.h"

VIRTIO_TEST(plug_is_acknowledged, .device = VIRTIO_ID_MEM, .rings = RINGS_ALL,
            .why_not = mem_why_not_one)
{
    expect_eq(t, "dev:5.15.6.3.2-6", mem_plug(t, dev, 0, 1), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.3.2-7", mem_plugged(t, dev), 1);
}

VIRTIO_TEST(plug_of_several_blocks_is_acknowledged, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    expect_eq(t, "dev:5.15.6.3.2-6", mem_plug(t, dev, 1, 3), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 3);
    require_eq(t, mem_plug(t, dev, 0, 1), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 4);
}

/* "The device MUST ignore anything except the request type and the request-specific
 * data", and in that "the padding". */
VIRTIO_TEST(plug_ignores_what_means_nothing, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    expect_eq(t, "dev:5.15.6.3.2-1", mem_ask_with_surplus(t, dev, VIRTIO_MEM_REQ_PLUG, 0),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.3.2-2", mem_ask_with_padding(t, dev, VIRTIO_MEM_REQ_PLUG, 1),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.3.2-7", mem_plugged(t, dev), 2);
}

VIRTIO_TEST(plug_of_no_usable_range_is_an_error, .device = VIRTIO_ID_MEM)
{
    mem_expect_bad_ranges_refused(t, "dev:5.15.6.3.2-3", dev, VIRTIO_MEM_REQ_PLUG);
}

/* "MUST reject requests with VIRTIO_MEM_RESP_ERROR if any memory block covered by the
 * request is already plugged." */
VIRTIO_TEST(plug_of_a_plugged_block_is_an_error, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    if (!require_eq(t, mem_plug(t, dev, 1, 1), VIRTIO_MEM_RESP_ACK)) {
        return;
    }
    expect_eq(t, "dev:5.15.6.3.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_PLUG, 1, 1),
              VIRTIO_MEM_RESP_ERROR);
    expect_eq(t, "dev:5.15.6.3.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_PLUG, 0, 2),
              VIRTIO_MEM_RESP_ERROR);
    expect_eq(t, "dev:5.15.6.3.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_PLUG, 1, 2),
              VIRTIO_MEM_RESP_ERROR);
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 1);
    require_eq(t, mem_state(t, dev, 0, 1), VIRTIO_MEM_STATE_UNPLUGGED);
    require_eq(t, mem_state(t, dev, 2, 1), VIRTIO_MEM_STATE_UNPLUGGED);
}

/* Plugs all that the host wants to be plugged. Returns false when the test is over: it is
 * skipped, or the failure is reported. */
static bool plug_requested(Test *t, QVirtioDevice *dev, uint64_t *blocks)
{
    MemRegion m;
    if (!mem_region(t, dev, &m)) {
        return false;
    }
    *blocks = m.requested / m.block;
    if (*blocks >= m.usable / m.block || *blocks > UINT16_MAX) {
        test_skip(t, "no block is usable beyond those requested");
        return false;
    }
    return require_eq(t, mem_plug(t, dev, 0, *blocks), VIRTIO_MEM_RESP_ACK);
}

/* 5.15: "Once the plugged_size is greater or equal to the requested_size, requests to
 * plug memory blocks will be rejected by the device." */
VIRTIO_TEST(plug_beyond_what_is_requested_is_refused, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    uint64_t blocks;
    if (plug_requested(t, dev, &blocks)) {
        expect_ne(t, "virtio 5.15", mem_plug_too_much(t, dev, blocks, 1),
                  VIRTIO_MEM_RESP_ACK);
        expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), blocks);
        expect_eq(t, "dev:5.15.6.6.2-6", mem_state(t, dev, blocks, 1),
                  VIRTIO_MEM_STATE_UNPLUGGED);
    }
}

/* That it may not be plugged for another reason as well changes nothing about it. */
VIRTIO_TEST(plugged_block_is_an_error_when_all_is_plugged_too, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    uint64_t blocks;
    if (plug_requested(t, dev, &blocks)) {
        expect_eq(t, "dev:5.15.6.3.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_PLUG, 0, 1),
                  VIRTIO_MEM_RESP_ERROR);
    }
}
