/* SPDX-License-Identifier: MIT */
/*
 * Read-only disks (5.2.6.2): "A device MUST set the status byte to VIRTIO_BLK_S_IOERR for
 * a write request if the VIRTIO_BLK_F_RO feature if offered, and MUST NOT write any
 * data." The feature must be offered; the driver need not have accepted it.
 */
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"

/* Runs a request that tries to change the first blocks. Returns whether they have not
 * changed; if they have, that is reported. */
static bool expect_unchanged(Test *t, QVirtioDevice *dev, BlkRequest *r,
                             const char *clause, uint8_t *status)
{
    uint32_t n = 4 * block_sectors(blk_disk(dev));
    BlkRequest before, after;
    if (!require_read(t, dev, &before, 0, n) || !require_ok(t, blk_run(r)) ||
        !require_read(t, dev, &after, 0, n)) {
        return false;
    }
    *status = *r->status;
    return expect_same(t, clause, after.data, before.data, before.bytes);
}

/* The data is random, so it differs from what is on the disk. */
static BlkRequest write_of_a_block(Test *t, QVirtioDevice *dev)
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, 0, blk_disk(dev)->block_bytes);
    if (r.header) {
        blk_fill(r.data, 0, block_sectors(blk_disk(dev)), random_next(&t->random));
    }
    return r;
}

VIRTIO_TEST(read_only_disk_answers_a_write_with_an_error, .device = VIRTIO_ID_BLOCK,
            .rings = RINGS_ALL, .needs = FEATURES(VIRTIO_BLK_F_RO))
{
    BlkRequest r = write_of_a_block(t, dev);
    expect_status(t, "dev:5.2.6.2-3a", &r, VIRTIO_BLK_S_IOERR);
}

VIRTIO_TEST(read_only_disk_keeps_its_data, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_BLK_F_RO))
{
    BlkRequest r = write_of_a_block(t, dev);
    uint8_t status;
    expect_unchanged(t, dev, &r, "dev:5.2.6.2-3b", &status);
}

static const char *why_not_read_only(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_RO)
               ? NULL
               : "the device does not offer VIRTIO_BLK_F_RO";
}

VIRTIO_TEST(read_only_disk_refuses_a_driver_that_did_not_accept_it,
            .device = VIRTIO_ID_BLOCK, .why_not = why_not_read_only)
{
    BlkRequest r = write_of_a_block(t, dev);
    uint8_t status;
    if (expect_unchanged(t, dev, &r, "dev:5.2.6.2-3b", &status)) {
        expect_answer(t, "dev:5.2.6.2-3a", &r, VIRTIO_BLK_S_IOERR);
    }
}

VIRTIO_TEST(read_only_disk_answers_a_large_write_with_an_error, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_BLK_F_RO))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_OUT, 0, 4 * blk_disk(dev)->block_bytes);
    expect_status(t, "dev:5.2.6.2-3a", &r, VIRTIO_BLK_S_IOERR);
}

VIRTIO_TEST(read_only_disk_takes_a_flush, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_BLK_F_RO, VIRTIO_BLK_F_FLUSH))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_FLUSH, 0, 0);
    require_status(t, &r, VIRTIO_BLK_S_OK);
}

/* A discard may succeed and do nothing, so the test judges only the data. */
VIRTIO_TEST(read_only_disk_keeps_data_that_is_discarded, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_BLK_F_RO, VIRTIO_BLK_F_DISCARD))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_DISCARD, 0, 16);
    uint8_t status;
    blk_segment(&r, 0, 0, block_sectors(blk_disk(dev)), 0);
    expect_unchanged(t, dev, &r, NULL, &status);
}

/* The device must not report success, because reads would then have to return zeroes. */
VIRTIO_TEST(read_only_disk_keeps_data_that_is_to_be_zeroed, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_BLK_F_RO, VIRTIO_BLK_F_WRITE_ZEROES))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_WRITE_ZEROES, 0, 16);
    uint8_t status = VIRTIO_BLK_S_OK;
    blk_segment(&r, 0, 0, block_sectors(blk_disk(dev)), 0);
    if (expect_unchanged(t, dev, &r, NULL, &status)) {
        require_ne(t, status, VIRTIO_BLK_S_OK);
    }
}

static const char *why_not_told(QVirtioDevice *dev)
{
    uint64_t told;
    return qvirtio_truth_u64(dev, "readonly", &told)
               ? NULL
               : "it is unknown whether the disk is read-only; pass "
                 "know=blk.N.readonly=0 or 1";
}

VIRTIO_TEST(read_only_is_offered_where_the_host_says_so, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_RAW, .why_not = why_not_told)
{
    uint64_t told = 0;
    qvirtio_truth_u64(dev, "readonly", &told);
    bool is_offered = qvirtio_offers(dev, VIRTIO_BLK_F_RO);
    require_that(t, is_offered == (told != 0),
                 told ? "VIRTIO_BLK_F_RO offered" : "VIRTIO_BLK_F_RO not offered", "%s",
                 is_offered ? "offered" : "not offered");
}
