/* SPDX-License-Identifier: MIT */
/*
 * Memory statistics (5.5.6.3): the device keeps the buffer until it wants new ones.
 */
#include "tests/balloon/balloon_lib.h"

enum { COUNT = 3 };

/* Makes an array of statistics in lent memory. Returns NULL when that fails, which is
 * reported. */
static struct virtio_balloon_stat *make_stats(Test *t, QVirtioDevice *dev)
{
    static const uint16_t tags[COUNT] = {VIRTIO_BALLOON_S_MEMTOT,
                                         VIRTIO_BALLOON_S_MEMFREE, 0x7ffe};
    bool legacy = qvirtio_is_legacy(dev);
    struct virtio_balloon_stat *stats = arena_lend(COUNT * sizeof(*stats), 2);
    if (!require_ok(t, stats ? 0 : -QVIRTIO_NO_MEMORY)) {
        return NULL;
    }
    for (unsigned i = 0; i < COUNT; i++) {
        stats[i].tag = virtio16_of(legacy, tags[i]);
        stats[i].val = virtio64_of(legacy, 0x100000 + i);
    }
    return stats;
}

static bool add_stats(Test *t, QVirtioDevice *dev, uint32_t bytes)
{
    struct virtio_balloon_stat *stats = make_stats(t, dev);
    if (!stats) {
        return false;
    }
    QVirtQueue *vq = dev->vq[VIRTIO_BALLOON_STATSQ];
    QVirtioSg sg = {arena_map(stats, bytes), bytes};
    if (!require_ok(t, qvirtqueue_add(vq, &sg, 1, 0, stats))) {
        return false;
    }
    qvirtqueue_kick(vq);
    return true;
}

/* The device must accept entries "in any order", and it "MUST ignore" those that it does
 * not know. */
VIRTIO_TEST(balloon_works_beside_its_statistics, .device = VIRTIO_ID_BALLOON,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_BALLOON_F_STATS_VQ))
{
    if (add_stats(t, dev, COUNT * sizeof(struct virtio_balloon_stat))) {
        require_ping(t, dev, 1);
        require_ping(t, dev, 2);
    }
}

/* "The driver MUST make at most one buffer available to the device in the statsq." */
VIRTIO_TEST(two_buffers_of_statistics_are_survived, .device = VIRTIO_ID_BALLOON,
            .violates = "5.5.6.3.1", .needs = FEATURES(VIRTIO_BALLOON_F_STATS_VQ))
{
    uint32_t bytes = COUNT * sizeof(struct virtio_balloon_stat);
    if (add_stats(t, dev, bytes) && add_stats(t, dev, bytes)) {
        require_ping(t, dev, 1);
        expect_survives(t, dev);
    }
}

/* The array ends inside an entry. */
VIRTIO_TEST(broken_statistics_are_survived, .device = VIRTIO_ID_BALLOON,
            .violates = "5.5.6.3.1", .needs = FEATURES(VIRTIO_BALLOON_F_STATS_VQ))
{
    if (add_stats(t, dev, sizeof(struct virtio_balloon_stat) + 3)) {
        require_ping(t, dev, 1);
        expect_survives(t, dev);
    }
}
