/* SPDX-License-Identifier: MIT */
/*
 * Requests are in flight while something happens to the machine: the disk is slow, the
 * device is reset, or the machine is paused or restored to an earlier state.
 */
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"
#include "tests/harness/hand.h"

#define FLIGHT    32
#define SLOW_IOPS 1000 /* one request each millisecond, except for the first few */
/* What happens to the machine takes tens of milliseconds, so only the two plain formats
 * are tested. */
#define FEW_RINGS (RINGS_ALL | RINGS_NO_EVENT | RINGS_DIRECT)
#define PAUSE_MS  10

/* Sends reads of single blocks, which are not neighbours, so that the device merges
 * none. */
static bool fly(Test *t, QVirtioDevice *dev, BlkRequest r[FLIGHT])
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    if (!blk_needs_flight(t, dev->vq[0], FLIGHT)) {
        return false;
    }
    for (unsigned i = 0; i < FLIGHT; i++) {
        r[i] = blk_request(dev, VIRTIO_BLK_T_IN, 2 * n * i, disk->block_bytes);
        if (!require_ok(t, blk_add(&r[i]))) {
            return false;
        }
    }
    qvirtqueue_kick(dev->vq[0]);
    return true;
}

/* Expects that each request comes back once, with the content of its own block. */
static void land(Test *t, QVirtioDevice *dev, BlkRequest r[FLIGHT])
{
    uint32_t n = block_sectors(blk_disk(dev));
    uint64_t pattern;
    for (unsigned i = 0; i < FLIGHT; i++) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(dev->vq[0], &used))) {
            return;
        }
    }
    require_eq(t, qvirtqueue_has_used(dev->vq[0]), false);
    bool is_told = qvirtio_truth_u64(dev, "pattern", &pattern);
    for (unsigned i = 0; i < FLIGHT; i++) {
        if (require_answer(t, &r[i], VIRTIO_BLK_S_OK) && is_told) {
            size_t same = pattern_mismatch(r[i].data, r[i].bytes, 2ull * n * i * 64);
            require_eq(t, same, r[i].bytes);
        }
    }
}

VIRTIO_TEST(slow_disk_answers_every_request, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND)
{
    BlkRequest r[FLIGHT];
    if (hand_do(t, dev, "slow %u", SLOW_IOPS) && fly(t, dev, r)) {
        land(t, dev, r);
    }
}

/* 2.4.1: when the reset is complete, the device does no more work on requests that were
 * in flight. Buffers that were not used by then must keep their content. */
VIRTIO_TEST(reset_with_requests_in_flight_leaves_their_buffers, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_PING)
{
    static uint8_t seen[FLIGHT][64];
    BlkRequest r[FLIGHT];
    if (!hand_do(t, dev, "slow %u", SLOW_IOPS) || !fly(t, dev, r) ||
        !require_ok(t, qvirtio_stop(dev))) {
        return;
    }
    for (unsigned i = 0; i < FLIGHT; i++) {
        memcpy(seen[i], r[i].data, sizeof(seen[i]));
    }
    if (!test_start(t, dev, NULL)) {
        return;
    }
    /* A request that the slow disk has delayed would come back before these pings. */
    require_ping(t, dev, 1);
    require_ping(t, dev, 2);
    for (unsigned i = 0; i < FLIGHT; i++) {
        require_same(t, r[i].data, seen[i], sizeof(seen[i]));
    }
}

VIRTIO_TEST(requests_in_flight_outlast_a_pause, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND, .rings = FEW_RINGS)
{
    BlkRequest r[FLIGHT];
    if (hand_do(t, dev, "slow %u", SLOW_IOPS) && fly(t, dev, r) &&
        hand_do(t, dev, "pause %u", PAUSE_MS)) {
        land(t, dev, r);
    }
}

/* The machine is saved while requests are in flight, and restored when all of them have
 * come back. After that they must come back once more. */
VIRTIO_TEST(requests_in_flight_outlast_a_snapshot, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_PING, .rings = FEW_RINGS)
{
    BlkRequest r[FLIGHT];
    if (hand_do(t, dev, "slow %u", SLOW_IOPS) && fly(t, dev, r) &&
        hand_do(t, dev, "snapshot")) {
        land(t, dev, r);
        require_ping(t, dev, 1);
    }
}

/* "the device MUST ensure that all writes done ... are on stable storage" when it answers
 * a flush (5.2.6.2): the hand looks for the data in the image. */
VIRTIO_TEST(flushed_writes_are_in_the_image, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_WRITES, .needs = FEATURES(VIRTIO_BLK_F_FLUSH),
            .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t sectors = 8;
    uint64_t seed = random_next(&t->random) | 1, at = disk->announced;
    BlkRequest flush = blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0);
    if (!require_announced_write(t, dev, at, sectors, seed) ||
        !require_status(t, &flush, VIRTIO_BLK_S_OK)) {
        return;
    }
    const char *seen = hand_ask(t, dev, "verify %llu %u 0x%llx", (unsigned long long)at,
                                sectors, (unsigned long long)seed);
    if (seen) {
        expect_that(t, "dev:5.2.6.2-11", strcmp(seen, "same") == 0,
                    "the image holds what was written", "%s", seen);
    }
}
