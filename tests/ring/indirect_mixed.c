/* SPDX-License-Identifier: MIT */
/*
 * Direct descriptors before an indirect one, and beside it (2.7.5.3.2): "The device MUST
 * handle the case of zero or more normal chained descriptors followed by a single
 * descriptor with flags&VIRTQ_DESC_F_INDIRECT." The chains are written by the honest hand
 * as direct ones; the forger moves their tails into tables. Modern buses only: a legacy
 * device that gives up on such a chain has no way to say so.
 */
#include "tests/ring/ring_lib.h"

#define CHAIN_MOST 8

/* Moves everything behind the first `direct` descriptors of the chain that was added
 * last into a table. Returns false when that fails, which is reported. */
static bool move_tail(Test *t, QVirtQueue *vq, unsigned direct)
{
    uint16_t at[CHAIN_MOST];
    unsigned count = forge_chain(vq, forge_last_head(vq), at, CHAIN_MOST);
    if (count <= direct) {
        test_skip(t, "a chain of %u descriptors has no tail for a table", count);
        return false;
    }
    unsigned tail = count - direct;
    QVRingDesc *table = arena_lend(tail * sizeof(*table), VIRTQ_DESC_ALIGN);

    if (!require_ok(t, table ? 0 : -QVIRTIO_NO_MEMORY)) {
        return false;
    }
    for (unsigned i = 0; i < tail; i++) {
        ForgeDesc desc = forge_desc_get(vq, at[direct + i]);
        desc.next = i + 1 < tail ? i + 1 : 0;
        forge_table_desc(vq, table, i, desc);
    }
    uint32_t bytes = tail * sizeof(*table);
    forge_desc(vq, at[direct],
               (ForgeDesc){.addr = arena_map(table, bytes).raw,
                           .len = bytes,
                           .flags = VIRTQ_DESC_F_INDIRECT});
    return true;
}

static void run_mixed(Test *t, QVirtioDevice *dev, const char *clause, unsigned direct)
{
    RingBatch b;
    QVirtQueue *vq = ring_queue(dev);
    QVirtioUsed used;
    unsigned pieces = direct + 2 < vq->size / 2 ? direct + 2 : vq->size / 2;

    if (!ring_batch_make(t, dev, &b, 0, 1)) {
        return;
    }
    if (vq->size < 4) {
        test_skip(t, "the device offers a queue of %u entries only", vq->size);
        return;
    }
    if (b.ping->is_blind) {
        test_skip(t, "nobody looks at what this device is sent");
        return;
    }
    if (!ring_batch_add(t, &b, 0, pieces) || !move_tail(t, vq, direct)) {
        return;
    }
    qvirtqueue_kick(vq);
    if (ring_used_or_given_up(t, clause, vq) &&
        require_ok(t, qvirtqueue_wait(vq, &used)) && require_ping(t, dev, 1)) {
        ring_check(t, clause, b.ping, used.len);
    }
}

VIRTIO_TEST(direct_descriptor_before_a_table_works, .flags = TEST_PING,
            .buses = BUS_MODERN, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .needs = FEATURES(VIRTIO_F_INDIRECT_DESC))
{
    run_mixed(t, dev, "dev:2.7.5.3.2-2", 1);
}

VIRTIO_TEST(two_direct_descriptors_before_a_table_work, .flags = TEST_PING,
            .buses = BUS_MODERN, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .needs = FEATURES(VIRTIO_F_INDIRECT_DESC))
{
    run_mixed(t, dev, "dev:2.7.5.3.2-2", 2);
}

/* 2.8.5: "mixing indirect and non-indirect descriptors in a ring is valid, as long as
 * each list only contains descriptors of a given type." */
VIRTIO_TEST(direct_and_indirect_chains_mix, .flags = TEST_PING,
            .rings = RINGS_ALL | RINGS_DIRECT | RINGS_NO_EVENT,
            .needs = FEATURES(VIRTIO_F_INDIRECT_DESC))
{
    RingBatch b;
    unsigned count = ring_capacity(dev, 1) < 8 ? ring_capacity(dev, 1) : 8;

    if (!ring_batch_make(t, dev, &b, 0, count)) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        b.vq->with_tables = i % 2;
        if (!ring_batch_add(t, &b, i, 1)) {
            return;
        }
    }
    qvirtqueue_kick(b.vq);
    ring_batch_take(t, ring_clause(t, "dev:2.7.5.3.2-2", "virtio 2.8.5"), &b, count);
}
