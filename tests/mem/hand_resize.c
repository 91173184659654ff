/* SPDX-License-Identifier: MIT */
/*
 * The host requests another size (5.15.4.2, 5.15.6): the driver is told, may plug as much
 * as is requested and no more, and the usable region does not shrink by itself.
 */
#include "tests/harness/hand.h"
#include "tests/mem/mem_lib.h"

typedef struct Request {
    QVirtioDevice *dev;
    uint64_t bytes;
} Request;

static bool is_shown(void *arg)
{
    const Request *r = arg;
    uint64_t seen = 0;
    return qvirtio_config_read(r->dev, offsetof(struct virtio_mem_config, requested_size),
                               8, &seen) == 0 &&
           seen == r->bytes;
}

/* The host wants so many blocks; config space is read anew. Returns false when that
 * fails, which is reported. */
static bool request(Test *t, QVirtioDevice *dev, MemRegion *m, uint64_t blocks)
{
    Request r = {dev, blocks * m->block};
    return hand_do(t, dev, "resize %llu", (unsigned long long)r.bytes) &&
           require_ok(t, qvirtio_wait(dev, "requested_size", is_shown, &r, 0)) &&
           mem_region(t, dev, m) &&
           expect_ge(t, "dev:5.15.4.2-4", m->usable, m->requested);
}

/* "The device MUST send a configuration update notification when changing
 * usable_region_size or requested_size." */
VIRTIO_TEST(request_for_another_size_is_told, .device = VIRTIO_ID_MEM, .flags = TEST_HAND,
            .why_not = mem_why_not_four)
{
    static const uint8_t blocks[] = {1, 3, 2};
    MemRegion m;
    if (!mem_region(t, dev, &m)) {
        return;
    }
    for (unsigned i = 0; i < sizeof(blocks); i++) {
        uint32_t before = dev->config_irq.count;
        if (!request(t, dev, &m, blocks[i]) ||
            !expect_ok(t, "dev:5.15.4.2-9", hand_await_news(dev, before))) {
            return;
        }
    }
}

/* "The device MUST NOT shrink usable_region_size, except when processing an UNPLUG ALL
 * request, or during a system reset." */
VIRTIO_TEST(usable_region_does_not_shrink_by_itself, .device = VIRTIO_ID_MEM,
            .flags = TEST_HAND, .why_not = mem_why_not_four)
{
    MemRegion m;
    if (!mem_region(t, dev, &m) || !request(t, dev, &m, m.region / m.block)) {
        return;
    }
    uint64_t was = m.usable;
    if (request(t, dev, &m, 1)) {
        expect_ge(t, "dev:5.15.4.2-8", m.usable, was);
    }
    if (request(t, dev, &m, 0)) {
        expect_ge(t, "dev:5.15.4.2-8", m.usable, was);
    }
}

/* As much as is requested may be plugged, from the first block to the last. */
VIRTIO_TEST(everything_requested_may_be_plugged, .device = VIRTIO_ID_MEM,
            .flags = TEST_HAND, .why_not = mem_why_not_four)
{
    MemRegion m;
    if (!mem_region(t, dev, &m) || !request(t, dev, &m, m.region / m.block)) {
        return;
    }
    uint64_t blocks = m.region / m.block;
    if (blocks > UINT16_MAX) {
        test_skip(t, "one request is too small for a region so large");
        return;
    }
    expect_eq(t, "dev:5.15.6.3.2-6", mem_plug(t, dev, 0, blocks - 1),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.3.2-6", mem_plug(t, dev, blocks - 1, 1),
              VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.6.2-5", mem_state(t, dev, 0, blocks),
              VIRTIO_MEM_STATE_PLUGGED);
    require_eq(t, mem_unplug(t, dev, blocks - 1, 1), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.6.4.2-7", mem_plugged(t, dev), blocks - 1);
}

/* Less is requested than is plugged: nothing changes by itself, and no more is plugged.
 */
VIRTIO_TEST(nothing_is_plugged_beyond_a_smaller_request, .device = VIRTIO_ID_MEM,
            .flags = TEST_HAND, .why_not = mem_why_not_four)
{
    MemRegion m;
    if (!mem_region(t, dev, &m) ||
        !require_eq(t, mem_plug(t, dev, 0, 2), VIRTIO_MEM_RESP_ACK) ||
        !request(t, dev, &m, 1)) {
        return;
    }
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 2);
    expect_ne(t, "virtio 5.15", mem_plug_too_much(t, dev, 2, 1), VIRTIO_MEM_RESP_ACK);
    require_eq(t, mem_unplug(t, dev, 1, 1), VIRTIO_MEM_RESP_ACK);
    expect_ne(t, "virtio 5.15", mem_plug_too_much(t, dev, 1, 1), VIRTIO_MEM_RESP_ACK);
    expect_eq(t, "dev:5.15.4.2-3", mem_plugged(t, dev), 1);
}
