/* SPDX-License-Identifier: MIT */
/*
 * Config space of the memory device (5.15.4): sizes that fit together, at every stage of
 * plugging; what never changes; and no interrupt for what the driver did itself.
 */
#include "tests/mem/mem_lib.h"

static bool is_power_of_two(uint64_t n)
{
    return n && !(n & (n - 1));
}

VIRTIO_TEST(block_size_is_a_power_of_two, .device = VIRTIO_ID_MEM, .flags = TEST_RAW)
{
    MemRegion m;
    if (mem_region(t, dev, &m)) {
        expect_that(t, "dev:5.15.4.2-5", is_power_of_two(m.block),
                    "block_size is a power of two", "%llu", (unsigned long long)m.block);
    }
}

static void expect_sizes(Test *t, QVirtioDevice *dev)
{
    MemRegion m;
    if (!mem_region(t, dev, &m)) {
        return;
    }
    const char *clause = "dev:5.15.4.2-6";
    expect_eq(t, clause, m.addr % m.block, 0);
    expect_eq(t, clause, m.region % m.block, 0);
    expect_eq(t, clause, m.usable % m.block, 0);
    expect_eq(t, clause, m.plugged % m.block, 0);
    expect_eq(t, clause, m.requested % m.block, 0);
    expect_ge(t, "dev:5.15.4.2-4", m.usable, m.requested);
    /* "usable_region_size [...] Can grow up to region_size"; "plugged_size is the amount
     * of plugged memory in bytes within the usable device-managed memory region". */
    expect_le(t, "virtio 5.15.4", m.usable, m.region);
    expect_le(t, "virtio 5.15.4", m.plugged, m.usable);
    expect_le(t, "virtio 5.15.4", m.region, 0 - m.addr - 1);
}

VIRTIO_TEST(sizes_fit_together, .device = VIRTIO_ID_MEM)
{
    expect_sizes(t, dev);
    if (mem_plug(t, dev, 0, 1) == VIRTIO_MEM_RESP_ACK) {
        expect_sizes(t, dev);
        mem_unplug(t, dev, 0, 1);
    }
    mem_unplug_all(t, dev);
    expect_sizes(t, dev);
}

typedef struct Place {
    uint64_t block, addr, region, node;
} Place;

static bool read_place(Test *t, QVirtioDevice *dev, Place *place)
{
    MemRegion m;
    if (!mem_region(t, dev, &m) ||
        !require_ok(t,
                    qvirtio_config_read(dev, offsetof(struct virtio_mem_config, node_id),
                                        2, &place->node))) {
        return false;
    }
    place->block = m.block;
    place->addr = m.addr;
    place->region = m.region;
    return true;
}

/* "The device MUST NOT change block_size, node_id, addr, and region_size, except during a
 * system reset." */
static void expect_same_place(Test *t, QVirtioDevice *dev, const Place *was)
{
    Place now;
    if (read_place(t, dev, &now)) {
        expect_same(t, "dev:5.15.4.2-2", &now, was, sizeof(now));
    }
}

VIRTIO_TEST(place_and_block_size_never_change, .device = VIRTIO_ID_MEM,
            .why_not = mem_why_not_one)
{
    Place was;
    if (!read_place(t, dev, &was) ||
        !require_eq(t, mem_plug(t, dev, 0, 1), VIRTIO_MEM_RESP_ACK)) {
        return;
    }
    expect_same_place(t, dev, &was);
    mem_unplug(t, dev, 0, 1);
    expect_same_place(t, dev, &was);
    mem_unplug_all(t, dev);
    expect_same_place(t, dev, &was);
    require_ok(t, qvirtio_stop(dev));
    expect_same_place(t, dev, &was);
}

/* "SHOULD NOT send a configuration update notification when changing plugged_size". One
 * would come before the answer; what comes after all of them is the reset. A device that
 * sends notifications all the time is not judged: it "MAY send a configuration update
 * notification even if nothing changed". */
VIRTIO_TEST(plugging_is_no_news, .device = VIRTIO_ID_MEM, .why_not = mem_why_not_one)
{
    if (!dev->config_irq.is_bound) {
        test_skip(t, "no interrupt for changes of config space");
        return;
    }
    uint32_t before = dev->config_irq.count;
    require_eq(t, mem_state(t, dev, 0, 1), VIRTIO_MEM_STATE_UNPLUGGED);
    if (dev->config_irq.count != before) {
        test_skip(t, "the device sends notifications when nothing changes");
        return;
    }
    require_eq(t, mem_plug(t, dev, 0, 1), VIRTIO_MEM_RESP_ACK);
    require_eq(t, mem_unplug(t, dev, 0, 1), VIRTIO_MEM_RESP_ACK);
    require_eq(t, mem_state(t, dev, 0, 1), VIRTIO_MEM_STATE_UNPLUGGED);
    expect_eq(t, "dev:5.15.4.2-10", dev->config_irq.count, before);
}
