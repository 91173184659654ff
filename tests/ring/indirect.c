/* SPDX-License-Identifier: MIT */
/*
 * Indirect tables (2.7.5.3): of any length, anywhere in memory, linked in any order,
 * longer than their chain, behind direct descriptors, many at once, and mixed with direct
 * chains.
 */
#include "tests/ring/ring_lib.h"

#define TABLE_MOST 16

/* Puts ping 0 of the batch into a table at `table`: entry i of the chain goes to place
 * where(i), the rest of the table stays zero. */
static void move_table(QVirtQueue *vq, uint16_t head, QVRingDesc *table, unsigned count,
                       unsigned places, unsigned (*where)(unsigned i, unsigned count))
{
    const QVRingDesc *old = forge_table(vq, head);
    for (unsigned i = 0; i < count; i++) {
        ForgeDesc desc = forge_table_get(vq, old, i);
        desc.next = i + 1 < count ? where(i + 1, count) : 0;
        forge_table_desc(vq, table, where(i, count), desc);
    }
    uint32_t bytes = places * sizeof(QVRingDesc);
    forge_desc(vq, head,
               (ForgeDesc){.addr = arena_map(table, bytes).raw,
                           .len = bytes,
                           .flags = VIRTQ_DESC_F_INDIRECT});
}

static unsigned in_order(unsigned i, unsigned count)
{
    (void)count;
    return i;
}

static unsigned backwards(unsigned i, unsigned count)
{
    return i == 0 ? 0 : count - i;
}

static unsigned entries_of(QVirtQueue *vq, uint16_t head)
{
    return forge_desc_get(vq, head).len / sizeof(QVRingDesc);
}

/* Adds one ping through a table of up to 2 * pieces entries. */
static bool add_one(Test *t, QVirtioDevice *dev, RingBatch *b, uint32_t number,
                    unsigned pieces)
{
    unsigned most = ring_queue(dev)->size / 2;
    return ring_batch_make(t, dev, b, number, 1) &&
           ring_batch_add(t, b, 0, pieces < most ? pieces : most);
}

VIRTIO_TEST(write_flag_on_the_table_descriptor_is_ignored,
            .rings = RINGS_SPLIT | RINGS_INDIRECT, .flags = TEST_PING)
{
    RingBatch b;
    if (!add_one(t, dev, &b, 0, 1)) {
        return;
    }
    forge_desc_flags(b.vq, forge_last_head(b.vq),
                     VIRTQ_DESC_F_INDIRECT | VIRTQ_DESC_F_WRITE);
    qvirtqueue_kick(b.vq);
    ring_batch_take(t, "dev:2.7.5.3.2-1", &b, 1);
}

/* "the driver can store a table of indirect descriptors anywhere in memory". */
VIRTIO_TEST(table_may_be_at_any_address,
            .rings = RINGS_SPLIT | RINGS_INDIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .wants = FEATURES(VIRTIO_F_ANY_LAYOUT), .why_not = ring_why_not_framing)
{
    for (uint32_t skew = 0; skew < 16; skew = skew ? skew * 2 : 1) {
        RingBatch b;
        char *room = arena_lend((TABLE_MOST + 1) * sizeof(QVRingDesc), 16);
        if (!require_ok(t, room ? 0 : -QVIRTIO_NO_MEMORY) ||
            !add_one(t, dev, &b, skew, 3)) {
            return;
        }
        uint16_t head = forge_last_head(b.vq);
        unsigned count = entries_of(b.vq, head);
        move_table(b.vq, head, (QVRingDesc *)(room + skew), count, count, in_order);
        qvirtqueue_kick(b.vq);
        if (!ring_batch_take(t, "virtio 2.7.5.3", &b, 1)) {
            return;
        }
    }
}

/* "additional indirect descriptors are chained by next". */
VIRTIO_TEST(links_of_a_table_may_go_backwards,
            .rings = RINGS_SPLIT | RINGS_INDIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .wants = FEATURES(VIRTIO_F_ANY_LAYOUT), .why_not = ring_why_not_framing)
{
    RingBatch b;
    QVRingDesc *table = arena_lend(TABLE_MOST * sizeof(*table), 16);
    if (!require_ok(t, table ? 0 : -QVIRTIO_NO_MEMORY) || !add_one(t, dev, &b, 0, 4)) {
        return;
    }
    uint16_t head = forge_last_head(b.vq);
    unsigned count = entries_of(b.vq, head);
    move_table(b.vq, head, table, count, count, backwards);
    qvirtqueue_kick(b.vq);
    ring_batch_take(t, "virtio 2.7.5.3", &b, 1);
}

/* "An indirect descriptor without a valid next ... signals the end of the descriptor." */
VIRTIO_TEST(table_may_be_longer_than_its_chain,
            .rings = RINGS_SPLIT | RINGS_INDIRECT | RINGS_NO_EVENT, .flags = TEST_PING)
{
    RingBatch b;
    QVRingDesc *table = arena_lend(TABLE_MOST * sizeof(*table), 16);
    if (!require_ok(t, table ? 0 : -QVIRTIO_NO_MEMORY) || !add_one(t, dev, &b, 0, 1)) {
        return;
    }
    uint16_t head = forge_last_head(b.vq);
    unsigned places = b.vq->size < TABLE_MOST ? b.vq->size : TABLE_MOST;
    move_table(b.vq, head, table, entries_of(b.vq, head), places, in_order);
    qvirtqueue_kick(b.vq);
    ring_batch_take(t, "virtio 2.7.5.3", &b, 1);
}

VIRTIO_TEST(table_is_unchanged_after_use,
            .rings = RINGS_SPLIT | RINGS_INDIRECT | RINGS_NO_EVENT, .flags = TEST_PING)
{
    QVRingDesc before[TABLE_MOST];
    RingBatch b;
    if (!add_one(t, dev, &b, 0, 1)) {
        return;
    }
    uint16_t head = forge_last_head(b.vq);
    const QVRingDesc *table = forge_table(b.vq, head);
    size_t bytes = entries_of(b.vq, head) * sizeof(*table);
    memcpy(before, table, bytes);
    qvirtqueue_kick(b.vq);
    if (ring_batch_take(t, BASIS_NONE, &b, 1)) {
        expect_same(t, "dev:2.7.5.1-2", table, before, bytes);
    }
}

VIRTIO_TEST(queue_full_of_tables_completes, .rings = RINGS_ALL | RINGS_INDIRECT,
            .flags = TEST_PING)
{
    RingBatch b;
    unsigned count = ring_queue(dev)->size < 64 ? ring_queue(dev)->size : 64;
    if (!ring_batch_make(t, dev, &b, 0, count) || !ring_batch_add_all(t, &b, 1)) {
        return;
    }
    qvirtqueue_kick(b.vq);
    ring_batch_take(t, RING_SIZE(t), &b, count);
}
