/* SPDX-License-Identifier: MIT */
/*
 * "The device MUST NOT make assumptions about the particular arrangement of descriptors"
 * (2.7.4.1): the same requests are divided into descriptors in many legal ways. Legacy
 * devices must offer VIRTIO_F_ANY_LAYOUT for that (5.2.6.4).
 */
#include "tests/blk/blk_lib.h"

#define PIECES_MAX    (TEST_CHAIN_MOST - 1)
#define LAYOUT        .wants = FEATURES(VIRTIO_F_ANY_LAYOUT), .why_not = blk_why_no_layout
#define LAYOUT_CLAUSE "dev:2.7.4.1-1"

static QVirtioSg piece(const void *at, uint32_t bytes)
{
    return (QVirtioSg){arena_map(at, bytes), bytes};
}

/* Runs a read in this framing. Its data must be that of a plain read of the same
 * sectors. */
static bool expect_read_as_framed(Test *t, QVirtioDevice *dev, BlkRequest *r,
                                  uint64_t sector, const QVirtioSg *sg, unsigned out,
                                  unsigned in)
{
    BlkRequest plain;
    if (!expect_ok(t, LAYOUT_CLAUSE, blk_run_sg(r, sg, out, in)) ||
        !expect_answer(t, LAYOUT_CLAUSE, r, VIRTIO_BLK_S_OK) ||
        !require_read(t, dev, &plain, sector, r->bytes / SECTOR_BYTES)) {
        return false;
    }
    return expect_same(t, LAYOUT_CLAUSE, r->data, plain.data, r->bytes);
}

/* The cuts are inside each field and between the fields. */
VIRTIO_TEST(header_may_be_cut_anywhere, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .rings = RINGS_ALL, LAYOUT)
{
    static const uint8_t cuts[] = {1, 4, 7, 8, 15};
    const BlkDisk *disk = blk_disk(dev);
    uint64_t sector = blk_pick(t, disk, block_sectors(disk));
    for (unsigned i = 0; i < sizeof(cuts); i++) {
        uint32_t cut = cuts[i];
        BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, sector, disk->block_bytes);
        if (!require_that(t, r.header, "memory", "none")) {
            return;
        }
        QVirtioSg sg[] = {piece(r.header, cut),
                          piece((char *)r.header + cut, sizeof(*r.header) - cut),
                          piece(r.data, r.bytes), piece(r.status, 1)};
        if (!expect_read_as_framed(t, dev, &r, sector, sg, 2, 2)) {
            return;
        }
    }
}

/* The header and the status are of one byte each, and so is as much of the data as the
 * longest chain has room for. */
VIRTIO_TEST(every_byte_may_be_a_descriptor, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .rings = RINGS_ALL, LAYOUT)
{
    QVirtioSg sg[TEST_CHAIN_MOST];
    BlkRequest plain, r = blk_request(dev, VIRTIO_BLK_T_GET_ID, 0, VIRTIO_BLK_ID_BYTES);
    const unsigned out = sizeof(*r.header), in = TEST_CHAIN_MOST - out, single = in - 2;
    if (dev->vq[0]->size < out + in) {
        test_skip(t, "the queue has fewer than %u entries", out + in);
        return;
    }
    if (!blk_expect_id(t, dev, &plain) || !require_that(t, r.header, "memory", "none")) {
        return;
    }
    blk_cut(t, sg, r.header, out, out);
    blk_cut(t, sg + out, r.data, single, single);
    sg[out + single] = piece(r.data + single, r.bytes - single);
    sg[out + single + 1] = piece(r.status, 1);
    if (expect_ok(t, LAYOUT_CLAUSE, blk_run_sg(&r, sg, out, in)) &&
        expect_answer(t, LAYOUT_CLAUSE, &r, VIRTIO_BLK_S_OK)) {
        expect_same(t, LAYOUT_CLAUSE, r.data, plain.data, r.bytes);
    }
}

/* Makes a read whose data and status are contiguous in memory. */
static BlkRequest read_into_one_buffer(QVirtioDevice *dev, uint64_t sector)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, sector, blk_disk(dev)->block_bytes);
    r.data = arena_lend(r.bytes + 1, 1);
    if (!r.data) {
        r.header = NULL;
        return r;
    }
    r.status = r.data + r.bytes;
    memset(r.data, BLK_FILL, r.bytes);
    *r.status = BLK_STATUS_UNWRITTEN;
    return r;
}

VIRTIO_TEST(data_and_status_may_share_a_descriptor, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL, LAYOUT)
{
    const BlkDisk *disk = blk_disk(dev);
    uint64_t sector = blk_pick(t, disk, block_sectors(disk));
    BlkRequest r = read_into_one_buffer(dev, sector);
    if (require_that(t, r.header, "memory", "none")) {
        QVirtioSg sg[] = {piece(r.header, sizeof(*r.header)), piece(r.data, r.bytes + 1)};
        expect_read_as_framed(t, dev, &r, sector, sg, 1, 1);
    }
}

/* The cuts are anywhere; the last byte of data and the status may share a descriptor. */
VIRTIO_TEST(data_and_status_may_be_cut_anywhere, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_PING, .rings = RINGS_ALL, LAYOUT)
{
    static const unsigned pieces[] = {2, 3, 7, PIECES_MAX};
    const BlkDisk *disk = blk_disk(dev);
    QVirtioSg sg[1 + PIECES_MAX];
    for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        uint64_t sector = blk_pick(t, disk, block_sectors(disk));
        unsigned most = dev->vq[0]->size - 1;
        unsigned in = pieces[i] < most ? pieces[i] : most;
        BlkRequest r = read_into_one_buffer(dev, sector);
        if (!require_that(t, r.header, "memory", "none")) {
            return;
        }
        sg[0] = piece(r.header, sizeof(*r.header));
        blk_cut(t, sg + 1, r.data, r.bytes + 1, in);
        expect_read_as_framed(t, dev, &r, sector, sg, 1, in);
    }
}

VIRTIO_TEST(data_may_lie_at_any_address, .device = VIRTIO_ID_BLOCK, .flags = TEST_PING,
            .rings = RINGS_ALL, LAYOUT)
{
    static const uint16_t shifts[] = {1, 3, 511, 4095};
    const BlkDisk *disk = blk_disk(dev);
    for (unsigned i = 0; i < sizeof(shifts) / sizeof(*shifts); i++) {
        uint64_t sector = blk_pick(t, disk, block_sectors(disk));
        BlkRequest r = blk_request(dev, VIRTIO_BLK_T_IN, sector, disk->block_bytes);
        uint8_t *page = arena_lend(shifts[i] + r.bytes, 4096);
        if (!require_that(t, r.header && page, "memory", "none")) {
            return;
        }
        r.data = page + shifts[i];
        QVirtioSg sg[] = {piece(r.header, sizeof(*r.header)), piece(r.data, r.bytes),
                          piece(r.status, 1)};
        expect_read_as_framed(t, dev, &r, sector, sg, 1, 2);
    }
}
