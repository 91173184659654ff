/* SPDX-License-Identifier: MIT */
/*
 * What the feature bits and config fields of a block device must say of each other
 * (5.2.5.2), and the cache mode that the driver may switch (5.2.6.1). The config suite
 * compares fields with the truth.
 */
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"

#define OFFSET(field) offsetof(struct virtio_blk_config, field)

/* "Devices SHOULD always offer VIRTIO_BLK_F_FLUSH" */
VIRTIO_TEST(flush_is_offered, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .flags = TEST_RAW)
{
    expect_that(t, "dev:5.2.5.2-1a", qvirtio_offers(dev, VIRTIO_BLK_F_FLUSH),
                "VIRTIO_BLK_F_FLUSH offered", "it is not");
}

static const char *why_no_wce(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_CONFIG_WCE)
               ? NULL
               : "the device does not offer VIRTIO_BLK_F_CONFIG_WCE";
}

/* "... and MUST offer it if they offer VIRTIO_BLK_F_CONFIG_WCE." */
VIRTIO_TEST(config_wce_is_offered_only_with_flush, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_RAW, .why_not = why_no_wce)
{
    expect_that(t, "dev:5.2.5.2-1b", qvirtio_offers(dev, VIRTIO_BLK_F_FLUSH),
                "VIRTIO_BLK_F_FLUSH offered", "it is not");
}

/* "If VIRTIO_BLK_F_CONFIG_WCE is negotiated but VIRTIO_BLK_F_FLUSH is not, the device
 * MUST initialize writeback to 0." */
VIRTIO_TEST(writeback_starts_at_zero_without_flush, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_RAW, .why_not = why_no_wce)
{
    QVirtioFeatures wanted = qvirtio_baseline(dev);
    uint64_t writeback;
    qvirtio_features_set(&wanted, VIRTIO_BLK_F_CONFIG_WCE);
    if (require_ok(t, qvirtio_begin(dev)) &&
        require_ok(t, qvirtio_negotiate(dev, &wanted)) &&
        require_ok(t, qvirtio_config_read(dev, OFFSET(writeback), 1, &writeback))) {
        expect_eq(t, "dev:5.2.5.2-2", writeback, 0);
    }
}

/* The padding exists when the bus can read it. Behind the end of config space it does not
 * exist. */
static void expect_padding_zero(Test *t, QVirtioDevice *dev, size_t off, size_t bytes)
{
    uint64_t value;
    for (size_t i = off; i < off + bytes; i++) {
        int err = qvirtio_config_read(dev, i, 1, &value);
        if (err == -QVIRTIO_RANGE || err == -QVIRTIO_UNSUPPORTED) {
            test_skip(t, "config space ends before the padding");
            return;
        }
        if (!require_ok(t, err) || !expect_eq(t, "dev:5.2.5.2-3", value, 0)) {
            return;
        }
    }
}

/* "The device MUST initialize padding bytes unused0 and unused1 to 0." unused0 is between
 * two fields, so it exists when one of them does. */
VIRTIO_TEST(padding_behind_writeback_is_zero, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN,
            .wants = FEATURES(VIRTIO_BLK_F_MQ, VIRTIO_BLK_F_CONFIG_WCE))
{
    if (!qvirtio_offers(dev, VIRTIO_BLK_F_MQ) && why_no_wce(dev)) {
        test_skip(
            t, "the device offers neither VIRTIO_BLK_F_MQ nor VIRTIO_BLK_F_CONFIG_WCE");
        return;
    }
    expect_padding_zero(t, dev, OFFSET(unused0), 1);
}

VIRTIO_TEST(padding_behind_write_zeroes_may_unmap_is_zero, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_BLK_F_WRITE_ZEROES))
{
    expect_padding_zero(t, dev, OFFSET(unused1), 3);
}

/* "If the device that is being initialized is a not a zoned device, the device SHOULD NOT
 * offer the VIRTIO_BLK_F_ZONED feature." The truth says the model, or the disk holds the
 * runner's image, which is a plain file. */
static const char *why_not_plain(QVirtioDevice *dev)
{
    uint64_t model;
    return qvirtio_truth_u64(dev, "zoned.model", &model) && model == VIRTIO_BLK_Z_NONE
               ? NULL
               : blk_why_no_pattern(dev);
}

VIRTIO_TEST(plain_disk_does_not_offer_zoned, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_RAW, .why_not = why_not_plain)
{
    expect_that(t, "dev:5.2.5.2-4", !qvirtio_offers(dev, VIRTIO_BLK_F_ZONED),
                "VIRTIO_BLK_F_ZONED not offered", "it is");
}

static bool expect_writeback(Test *t, QVirtioDevice *dev, uint8_t mode)
{
    return require_ok(t, qvirtio_config_write(dev, OFFSET(writeback), 1, mode)) &&
           require_eq(t, blk_config(t, dev, writeback), mode);
}

/* "... the driver MAY switch to writethrough or writeback mode by writing respectively 0
 * and 1 to the writeback field." */
VIRTIO_TEST(writeback_can_be_switched, .device = VIRTIO_ID_BLOCK,
            .needs = FEATURES(VIRTIO_BLK_F_CONFIG_WCE, VIRTIO_BLK_F_FLUSH))
{
    expect_writeback(t, dev, 0);
    expect_writeback(t, dev, 1);
    expect_writeback(t, dev, 0);
}

VIRTIO_TEST(data_is_served_in_either_cache_mode, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .why_not = blk_why_not_writable,
            .needs = FEATURES(VIRTIO_BLK_F_CONFIG_WCE, VIRTIO_BLK_F_FLUSH))
{
    const BlkDisk *disk = blk_disk(dev);
    uint32_t n = block_sectors(disk);
    for (uint8_t mode = 0; mode < 2; mode++) {
        uint64_t seed = random_next(&t->random);
        if (expect_writeback(t, dev, mode) &&
            require_write(t, dev, disk->scratch, n, seed)) {
            expect_written(t, BLK_DATA, dev, disk->scratch, n, seed);
        }
    }
}

/* 5.2.5.3, legacy: "the device MUST NOT modify the cache mode (and writeback) as a result
 * of a driver setting a status bit" or "modifying the driver feature bits". */
VIRTIO_TEST(writeback_stays_while_a_legacy_driver_negotiates, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_PCI_LEGACY | BUS_MMIO_LEGACY | BUS_CCW_LEGACY, .flags = TEST_RAW,
            .why_not = why_no_wce)
{
    QVirtioFeatures wanted = {0};
    qvirtio_features_set(&wanted, VIRTIO_BLK_F_CONFIG_WCE);
    for (uint8_t mode = 0; mode < 2; mode++) {
        if (!require_ok(t, qvirtio_reset(dev)) || !expect_writeback(t, dev, mode)) {
            return;
        }
        require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE));
        require_eq(t, blk_config(t, dev, writeback), mode);
        require_ok(t, qvirtio_add_status(dev, VIRTIO_STATUS_DRIVER));
        require_eq(t, blk_config(t, dev, writeback), mode);
        require_ok(t, qvirtio_negotiate(dev, &wanted));
        require_eq(t, blk_config(t, dev, writeback), mode);
    }
}
