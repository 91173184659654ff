/* SPDX-License-Identifier: MIT */
/*
 * The block device (5.2) as a driver table: feature names, config fields, queues, and the
 * ping: a read of one of a few blocks near the disk's end, whose content was written when
 * the device was started, or, where nothing may be written, learned by a plain read.
 */
#include "drivers/virtio/device/blk.h"
#include "drivers/virtio/qvirtio_driver.h"
#include "kernel/printf.h"
#include "kernel/random.h"
#include "kernel/string.h"

#define PING_AREA_SECTORS 64
#define PING_BLOCKS_MAX   8
#define BLOCK_BYTES_MAX   (PING_AREA_SECTORS * VIRTIO_BLK_SECTOR_BYTES)

#define CONFIG(field)   offsetof(struct virtio_blk_config, field)
#define CONFIG_BYTES(f) sizeof(((struct virtio_blk_config *)NULL)->f)

/* What a life of the device keeps, in the arena. */
typedef struct BlkState {
    BlkDisk disk;
    uint32_t ping_blocks;
    uint8_t *expected; /* content of the ping blocks */
} BlkState;

/* None requires another: 5.2.5.2 binds CONFIG_WCE to FLUSH in what is offered only, and a
 * driver may accept one alone. */
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

/* Padding is left out: tests/blk/ asks for its zeroes. */
#define FIELD(path, bit, ...)                                                           \
    {                                                                                   \
        .name = #path, .offset = CONFIG(path), .width = CONFIG_BYTES(path), .count = 1, \
        .feature = bit, __VA_ARGS__                                                     \
    }

static const QVirtioField fields[] = {
    FIELD(capacity, FEATURES_END, .know = "sectors"),
    FIELD(size_max, VIRTIO_BLK_F_SIZE_MAX),
    FIELD(seg_max, VIRTIO_BLK_F_SEG_MAX),
    FIELD(geometry.cylinders, VIRTIO_BLK_F_GEOMETRY),
    FIELD(geometry.heads, VIRTIO_BLK_F_GEOMETRY),
    FIELD(geometry.sectors, VIRTIO_BLK_F_GEOMETRY),
    FIELD(blk_size, VIRTIO_BLK_F_BLK_SIZE),
    FIELD(topology.physical_block_exp, VIRTIO_BLK_F_TOPOLOGY,
          .know = "physical_block_exp"),
    FIELD(topology.alignment_offset, VIRTIO_BLK_F_TOPOLOGY, .know = "alignment_offset"),
    FIELD(topology.min_io_size, VIRTIO_BLK_F_TOPOLOGY, .know = "min_io_size"),
    FIELD(topology.opt_io_size, VIRTIO_BLK_F_TOPOLOGY, .know = "opt_io_size"),
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

/* blk_size where it makes sense to us; a device that says nonsense is judged by tests. */
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

int blk_disk_read(QVirtioDevice *d, BlkDisk *disk)
{
    int err = qvirtio_config_read(d, CONFIG(capacity), 8, &disk->capacity);
    if (!err) {
        err = read_block_bytes(d, &disk->block_bytes);
    }
    if (err) {
        return err;
    }
    uint32_t block_sectors = disk->block_bytes / VIRTIO_BLK_SECTOR_BYTES;
    uint64_t end = disk->capacity - disk->capacity % block_sectors;
    bool is_small = disk->capacity < BLK_SECTORS_MIN;
    disk->is_writable =
        !is_small && !qvirtio_offers(d, VIRTIO_BLK_F_RO) && qvirtio_may_write_media();
    disk->scratch = is_small ? end : end - BLK_SCRATCH_SECTORS;
    disk->pings = is_small ? end : disk->scratch - PING_AREA_SECTORS;
    disk->announced = is_small ? end : disk->pings - BLK_ANNOUNCED_SECTORS;
    return 0;
}

const BlkDisk *blk_disk(const QVirtioDevice *d)
{
    return &((const BlkState *)d->driver_data)->disk;
}

/* The runner must not judge these sectors: once a run for each disk. */
static void announce_scratch(const QVirtioDevice *d, const BlkDisk *disk)
{
    static uint64_t told;
    uint64_t bit = 1ull << (d->index % 64);
    if (!(told & bit)) {
        told |= bit;
        kprintf("# scratch blk.%d sector %llu count %u\n", d->index,
                (unsigned long long)disk->pings, PING_AREA_SECTORS + BLK_SCRATCH_SECTORS);
    }
}

/*
 * Each ping block is one motif throughout, its words stamped with the block's number; the
 * motif differs from life to life, so that a write that was dropped shows. (Cheap on
 * purpose: this runs before every test.)
 */
static void fill_ping_blocks(const BlkState *s, uint8_t *to)
{
    static uint64_t lives;
    uint64_t motif[VIRTIO_BLK_SECTOR_BYTES / 8];
    uint32_t bytes = s->disk.block_bytes;

    pattern_fill(motif, sizeof(motif), ++lives << 32);
    for (uint32_t i = 0; i < s->ping_blocks; i++) {
        motif[i] ^= i + 1;
        for (uint32_t at = 0; at < bytes; at += sizeof(motif)) {
            memcpy(to + i * bytes + at, motif, sizeof(motif));
        }
    }
}

static int blk_open(QVirtioDevice *d, const QVirtioRing *ring)
{
    (void)ring;
    BlkState *s = arena_lend(sizeof(*s), 8);
    int err = s ? blk_disk_read(d, &s->disk) : -QVIRTIO_NO_MEMORY;
    if (err) {
        return err;
    }
    d->driver_data = s;
    if (s->disk.capacity < BLK_SECTORS_MIN) {
        return 0;
    }
    s->ping_blocks = PING_AREA_SECTORS * VIRTIO_BLK_SECTOR_BYTES / s->disk.block_bytes;
    s->ping_blocks = s->ping_blocks < PING_BLOCKS_MAX ? s->ping_blocks : PING_BLOCKS_MAX;
    uint32_t type = s->disk.is_writable ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN;
    BlkRequest r =
        blk_request(d, type, s->disk.pings, s->ping_blocks * s->disk.block_bytes);
    s->expected = r.data;
    if (s->disk.is_writable && r.header) {
        announce_scratch(d, &s->disk);
        fill_ping_blocks(s, r.data);
    }
    err = blk_run(&r);
    return !err && *r.status != VIRTIO_BLK_S_OK ? -QVIRTIO_REFUSED : err;
}

static const char *why_no_ping(QVirtioDevice *d)
{
    BlkDisk disk;
    if (blk_disk_read(d, &disk)) {
        return "config space cannot be read";
    }
    return disk.capacity < BLK_SECTORS_MIN ? "disk has fewer than 512 sectors" : NULL;
}

static int ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    const BlkState *s = d->driver_data;
    bool legacy = qvirtio_is_legacy(d);
    uint32_t block = number % s->ping_blocks, bytes = s->disk.block_bytes;
    struct virtio_blk_req *header = arena_lend(sizeof(*header), 8);
    uint8_t *in = arena_lend(bytes + 1, 16);

    if (!header || !in) {
        return -QVIRTIO_NO_MEMORY;
    }
    *header = (struct virtio_blk_req){
        .type = virtio32_of(legacy, VIRTIO_BLK_T_IN),
        .sector = virtio64_of(legacy,
                              s->disk.pings + block * (bytes / VIRTIO_BLK_SECTOR_BYTES)),
    };
    memset(in, BLK_FILL, bytes);
    in[bytes] = BLK_STATUS_UNWRITTEN;
    *ping = (QVirtioPing){
        .dev = d,
        .vq = d->vq[0],
        .number = number,
        .out = header,
        .out_bytes = sizeof(*header),
        .in = in,
        .in_bytes = bytes + 1,
        /* 5.2.6.3: "transitional drivers SHOULD ignore the used length values" */
        .used_min = legacy ? 0 : bytes + 1,
        .used_max = bytes + 1,
    };
    return 0;
}

static const char *ping_check(QVirtioPing *ping, uint32_t used_len)
{
    const BlkState *s = ping->dev->driver_data;
    uint32_t bytes = s->disk.block_bytes;
    const uint8_t *in = ping->in;

    if (used_len < ping->used_min) {
        return "used length is less than the block and its status";
    }
    if (in[bytes] != VIRTIO_BLK_S_OK) {
        return "status of a read is not VIRTIO_BLK_S_OK";
    }
    const uint8_t *expected = s->expected + ping->number % s->ping_blocks * bytes;
    return memory_mismatch(in, expected, bytes) != bytes
               ? "the block read is not what was written there"
               : NULL;
}

/* The disk's name: an answer that needs no disk. */
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
        .used_max = VIRTIO_BLK_ID_BYTES + 1,
    };
    return 0;
}

QVIRTIO_DRIVER(driver_blk, .device_id = VIRTIO_ID_BLOCK, .name = "blk",
               .features = feature_names, .fields = fields,
               .config_bytes = sizeof(struct virtio_blk_config), .ping_queue = 0,
               .queue_count = queue_count, .why_no_ping = why_no_ping, .open = blk_open,
               .ping_make = ping_make, .ping_check = ping_check, .wind_make = wind_make);
