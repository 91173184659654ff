/* SPDX-License-Identifier: MIT */
/*
 * Private to the soft disks: what a host does to one, and what would be lost with it.
 */
#ifndef SOFT_BLK_H
#define SOFT_BLK_H

#include "drivers/virtio/bus/soft.h"
#include "drivers/virtio/spec/virtio_blk.h"

#define SOFT_BLK_SECTORS      512
#define SOFT_BLK_SECTORS_MOST 1024 /* that a host may make of it */
#define SOFT_BLK_NO_SECTOR    UINT64_MAX

typedef struct SoftBlk {
    uint8_t *disk;
    uint64_t bad_sector;
    bool is_slow;                    /* serves one request each time it runs */
    uint64_t cached_from, cached_to; /* sectors written and not flushed */
} SoftBlk;

static inline struct virtio_blk_config *soft_blk_config(const SoftDevice *s)
{
    return (struct virtio_blk_config *)s->config;
}

/* These sectors were written; the driver asks that all be on stable storage. */
void soft_blk_written(SoftDevice *s, uint64_t sector, uint64_t sectors);
void soft_blk_flush(SoftDevice *s);

bool soft_blk_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes);

#endif
