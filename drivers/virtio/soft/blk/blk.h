/* SPDX-License-Identifier: MIT */
/*
 * Private to the software disks: what the hand does to a disk, which sectors are not on
 * stable storage yet, and the zones that some disks have.
 */
#ifndef SOFT_BLK_H
#define SOFT_BLK_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_blk.h"

#define SOFT_BLK_SECTORS 512
/* The most sectors that the hand may give to a disk. */
#define SOFT_BLK_SECTORS_MOST 768
/* The bad_sector of a disk that has none. */
#define SOFT_BLK_NO_SECTOR UINT64_MAX

#define SOFT_BLK_ZONES 9

/* One zone. `start`, `wp`, `sectors` and `cap` are in sectors; `wp` is the write
 * pointer. */
typedef struct SoftZone {
    uint64_t start, wp;
    uint32_t sectors, cap;
    uint8_t type, state;
} SoftZone;

typedef struct SoftBlk {
    uint8_t *disk;
    uint64_t bad_sector;
    /* It serves one request each time it runs. */
    bool is_slow;
    /* The sectors that were written and not flushed: from cached_from on, up to but not
     * including cached_to. */
    uint64_t cached_from, cached_to;
    /* SOFT_BLK_ZONES zones, or NULL. */
    SoftZone *zones;
    /* What config space shows of the zones. */
    struct virtio_blk_zoned_characteristics zoned;
    /* How many sectors one append can have. */
    uint32_t append_most;
} SoftBlk;

static inline struct virtio_blk_config *soft_blk_config(const SoftDevice *s)
{
    return (struct virtio_blk_config *)s->config;
}

/* Called when these sectors were written, and when the driver asks for a flush. */
void soft_blk_written(SoftDevice *s, uint64_t sector, uint64_t sectors);
void soft_blk_flush(SoftDevice *s);

/* zone.c. soft_zone_init() gives the disk its zones. soft_zone_accepts() returns true
 * when the device works with the features accepted. soft_zone_settled() shows the zones
 * in config space, or hides them when the driver declined them. soft_zone_at() returns
 * the zone of a sector, or NULL. */
void soft_zone_init(SoftDevice *s, uint8_t model);
bool soft_zone_accepts(const SoftDevice *s);
void soft_zone_settled(SoftDevice *s, bool is_accepted);
SoftZone *soft_zone_at(const SoftBlk *b, uint64_t sector);
/* Runs any zone request but an append, and returns the status. */
uint8_t soft_zone_request(SoftDevice *s, const QVirtQueueElement *e, uint32_t type,
                          uint64_t sector, uint32_t *written);
/* Does what the hand is asked to do to zones. soft_zone_restore() undoes it. */
bool soft_zone_act(SoftDevice *s, const char *action, uint64_t number);
void soft_zone_restore(SoftDevice *s);

/* write_pointer.c. The first two return VIRTIO_BLK_S_OK when sectors may be read or
 * written now, else the status; a write moves the write pointer. An append is done
 * completely. */
uint8_t soft_zone_read(const SoftDevice *s, uint64_t sector, uint64_t sectors);
uint8_t soft_zone_write(SoftDevice *s, uint64_t sector, uint64_t sectors);
uint8_t soft_zone_append(SoftDevice *s, const QVirtQueueElement *e, uint64_t sector,
                         uint32_t *written);
/* Returns VIRTIO_BLK_S_OK when one more zone may open, else the status of the limit that
 * forbids it. */
uint8_t soft_zone_make_room(SoftBlk *b, const SoftZone *z);
/* Returns true when the zone is read-only or offline. */
bool soft_zone_is_broken(const SoftZone *z);
/* Used by a fault. Returns true when the data of a sector must not be written to the
 * driver's buffer. */
bool soft_zone_hides(const SoftDevice *s, uint64_t sector);

/* hand.c: does what the hand is asked to do to the disk. */
bool soft_blk_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes);

#endif
