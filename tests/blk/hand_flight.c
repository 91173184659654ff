/* SPDX-License-Identifier: MIT */
/*
 * Requests that are in flight while something happens to the machine: the disk is slow,
 * the device is reset, the machine is paused, or put back to where it was a moment ago.
 */
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"
#include "tests/harness/hand.h"

#define FLIGHT    32
#define SLOW_IOPS 1000 /* a request each millisecond, but for the first few */
/* What happens to the machine costs tens of milliseconds: the two plain formats. */
#define FEW_RINGS (RINGS_ALL | RINGS_NO_EVENT | RINGS_DIRECT)
#define PAUSE_MS  10

/* Reads of single blocks, apart from one another so that none are merged. */
static bool fly(Test *t, QVirtioDevice *dev, BlkRequest r[FLIGHT])
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    if (!blk_needs_flight(t, dev->vq[0], FLIGHT)) {
        return false;
    }
    for (unsigned i = 0; i < FLIGHT; i++) {
        r[i] = blk_request(dev, VIRTIO_BLK_T_IN, 2 * n * i, disk->block_bytes);
        if (!expect_ok(t, NULL, blk_add(&r[i]))) {
            return false;
        }
    }
    qvirtqueue_kick(dev->vq[0]);
    return true;
}

/* Each comes back once, with its own block. */
static void land(Test *t, QVirtioDevice *dev, BlkRequest r[FLIGHT])
{
    uint32_t n = block_sectors(blk_disk(dev));
    uint64_t pattern;
    for (unsigned i = 0; i < FLIGHT; i++) {
        QVirtioUsed used;
        if (!expect_ok(t, NULL, qvirtqueue_wait(dev->vq[0], &used))) {
            return;
        }
    }
    expect_eq(t, NULL, qvirtqueue_has_used(dev->vq[0]), false);
    bool is_told = qvirtio_truth_u64(dev, "pattern", &pattern);
    for (unsigned i = 0; i < FLIGHT; i++) {
        if (expect_answer(t, NULL, &r[i], VIRTIO_BLK_S_OK) && is_told) {
            size_t same = pattern_mismatch(r[i].data, r[i].bytes, 2ull * n * i * 64);
            expect_eq(t, NULL, same, r[i].bytes);
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

/* 2.4.1: when the reset is complete the device does nothing more with what was in flight:
 * buffers that were not used by then keep what they hold. */
VIRTIO_TEST(reset_with_requests_in_flight_leaves_their_buffers, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_PING)
{
    static uint8_t seen[FLIGHT][64];
    BlkRequest r[FLIGHT];
    if (!hand_do(t, dev, "slow %u", SLOW_IOPS) || !fly(t, dev, r) ||
        !expect_ok(t, NULL, qvirtio_stop(dev))) {
        return;
    }
    for (unsigned i = 0; i < FLIGHT; i++) {
        memcpy(seen[i], r[i].data, sizeof(seen[i]));
    }
    if (!test_start(t, dev, NULL)) {
        return;
    }
    /* Any request that was put off by the slow disk would have come back before these. */
    expect_ping(t, NULL, dev, 1);
    expect_ping(t, NULL, dev, 2);
    for (unsigned i = 0; i < FLIGHT; i++) {
        expect_same(t, NULL, r[i].data, seen[i], sizeof(seen[i]));
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

/* Saved with requests in flight, and restored when they have long come back: they come
 * back again, once. */
VIRTIO_TEST(requests_in_flight_outlast_a_snapshot, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_PING, .rings = FEW_RINGS)
{
    BlkRequest r[FLIGHT];
    if (hand_do(t, dev, "slow %u", SLOW_IOPS) && fly(t, dev, r) &&
        hand_do(t, dev, "snapshot")) {
        land(t, dev, r);
        expect_ping(t, NULL, dev, 1);
    }
}

/* "the device MUST ensure that all writes done ... are on stable storage" once a flush is
 * answered (5.2.6.2): seen where they are kept. */
VIRTIO_TEST(flushed_writes_are_in_the_image, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_HAND | TEST_WRITES, .needs = FEATURES(VIRTIO_BLK_F_FLUSH),
            .why_not = blk_why_not_writable)
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t sectors = 8;
    uint64_t seed = random_next(&t->random) | 1, at = disk->announced;
    BlkRequest flush = blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0);
    if (!expect_announced_write(t, NULL, dev, at, sectors, seed) ||
        !expect_status(t, NULL, &flush, VIRTIO_BLK_S_OK)) {
        return;
    }
    const char *seen = hand_ask(t, dev, "verify %llu %u 0x%llx", (unsigned long long)at,
                                sectors, (unsigned long long)seed);
    if (seen) {
        expect_that(t, "dev:5.2.6.2-11", strcmp(seen, "same") == 0,
                    "the image holds what was written", "%s", seen);
    }
}
