/* SPDX-License-Identifier: MIT */
/*
 * Requests that a device does not support (5.2.6): "VIRTIO_BLK_S_UNSUPP for a request
 * unsupported by device". The types are those that no version of the specification
 * defines, and those of features that the device does not offer.
 */
#include "tests/blk/blk_lib.h"

#define SENSE_BYTES  96
#define INHDR_BYTES  16
#define REPORT_BYTES 128 /* the header of a report, and one zone */

/* Without a clause either error will do. */
static bool expect_unsupported(Test *t, QVirtioDevice *dev, const char *clause,
                               uint32_t type, uint32_t bytes)
{
    BlkRequest r = blk_request(dev, type, 0, bytes);
    bool holds = require_ok(t, blk_run(&r)) &&
                 (clause ? expect_answer(t, clause, &r, VIRTIO_BLK_S_UNSUPP)
                         : blk_expect_rejection(t, &r));
    if (!holds) {
        test_note(t, "request type %u with %u bytes of data", type, bytes);
    }
    return holds;
}

VIRTIO_TEST(undefined_types_are_unsupported, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6")
{
    static const uint32_t types[] = {6, 7, 12, 28, 0x100, 0x7ffffff6, 17};
    const unsigned count = sizeof(types) / sizeof(*types);
    for (unsigned i = 0; i < count && expect_unsupported(t, dev, NULL, types[i], 0);
         i++) {
        expect_unsupported(t, dev, NULL, types[i], SECTOR_BYTES);
    }
    expect_survives(t, dev);
}

/* No version defines type 9. It is GET_ID (8) with the lowest bit set, which is no
 * direction. */
VIRTIO_TEST(type_nine_is_unsupported, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .violates = "5.2.6")
{
    expect_unsupported(t, dev, NULL, 9, VIRTIO_BLK_ID_BYTES);
    expect_survives(t, dev);
}

static const char *why_not_unzoned(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_ZONED)
               ? "the device offers VIRTIO_BLK_F_ZONED"
               : NULL;
}

/* "If the VIRTIO_BLK_F_ZONED feature is not negotiated, the device MUST reject ...
 * requests with VIRTIO_BLK_S_UNSUPP status." (5.2.6.2) */
VIRTIO_TEST(zone_requests_without_the_feature_are_unsupported, .device = VIRTIO_ID_BLOCK,
            .buses = BUS_MODERN, .violates = "5.2.6", .why_not = why_not_unzoned)
{
    static const struct {
        uint8_t type;
        uint16_t bytes;
    } requests[] = {
        {VIRTIO_BLK_T_ZONE_REPORT, REPORT_BYTES},
        {VIRTIO_BLK_T_ZONE_OPEN, 0},
        {VIRTIO_BLK_T_ZONE_CLOSE, 0},
        {VIRTIO_BLK_T_ZONE_FINISH, 0},
        {VIRTIO_BLK_T_ZONE_APPEND, SECTOR_BYTES},
        {VIRTIO_BLK_T_ZONE_RESET, 0},
        {VIRTIO_BLK_T_ZONE_RESET_ALL, 0},
    };
    for (unsigned i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
        expect_unsupported(t, dev, "dev:5.2.6.2-16", requests[i].type, requests[i].bytes);
    }
    expect_survives(t, dev);
}

static const char *why_not_without_secure_erase(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_SECURE_ERASE)
               ? "the device offers VIRTIO_BLK_F_SECURE_ERASE"
               : blk_why_not_writable(dev);
}

VIRTIO_TEST(secure_erase_without_the_feature_is_unsupported, .device = VIRTIO_ID_BLOCK,
            .flags = TEST_WRITES, .violates = "5.2.6",
            .why_not = why_not_without_secure_erase)
{
    const BlkDisk *disk = blk_disk(dev);
    BlkRequest r =
        blk_range(dev, VIRTIO_BLK_T_SECURE_ERASE, disk->scratch, block_sectors(disk), 0);
    if (require_ok(t, blk_run(&r))) {
        blk_expect_rejection(t, &r);
    }
    expect_survives(t, dev);
}

static const char *why_not_without_lifetime(QVirtioDevice *dev)
{
    return qvirtio_offers(dev, VIRTIO_BLK_F_LIFETIME)
               ? "the device offers VIRTIO_BLK_F_LIFETIME"
               : NULL;
}

VIRTIO_TEST(lifetime_without_the_feature_is_unsupported, .device = VIRTIO_ID_BLOCK,
            .violates = "5.2.6", .why_not = why_not_without_lifetime)
{
    expect_unsupported(t, dev, NULL, VIRTIO_BLK_T_GET_LIFETIME,
                       sizeof(struct virtio_blk_lifetime));
    expect_survives(t, dev);
}

/* The legacy SCSI packet command, in the framing of 5.2.6.3. The versions 1.x do not have
 * it. */
VIRTIO_TEST(scsi_command_is_unsupported, .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN,
            .violates = "5.2.6")
{
    BlkRequest r = blk_request(dev, VIRTIO_BLK_T_SCSI_CMD, 0, SENSE_BYTES + INHDR_BYTES);
    uint8_t *command = arena_lend(6, 1); /* TEST UNIT READY */
    if (dev->vq[0]->size < 5) {
        test_skip(t, "the queue has fewer than 5 entries");
        return;
    }
    if (!require_that(t, r.header && command, "memory", "none")) {
        return;
    }
    QVirtioSg sg[] = {
        {arena_map(r.header, sizeof(*r.header)), sizeof(*r.header)},
        {arena_map(command, 6), 6},
        {arena_map(r.data, SENSE_BYTES), SENSE_BYTES},
        {arena_map(r.data + SENSE_BYTES, INHDR_BYTES), INHDR_BYTES},
        {arena_map(r.status, 1), 1},
    };
    if (require_ok(t, blk_run_sg(&r, sg, 2, 3))) {
        blk_expect_rejection(t, &r);
    }
    expect_survives(t, dev);
}

/* The used length of an answer without data: "The device MUST write at least len bytes"
 * (2.7.8.2). */
VIRTIO_TEST(unsupported_request_counts_only_written_bytes_as_used,
            .device = VIRTIO_ID_BLOCK, .buses = BUS_MODERN, .violates = "5.2.6")
{
    BlkRequest r = blk_request(dev, 6, 0, SECTOR_BYTES);
    if (require_ok(t, blk_run(&r))) {
        uint32_t written = blk_written_bytes(t, &r);
        uint32_t most = written < r.bytes ? written : r.bytes + 1;
        expect_used_len(t, r.used_len, most);
    }
    expect_survives(t, dev);
}
