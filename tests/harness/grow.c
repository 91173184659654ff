/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a disk to become larger; see grow.h.
 */
#include "tests/harness/grow.h"

typedef struct Growth {
    QVirtioDevice *dev;
    uint64_t sectors;
} Growth;

static bool has_grown(void *arg)
{
    const Growth *g = arg;
    uint64_t seen;
    return qvirtio_config_read(g->dev, offsetof(struct virtio_blk_config, capacity), 8,
                               &seen) == 0 &&
           seen == g->sectors;
}

bool grow_disk(Test *t, QVirtioDevice *dev, uint64_t sectors)
{
    Growth g = {dev, sectors};
    return hand_do(t, dev, "resize %llu", (unsigned long long)sectors) &&
           require_ok(t, qvirtio_wait(dev, "the new capacity", has_grown, &g, 0));
}
