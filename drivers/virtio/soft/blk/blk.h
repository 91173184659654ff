/* SPDX-License-Identifier: MIT */
/*
 * Private to the software disks: what the hand does to one, what would be lost with it,
 * and the zones that some of them have.
 */
#ifndef SOFT_BLK_H
#define SOFT_BLK_H

#include "drivers/virtio/soft/core/soft.h"
#include "drivers/virtio/spec/virtio_blk.h"

#define SOFT_BLK_SECTORS      512
#define SOFT_BLK_SECTORS_MOST 768 /* that a host may make of it */
#define SOFT_BLK_NO_SECTOR    UINT64_MAX

#define SOFT_BLK_ZONES 9

typedef struct SoftZone {
    uint64_t start, wp;
    uint32_t sectors, cap;
    uint8_t type, state;
} SoftZone;

typedef struct SoftBlk {
    uint8_t *disk;
    uint64_t bad_sector;
    /* Serves one request each time it runs. */
    bool is_slow;
    /* Sectors written and not flushed. */
    uint64_t cached_from, cached_to;
    /* SOFT_BLK_ZONES, or NULL. */
    SoftZone *zones;
    /* What config space shows of them. */
    struct virtio_blk_zoned_characteristics zoned;
    /* Sectors that can be appended at once. */
    uint32_t append_most;
} SoftBlk;

static inline struct virtio_blk_config *soft_blk_config(const SoftDevice *s)
{
    return (struct virtio_blk_config *)s->config;
}

/* Note that these sectors were written, and that the driver asks for all to be on stable
 * storage. */
void soft_blk_written(SoftDevice *s, uint64_t sector, uint64_t sectors);
void soft_blk_flush(SoftDevice *s);

/* Zones: zone.c. init gives the disk its zones; settled shows them in config
 * space, or not, by what the driver has accepted. */
void soft_zone_init(SoftDevice *s, uint8_t model);
bool soft_zone_accepts(const SoftDevice *s);
void soft_zone_settled(SoftDevice *s, bool is_accepted);
SoftZone *soft_zone_at(const SoftBlk *b, uint64_t sector);
/* Serves a zone request other than an append. Returns its status. */
uint8_t soft_zone_request(SoftDevice *s, const QVirtQueueElement *e, uint32_t type,
                          uint64_t sector, uint32_t *written);
bool soft_zone_act(SoftDevice *s, const char *action, uint64_t number);
void soft_zone_restore(SoftDevice *s);

/* Say whether sectors may be read, or written, now (write_pointer.c). A write moves the
 * zone on. An append does the whole request. */
uint8_t soft_zone_read(const SoftDevice *s, uint64_t sector, uint64_t sectors);
uint8_t soft_zone_write(SoftDevice *s, uint64_t sector, uint64_t sectors);
uint8_t soft_zone_append(SoftDevice *s, const QVirtQueueElement *e, uint64_t sector,
                         uint32_t *written);
/* Returns VIRTIO_BLK_S_OK, or the limit that keeps one more zone from opening. */
uint8_t soft_zone_make_room(SoftBlk *b, const SoftZone *z);
bool soft_zone_is_broken(const SoftZone *z);
bool soft_zone_hides(const SoftDevice *s, uint64_t sector);

bool soft_blk_act(SoftDevice *s, const char *action, const char *args, char *value,
                  size_t bytes);

#endif
