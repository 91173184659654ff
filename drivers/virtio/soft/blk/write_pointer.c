/* SPDX-License-Identifier: MIT */
/*
 * Reads, writes and appends on the zones of the software disks (5.2.6.2). A sequential
 * zone is written only at its write pointer and within its capacity, and a write opens
 * it.
 */
#include "drivers/virtio/soft/blk/blk.h"

SOFT_FAULT(appends_to_any_zone, "dev:5.2.6.2-18",
           "answers OK to an append to a conventional zone");
SOFT_FAULT(exhausted_write_says_ioerr, "dev:5.2.6.2-24",
           "answers IOERR when the zone of a write would be one too many");
SOFT_FAULT(appends_at_any_sector, "dev:5.2.6.2-25",
           "takes an append that names another sector than the first");
SOFT_FAULT(writes_past_the_capacity, "dev:5.2.6.2-26",
           "does not look at the capacity of a zone");
SOFT_FAULT(append_tells_where_it_ends, "dev:5.2.6.2-27",
           "reports the write pointer after an append");
SOFT_FAULT(no_append_is_invalid, "dev:5.2.6.2-28",
           "answers INVALID_CMD to an append that it does not support");
SOFT_FAULT(oversize_append_is_done, "dev:5.2.6.2-29", "does appends of any size");
SOFT_FAULT(crosses_zones, "dev:5.2.6.2-30", "serves requests across two zones");
SOFT_FAULT(writes_anywhere, "dev:5.2.6.2-31", "does not look at the write pointer");
SOFT_FAULT(read_only_zone_is_written, "dev:5.2.6.2-33", "writes to a read-only zone");
SOFT_FAULT(offline_zone_is_read, "dev:5.2.6.2-34",
           "serves reads and writes of an offline zone");
SOFT_FAULT(unwritten_is_not_filled, "dev:5.2.6.2-36",
           "writes nothing into the buffer for unwritten data");

#define INVALID_CMD VIRTIO_BLK_S_ZONE_INVALID_CMD
#define GRANULARITY 1024

bool soft_zone_is_broken(const SoftZone *z)
{
    return z->state == VIRTIO_BLK_ZS_RDONLY || z->state == VIRTIO_BLK_ZS_OFFLINE;
}

bool soft_zone_hides(const SoftDevice *s, uint64_t sector)
{
    const SoftZone *z = soft_zone_at(s->data, sector);
    return soft_fault(unwritten_is_not_filled) && z && z->type != VIRTIO_BLK_ZT_CONV &&
           sector >= z->wp;
}

/* Returns true when a range goes over the end of a zone, and one of the zones is SWR.
 * 5.2.6.2: "... a SWR zone has the range that has sectors in more than one zone". */
static bool is_crossing(const SoftZone *first, const SoftZone *last)
{
    return first != last &&
           (first->type == VIRTIO_BLK_ZT_SWR || last->type == VIRTIO_BLK_ZT_SWR) &&
           !soft_fault(crosses_zones);
}

uint8_t soft_zone_read(const SoftDevice *s, uint64_t sector, uint64_t sectors)
{
    const SoftBlk *b = s->data;
    if (!b->zones || sectors == 0) {
        return VIRTIO_BLK_S_OK;
    }
    const SoftZone *first = soft_zone_at(b, sector);
    const SoftZone *last = soft_zone_at(b, sector + sectors - 1);
    bool is_offline =
        first->state == VIRTIO_BLK_ZS_OFFLINE || last->state == VIRTIO_BLK_ZS_OFFLINE;
    if (is_crossing(first, last) || (is_offline && !soft_fault(offline_zone_is_read))) {
        return INVALID_CMD;
    }
    return VIRTIO_BLK_S_OK;
}

/* Returns VIRTIO_BLK_S_OK when the range may be written, else the status that forbids
 * it. */
static uint8_t check_write(SoftBlk *b, const SoftZone *z, uint64_t sector, uint64_t end)
{
    bool is_required = z->type == VIRTIO_BLK_ZT_SWR;
    if (is_required && z->state == VIRTIO_BLK_ZS_FULL && !soft_fault(writes_anywhere)) {
        return INVALID_CMD;
    }
    if (is_required && sector != z->wp && !soft_fault(writes_anywhere)) {
        return VIRTIO_BLK_S_ZONE_UNALIGNED_WP;
    }
    if (end > z->start + z->cap && !soft_fault(writes_past_the_capacity) &&
        !soft_fault(crosses_zones)) {
        return INVALID_CMD;
    }
    if (is_required && end * VIRTIO_BLK_SECTOR_BYTES % GRANULARITY) {
        return VIRTIO_BLK_S_ZONE_UNALIGNED_WP;
    }
    uint8_t status = soft_zone_make_room(b, z);
    bool is_other = status != VIRTIO_BLK_S_OK && soft_fault(exhausted_write_says_ioerr);
    return is_other ? VIRTIO_BLK_S_IOERR : status;
}

/* Returns true when the chosen fault writes to this broken zone. */
static bool may_write_broken(const SoftZone *z)
{
    return z->state == VIRTIO_BLK_ZS_RDONLY ? soft_fault(read_only_zone_is_written)
                                            : soft_fault(offline_zone_is_read);
}

static void advance(SoftZone *z, uint64_t end)
{
    z->wp = end > z->wp ? end : z->wp;
    if (z->state != VIRTIO_BLK_ZS_EOPEN) {
        z->state = VIRTIO_BLK_ZS_IOPEN;
    }
    if (z->wp >= z->start + z->cap) {
        z->state = VIRTIO_BLK_ZS_FULL;
    }
}

uint8_t soft_zone_write(SoftDevice *s, uint64_t sector, uint64_t sectors)
{
    SoftBlk *b = s->data;
    if (!b->zones || sectors == 0) {
        return VIRTIO_BLK_S_OK;
    }
    SoftZone *z = soft_zone_at(b, sector);
    const SoftZone *last = soft_zone_at(b, sector + sectors - 1);
    if (is_crossing(z, last)) {
        return INVALID_CMD;
    }
    if (soft_zone_is_broken(z)) {
        return may_write_broken(z) ? VIRTIO_BLK_S_OK : INVALID_CMD;
    }
    if (z->type == VIRTIO_BLK_ZT_CONV) {
        return VIRTIO_BLK_S_OK;
    }
    uint8_t status = check_write(b, z, sector, sector + sectors);
    if (status == VIRTIO_BLK_S_OK) {
        advance(z, sector + sectors);
    }
    return status;
}

/* 5.2.6.2: "... if max_append_sectors ... is reported as zero ...,
 * VIRTIO_BLK_S_UNSUPP". */
static uint8_t check_size(const SoftBlk *b, uint64_t sectors)
{
    if (sectors <= b->append_most) {
        return VIRTIO_BLK_S_OK;
    }
    if (b->append_most == 0 && !soft_fault(no_append_is_invalid)) {
        return VIRTIO_BLK_S_UNSUPP;
    }
    return soft_fault(oversize_append_is_done) ? VIRTIO_BLK_S_OK : INVALID_CMD;
}

uint8_t soft_zone_append(SoftDevice *s, const QVirtQueueElement *e, uint64_t sector,
                         uint32_t *written)
{
    SoftBlk *b = s->data;
    SoftZone *z = soft_zone_at(b, sector);
    virtio64 told;
    uint32_t bytes = e->out_bytes - sizeof(struct virtio_blk_req);
    uint32_t sectors = bytes / VIRTIO_BLK_SECTOR_BYTES;

    if (bytes % VIRTIO_BLK_SECTOR_BYTES || e->in_bytes <= sizeof(told)) {
        return VIRTIO_BLK_S_IOERR;
    }
    if (!z || z->type != VIRTIO_BLK_ZT_SWR) {
        return soft_fault(appends_to_any_zone) ? VIRTIO_BLK_S_OK : INVALID_CMD;
    }
    uint8_t status = check_size(b, sectors);
    if (status == VIRTIO_BLK_S_OK && sector != z->start &&
        !soft_fault(appends_at_any_sector)) {
        status = INVALID_CMD;
    }
    uint64_t at = z->wp;
    bool is_room = at + sectors <= z->start + z->sectors ||
                   (soft_fault(crosses_zones) && soft_zone_at(b, at + sectors - 1));
    if (status == VIRTIO_BLK_S_OK) {
        status = is_room ? soft_zone_write(s, at, sectors) : INVALID_CMD;
    }
    if (status == VIRTIO_BLK_S_OK) {
        qvirtqueue_element_read(e, sizeof(struct virtio_blk_req),
                                b->disk + at * VIRTIO_BLK_SECTOR_BYTES, bytes);
        told = virtio64_of(false, soft_fault(append_tells_where_it_ends) ? z->wp : at);
        *written = qvirtqueue_element_write(e, 0, &told, sizeof(told));
    }
    return status;
}
