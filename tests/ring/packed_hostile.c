/* SPDX-License-Identifier: MIT */
/*
 * Packed rings of a driver that breaks the rules of 2.8.14 to 2.8.19: lists without an
 * end, tables that are none, flags that are reserved. What a device makes of them is not
 * specified; it lives, keeps out of other memory, and works after a reset.
 */
#include "drivers/virtio/ring/forge_packed.h"
#include "tests/ring/ring_lib.h"

/* Adds one ping and changes its descriptors; then the device is told, and reset. */
static void run_forged(Test *t, QVirtioDevice *dev,
                       void (*change)(QVirtQueue *vq, unsigned i, ForgePackedDesc *desc))
{
    RingBatch b;
    unsigned pieces = ring_queue(dev)->size < 8 ? 1 : 3;
    if (!ring_batch_make(t, dev, &b, 0, 1) || !ring_batch_add(t, &b, 0, pieces)) {
        return;
    }
    for (unsigned i = forge_packed_count(b.vq); i-- > 0;) {
        uint16_t slot = forge_packed_slot(b.vq, i);
        ForgePackedDesc desc = forge_packed_get(b.vq, slot);
        change(b.vq, i, &desc);
        forge_packed(b.vq, slot, desc);
    }
    qvirtqueue_publish(b.vq);
    qvirtio_notify(dev, b.vq);
    expect_survives(t, dev);
}

static void swap_sides(QVirtQueue *vq, unsigned i, ForgePackedDesc *desc)
{
    (void)vq;
    (void)i;
    desc->flags ^= VIRTQ_DESC_F_WRITE;
}

/* Breaks "MUST place any device-writable descriptor elements after any device-readable
 * descriptor elements". */
VIRTIO_TEST(writable_elements_before_readable_ones_are_survived,
            .rings = RINGS_PACKED | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .violates = "2.8.17", .why_not = ring_why_not_framing)
{
    run_forged(t, dev, swap_sides);
}

static void go_on(QVirtQueue *vq, unsigned i, ForgePackedDesc *desc)
{
    (void)vq;
    (void)i;
    desc->flags |= VIRTQ_DESC_F_NEXT;
}

/* Breaks "A driver MUST NOT make the first descriptor in the list available before all
 * subsequent descriptors comprising the list are made available": the list goes on into
 * what was never written. */
VIRTIO_TEST(list_without_its_end_is_survived,
            .rings = RINGS_PACKED | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .violates = "2.8.17")
{
    run_forged(t, dev, go_on);
}

/* Breaks "MUST NOT create a descriptor list longer than the Queue Size": NEXT in every
 * descriptor of the ring. */
VIRTIO_TEST(list_around_the_ring_is_survived,
            .rings = RINGS_PACKED | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .violates = "2.8.17")
{
    RingBatch b;
    if (!ring_batch_make(t, dev, &b, 0, 1) || !ring_batch_add(t, &b, 0, 1)) {
        return;
    }
    QVirtQueue *vq = b.vq;
    ForgePackedDesc desc = forge_packed_get(vq, forge_packed_slot(vq, 0));
    desc.flags |= VIRTQ_DESC_F_NEXT;
    for (unsigned i = vq->size; i-- > 0;) {
        forge_packed(vq, forge_packed_slot(vq, i), desc);
    }
    qvirtqueue_publish(vq);
    qvirtio_notify(dev, vq);
    expect_survives(t, dev);
}

static void cut_table(QVirtQueue *vq, unsigned i, ForgePackedDesc *desc)
{
    (void)vq;
    (void)i;
    desc->len -= 7;
}

/* Breaks 2.8.7: the table is an array of whole descriptors. */
VIRTIO_TEST(table_of_broken_length_is_survived,
            .rings = RINGS_PACKED | RINGS_INDIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .violates = "2.8.7")
{
    run_forged(t, dev, cut_table);
}

static void empty_table(QVirtQueue *vq, unsigned i, ForgePackedDesc *desc)
{
    (void)vq;
    (void)i;
    desc->len = 0;
}

/* Breaks 2.8: "each buffer has at least one element". */
VIRTIO_TEST(empty_table_is_survived,
            .rings = RINGS_PACKED | RINGS_INDIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .violates = "2.8")
{
    run_forged(t, dev, empty_table);
}

static void link_tables(QVirtQueue *vq, unsigned i, ForgePackedDesc *desc)
{
    (void)vq;
    desc->flags |= VIRTQ_DESC_F_INDIRECT | (i == 0 ? VIRTQ_DESC_F_NEXT : 0);
}

/* Breaks "MUST NOT write direct descriptors with VIRTQ_DESC_F_INDIRECT set in a
 * scatter-gather list linked by VIRTQ_DESC_F_NEXT"; the tables are data. */
VIRTIO_TEST(linked_tables_are_survived,
            .rings = RINGS_PACKED | RINGS_DIRECT | RINGS_NO_EVENT, .flags = TEST_PING,
            .needs = FEATURES(VIRTIO_F_INDIRECT_DESC), .violates = "2.8.19")
{
    run_forged(t, dev, link_tables);
}

/* Breaks 2.8.10, "The value 0x3 is reserved", and 2.8.14, "Reserved, set to 0". */
VIRTIO_TEST(reserved_event_flags_are_survived, .rings = RINGS_PACKED | RINGS_DIRECT,
            .flags = TEST_PING, .violates = "2.8.10")
{
    static const uint16_t flags[] = {3, 0xfffc, 0xffff};
    QVirtQueue *vq = ring_queue(dev);
    for (uint32_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        forge_packed_wish(vq, (ForgePackedWish){0xffff, flags[i]});
        const char *why;
        if (qvirtio_ping(dev, i, &why)) {
            break;
        }
    }
    expect_survives(t, dev);
}
