/* SPDX-License-Identifier: MIT */
/*
 * The driver of the block device (5.2): feature names, config fields, queues, and how the
 * disk is divided among pings and tests. Its ping is in blk_ping.c.
 */
#include "drivers/virtio/device/blk_ping.h"
#include "drivers/virtio/scratch.h"

#define BLOCK_BYTES_MAX (BLK_PING_SECTORS * VIRTIO_BLK_SECTOR_BYTES)

#define CONFIG(field)   offsetof(struct virtio_blk_config, field)
#define CONFIG_BYTES(f) sizeof(((struct virtio_blk_config *)NULL)->f)

/* No feature requires another one. 5.2.5.2 binds CONFIG_WCE to FLUSH only in what a
 * device offers; a driver may accept CONFIG_WCE alone. */
static const QVirtioFeatureName feature_names[] = {
    {.bit = VIRTIO_BLK_F_BARRIER, .name = "BARRIER"},
    {.bit = VIRTIO_BLK_F_SIZE_MAX, .name = "SIZE_MAX"},
    {.bit = VIRTIO_BLK_F_SEG_MAX, .name = "SEG_MAX"},
    {.bit = VIRTIO_BLK_F_GEOMETRY, .name = "GEOMETRY"},
    {.bit = VIRTIO_BLK_F_RO, .name = "RO"},
    {.bit = VIRTIO_BLK_F_BLK_SIZE, .name = "BLK_SIZE"},
    {.bit = VIRTIO_BLK_F_SCSI, .name = "SCSI"},
    {.bit = VIRTIO_BLK_F_FLUSH, .name = "FLUSH"},
    {.bit = VIRTIO_BLK_F_TOPOLOGY, .name = "TOPOLOGY"},
    {.bit = VIRTIO_BLK_F_CONFIG_WCE, .name = "CONFIG_WCE"},
    {.bit = VIRTIO_BLK_F_MQ, .name = "MQ"},
    {.bit = VIRTIO_BLK_F_DISCARD, .name = "DISCARD"},
    {.bit = VIRTIO_BLK_F_WRITE_ZEROES, .name = "WRITE_ZEROES"},
    {.bit = VIRTIO_BLK_F_LIFETIME, .name = "LIFETIME"},
    {.bit = VIRTIO_BLK_F_SECURE_ERASE, .name = "SECURE_ERASE"},
    {.bit = VIRTIO_BLK_F_ZONED, .name = "ZONED"},
    {.name = NULL},
};

/* Padding is left out; tests/blk checks that it is zero. */
#define FIELD(path, bit, ...)                                                           \
    {                                                                                   \
        .name = #path, .offset = CONFIG(path), .width = CONFIG_BYTES(path), .count = 1, \
        .feature = bit, __VA_ARGS__                                                     \
    }

static const QVirtioField fields[] = {
    FIELD(capacity, FEATURES_END, .truth = "sectors"),
    FIELD(size_max, VIRTIO_BLK_F_SIZE_MAX),
    FIELD(seg_max, VIRTIO_BLK_F_SEG_MAX),
    FIELD(geometry.cylinders, VIRTIO_BLK_F_GEOMETRY),
    FIELD(geometry.heads, VIRTIO_BLK_F_GEOMETRY),
    FIELD(geometry.sectors, VIRTIO_BLK_F_GEOMETRY),
    FIELD(blk_size, VIRTIO_BLK_F_BLK_SIZE),
    FIELD(topology.physical_block_exp, VIRTIO_BLK_F_TOPOLOGY,
          .truth = "physical_block_exp"),
    FIELD(topology.alignment_offset, VIRTIO_BLK_F_TOPOLOGY, .truth = "alignment_offset"),
    FIELD(topology.min_io_size, VIRTIO_BLK_F_TOPOLOGY, .truth = "min_io_size"),
    FIELD(topology.opt_io_size, VIRTIO_BLK_F_TOPOLOGY, .truth = "opt_io_size"),
    FIELD(writeback, VIRTIO_BLK_F_CONFIG_WCE, .flags = QVIRTIO_FIELD_WRITABLE),
    FIELD(num_queues, VIRTIO_BLK_F_MQ),
    FIELD(max_discard_sectors, VIRTIO_BLK_F_DISCARD),
    FIELD(max_discard_seg, VIRTIO_BLK_F_DISCARD),
    FIELD(discard_sector_alignment, VIRTIO_BLK_F_DISCARD),
    FIELD(max_write_zeroes_sectors, VIRTIO_BLK_F_WRITE_ZEROES),
    FIELD(max_write_zeroes_seg, VIRTIO_BLK_F_WRITE_ZEROES),
    FIELD(write_zeroes_may_unmap, VIRTIO_BLK_F_WRITE_ZEROES),
    FIELD(max_secure_erase_sectors, VIRTIO_BLK_F_SECURE_ERASE),
    FIELD(max_secure_erase_seg, VIRTIO_BLK_F_SECURE_ERASE),
    FIELD(secure_erase_sector_alignment, VIRTIO_BLK_F_SECURE_ERASE),
    FIELD(zoned.zone_sectors, VIRTIO_BLK_F_ZONED),
    FIELD(zoned.max_open_zones, VIRTIO_BLK_F_ZONED),
    FIELD(zoned.max_active_zones, VIRTIO_BLK_F_ZONED),
    FIELD(zoned.max_append_sectors, VIRTIO_BLK_F_ZONED),
    FIELD(zoned.write_granularity, VIRTIO_BLK_F_ZONED),
    FIELD(zoned.model, VIRTIO_BLK_F_ZONED),
    {.name = NULL},
};

/* 5.2.2: N is 1 if VIRTIO_BLK_F_MQ is not negotiated, otherwise num_queues. */
static uint16_t queue_count(QVirtioDevice *d)
{
    uint64_t n = 1;
    if (!qvirtio_negotiated(d, VIRTIO_BLK_F_MQ) ||
        qvirtio_config_read(d, CONFIG(num_queues), 2, &n) || n == 0) {
        return 1;
    }
    return n < QVIRTIO_MAX_QUEUES ? n : QVIRTIO_MAX_QUEUES;
}

/* Reads blk_size, or takes 512 when the value makes no sense. Tests judge a device that
 * has such a value. */
static int read_block_bytes(QVirtioDevice *d, uint32_t *bytes)
{
    uint64_t v = VIRTIO_BLK_SECTOR_BYTES;
    int err = 0;
    if (qvirtio_offers(d, VIRTIO_BLK_F_BLK_SIZE)) {
        err = qvirtio_config_read(d, CONFIG(blk_size), 4, &v);
    }
    bool sane = v >= VIRTIO_BLK_SECTOR_BYTES && v <= BLOCK_BYTES_MAX && !(v & (v - 1));
    *bytes = sane ? v : VIRTIO_BLK_SECTOR_BYTES;
    return err;
}

/* Reads the zone size of a disk whose zones the driver has to respect. Where ZONED was
 * declined the fields are 0 (5.2.5.2). */
static int read_zone(QVirtioDevice *d, uint32_t *sectors)
{
    uint64_t model = VIRTIO_BLK_Z_NONE, zone = 0;
    if (!qvirtio_offers(d, VIRTIO_BLK_F_ZONED)) {
        return 0;
    }
    int err = qvirtio_config_read(d, CONFIG(zoned.model), 1, &model);
    if (!err && model != VIRTIO_BLK_Z_NONE) {
        err = qvirtio_config_read(d, CONFIG(zoned.zone_sectors), 4, &zone);
    }
    *sectors = zone;
    return err;
}

int blk_disk_read(QVirtioDevice *d, BlkDisk *disk)
{
    int err = qvirtio_config_read(d, CONFIG(capacity), 8, &disk->capacity);
    if (!err) {
        err = read_block_bytes(d, &disk->block_bytes);
    }
    disk->zone = 0;
    if (!err) {
        err = read_zone(d, &disk->zone);
    }
    if (err) {
        return err;
    }
    uint32_t block_sectors = disk->block_bytes / VIRTIO_BLK_SECTOR_BYTES;
    uint64_t end = disk->capacity - disk->capacity % block_sectors;
    bool is_small = disk->capacity < BLK_SECTORS_MIN;
    disk->is_writable = !is_small && !disk->zone && !qvirtio_offers(d, VIRTIO_BLK_F_RO) &&
                        qvirtio_is_scratch(d);
    disk->scratch = is_small ? end : end - BLK_SCRATCH_SECTORS;
    disk->pings = is_small ? end : disk->scratch - BLK_PING_SECTORS;
    disk->announced = is_small ? end : disk->pings - BLK_ANNOUNCED_SECTORS;
    if (disk->zone) {
        /* Zones in the second half change, so pings read the first sectors. */
        disk->pings = 0;
    }
    return 0;
}

static const char *why_no_ping(QVirtioDevice *d)
{
    BlkDisk disk;
    if (blk_disk_read(d, &disk)) {
        return "config space cannot be read";
    }
    return disk.capacity < BLK_SECTORS_MIN ? "the disk has fewer than 512 sectors" : NULL;
}

/* Asks for the name of the disk, which the device answers without reading the disk. */
static int wind_make(QVirtioDevice *d, QVirtioPing *ping)
{
    BlkRequest r = blk_request(d, VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_BYTES);
    uint8_t *in = arena_lend(VIRTIO_BLK_ID_BYTES + 1, 1);

    if (!r.header || !in) {
        return -QVIRTIO_NO_MEMORY;
    }
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[0],
        .out = r.header,
        .out_bytes = sizeof(*r.header),
        .in = in,
        .in_bytes = VIRTIO_BLK_ID_BYTES + 1,
        .in_tail = 1,
        .used_max = VIRTIO_BLK_ID_BYTES + 1,
    };
    return 0;
}

/* 5.2.5.2: a device may refuse to work without ZONED, so each life accepts it. */
QVIRTIO_DRIVER(driver_blk, .device_id = VIRTIO_ID_BLOCK, .name = "blk",
               .features = feature_names, .fields = fields,
               .accepts = FEATURES(VIRTIO_BLK_F_ZONED),
               .config_bytes = sizeof(struct virtio_blk_config), .ping_queue = 0,
               .queue_count = queue_count, .why_no_ping = why_no_ping,
               .open = blk_ping_open, .ping_make = blk_ping_make,
               .ping_check = blk_ping_check, .wind_make = wind_make);
