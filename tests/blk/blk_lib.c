/* SPDX-License-Identifier: MIT */
/*
 * Helpers of the block tests: see blk_lib.h. Each expectation is reported at the line of
 * the test that asked for it. A request that does not come back is reported without a
 * clause.
 */
#include "tests/blk/blk_lib.h"
#include "drivers/virtio/truths.h"

static const char *status_name(uint8_t status)
{
    switch (status) {
    case VIRTIO_BLK_S_OK:
        return "status VIRTIO_BLK_S_OK (0)";
    case VIRTIO_BLK_S_IOERR:
        return "status VIRTIO_BLK_S_IOERR (1)";
    case VIRTIO_BLK_S_UNSUPP:
        return "status VIRTIO_BLK_S_UNSUPP (2)";
    case VIRTIO_BLK_S_ZONE_INVALID_CMD:
        return "status VIRTIO_BLK_S_ZONE_INVALID_CMD (3)";
    case VIRTIO_BLK_S_ZONE_UNALIGNED_WP:
        return "status VIRTIO_BLK_S_ZONE_UNALIGNED_WP (4)";
    case VIRTIO_BLK_S_ZONE_OPEN_RESOURCE:
        return "status VIRTIO_BLK_S_ZONE_OPEN_RESOURCE (5)";
    case VIRTIO_BLK_S_ZONE_ACTIVE_RESOURCE:
        return "status VIRTIO_BLK_S_ZONE_ACTIVE_RESOURCE (6)";
    case BLK_STATUS_UNWRITTEN:
        return "no status byte written";
    default:
        return "status";
    }
}

bool blk_expect_answer(Test *t, const ExpectAt *at, const BlkRequest *r, uint8_t wanted)
{
    return expect_condition(t, at, *r->status == wanted, status_name(wanted),
                            "%s, 0x%02x", status_name(*r->status), *r->status);
}

bool blk_expect_status(Test *t, const ExpectAt *at, BlkRequest *r, uint8_t wanted)
{
    ExpectAt back = *at;
    back.basis = BASIS_NONE;
    return expect_success(t, &back, blk_run(r)) && blk_expect_answer(t, at, r, wanted);
}

bool blk_expect_rejection(Test *t, const BlkRequest *r)
{
    bool is_one = *r->status == VIRTIO_BLK_S_UNSUPP || *r->status == VIRTIO_BLK_S_IOERR;
    return expect_that(t, "virtio 5.2.6", is_one,
                       "VIRTIO_BLK_S_UNSUPP or VIRTIO_BLK_S_IOERR", "%s, 0x%02x",
                       status_name(*r->status), *r->status);
}

bool blk_expect_id(Test *t, QVirtioDevice *dev, BlkRequest *r)
{
    *r = blk_request(dev, VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_BYTES);
    if (!require_ok(t, blk_run(r))) {
        return false;
    }
    if (*r->status == VIRTIO_BLK_S_UNSUPP && !qvirtio_truth(dev, "serial")) {
        test_skip(t, "the device answers VIRTIO_BLK_T_GET_ID with VIRTIO_BLK_S_UNSUPP");
        return false;
    }
    return require_answer(t, r, VIRTIO_BLK_S_OK);
}

BlkRequest blk_range(QVirtioDevice *dev, uint32_t type, uint64_t sector, uint32_t sectors,
                     uint32_t flags)
{
    BlkRequest r =
        blk_request(dev, type, 0, sizeof(struct virtio_blk_discard_write_zeroes));
    blk_segment(&r, 0, sector, sectors, flags);
    return r;
}

uint64_t blk_pick(Test *t, const BlkDisk *disk, uint32_t sectors)
{
    if (sectors > disk->announced) {
        return 0;
    }
    uint64_t blocks = (disk->announced - sectors) / block_sectors(disk);
    uint64_t at = random_below(&t->random, blocks + 1) * block_sectors(disk);
    if (!disk->zone) {
        return at;
    }
    /* 5.2.6.2: a request must not reach across two zones. The first zone is the one that
     * most likely holds data. */
    at %= disk->zone;
    return at + sectors > disk->zone && sectors <= disk->zone ? disk->zone - sectors : at;
}

uint64_t blk_config_field(Test *t, QVirtioDevice *dev, size_t off, size_t width)
{
    uint64_t value = 0;
    require_ok(t, qvirtio_config_read(dev, off, width, &value));
    return value;
}

void blk_cut(Test *t, QVirtioSg *sg, const void *at, uint32_t bytes, unsigned pieces)
{
    const char *from = at;
    for (unsigned i = 0; i < pieces; i++) {
        unsigned after = pieces - i - 1;
        /* A piece has at most twice the average length, so that enough is left for the
         * last one. */
        uint32_t most = (bytes - after) < 2 * bytes / (after + 1)
                            ? bytes - after
                            : 2 * bytes / (after + 1);
        uint32_t len = after ? 1 + random_below(&t->random, most) : bytes;
        sg[i] = (QVirtioSg){arena_map(from, len), len};
        from += len;
        bytes -= len;
    }
}

unsigned blk_flight_size(const QVirtQueue *vq)
{
    return vq->ring->uses_indirect ? vq->size : vq->size / BLK_SG_MAX;
}

bool blk_needs_flight(Test *t, const QVirtQueue *vq, unsigned requests)
{
    if (blk_flight_size(vq) < requests) {
        test_skip(t, "the queue holds fewer than %u requests", requests);
        return false;
    }
    return true;
}

bool blk_expect_all(Test *t, QVirtQueue *vq, unsigned n)
{
    qvirtqueue_kick(vq);
    for (unsigned i = 0; i < n; i++) {
        QVirtioUsed used;
        if (!require_ok(t, qvirtqueue_wait(vq, &used)) ||
            !require_answer(t, (BlkRequest *)used.token, VIRTIO_BLK_S_OK)) {
            return false;
        }
    }
    return true;
}

static bool has_fate(void *arg)
{
    QVirtQueue *vq = arg;
    return qvirtqueue_has_used(vq) ||
           qvirtio_has_status(vq->dev, VIRTIO_STATUS_NEEDS_RESET);
}

BlkFate blk_provoke(BlkRequest *r, const QVirtioSg *sg, unsigned out, unsigned in,
                    uint64_t patience_ns)
{
    QVirtioUsed used;
    if (!r->header || qvirtqueue_add(r->vq, sg, out, in, r)) {
        return BLK_SILENT;
    }
    qvirtqueue_kick(r->vq);
    qvirtio_wait(r->vq->dev, "an answer to a bad request", has_fate, r->vq, patience_ns);
    if (qvirtqueue_get(r->vq, &used) == 1) {
        r->used_len = used.len;
        return BLK_USED;
    }
    return qvirtio_has_status(r->vq->dev, VIRTIO_STATUS_NEEDS_RESET) ? BLK_NEEDS_RESET
                                                                     : BLK_SILENT;
}

BlkFate blk_provoke_plain(BlkRequest *r, uint64_t patience_ns)
{
    QVirtioSg sg[BLK_SG_MAX];
    unsigned count;
    if (!r->header) {
        return BLK_SILENT;
    }
    unsigned out = blk_sg(r, sg, &count);
    return blk_provoke(r, sg, out, count - out, patience_ns);
}

uint32_t blk_written_bytes(Test *t, BlkRequest *r)
{
    BlkRequest again = *r;
    again.data = arena_lend(r->bytes, 16);
    if (!require_that(t, again.data, "memory for a second run", "none")) {
        return 0;
    }
    memset(again.data, (uint8_t)~BLK_FILL, r->bytes);
    uint32_t n = 0;
    if (require_ok(t, blk_run(&again))) {
        while (n < r->bytes &&
               !(r->data[n] == BLK_FILL && again.data[n] == (uint8_t)~BLK_FILL)) {
            n++;
        }
    }
    return n;
}

const char *blk_why_not_writable(QVirtioDevice *dev)
{
    BlkDisk disk;
    if (qvirtio_offers(dev, VIRTIO_BLK_F_RO)) {
        return "the disk is read-only: it offers VIRTIO_BLK_F_RO";
    }
    if (!qvirtio_is_scratch(dev)) {
        return qvirtio_why_not_scratch(dev);
    }
    if (blk_disk_read(dev, &disk)) {
        return "the config space of the disk cannot be read";
    }
    if (disk.zone) {
        return "the disk is zoned, where writes have other rules";
    }
    return disk.is_writable ? NULL : "the disk has fewer than 512 sectors";
}

const char *blk_why_no_pattern(QVirtioDevice *dev)
{
    return qvirtio_truth(dev, "pattern")
               ? NULL
               : "it is unknown what the disk holds; pass know=blk.N.pattern=1";
}

const char *blk_why_no_layout(QVirtioDevice *dev)
{
    return qvirtio_is_legacy(dev) && !qvirtio_offers(dev, VIRTIO_F_ANY_LAYOUT)
               ? "the device does not offer VIRTIO_F_ANY_LAYOUT"
               : NULL;
}

const char *blk_why_not_writable_in_any_layout(QVirtioDevice *dev)
{
    const char *why = blk_why_no_layout(dev);
    return why ? why : blk_why_not_writable(dev);
}
