/* SPDX-License-Identifier: MIT */
/*
 * VIRTIO_BLK_F_MQ (5.2.2): requests may go to any of num_queues queues, which all serve
 * the same disk. Without the feature there is only queue 0.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"

static uint16_t queue_count(const QVirtioDevice *dev)
{
    uint16_t n = 0;
    while (n < QVIRTIO_MAX_QUEUES && dev->vq[n]) {
        n++;
    }
    return n;
}

/* Makes a request of one block for this queue. */
static BlkRequest request_on(QVirtioDevice *dev, uint16_t queue, uint32_t type,
                             uint64_t sector)
{
    BlkRequest r = blk_request(dev, type, sector, blk_disk(dev)->block_bytes);
    r.vq = dev->vq[queue];
    return r;
}

VIRTIO_TEST(num_queues_is_at_least_one, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .needs = FEATURES(VIRTIO_BLK_F_MQ))
{
    uint64_t told;
    uint64_t n = blk_config(t, dev, num_queues);
    require_ge(t, n, 1);
    if (qvirtio_truth_u64(dev, "num_queues", &told)) {
        require_eq(t, n, told);
    }
}

VIRTIO_TEST(every_one_of_num_queues_exists, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .needs = FEATURES(VIRTIO_BLK_F_MQ))
{
    uint64_t n = blk_config(t, dev, num_queues);
    for (uint16_t i = 0; i < n; i++) {
        uint16_t size = 0;
        if (!require_ok(t, dev->bus->queue_max(dev, i, &size)) ||
            !require_ge(t, size, 1)) {
            return;
        }
    }
}

VIRTIO_TEST(each_queue_serves_reads, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
            .flags = TEST_PING, .needs = FEATURES(VIRTIO_BLK_F_MQ))
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t sector = blk_pick(t, disk, block_sectors(disk));
    BlkRequest first;
    if (!require_read(t, dev, &first, sector, block_sectors(disk))) {
        return;
    }
    for (uint16_t i = 1; i < queue_count(dev); i++) {
        BlkRequest r = request_on(dev, i, VIRTIO_BLK_T_IN, sector);
        if (!require_status(t, &r, VIRTIO_BLK_S_OK) ||
            !require_same(t, r.data, first.data, r.bytes)) {
            return;
        }
    }
}

VIRTIO_TEST(write_on_one_queue_is_read_on_the_others, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .flags = TEST_WRITES, .needs = FEATURES(VIRTIO_BLK_F_MQ),
            .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint16_t count = queue_count(dev);
    for (uint16_t i = 0; i < count; i++) {
        BlkRequest w = request_on(dev, i, VIRTIO_BLK_T_OUT, disk->scratch);
        BlkRequest r = request_on(dev, (i + 1) % count, VIRTIO_BLK_T_IN, disk->scratch);
        if (!w.header || !r.header) {
            break;
        }
        pattern_fill(w.data, w.bytes, random_next(&t->random));
        if (!require_status(t, &w, VIRTIO_BLK_S_OK) ||
            !require_status(t, &r, VIRTIO_BLK_S_OK) ||
            !require_same(t, r.data, w.data, r.bytes)) {
            return;
        }
    }
}

/* All queues are kicked before the test waits for the first one. */
VIRTIO_TEST(queues_work_side_by_side, .device = VIRTIO_ID_BLOCK, .rings = RINGS_ALL,
            .flags = TEST_PING, .needs = FEATURES(VIRTIO_BLK_F_MQ))
{
    static BlkRequest r[QVIRTIO_MAX_QUEUES];
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    uint16_t count = queue_count(dev);
    uint64_t first = blk_pick(t, disk, QVIRTIO_MAX_QUEUES * n);
    for (uint16_t i = 0; i < count; i++) {
        r[i] = request_on(dev, i, VIRTIO_BLK_T_IN, first + i * n);
        if (!require_ok(t, blk_add(&r[i]))) {
            return;
        }
    }
    for (uint16_t i = 0; i < count; i++) {
        qvirtqueue_kick(dev->vq[i]);
    }
    for (uint16_t i = 0; i < count; i++) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(dev->vq[i], &used)) ||
            !require_that(t, used.token == &r[i], "the queue's own request",
                          "another one")) {
            return;
        }
    }
    for (uint16_t i = 0; i < count; i++) {
        BlkRequest one;
        if (require_answer(t, &r[i], VIRTIO_BLK_S_OK) &&
            require_read(t, dev, &one, first + i * n, n)) {
            require_same(t, r[i].data, one.data, one.bytes);
        }
    }
}

static const char *why_no_queues(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_MQ)
               ? NULL
               : "the device does not offer VIRTIO_BLK_F_MQ";
}

/* The driver does not accept the feature, so it may only use queue 0. */
VIRTIO_TEST(queue_zero_serves_a_driver_without_mq, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .why_not = why_no_queues)
{
    require_that(t, !qvirtio_negotiated(dev, VIRTIO_BLK_F_MQ) && !dev->vq[1],
                 "one queue and no VIRTIO_BLK_F_MQ", "more");
    require_ping(t, dev, 1);
}
