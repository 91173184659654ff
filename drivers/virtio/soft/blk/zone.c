/* SPDX-License-Identifier: MIT */
/*
 * The zones of the software disks (5.2.6): a few small ones. The first two are
 * conventional, and the last one is shorter than the others. This file has what config
 * space says of them (5.2.5.2), reports, and the requests that move a zone from one state
 * to another. A reset does not change zones.
 */
#include "drivers/virtio/soft/blk/blk.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(declined_zones_stay_in_sight, "dev:5.2.5.2-6",
           "shows its zones to a driver that declined them");
SOFT_FAULT(host_aware_insists_on_zoned, "dev:5.2.5.2-6",
           "clears FEATURES_OK for a driver that declined SWP zones");
SOFT_FAULT(host_managed_does_without_zoned, "dev:5.2.5.2-7",
           "keeps FEATURES_OK for a driver that declined SWR zones");
SOFT_FAULT(zoned_model_is_another, "dev:5.2.5.2-8", "shows the other zoned model");
SOFT_FAULT(zone_size_is_another, "dev:5.2.5.2-9", "shows zones of half their size");
SOFT_FAULT(open_limit_is_too_high, "dev:5.2.5.2-11", "shows one open zone too many");
SOFT_FAULT(open_limit_is_too_low, "dev:5.2.5.2-11", "shows one open zone too few");
SOFT_FAULT(active_limit_is_too_high, "dev:5.2.5.2-12", "shows one active zone too many");
SOFT_FAULT(active_limit_is_too_low, "dev:5.2.5.2-12", "shows one active zone too few");
SOFT_FAULT(append_limit_is_too_high, "dev:5.2.5.2-13",
           "shows a larger append than it can do");
SOFT_FAULT(append_limit_beyond_segments, "dev:5.2.5.2-14",
           "shows a larger append than a request can hold");
SOFT_FAULT(write_granularity_is_too_low, "dev:5.2.5.2-16",
           "shows half of the granularity that it asks for");
SOFT_FAULT(zoned_padding_is_not_zero, "dev:5.2.5.2-17",
           "leaves old bytes behind the zoned model");
SOFT_FAULT(erase_alignment_is_a_sector, "dev:5.2.6.2-37",
           "shows a secure erase alignment of one sector");
SOFT_FAULT(conventional_zones_are_managed, "dev:5.2.6.2-17",
           "answers OK to zone management of a conventional zone");
SOFT_FAULT(full_zone_is_opened, "dev:5.2.6.2-19", "opens a full zone");
SOFT_FAULT(exhausted_open_says_ioerr, "dev:5.2.6.2-20",
           "answers IOERR when an open zone is one too many");
SOFT_FAULT(full_zone_is_closed, "dev:5.2.6.2-21", "answers OK to closing a full zone");
SOFT_FAULT(finish_does_nothing, "dev:5.2.6.2-22",
           "answers a finish with OK and leaves the zone as it is");
SOFT_FAULT(reset_does_nothing, "dev:5.2.6.2-23",
           "answers a reset with OK and leaves the zone as it is");
SOFT_FAULT(no_such_zone_says_ioerr, "dev:5.2.6.2-23",
           "answers IOERR to zone management beyond its end");
SOFT_FAULT(offline_zones_are_managed, "dev:5.2.6.2-34",
           "answers OK to zone management of broken zones");
SOFT_FAULT(reset_keeps_old_data, "dev:5.2.6.2-35",
           "gives out what was in a zone before its reset");

#define SECTORS      560
#define ZONE_SECTORS 64
#define ZONE_CAP     56
/* How many zones, the first ones, are conventional. */
#define CONVENTIONAL 2
#define OPEN_MOST    2
#define ACTIVE_MOST  3
#define APPEND_MOST  16
#define GRANULARITY  1024
/* What sectors hold that were never written. */
#define FILL 0x7e

static SoftZone zones[2][SOFT_BLK_ZONES];
/* Both disks have it, because no test writes to SWP zones. */
static uint8_t *medium;

static void clear_zone(const SoftBlk *b, SoftZone *z)
{
    z->state = VIRTIO_BLK_ZS_EMPTY;
    z->wp = z->start;
    if (!soft_fault(reset_keeps_old_data)) {
        memset(b->disk + z->start * VIRTIO_BLK_SECTOR_BYTES, FILL,
               z->sectors * VIRTIO_BLK_SECTOR_BYTES);
    }
}

/* Returns the numbers for config space, as the chosen fault changes them. */
static struct virtio_blk_zoned_characteristics characteristics(uint8_t model)
{
    uint32_t size = ZONE_SECTORS, open = OPEN_MOST, active = ACTIVE_MOST;
    uint32_t append = model == VIRTIO_BLK_Z_HM ? APPEND_MOST : 0;
    uint32_t unit = GRANULARITY;

    size /= soft_fault(zone_size_is_another) ? 2 : 1;
    open += soft_fault(open_limit_is_too_high) - soft_fault(open_limit_is_too_low);
    active += soft_fault(active_limit_is_too_high) - soft_fault(active_limit_is_too_low);
    append *= soft_fault(append_limit_is_too_high) ? 2 : 1;
    append = soft_fault(append_limit_beyond_segments) ? 1u << 30 : append;
    unit /= soft_fault(write_granularity_is_too_low) ? 2 : 1;
    if (soft_fault(zoned_model_is_another)) {
        model = VIRTIO_BLK_Z_HM + VIRTIO_BLK_Z_HA - model;
    }
    return (struct virtio_blk_zoned_characteristics){
        .zone_sectors = virtio32_of(false, size),
        .max_open_zones = virtio32_of(false, open),
        .max_active_zones = virtio32_of(false, active),
        .max_append_sectors = virtio32_of(false, append),
        .write_granularity = virtio32_of(false, unit),
        .model = model,
        .unused2 = {soft_fault(zoned_padding_is_not_zero) ? 0xff : 0},
    };
}

void soft_zone_init(SoftDevice *s, uint8_t model)
{
    struct virtio_blk_config *c = soft_blk_config(s);
    SoftBlk *b = s->data;
    bool is_managed = model == VIRTIO_BLK_Z_HM;

    if (!medium) {
        medium = page_alloc(SECTORS * VIRTIO_BLK_SECTOR_BYTES / PAGE_BYTES);
    }
    b->disk = medium;
    b->zones = zones[is_managed];
    b->append_most = is_managed ? APPEND_MOST : 0;
    b->zoned = characteristics(model);
    for (unsigned i = 0; i < SOFT_BLK_ZONES; i++) {
        bool is_last = i == SOFT_BLK_ZONES - 1;
        uint32_t size = is_last ? SECTORS - i * ZONE_SECTORS : ZONE_SECTORS;
        b->zones[i] = (SoftZone){
            .start = i * ZONE_SECTORS,
            .sectors = size,
            .cap = is_last || i < CONVENTIONAL ? size : ZONE_CAP,
            .type = is_managed ? VIRTIO_BLK_ZT_SWR : VIRTIO_BLK_ZT_SWP,
        };
        clear_zone(b, &b->zones[i]);
        if (i < CONVENTIONAL) {
            b->zones[i].type = VIRTIO_BLK_ZT_CONV;
            b->zones[i].state = VIRTIO_BLK_ZS_NOT_WP;
        }
    }
    c->capacity = virtio64_of(false, SECTORS);
    c->max_secure_erase_sectors = virtio32_of(false, SECTORS);
    c->max_secure_erase_seg = virtio32_of(false, 1);
    uint32_t unit = soft_fault(erase_alignment_is_a_sector) ? 1 : ZONE_SECTORS;
    c->secure_erase_sector_alignment = virtio32_of(false, unit);
    qvirtio_features_add_list(&s->offered,
                              FEATURES(VIRTIO_BLK_F_ZONED, VIRTIO_BLK_F_SECURE_ERASE));
    qvirtio_features_clear(&s->offered, VIRTIO_BLK_F_DISCARD);
    qvirtio_features_clear(&s->offered, VIRTIO_BLK_F_WRITE_ZEROES);
}

bool soft_zone_accepts(const SoftDevice *s)
{
    const SoftBlk *b = s->data;
    bool is_managed = b->zones && b->zones[CONVENTIONAL].type == VIRTIO_BLK_ZT_SWR;
    if (!b->zones || soft_negotiated(s, VIRTIO_BLK_F_ZONED)) {
        return true;
    }
    return is_managed ? soft_fault(host_managed_does_without_zoned)
                      : !soft_fault(host_aware_insists_on_zoned);
}

void soft_zone_settled(SoftDevice *s, bool is_accepted)
{
    struct virtio_blk_zoned_characteristics none = {.model = VIRTIO_BLK_Z_NONE};
    bool is_shown = is_accepted || soft_fault(declined_zones_stay_in_sight);
    soft_blk_config(s)->zoned = is_shown ? ((const SoftBlk *)s->data)->zoned : none;
}

SoftZone *soft_zone_at(const SoftBlk *b, uint64_t sector)
{
    return b->zones && sector < SECTORS ? &b->zones[sector / ZONE_SECTORS] : NULL;
}

static unsigned count(const SoftBlk *b, bool with_closed)
{
    unsigned n = 0;
    for (unsigned i = 0; i < SOFT_BLK_ZONES; i++) {
        uint8_t state = b->zones[i].state;
        n += state == VIRTIO_BLK_ZS_IOPEN || state == VIRTIO_BLK_ZS_EOPEN ||
             (with_closed && state == VIRTIO_BLK_ZS_CLOSED);
    }
    return n;
}

/* 5.2.6.2: "... the device MAY automatically transition zones in VIRTIO_BLK_ZS_IOPEN
 * state to VIRTIO_BLK_ZS_CLOSED state." */
uint8_t soft_zone_make_room(SoftBlk *b, const SoftZone *z)
{
    if (z->state == VIRTIO_BLK_ZS_IOPEN || z->state == VIRTIO_BLK_ZS_EOPEN) {
        return VIRTIO_BLK_S_OK;
    }
    if (z->state != VIRTIO_BLK_ZS_CLOSED && count(b, true) >= ACTIVE_MOST) {
        return VIRTIO_BLK_S_ZONE_ACTIVE_RESOURCE;
    }
    if (count(b, false) < OPEN_MOST) {
        return VIRTIO_BLK_S_OK;
    }
    for (unsigned i = 0; i < SOFT_BLK_ZONES; i++) {
        if (b->zones[i].state == VIRTIO_BLK_ZS_IOPEN) {
            b->zones[i].state = VIRTIO_BLK_ZS_CLOSED;
            return VIRTIO_BLK_S_OK;
        }
    }
    return VIRTIO_BLK_S_ZONE_OPEN_RESOURCE;
}

static uint8_t open_zone(SoftBlk *b, SoftZone *z)
{
    if (z->state == VIRTIO_BLK_ZS_FULL && !soft_fault(full_zone_is_opened)) {
        return VIRTIO_BLK_S_ZONE_INVALID_CMD;
    }
    uint8_t status = soft_zone_make_room(b, z);
    if (status != VIRTIO_BLK_S_OK) {
        return soft_fault(exhausted_open_says_ioerr) ? VIRTIO_BLK_S_IOERR : status;
    }
    z->state = VIRTIO_BLK_ZS_EOPEN;
    return VIRTIO_BLK_S_OK;
}

static uint8_t close_zone(SoftZone *z)
{
    if (z->state == VIRTIO_BLK_ZS_FULL && soft_fault(full_zone_is_closed)) {
        return VIRTIO_BLK_S_OK;
    }
    if (z->state == VIRTIO_BLK_ZS_FULL || z->state == VIRTIO_BLK_ZS_EMPTY) {
        return VIRTIO_BLK_S_ZONE_INVALID_CMD;
    }
    z->state = z->wp == z->start ? VIRTIO_BLK_ZS_EMPTY : VIRTIO_BLK_ZS_CLOSED;
    return VIRTIO_BLK_S_OK;
}

static uint8_t finish_zone(SoftZone *z)
{
    if (!soft_fault(finish_does_nothing)) {
        z->state = VIRTIO_BLK_ZS_FULL;
        z->wp = z->start + z->cap;
    }
    return VIRTIO_BLK_S_OK;
}

static void reset_all(SoftBlk *b)
{
    for (unsigned i = CONVENTIONAL; i < SOFT_BLK_ZONES; i++) {
        if (!soft_zone_is_broken(&b->zones[i])) {
            clear_zone(b, &b->zones[i]);
        }
    }
}

/* Writes the descriptors of the zones from the one of `sector` on, as many as there is
 * room for. */
static uint8_t report(const SoftBlk *b, const QVirtQueueElement *e, uint64_t sector,
                      uint32_t *written)
{
    struct virtio_blk_zone_report head = {.reserved = {0}};
    const SoftZone *z = soft_zone_at(b, sector), *end = b->zones + SOFT_BLK_ZONES;
    uint32_t at = sizeof(head), room = e->in_bytes - 1;

    if (!z || room < sizeof(head)) {
        return VIRTIO_BLK_S_ZONE_INVALID_CMD;
    }
    for (; z < end && room - at >= sizeof(struct virtio_blk_zone_descriptor); z++) {
        struct virtio_blk_zone_descriptor d = {
            .z_cap = virtio64_of(false, z->cap),
            .z_start = virtio64_of(false, z->start),
            .z_wp = virtio64_of(false, z->wp),
            .z_type = z->type,
            .z_state = z->state,
        };
        at += qvirtqueue_element_write(e, at, &d, sizeof(d));
    }
    uint64_t n = (at - sizeof(head)) / sizeof(struct virtio_blk_zone_descriptor);
    head.nr_zones = virtio64_of(false, n);
    qvirtqueue_element_write(e, 0, &head, sizeof(head));
    *written = at;
    return VIRTIO_BLK_S_OK;
}

static uint8_t manage(SoftBlk *b, SoftZone *z, uint32_t type)
{
    switch (type) {
    case VIRTIO_BLK_T_ZONE_OPEN:
        return open_zone(b, z);
    case VIRTIO_BLK_T_ZONE_CLOSE:
        return close_zone(z);
    case VIRTIO_BLK_T_ZONE_FINISH:
        return finish_zone(z);
    default:
        if (!soft_fault(reset_does_nothing)) {
            clear_zone(b, z);
        }
        return VIRTIO_BLK_S_OK;
    }
}

uint8_t soft_zone_request(SoftDevice *s, const QVirtQueueElement *e, uint32_t type,
                          uint64_t sector, uint32_t *written)
{
    SoftBlk *b = s->data;
    SoftZone *z = soft_zone_at(b, sector);

    if (type == VIRTIO_BLK_T_ZONE_REPORT) {
        return report(b, e, sector, written);
    }
    if (type == VIRTIO_BLK_T_ZONE_RESET_ALL) {
        reset_all(b);
        return VIRTIO_BLK_S_OK;
    }
    if (!z || z->start != sector) {
        return soft_fault(no_such_zone_says_ioerr) ? VIRTIO_BLK_S_IOERR
                                                   : VIRTIO_BLK_S_ZONE_INVALID_CMD;
    }
    if (z->type == VIRTIO_BLK_ZT_CONV) {
        return soft_fault(conventional_zones_are_managed) ? VIRTIO_BLK_S_OK
                                                          : VIRTIO_BLK_S_ZONE_INVALID_CMD;
    }
    if (soft_zone_is_broken(z)) {
        return soft_fault(offline_zones_are_managed) ? VIRTIO_BLK_S_OK
                                                     : VIRTIO_BLK_S_ZONE_INVALID_CMD;
    }
    return manage(b, z, type);
}

bool soft_zone_act(SoftDevice *s, const char *action, uint64_t number)
{
    SoftBlk *b = s->data;
    SoftZone *z = soft_zone_at(b, number);
    if (strcmp(action, "append-limit") == 0) {
        b->append_most = number;
        b->zoned.max_append_sectors = virtio32_of(false, number);
        soft_zone_settled(s, true);
        soft_config_changed(s);
        return true;
    }
    if (!z || z->type == VIRTIO_BLK_ZT_CONV) {
        return false;
    }
    if (strcmp(action, "zone-readonly") == 0) {
        z->state = VIRTIO_BLK_ZS_RDONLY;
    } else if (strcmp(action, "zone-offline") == 0) {
        z->state = VIRTIO_BLK_ZS_OFFLINE;
    } else {
        return false;
    }
    return true;
}

void soft_zone_restore(SoftDevice *s)
{
    SoftBlk *b = s->data;
    for (unsigned i = 0; b->zones && i < SOFT_BLK_ZONES; i++) {
        if (soft_zone_is_broken(&b->zones[i])) {
            clear_zone(b, &b->zones[i]);
        }
    }
    if (b->zones && b->zones[CONVENTIONAL].type == VIRTIO_BLK_ZT_SWR) {
        b->append_most = APPEND_MOST;
        b->zoned = characteristics(VIRTIO_BLK_Z_HM);
        soft_zone_settled(s, true);
    }
}
