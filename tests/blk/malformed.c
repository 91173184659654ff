/* SPDX-License-Identifier: MIT */
/*
 * Requests that are no struct virtio_blk_req (5.2.6), or whose data has a wrong length or
 * direction (5.2.6.1). The specification does not say what the device does with them. The
 * VMM must survive and use only the memory that it was lent, and the device must work
 * after a reset.
 */
#include "tests/blk/blk_lib.h"

static QVirtioSg piece(const void *at, uint32_t bytes)
{
    return (QVirtioSg){arena_map(at, bytes), bytes};
}

/* Sends the request in this framing. The device may answer it or not, but it must
 * survive. */
static void survive(Test *t, QVirtioDevice *dev, BlkRequest *r, const QVirtioSg *sg,
                    unsigned out, unsigned in)
{
    blk_provoke(r, sg, out, in, BLK_SHORT_PATIENCE_NS);
    expect_survives(t, dev);
}

static BlkRequest one_block(Test *t, QVirtioDevice *dev, uint32_t type)
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest r = blk_request(dev, type, disk->scratch, disk->block_bytes);
    require_that(t, r.header, "memory", "none");
    return r;
}

VIRTIO_TEST(request_without_a_status_byte_is_survived, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6")
{
    BlkRequest r = one_block(t, dev, VIRTIO_BLK_T_FLUSH);
    if (r.header) {
        survive(t, dev, &r, (QVirtioSg[]){piece(r.header, sizeof(*r.header))}, 1, 0);
    }
}

VIRTIO_TEST(request_without_a_header_is_survived, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6")
{
    BlkRequest r = one_block(t, dev, VIRTIO_BLK_T_IN);
    if (r.header) {
        QVirtioSg sg[] = {piece(r.data, r.bytes), piece(r.status, 1)};
        survive(t, dev, &r, sg, 0, 2);
    }
}

VIRTIO_TEST(request_with_a_short_header_is_survived, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6")
{
    BlkRequest r = one_block(t, dev, VIRTIO_BLK_T_IN);
    if (r.header) {
        QVirtioSg sg[] = {piece(r.header, sizeof(*r.header) - 1), piece(r.data, r.bytes),
                          piece(r.status, 1)};
        survive(t, dev, &r, sg, 1, 2);
    }
}

/* "The length of data MUST be a multiple of 512 bytes for VIRTIO_BLK_T_IN and
 * VIRTIO_BLK_T_OUT requests." */
static void send_odd_lengths(Test *t, QVirtioDevice *dev, uint32_t type)
{
    static const uint16_t lengths[] = {1, 511, 513};
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        BlkRequest r = blk_request(dev, type, blk_disk(dev)->scratch, lengths[i]);
        if (blk_provoke_plain(&r, BLK_SHORT_PATIENCE_NS) != BLK_USED) {
            break;
        }
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(read_of_an_odd_length_is_survived, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6.1")
{
    send_odd_lengths(t, dev, VIRTIO_BLK_T_IN);
}

VIRTIO_TEST(write_of_an_odd_length_is_survived, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6.1", .why_not = blk_why_not_writable)
{
    send_odd_lengths(t, dev, VIRTIO_BLK_T_OUT);
}

/* A read must not write to device-readable memory, even if there is no other memory in
 * the request. */
VIRTIO_TEST(read_into_readable_data_is_survived, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6")
{
    BlkRequest r = one_block(t, dev, VIRTIO_BLK_T_IN);
    if (!r.header) {
        return;
    }
    uint8_t *before = arena_lend(r.bytes, 1);
    if (!require_that(t, before, "memory", "none")) {
        return;
    }
    memcpy(before, r.data, r.bytes);
    QVirtioSg sg[] = {piece(r.header, sizeof(*r.header)), piece(r.data, r.bytes),
                      piece(r.status, 1)};
    survive(t, dev, &r, sg, 2, 1);
    require_same(t, r.data, before, r.bytes);
}

VIRTIO_TEST(write_from_writable_data_is_survived, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6", .why_not = blk_why_not_writable)
{
    BlkRequest r = one_block(t, dev, VIRTIO_BLK_T_OUT);
    if (r.header) {
        QVirtioSg sg[] = {piece(r.header, sizeof(*r.header)), piece(r.data, r.bytes),
                          piece(r.status, 1)};
        survive(t, dev, &r, sg, 1, 2);
    }
}

/* "A driver SHOULD NOT include any data in a VIRTIO_BLK_T_FLUSH request." */
VIRTIO_TEST(flush_with_data_is_survived, .device = VIRTIO_ID_BLOCK, .violates = "5.2.6.1",
            .needs = FEATURES(VIRTIO_BLK_F_FLUSH))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, SECTOR_BYTES);
    blk_provoke_plain(&r, BLK_SHORT_PATIENCE_NS);
    expect_survives(t, dev);
}
