/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of packed rings: what a used one says (2.8.3 to 2.8.6), where a list's id
 * is, and what means nothing in a table (2.8.7). Section 2.8 words most of it without a
 * MUST, so few clauses are claimed; what it says that devices do is expected as such.
 */
#include "drivers/virtio/ring/forge_packed.h"
#include "tests/ring/ring_lib.h"

/* One ping in up to `pieces` descriptors a side is added. Returns false when that fails,
 * which is reported. */
static bool add_one(Test *t, QVirtioDevice *dev, RingBatch *b, uint32_t number,
                    unsigned pieces)
{
    return ring_batch_make(t, dev, b, number, 1) && ring_batch_add(t, b, 0, pieces);
}

static bool run(Test *t, const char *basis, RingBatch *b)
{
    qvirtqueue_kick(b->vq);
    return ring_batch_take(t, basis, b, 1);
}

/* 2.8.3: "In a used descriptor, this bit is used to specify whether any data has been
 * written by the device into any pieces of the buffer." */
VIRTIO_TEST(used_descriptor_tells_whether_data_was_written,
            .rings = RINGS_PACKED | RINGS_NO_EVENT, .flags = TEST_PING)
{
    RingBatch b;
    if (!add_one(t, dev, &b, 0, 1)) {
        return;
    }
    QVRingPlace at = forge_packed_next_used(b.vq);
    bool is_written = b.ping->used_min > 0;
    if (!is_written && b.ping->used_max > 0) {
        test_skip(t, "it is unknown whether this device writes into its buffers");
    } else if (run(t, BASIS_NONE, &b)) {
        bool is_told = forge_packed_get(b.vq, at.slot).flags & VIRTQ_DESC_F_WRITE;
        expect_eq(t, "virtio 2.8.3", is_told, is_written);
    }
}

/* 2.8.6: "The device only writes out a single used descriptor for the whole list." */
VIRTIO_TEST(list_gets_one_used_descriptor, .rings = RINGS_PACKED | RINGS_DIRECT,
            .flags = TEST_PING, .why_not = ring_why_not_framing)
{
    for (uint32_t i = 0; i < 4; i++) {
        RingBatch b;
        if (!add_one(t, dev, &b, i, ring_queue(dev)->size < 8 ? 1 : 4)) {
            return;
        }
        uint16_t head = b.vq->last_added;
        QVRingPlace at = forge_packed_next_used(b.vq);
        if (!run(t, BASIS_NONE, &b) ||
            !expect_eq(t, "virtio 2.8.6", forge_packed_get(b.vq, at.slot).id, head) ||
            !expect_eq(t, "dev:2.8.15-3", qvirtqueue_desc_changed(b.vq), -1)) {
            return;
        }
    }
}

/* 2.8.6: "Buffer ID is included in the last descriptor in the list." The others say the
 * id of no buffer. */
VIRTIO_TEST(id_of_a_list_is_in_its_last_descriptor, .rings = RINGS_PACKED | RINGS_DIRECT,
            .flags = TEST_PING, .why_not = ring_why_not_framing)
{
    RingBatch b;
    if (!add_one(t, dev, &b, 0, ring_queue(dev)->size < 8 ? 1 : 2)) {
        return;
    }
    unsigned count = forge_packed_count(b.vq);
    if (count < 2) {
        test_skip(t, "the ping of this device is one descriptor");
        return;
    }
    for (unsigned i = 0; i + 1 < count; i++) {
        uint16_t slot = forge_packed_slot(b.vq, i);
        ForgePackedDesc desc = forge_packed_get(b.vq, slot);
        desc.id = b.vq->size - 1;
        forge_packed(b.vq, slot, desc);
    }
    run(t, "virtio 2.8.6", &b);
}

/* Flags and id for every entry of the table that a ping goes through. */
static bool run_with_table_noise(Test *t, QVirtioDevice *dev, uint16_t flags, uint16_t id)
{
    RingBatch b;
    unsigned pieces = ring_queue(dev)->size < 8 ? 1 : 3;
    if (!add_one(t, dev, &b, id, pieces)) {
        return false;
    }
    unsigned count =
        forge_packed_get(b.vq, forge_packed_slot(b.vq, 0)).len / sizeof(QVRingPackedDesc);
    for (unsigned i = 0; i < count; i++) {
        ForgePackedDesc desc = forge_packed_table_get(b.vq, i);
        desc.flags |= flags;
        desc.id = id;
        forge_packed_table(b.vq, i, desc);
    }
    return run(t, "virtio 2.8.7", &b);
}

/* 2.8.7: "Buffer ID is also reserved and is ignored by the device." */
VIRTIO_TEST(ids_in_a_table_are_ignored, .rings = RINGS_PACKED | RINGS_INDIRECT,
            .flags = TEST_PING, .why_not = ring_why_not_framing)
{
    if (run_with_table_noise(t, dev, 0, 0xffff)) {
        run_with_table_noise(t, dev, 0, 1);
    }
}

/* Breaks 2.8.19, "MUST NOT set any flags except DESC_F_WRITE within an indirect
 * descriptor"; "Others are reserved and are ignored by the device" (2.8.7). */
VIRTIO_TEST(reserved_flags_in_a_table_are_ignored, .rings = RINGS_PACKED | RINGS_INDIRECT,
            .flags = TEST_PING, .violates = "2.8.19", .why_not = ring_why_not_framing)
{
    static const uint16_t noise[] = {VIRTQ_DESC_F_NEXT,
                                     VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED, 0x7f78};
    for (unsigned i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
        if (!run_with_table_noise(t, dev, noise[i], 0)) {
            return;
        }
    }
    expect_survives(t, dev);
}

/* 2.8.7: "In descriptors with VIRTQ_DESC_F_INDIRECT set VIRTQ_DESC_F_WRITE is reserved
 * and is ignored by the device." */
VIRTIO_TEST(write_flag_beside_indirect_is_ignored, .rings = RINGS_PACKED | RINGS_INDIRECT,
            .flags = TEST_PING)
{
    RingBatch b;
    if (!add_one(t, dev, &b, 0, 1)) {
        return;
    }
    uint16_t slot = forge_packed_slot(b.vq, 0);
    ForgePackedDesc desc = forge_packed_get(b.vq, slot);
    desc.flags |= VIRTQ_DESC_F_WRITE;
    forge_packed(b.vq, slot, desc);
    run(t, "virtio 2.8.7", &b);
}
