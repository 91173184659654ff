/* SPDX-License-Identifier: MIT */
/*
 * The ping of the block device (5.2.6): it reads one of a few blocks. On a disk that
 * tests may write, the blocks hold motifs, which are patterns of ours. They are written
 * when the device is started for the first time, and again when a ping has found them
 * changed. They are not written more often, because a write takes longer than all the
 * rest of a short test. On other disks each start learns the content of the blocks by a
 * plain read.
 */
#include "drivers/virtio/device/blk_ping.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"

#define BLOCKS_MAX   8
#define MOTIF_WORDS  (VIRTIO_BLK_SECTOR_BYTES / 8)
#define MOTIF_SEED   0x626c6b2e70696e67ull
#define PREPARED_MAX 64

/* What the driver keeps during one life of the device. The arena lends it. */
typedef struct PingState {
    BlkDisk disk;
    uint32_t blocks;
    /* The content of the blocks, lent by the arena; NULL: they hold the motifs. */
    const uint8_t *learned;
} PingState;

/* Each sector of block i holds motif i. All disks have the same motifs, because two buses
 * may show one disk. */
static uint64_t motifs[BLOCKS_MAX][MOTIF_WORDS];
/* Devices whose blocks hold the motifs. */
static const QVirtioDevice *prepared[PREPARED_MAX];

const BlkDisk *blk_disk(const QVirtioDevice *d)
{
    return &((const PingState *)d->driver_data)->disk;
}

/* Returns the device's entry in `prepared`, or a free one, or NULL. */
static const QVirtioDevice **prepared_entry(const QVirtioDevice *d)
{
    for (unsigned i = 0; i < PREPARED_MAX; i++) {
        if (prepared[i] == d || !prepared[i]) {
            return &prepared[i];
        }
    }
    return NULL;
}

static bool is_prepared(const QVirtioDevice *d)
{
    const QVirtioDevice **entry = prepared_entry(d);
    return entry && *entry == d;
}

/* Takes the device out of `prepared`. A NULL in the middle would hide the entries behind
 * it, so the last entry moves here. */
static void forget(const QVirtioDevice *d)
{
    const QVirtioDevice **entry = prepared_entry(d), **last = entry;
    if (!entry || *entry != d) {
        return;
    }
    while (last + 1 < prepared + PREPARED_MAX && last[1]) {
        last++;
    }
    *entry = *last;
    *last = NULL;
}

/* Tells the runner that it must not judge these sectors, once for each disk. */
static void announce_scratch(const QVirtioDevice *d, const BlkDisk *disk)
{
    static uint64_t told;
    uint64_t bit = 1ull << (d->index % 64);
    if (!(told & bit)) {
        told |= bit;
        kprintf("# scratch blk.%d sector %llu count %u\n", d->index,
                (unsigned long long)disk->pings, BLK_PING_SECTORS + BLK_SCRATCH_SECTORS);
    }
}

static void fill_motifs(void)
{
    if (!motifs[0][0]) {
        pattern_fill(motifs, sizeof(motifs), MOTIF_SEED);
    }
}

static int run_ok(BlkRequest *r)
{
    int err = blk_run(r);
    return !err && *r->status != VIRTIO_BLK_S_OK ? -QVIRTIO_REFUSED : err;
}

static int write_motifs(QVirtioDevice *d, const PingState *s)
{
    uint32_t bytes = s->disk.block_bytes;
    BlkRequest r = blk_request(d, VIRTIO_BLK_T_OUT, s->disk.pings, s->blocks * bytes);
    if (!r.header) {
        return -QVIRTIO_NO_MEMORY;
    }
    for (uint32_t at = 0; at < r.bytes; at += sizeof(motifs[0])) {
        memcpy(r.data + at, motifs[at / bytes], sizeof(motifs[0]));
    }
    announce_scratch(d, &s->disk);
    int err = run_ok(&r);
    const QVirtioDevice **entry = prepared_entry(d);
    if (!err && entry) {
        *entry = d;
    }
    return err;
}

static int learn(QVirtioDevice *d, PingState *s)
{
    BlkRequest r =
        blk_request(d, VIRTIO_BLK_T_IN, s->disk.pings, s->blocks * s->disk.block_bytes);
    s->learned = r.data;
    return run_ok(&r);
}

int blk_ping_open(QVirtioDevice *d, const QVirtioRing *ring)
{
    (void)ring;
    PingState *s = arena_lend(sizeof(*s), 8);
    int err = s ? blk_disk_read(d, &s->disk) : -QVIRTIO_NO_MEMORY;
    if (err) {
        return err;
    }
    d->driver_data = s;
    s->blocks = BLK_PING_SECTORS * VIRTIO_BLK_SECTOR_BYTES / s->disk.block_bytes;
    s->blocks = s->blocks < BLOCKS_MAX ? s->blocks : BLOCKS_MAX;
    fill_motifs();
    if (s->disk.capacity < BLK_SECTORS_MIN) {
        return 0;
    }
    if (!s->disk.is_writable) {
        return learn(d, s);
    }
    return is_prepared(d) ? 0 : write_motifs(d, s);
}

int blk_ping_make(QVirtioDevice *d, uint32_t number, QVirtioPing *ping)
{
    const PingState *s = d->driver_data;
    bool legacy = qvirtio_is_legacy(d);
    uint32_t block = number % s->blocks, bytes = s->disk.block_bytes;
    struct virtio_blk_req *header = arena_lend(sizeof(*header), 8);
    uint8_t *in = arena_lend(bytes + 1, 16);

    if (!header || !in) {
        return -QVIRTIO_NO_MEMORY;
    }
    uint64_t sector = s->disk.pings + block * (bytes / VIRTIO_BLK_SECTOR_BYTES);
    *header = (struct virtio_blk_req){
        .type = virtio32_of(legacy, VIRTIO_BLK_T_IN),
        .sector = virtio64_of(legacy, sector),
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
        .in_tail = 1,
        /* 5.2.6.3: "transitional drivers SHOULD ignore the used length values" */
        .used_min = legacy ? 0 : bytes + 1,
        .used_max = bytes + 1,
    };
    return 0;
}

/* Returns true when `seen` is what block number `block` should hold. */
static bool is_block(const PingState *s, uint32_t block, const uint8_t *seen)
{
    uint32_t bytes = s->disk.block_bytes;
    if (s->learned) {
        return memory_mismatch(seen, s->learned + block * bytes, bytes) == bytes;
    }
    for (uint32_t at = 0; at < bytes; at += sizeof(motifs[0])) {
        if (memory_mismatch(seen + at, motifs[block], sizeof(motifs[0])) !=
            sizeof(motifs[0])) {
            return false;
        }
    }
    return true;
}

const char *blk_ping_check(QVirtioPing *ping, uint32_t used_len)
{
    const PingState *s = ping->dev->driver_data;
    const uint8_t *in = ping->in;

    (void)used_len;
    if (in[s->disk.block_bytes] != VIRTIO_BLK_S_OK) {
        return "status of a read is not VIRTIO_BLK_S_OK";
    }
    if (!is_block(s, ping->number % s->blocks, in)) {
        forget(ping->dev);
        return "the block read is not what was written there";
    }
    return NULL;
}
