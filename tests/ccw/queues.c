/* SPDX-License-Identifier: MIT */
/*
 * READ_VQ_CONF and SET_VQ (4.3.2.2): reserved fields, values out of range, and the
 * meaning of an address of 0.
 */
#include "tests/ccw/ccw_lib.h"

static struct vq_info_block block_of(const QVirtQueue *vq)
{
    return (struct vq_info_block){
        .desc = be64_of(vq->vring.desc_addr.raw),
        .index = be16_of(vq->index),
        .size = be16_of(vq->size),
        .driver = be64_of(vq->vring.avail_addr.raw),
        .device = be64_of(vq->vring.used_addr.raw),
    };
}

static int set_vq(QVirtioDevice *dev, const struct vq_info_block *block)
{
    return ccw_command(dev, CCW_CMD_SET_VQ, block, sizeof(*block));
}

/* "res0 is reserved and MUST be ignored by the device". The block with a nonzero res0
 * names a new ring, and a ping through that ring proves that the device has executed the
 * command. */
VIRTIO_TEST(res0_is_ignored, .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW,
            .rings = RINGS_ALL)
{
    QVirtioFeatures none = {0};
    QVirtQueue *vq = NULL;

    if (!require_ok(t, qvirtio_start_queues(dev, &none, t->ring, 0)) ||
        !require_ok(t, qvirtqueue_alloc(dev, dev->driver->ping_queue, 0, t->ring, &vq))) {
        return;
    }
    struct vq_info_block block = block_of(vq);
    block.res0 = be32_of(0xffffffff);
    if (expect_ok(t, "dev:4.3.2.2.1-1", set_vq(dev, &block)) &&
        require_ok(t, qvirtio_start_finish(dev, t->ring))) {
        expect_ping(t, "dev:4.3.2.2.1-1", dev, 1);
    }
}

/* Few devices have such queues, and the text does not say what is answered about one that
 * is not there. */
VIRTIO_TEST(queues_far_out_are_asked_for, .violates = "4.3.2.2", .flags = TEST_RAW,
            .buses = BUS_CCW_BOTH)
{
    static const uint16_t indices[] = {1024, 1025, 0x7fff, 0xffff};

    for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
        struct vq_config_block block = {be16_of(indices[i]), be16_of(0)};
        int err = ccw_command(dev, CCW_CMD_READ_VQ_CONF, &block, sizeof(block));
        expect_that(t, SAFETY, err != -QVIRTIO_TIMEOUT, "an end of the command", "none");
    }
    expect_survives(t, dev);
}

/* "to inform the device about the location used for its queue": the last one counts. */
VIRTIO_TEST(last_set_vq_counts, .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW)
{
    QVirtioFeatures none = {0};
    QVirtQueue *vq = NULL;

    if (!require_ok(t, qvirtio_start_queues(dev, &none, t->ring, 0))) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        require_ok(t, qvirtqueue_alloc(dev, dev->driver->ping_queue, 0, t->ring, &vq));
        struct vq_info_block block = block_of(vq);
        require_ok(t, set_vq(dev, &block));
    }
    if (require_ok(t, qvirtio_start_finish(dev, t->ring))) {
        expect_ping(t, "virtio 4.3.2.2", dev, 1);
    }
}

/* Sends a block with one wrong field to a device for which the block was valid before
 * spoil() changed it. */
static void try_block(Test *t, QVirtioDevice *dev,
                      void (*spoil)(struct vq_info_block *block))
{
    QVirtioFeatures set = qvirtio_baseline(dev);
    QVirtQueue *vq = NULL;
    int err = qvirtio_begin(dev);

    err = err ? err : qvirtio_negotiate(dev, &set);
    err = err ? err : qvirtqueue_alloc(dev, 0, 0, t->ring, &vq);
    if (require_ok(t, err)) {
        struct vq_info_block block = block_of(vq);
        spoil(&block);
        err = set_vq(dev, &block);
        expect_that(t, SAFETY, err != -QVIRTIO_TIMEOUT, "an end of the command", "none");
        qvirtio_driver_ok(dev);
        qvirtio_notify(dev, vq);
        expect_survives(t, dev);
    }
}

#define SPOILED(id, section, spoil)                                           \
    static void spoil_##id(struct vq_info_block *block)                       \
    {                                                                         \
        spoil;                                                                \
    }                                                                         \
    VIRTIO_TEST(id, .violates = section, .flags = TEST_RAW, .buses = BUS_CCW) \
    {                                                                         \
        try_block(t, dev, spoil_##id);                                        \
    }

SPOILED(set_vq_out_of_range, "4.3.2.2", block->index = be16_of(0xffff))
SPOILED(set_vq_of_no_queue, "4.3.2.2", block->index = be16_of(1023))
SPOILED(set_vq_with_size_0, "2.7", block->size = be16_of(0))
SPOILED(set_vq_larger_than_offered, "4.3.2.2", block->size = be16_of(0xffff))
SPOILED(set_vq_with_size_3, "2.7", block->size = be16_of(3))
SPOILED(set_vq_beyond_memory, "2.7",
        block->desc = block->driver = block->device = be64_of(1ull << 52))

static void misalign(be64 *address)
{
    *address = be64_of(be64_get(*address) + 1);
}

SPOILED(set_vq_misaligned, "2.7", misalign(&block->desc); misalign(&block->driver);
        misalign(&block->device))
