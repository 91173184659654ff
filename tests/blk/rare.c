/* SPDX-License-Identifier: MIT */
/*
 * What only few devices offer: lifetime metrics, secure erase and zones (5.2.5.2,
 * 5.2.6.2), as far as config space and single requests show it. The files zone_*.c test
 * what zones do.
 */
#include "drivers/virtio/truths.h"
#include "tests/blk/blk_lib.h"

#define OFFSET(field) offsetof(struct virtio_blk_config, field)

/* "If the metrics are offered, the device MUST NOT send any reserved values" */
VIRTIO_TEST(lifetime_has_no_reserved_values, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_BLK_F_LIFETIME))
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_GET_LIFETIME, 0,
                               sizeof(struct virtio_blk_lifetime));
    if (!require_status(t, &r, VIRTIO_BLK_S_OK)) {
        return;
    }
    const struct virtio_blk_lifetime *l = (const void *)r.data;
    expect_le(t, "dev:5.2.6.2-15", virtio16_get(false, l->pre_eol_info),
              VIRTIO_BLK_PRE_EOL_INFO_URGENT);
    expect_le(t, "dev:5.2.6.2-15", virtio16_get(false, l->device_lifetime_est_typ_a),
              VIRTIO_BLK_LIFETIME_EST_MAX);
    expect_le(t, "dev:5.2.6.2-15", virtio16_get(false, l->device_lifetime_est_typ_b),
              VIRTIO_BLK_LIFETIME_EST_MAX);
}

/* "If the device is backed by storage providing lifetime metrics ..., the device SHOULD
 * offer the VIRTIO_BLK_F_LIFETIME flag. The flag MUST NOT be offered if ..." */
VIRTIO_TEST(lifetime_is_offered_for_storage_that_has_it, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_RAW)
{
    bool is_offered = qvirtio_offers(dev, VIRTIO_BLK_F_LIFETIME);
    uint64_t has_metrics;
    if (!qvirtio_truth_u64(dev, "lifetime", &has_metrics)) {
        test_skip(t, "it is unknown whether the storage has lifetime metrics; pass "
                     "know=blk.N.lifetime=0 or 1");
    } else if (has_metrics) {
        expect_that(t, "dev:5.2.6.2-13", is_offered, "VIRTIO_BLK_F_LIFETIME offered",
                    "it is not");
    } else {
        expect_that(t, "dev:5.2.6.2-14", !is_offered, "VIRTIO_BLK_F_LIFETIME not offered",
                    "it is");
    }
}

VIRTIO_TEST(secure_erase_with_an_unknown_flag_is_unsupported, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_WRITES, .violates = "5.2.6",
            .why_not = blk_why_not_writable, .needs = FEATURES(VIRTIO_BLK_F_SECURE_ERASE))
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest r =
        blk_range(dev, VIRTIO_BLK_T_SECURE_ERASE, disk->scratch, block_sectors(disk), 2);
    expect_status(t, "dev:5.2.6.2-4", &r, VIRTIO_BLK_S_UNSUPP);
    expect_survives(t, dev);
}

/* Returns whether the disk has zones by its model; if not, the test is skipped. */
static bool has_zones(Test *t, QVirtioDevice *dev)
{
    if (blk_config(t, dev, zoned.model) == VIRTIO_BLK_Z_NONE) {
        test_skip(t, "the disk has no zones: its model is VIRTIO_BLK_Z_NONE");
        return false;
    }
    return true;
}

/* "the device MUST initialize padding bytes unused2 to 0." */
VIRTIO_TEST(padding_behind_zoned_model_is_zero, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_BLK_F_ZONED))
{
    for (size_t i = 0; i < 3 && has_zones(t, dev); i++) {
        uint8_t off = OFFSET(zoned.unused2) + i;
        expect_eq(t, "dev:5.2.5.2-17", blk_config_field(t, dev, off, 1), 0);
    }
}

/* "The value of this field MUST NOT exceed the seg_max * size_max value." */
VIRTIO_TEST(zone_append_fits_the_segments, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED, VIRTIO_BLK_F_SEG_MAX,
                              VIRTIO_BLK_F_SIZE_MAX))
{
    if (has_zones(t, dev)) {
        uint64_t bytes = blk_config(t, dev, zoned.max_append_sectors) * SECTOR_BYTES;
        expect_le(t, "dev:5.2.5.2-14", bytes,
                  blk_config(t, dev, seg_max) * blk_config(t, dev, size_max));
    }
}

/* The alignment of secure erase "MUST be a multiple of zone_sectors value". */
VIRTIO_TEST(secure_erase_alignment_is_whole_zones, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN,
            .needs = FEATURES(VIRTIO_BLK_F_ZONED, VIRTIO_BLK_F_SECURE_ERASE))
{
    if (has_zones(t, dev)) {
        uint64_t zone = blk_config(t, dev, zoned.zone_sectors);
        if (require_ge(t, zone, 1)) {
            uint64_t unit = blk_config(t, dev, secure_erase_sector_alignment);
            expect_eq(t, "dev:5.2.6.2-37", unit % zone, 0);
        }
    }
}

static const char *why_not_zoned(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_ZONED)
               ? NULL
               : "the device does not offer VIRTIO_BLK_F_ZONED";
}

/* Begins a new life with or without VIRTIO_BLK_F_ZONED. */
static int negotiate(QVirtioDevice *dev, bool zoned)
{
    QVirtioFeatures wanted = qvirtio_baseline(dev);
    if (!zoned) {
        qvirtio_features_clear(&wanted, VIRTIO_BLK_F_ZONED);
    }
    int err = qvirtio_begin(dev);
    return err ? err : qvirtio_negotiate(dev, &wanted);
}

/* When the driver does not accept the feature, a host-managed device "MUST fail to set
 * the FEATURES_OK device status bit". Any other "SHOULD proceed with the initialization
 * while setting all zoned characteristics fields to zero." */
VIRTIO_TEST(zoned_declined_leaves_no_zones, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .flags = TEST_RAW, .why_not = why_not_zoned)
{
    if (!require_ok(t, negotiate(dev, true))) {
        return;
    }
    uint64_t model = blk_config(t, dev, zoned.model);
    int err = negotiate(dev, false);
    if (model == VIRTIO_BLK_Z_HM) {
        expect_that(t, "dev:5.2.5.2-7", err == -QVIRTIO_NOT_ACCEPTED,
                    "FEATURES_OK does not hold", "%s",
                    err ? qvirtio_error_name(err) : "it holds");
        return;
    }
    if (!expect_ok(t, "dev:5.2.5.2-6", err)) {
        return;
    }
    for (size_t at = OFFSET(zoned); at < OFFSET(zoned.unused2); at++) {
        if (!expect_eq(t, "dev:5.2.5.2-6", blk_config_field(t, dev, at, 1), 0)) {
            return;
        }
    }
}
