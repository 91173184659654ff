/* SPDX-License-Identifier: MIT */
/*
 * The block device (5.2) in software. The first device writes to a disk in RAM, and the
 * second one shows the same disk read-only, with its wear. The others are a host-managed
 * and a host-aware zoned disk (zone.c). Requests are done completely, in the order in
 * which they came. Left out: secure erase of disks without zones.
 */
#include "drivers/virtio/soft/blk/blk.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

SOFT_FAULT(wants_whole_headers, "dev:2.7.4.1-1",
           "refuses a block header that is not in one descriptor");
SOFT_FAULT(writeback_from_the_start, "dev:5.2.5.2-2",
           "shows a write-back cache to a driver without FLUSH");
SOFT_FAULT(padding_is_not_zero, "dev:5.2.5.2-3",
           "leaves old bytes in the padding of config space");
SOFT_FAULT(read_only_disk_says_ok, "dev:5.2.6.2-3a",
           "answers a write to a read-only disk with OK");
SOFT_FAULT(read_only_disk_is_written, "dev:5.2.6.2-3b",
           "writes to a read-only disk, whatever it answers");
SOFT_FAULT(ignores_unknown_flags, "dev:5.2.6.2-4",
           "does not look at reserved flags of a segment");
SOFT_FAULT(discard_takes_unmap, "dev:5.2.6.2-5", "accepts unmap on a discard");
SOFT_FAULT(zeroes_all_but_the_last, "dev:5.2.6.2-8",
           "leaves the last sector of a range as it was");
SOFT_FAULT(zone_requests_fail, "dev:5.2.6.2-16", "answers zone requests with IOERR");
SOFT_FAULT(cut_id_requests_wait, "dev:2.7.4.1-1",
           "never answers a request for its id whose header is cut");
SOFT_FAULT(id_depends_on_its_pieces, "dev:2.7.4.1-1",
           "writes another id where the buffer is cut");
SOFT_FAULT(counts_what_it_did_not_write, "dev:2.7.8.2-2",
           "counts all writable bytes as used");

SOFT_FAULT(plain_disk_offers_zoned, "dev:5.2.5.2-4",
           "offers ZONED for a disk without zones");
SOFT_FAULT(lifetime_is_hidden, "dev:5.2.6.2-13",
           "does not offer LIFETIME for storage that tells its wear");
SOFT_FAULT(lifetime_is_made_up, "dev:5.2.6.2-14",
           "offers LIFETIME for storage that knows of no wear");
SOFT_FAULT(lifetime_is_reserved, "dev:5.2.6.2-15", "reports reserved lifetime values");
SOFT_FAULT(secure_erase_keeps_the_zone, "dev:5.2.6.2-39",
           "answers a secure erase with OK and leaves the zone as it is");

#define SECTOR_BYTES VIRTIO_BLK_SECTOR_BYTES
#define DISKS        4
/* The read-only disk has lifetime metrics as well. */
#define READ_ONLY    1
#define HOST_MANAGED 2
#define HOST_AWARE   3
#define SECTORS_TEXT "512"
#define SERIAL       "softdisk"
/* The most segments of one discard or write zeroes. */
#define SEGMENTS_MAX  4
#define RANGE_SECTORS 256
#define QUEUES        2
#define MANY_QUEUES   65

/* "num_queues ... specifies the number of queues", and it has 16 bits. */
SOFT_MANNER(unknown_types_are_errors, "5.2.6",
            "has IOERR for types that it does not know");
SOFT_MANNER(reads_past_the_end_are_unsupported, "5.2.6.1",
            "has UNSUPP for a read past its end");
SOFT_MANNER(sixty_five_queues, "5.2.4", "has more queues than most drivers count");

static uint8_t *disk;
static SoftBlk disks[DISKS];

/* Gives each disk what the others do not have. */
static void init_kind(SoftDevice *s)
{
    switch (s->dev.index) {
    case READ_ONLY:
        qvirtio_features_set(&s->offered, VIRTIO_BLK_F_RO);
        if (!soft_fault(lifetime_is_hidden)) {
            qvirtio_features_set(&s->offered, VIRTIO_BLK_F_LIFETIME);
        }
        break;
    case HOST_MANAGED:
        soft_zone_init(s, VIRTIO_BLK_Z_HM);
        break;
    case HOST_AWARE:
        soft_zone_init(s, VIRTIO_BLK_Z_HA);
        break;
    default:
        if (soft_fault(plain_disk_offers_zoned)) {
            qvirtio_features_set(&s->offered, VIRTIO_BLK_F_ZONED);
        }
        if (soft_fault(lifetime_is_made_up)) {
            qvirtio_features_set(&s->offered, VIRTIO_BLK_F_LIFETIME);
        }
    }
}

static void init(SoftDevice *s)
{
    struct virtio_blk_config *c = soft_blk_config(s);

    if (!disk) {
        disk = page_alloc(SOFT_BLK_SECTORS_MOST * SECTOR_BYTES / PAGE_BYTES);
    }
    disks[s->dev.index] = (SoftBlk){.disk = disk, .bad_sector = SOFT_BLK_NO_SECTOR};
    s->data = &disks[s->dev.index];
    c->capacity = virtio64_of(false, SOFT_BLK_SECTORS);
    c->size_max = virtio32_of(false, 64 * 1024);
    c->seg_max = virtio32_of(false, qvirtqueue_chain_max() - 2);
    c->blk_size = virtio32_of(false, SECTOR_BYTES);
    c->topology.opt_io_size = virtio32_of(false, 8);
    c->topology.min_io_size = virtio16_of(false, 1);
    s->more_queues = soft_manner(sixty_five_queues) ? MANY_QUEUES - QUEUES : 0;
    c->num_queues = virtio16_of(false, QUEUES + s->more_queues);
    c->max_discard_sectors = virtio32_of(false, RANGE_SECTORS);
    c->max_discard_seg = virtio32_of(false, SEGMENTS_MAX);
    c->discard_sector_alignment = virtio32_of(false, 1);
    c->max_write_zeroes_sectors = virtio32_of(false, RANGE_SECTORS);
    c->max_write_zeroes_seg = virtio32_of(false, SEGMENTS_MAX);
    c->write_zeroes_may_unmap = 1;
    c->unused0 = soft_fault(padding_is_not_zero) ? 0xff : 0;
    init_kind(s);
}

/* 5.2.5.2: the cache starts as write-through where the driver did not accept FLUSH. What
 * the driver wrote is forgotten. */
static void reset(SoftDevice *s)
{
    soft_blk_config(s)->writeback = soft_fault(writeback_from_the_start);
    soft_zone_settled(s, true);
}

static void negotiated(SoftDevice *s)
{
    soft_zone_settled(s, soft_negotiated(s, VIRTIO_BLK_F_ZONED));
}

static bool write_config(SoftDevice *s, size_t off, const void *from, size_t width)
{
    /* 5.2.5.3: a legacy driver may write it before it has written its features. */
    return off == offsetof(struct virtio_blk_config, writeback) && width == 1 &&
           *(const uint8_t *)from <= 1 &&
           (s->is_legacy || soft_negotiated(s, VIRTIO_BLK_F_CONFIG_WCE));
}

static bool is_on_disk(const SoftDevice *s, uint64_t sector, uint64_t sectors)
{
    uint64_t capacity = virtio64_get(false, soft_blk_config(s)->capacity);
    return sector <= capacity && sectors <= capacity - sector &&
           ((const SoftBlk *)s->data)->bad_sector - sector >= sectors;
}

static uint8_t read_sectors(const SoftDevice *s, const QVirtQueueElement *e,
                            uint64_t sector, uint32_t bytes, uint32_t *written)
{
    if (bytes % SECTOR_BYTES || !is_on_disk(s, sector, bytes / SECTOR_BYTES)) {
        return sector + bytes / SECTOR_BYTES >
                           virtio64_get(false, soft_blk_config(s)->capacity) &&
                       soft_manner(reads_past_the_end_are_unsupported)
                   ? VIRTIO_BLK_S_UNSUPP
                   : VIRTIO_BLK_S_IOERR;
    }
    uint8_t status = soft_zone_read(s, sector, bytes / SECTOR_BYTES);
    if (status == VIRTIO_BLK_S_OK && !soft_zone_hides(s, sector)) {
        const uint8_t *from = ((const SoftBlk *)s->data)->disk + sector * SECTOR_BYTES;
        *written = qvirtqueue_element_write(e, 0, from, bytes);
    }
    return status;
}

static uint8_t write_sectors(SoftDevice *s, const QVirtQueueElement *e, uint64_t sector,
                             uint32_t bytes)
{
    bool is_ro = qvirtio_features_has(&s->offered, VIRTIO_BLK_F_RO);
    uint8_t refusal =
        soft_fault(read_only_disk_says_ok) ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
    if (bytes % SECTOR_BYTES || !is_on_disk(s, sector, bytes / SECTOR_BYTES)) {
        return VIRTIO_BLK_S_IOERR;
    }
    uint8_t status = soft_zone_write(s, sector, bytes / SECTOR_BYTES);
    if (status != VIRTIO_BLK_S_OK) {
        return status;
    }
    if (!is_ro || soft_fault(read_only_disk_is_written)) {
        uint8_t *to = ((const SoftBlk *)s->data)->disk + sector * SECTOR_BYTES;
        qvirtqueue_element_read(e, sizeof(struct virtio_blk_req), to, bytes);
        soft_blk_written(s, sector, bytes / SECTOR_BYTES);
    }
    return is_ro ? refusal : VIRTIO_BLK_S_OK;
}

/* 5.2.6.2: a secure erase is handled "in the same way it handles
 * VIRTIO_BLK_T_ZONE_RESET". */
static uint8_t erase_zones(SoftDevice *s, uint64_t sector, uint32_t sectors)
{
    const SoftZone *first = soft_zone_at(s->data, sector), *last = NULL;
    uint8_t status = VIRTIO_BLK_S_OK;
    uint32_t ignored;
    if (sectors) {
        last = soft_zone_at(s->data, sector + sectors - 1);
    }
    if (!first || !last || first->start != sector ||
        last->start + last->sectors != sector + sectors) {
        return VIRTIO_BLK_S_ZONE_INVALID_CMD;
    }
    for (; first <= last && status == VIRTIO_BLK_S_OK; first++) {
        if (!soft_fault(secure_erase_keeps_the_zone)) {
            status = soft_zone_request(s, NULL, VIRTIO_BLK_T_ZONE_RESET, first->start,
                                       &ignored);
        }
    }
    return status;
}

/* Runs one segment of a discard, secure erase or write zeroes. Discarded sectors keep
 * their data. */
static uint8_t clear_range(SoftDevice *s,
                           const struct virtio_blk_discard_write_zeroes *range,
                           uint32_t type)
{
    bool is_discard = type == VIRTIO_BLK_T_DISCARD;
    uint64_t sector = virtio64_get(false, range->sector);
    uint32_t sectors = virtio32_get(false, range->num_sectors);
    uint32_t flags = virtio32_get(false, range->flags);
    bool may_unmap = type == VIRTIO_BLK_T_WRITE_ZEROES ||
                     (is_discard && soft_fault(discard_takes_unmap));
    uint32_t known = may_unmap ? VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP : 0;

    if (soft_fault(ignores_unknown_flags)) {
        known |= ~VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
    }
    if (flags & ~known) {
        return VIRTIO_BLK_S_UNSUPP;
    }
    if (type == VIRTIO_BLK_T_SECURE_ERASE) {
        return erase_zones(s, sector, sectors);
    }
    if (sectors > RANGE_SECTORS || !is_on_disk(s, sector, sectors)) {
        return VIRTIO_BLK_S_IOERR;
    }
    sectors -= sectors && soft_fault(zeroes_all_but_the_last);
    if (!is_discard) {
        memset(disk + sector * SECTOR_BYTES, 0, (size_t)sectors * SECTOR_BYTES);
    }
    return VIRTIO_BLK_S_OK;
}

static uint8_t clear_ranges(SoftDevice *s, const QVirtQueueElement *e, uint32_t bytes,
                            uint32_t type)
{
    struct virtio_blk_discard_write_zeroes range;
    uint32_t count = bytes / sizeof(range);
    uint8_t status = VIRTIO_BLK_S_OK;

    if (qvirtio_features_has(&s->offered, VIRTIO_BLK_F_RO) || count == 0 ||
        count > SEGMENTS_MAX || bytes % sizeof(range)) {
        return VIRTIO_BLK_S_IOERR;
    }
    for (uint32_t i = 0; i < count && status == VIRTIO_BLK_S_OK; i++) {
        qvirtqueue_element_read(e, sizeof(struct virtio_blk_req) + i * sizeof(range),
                                &range, sizeof(range));
        status = clear_range(s, &range, type);
    }
    return status;
}

static uint8_t write_id(const QVirtQueueElement *e, uint32_t bytes, uint32_t *written)
{
    static const char id[VIRTIO_BLK_ID_BYTES] = SERIAL;
    if (soft_fault(id_depends_on_its_pieces) && e->in_num > 2) {
        qvirtqueue_element_write(e, 0, "another", 8);
        *written = bytes;
        return VIRTIO_BLK_S_OK;
    }
    if (soft_fault(counts_what_it_did_not_write)) {
        bytes = bytes < sizeof(SERIAL) ? bytes : sizeof(SERIAL);
    }
    *written = qvirtqueue_element_write(
        e, 0, id, bytes < VIRTIO_BLK_ID_BYTES ? bytes : VIRTIO_BLK_ID_BYTES);
    return VIRTIO_BLK_S_OK;
}

static uint8_t write_lifetime(const SoftDevice *s, const QVirtQueueElement *e,
                              uint32_t *written)
{
    uint16_t extra = soft_fault(lifetime_is_reserved) ? 100 : 0;
    struct virtio_blk_lifetime l = {
        .pre_eol_info = virtio16_of(false, 1 + extra),
        .device_lifetime_est_typ_a = virtio16_of(false, 2 + extra),
        .device_lifetime_est_typ_b = virtio16_of(false, 11 + extra),
    };
    if (!soft_negotiated(s, VIRTIO_BLK_F_LIFETIME) || e->in_bytes <= sizeof(l)) {
        return VIRTIO_BLK_S_UNSUPP;
    }
    *written = qvirtqueue_element_write(e, 0, &l, sizeof(l));
    return VIRTIO_BLK_S_OK;
}

/* Returns true when the disk knows the request: DISCARD and WRITE_ZEROES are for disks
 * without zones, SECURE_ERASE is for disks with zones. */
static bool is_known_range(const SoftDevice *s, uint32_t type)
{
    bool is_zoned = ((const SoftBlk *)s->data)->zones != NULL;
    return type == VIRTIO_BLK_T_SECURE_ERASE
               ? is_zoned && soft_negotiated(s, VIRTIO_BLK_F_SECURE_ERASE)
               : !is_zoned;
}

static uint8_t serve_zone(SoftDevice *s, const QVirtQueueElement *e, uint32_t type,
                          uint64_t sector, uint32_t *written)
{
    if (!soft_negotiated(s, VIRTIO_BLK_F_ZONED) || !((const SoftBlk *)s->data)->zones) {
        return soft_fault(zone_requests_fail) ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_UNSUPP;
    }
    return type == VIRTIO_BLK_T_ZONE_APPEND
               ? soft_zone_append(s, e, sector, written)
               : soft_zone_request(s, e, type, sector, written);
}

static uint8_t serve(SoftDevice *s, const QVirtQueueElement *e, uint32_t *written)
{
    struct virtio_blk_req header;
    uint32_t out = e->out_bytes - sizeof(header), in = e->in_bytes - 1;

    qvirtqueue_element_read(e, 0, &header, sizeof(header));
    if (soft_fault(wants_whole_headers) && e->sg[0].len < sizeof(header)) {
        return VIRTIO_BLK_S_IOERR;
    }
    uint32_t type = virtio32_get(false, header.type);
    uint64_t sector = virtio64_get(false, header.sector);

    switch (type) {
    case VIRTIO_BLK_T_IN:
        return read_sectors(s, e, sector, in, written);
    case VIRTIO_BLK_T_OUT:
        return write_sectors(s, e, sector, out);
    case VIRTIO_BLK_T_FLUSH:
        soft_blk_flush(s);
        return VIRTIO_BLK_S_OK;
    case VIRTIO_BLK_T_FLUSH_OUT:
        return s->is_legacy ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_UNSUPP;
    case VIRTIO_BLK_T_GET_ID:
        return write_id(e, in, written);
    case VIRTIO_BLK_T_GET_LIFETIME:
        return write_lifetime(s, e, written);
    case VIRTIO_BLK_T_DISCARD:
    case VIRTIO_BLK_T_WRITE_ZEROES:
    case VIRTIO_BLK_T_SECURE_ERASE:
        return is_known_range(s, type) ? clear_ranges(s, e, out, type)
                                       : VIRTIO_BLK_S_UNSUPP;
    case VIRTIO_BLK_T_ZONE_APPEND:
    case VIRTIO_BLK_T_ZONE_REPORT:
    case VIRTIO_BLK_T_ZONE_OPEN:
    case VIRTIO_BLK_T_ZONE_CLOSE:
    case VIRTIO_BLK_T_ZONE_FINISH:
    case VIRTIO_BLK_T_ZONE_RESET:
    case VIRTIO_BLK_T_ZONE_RESET_ALL:
        return serve_zone(s, e, type, sector, written);
    default:
        return soft_manner(unknown_types_are_errors) ? VIRTIO_BLK_S_IOERR
                                                     : VIRTIO_BLK_S_UNSUPP;
    }
}

/* Used by a fault. Returns true for a request for the id whose header is in several
 * pieces. */
static bool is_cut_up_id(const QVirtQueueElement *e)
{
    uint8_t type = 0;
    qvirtqueue_element_read(e, 0, &type, 1);
    return type == VIRTIO_BLK_T_GET_ID && e->out_num > 1;
}

/* 2.7.4.1: the status is the last writable byte, wherever the pieces end. */
static void run(SoftDevice *s, uint16_t queue)
{
    const QVirtQueueElement *e;
    while ((e = soft_pop(s, queue)) != NULL) {
        uint32_t written = 0;
        if (e->out_bytes < sizeof(struct virtio_blk_req) || e->in_bytes == 0) {
            soft_needs_reset(s); /* no room for an answer */
            return;
        }
        if (soft_fault(cut_id_requests_wait) && is_cut_up_id(e)) {
            continue;
        }
        uint8_t status = serve(s, e, &written);
        bool is_whole = written == e->in_bytes - 1;
        is_whole |= soft_fault(counts_what_it_did_not_write);
        qvirtqueue_element_write(e, e->in_bytes - 1, &status, 1);
        /* 2.7.8.2: only the bytes count that were written from the start on, without a
         * gap. Where data before the status was left out, nothing after it counts. */
        soft_push(s, queue, e, is_whole ? e->in_bytes : written);
        if (((const SoftBlk *)s->data)->is_slow) {
            soft_run_later(s, queue);
            return;
        }
    }
}

static const char *truth(const SoftDevice *s, const char *field)
{
    static const char *const models[DISKS] = {"0", "0", "1", "2"};
    bool is_zoned = ((const SoftBlk *)s->data)->zones != NULL;
    if (strcmp(field, "sectors") == 0 && !is_zoned) {
        return SECTORS_TEXT;
    }
    if (strcmp(field, "lifetime") == 0) {
        return s->dev.index == READ_ONLY ? "1" : "0";
    }
    if (strcmp(field, "zoned.model") == 0) {
        return models[s->dev.index];
    }
    return strcmp(field, "serial") == 0 ? SERIAL : NULL;
}

SOFT_MODEL(soft_blk, .device_id = VIRTIO_ID_BLOCK, .count = DISKS, .queues = QUEUES,
           .features = FEATURES(VIRTIO_BLK_F_SIZE_MAX, VIRTIO_BLK_F_SEG_MAX,
                                VIRTIO_BLK_F_BLK_SIZE, VIRTIO_BLK_F_FLUSH,
                                VIRTIO_BLK_F_TOPOLOGY, VIRTIO_BLK_F_CONFIG_WCE,
                                VIRTIO_BLK_F_MQ, VIRTIO_BLK_F_DISCARD,
                                VIRTIO_BLK_F_WRITE_ZEROES),
           .config_bytes = sizeof(struct virtio_blk_config), .init = init, .reset = reset,
           .accepts = soft_zone_accepts, .negotiated = negotiated, .run = run,
           .write_config = write_config, .act = soft_blk_act, .truth = truth);
