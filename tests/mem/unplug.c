/* SPDX-License-Identifier: MIT */
/*
 * UNPLUG and UNPLUG ALL requests (5.15.6.4, 5.15.6.5): what is acknowledged, what is
 * refused, and what config space says then.
 */
#include "tests/mem/mem_lib.h"

static bool has_plugged(Test *t, QVirtioDevice *dev, uint64_t first, uint16_t blocks)
{
    return require_eq(t, mem_plug(t, dev, first, blocks), VIRTIO_MEM_RESP_ACK);
}

VIRTIO_TEST(unplug_is_acknowledged, .device = VIRTIO_ID_MEM, .rings = RINGS_ALL,
            .why_not = mem_why_not_four)
{
    if (!has_plugged(t, dev, 0, 4)) {
        return;
    }
    expect_eq(t, "dev:5.15.6.4.2-6", mem_unplug(t, dev, 1, 2), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.4.2-7", mem_plugged(t, dev), 2);
    expect_eq(t, "dev:5.15.6.6.2-6", mem_state(t, dev, 1, 2), VIRTIO_MEM_STATE_UNPLUGGED);
    require_eq(t, mem_plug(t, dev, 1, 2), VIRTIO_MEM_RESP_ACK);
}

VIRTIO_TEST(unplug_ignores_what_means_nothing, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    if (!has_plugged(t, dev, 0, 4)) {
        return;
    }
    expect_eq(t, "dev:5.15.6.4.2-1",
              mem_ask_with_surplus(t, dev, VIRTIO_MEM_REQ_UNPLUG, 0),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.4.2-2",
              mem_ask_with_padding(t, dev, VIRTIO_MEM_REQ_UNPLUG, 1),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.4.2-7", mem_plugged(t, dev), 2);
}

VIRTIO_TEST(unplug_of_no_usable_range_is_an_error, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    if (has_plugged(t, dev, 0, 1)) {
        mem_expect_bad_ranges_refused(t, "dev:5.15.6.4.2-3", dev, VIRTIO_MEM_REQ_UNPLUG);
    }
}

/* "MUST reject requests with VIRTIO_MEM_RESP_ERROR if any memory block covered by the
 * request is already unplugged." */
VIRTIO_TEST(unplug_of_an_unplugged_block_is_an_error, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_four)
{
    expect_eq(t, "dev:5.15.6.4.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_UNPLUG, 0, 1),
              VIRTIO_MEM_RESP_ERROR);
    if (!has_plugged(t, dev, 1, 1)) {
        return;
    }
    expect_eq(t, "dev:5.15.6.4.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_UNPLUG, 0, 2),
              VIRTIO_MEM_RESP_ERROR);
    expect_eq(t, "dev:5.15.6.4.2-4", mem_ask(t, dev, VIRTIO_MEM_REQ_UNPLUG, 1, 2),
              VIRTIO_MEM_RESP_ERROR);
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 1);
    require_eq(t, mem_state(t, dev, 1, 1), VIRTIO_MEM_STATE_PLUGGED);
}

VIRTIO_TEST(unplug_all_is_acknowledged, .device = VIRTIO_ID_MEM, .rings = RINGS_ALL,
            .why_not = mem_why_not_four)
{
    if (!has_plugged(t, dev, 0, 2) || !has_plugged(t, dev, 3, 1)) {
        return;
    }
    expect_eq(t, "dev:5.15.6.5.2-4", mem_unplug_all(t, dev), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.5.2-5", mem_plugged(t, dev), 0);
    expect_eq(t, "dev:5.15.6.6.2-6", mem_state(t, dev, 0, 4), VIRTIO_MEM_STATE_UNPLUGGED);
}

VIRTIO_TEST(unplug_all_of_nothing_is_acknowledged, .device = VIRTIO_ID_MEM)
{
    expect_eq(t, "dev:5.15.6.5.2-4", mem_unplug_all(t, dev), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 0);
}

/* "The device MUST ignore any data in a request except the request type." */
VIRTIO_TEST(unplug_all_ignores_what_means_nothing, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    const uint16_t type = VIRTIO_MEM_REQ_UNPLUG_ALL;
    if (!has_plugged(t, dev, 0, 1)) {
        return;
    }
    expect_eq(t, "dev:5.15.6.5.2-1", mem_ask_with_surplus(t, dev, type, 0),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.5.2-5", mem_plugged(t, dev), 0);
    if (has_plugged(t, dev, 0, 1)) {
        expect_eq(t, "dev:5.15.6.5.2-2", mem_ask_with_padding(t, dev, type, 0),
                  VIRTIO_MEM_RESP_ACK);
        expect_eq(t, "dev:5.15.6.5.2-5", mem_plugged(t, dev), 0);
    }
}
