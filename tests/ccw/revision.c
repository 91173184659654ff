/* SPDX-License-Identifier: MIT */
/*
 * The revision of the transport (4.3.2.1): which ones the device rejects, and how long
 * the choice lasts. Without a choice the device is a legacy device, if it can be one.
 */
#include "tests/ccw/ccw_lib.h"

static const char *why_no_other(QVirtioDevice *dev)
{
    return qvirtio_ccw(dev)->highest < VIRTIO_CCW_REV_STATUS
               ? "the device accepts only one modern revision"
               : NULL;
}

static const char *why_no_choice(QVirtioDevice *dev)
{
    return qvirtio_ccw(dev)->has_set_revision ? NULL : "a legacy device has no revisions";
}

/* "A device MUST post a unit check with command reject for any revision it does not
 * support". A rejected revision is not chosen, so the driver can choose another one. */
VIRTIO_TEST(unknown_revision_is_rejected, .flags = TEST_RAW, .buses = BUS_CCW)
{
    static const uint16_t revisions[] = {0x100, 0x1234, 0x7fff, 0x8002, 0xffff};
    uint16_t highest = (uint16_t)qvirtio_ccw(dev)->highest;

    if (!ccw_forget_revision(t, dev)) {
        return;
    }
    for (size_t i = 0; i < sizeof(revisions) / sizeof(revisions[0]); i++) {
        expect_fine(t, "dev:4.3.2.1.1-1",
                    ccw_not_rejected(dev, ccw_set_revision(dev, revisions[i])));
    }
    expect_ok(t, "dev:4.3.2.1.1-6", ccw_set_revision(dev, highest));
}

/* Revisions 0 to 2 have no data. */
VIRTIO_TEST(revision_with_data_is_rejected, .violates = "4.3.2.1", .flags = TEST_RAW,
            .buses = BUS_CCW)
{
    uint16_t highest = (uint16_t)qvirtio_ccw(dev)->highest;
    const struct {
        struct virtio_rev_info info;
        uint8_t data[4];
    } block = {{be16_of(highest), be16_of(4)}, {1, 2, 3, 4}};

    if (ccw_forget_revision(t, dev)) {
        int err = ccw_command(dev, CCW_CMD_SET_VIRTIO_REV, &block, sizeof(block));
        expect_fine(t, "dev:4.3.2.1.1-2", ccw_not_rejected(dev, err));
        qvirtio_ccw(dev)->revision = QVIRTIO_CCW_NONE;
        expect_survives(t, dev);
    }
}

/* The test is for types of device that have no legacy interface in the specification. */
static const char *may_be_transitional(QVirtioDevice *dev)
{
    return dev->device_id < VIRTIO_ID_GPU ? "a device of this type may be transitional"
                                          : NULL;
}

/* "A non-transitional device MUST reject revision id 0", and "MUST answer any such
 * attempts with a command reject": the second rule is about commands without a
 * revision. */
VIRTIO_TEST(modern_device_has_no_revision_0, .flags = TEST_RAW, .buses = BUS_CCW,
            .why_not = may_be_transitional)
{
    uint8_t status = VIRTIO_STATUS_ACKNOWLEDGE;

    if (ccw_forget_revision(t, dev)) {
        expect_fine(t, "dev:4.3.2.1.1-3",
                    ccw_not_rejected(dev, ccw_set_revision(dev, 0)));
        int err = ccw_command(dev, CCW_CMD_WRITE_STATUS, &status, sizeof(status));
        expect_fine(t, "virtio 4.3.2.1.3", ccw_not_rejected(dev, err));
    }
}

/* "A device MUST answer with command reject to any attempt to select a different revision
 * after a revision has been successfully selected by the driver." */
VIRTIO_TEST(second_choice_is_rejected, .violates = "4.3.2.1.2", .buses = BUS_CCW_BOTH,
            .flags = TEST_PING, .why_not = why_no_choice)
{
    int chosen = qvirtio_ccw(dev)->revision;

    for (uint16_t r = 0; r <= QVIRTIO_CCW_HIGHEST; r++) {
        if (r != chosen) {
            expect_fine(t, "dev:4.3.2.1.1-5",
                        ccw_not_rejected(dev, ccw_set_revision(dev, r)));
        }
    }
    expect_ping(t, SAFETY, dev, 1);
    expect_survives(t, dev);
}

/* The choice lasts until the subchannel is disabled, so it survives a reset of the
 * device. */
VIRTIO_TEST(revision_survives_reset, .violates = "4.3.2.1.2", .flags = TEST_RAW,
            .buses = BUS_CCW, .why_not = why_no_other)
{
    uint8_t status = 0xff;

    require_ok(t, ccw_command(dev, CCW_CMD_VDEV_RESET, NULL, 0));
    expect_fine(t, "dev:4.3.2.1.1-5", ccw_not_rejected(dev, ccw_set_revision(dev, 1)));
    require_ok(t, ccw_command(dev, CCW_CMD_READ_STATUS, &status, sizeof(status)));
    expect_eq(t, "dev:4.3.3.3.1-1", status, 0);
}

/* "revisions are not persistent across disabling and enabling of the associated
 * subchannel". */
VIRTIO_TEST(revision_ends_with_the_subchannel, .flags = TEST_RAW, .buses = BUS_CCW,
            .why_not = why_no_other)
{
    for (uint16_t r = VIRTIO_CCW_REV_1; r <= VIRTIO_CCW_REV_STATUS; r++) {
        if (!ccw_forget_revision(t, dev)) {
            return;
        }
        expect_ok(t, "dev:4.3.2.1.1-6", ccw_set_revision(dev, r));
    }
}

/* "A device SHOULD answer with command reject to any virtio-ccw specific channel command
 * that is not contained in the revision selected by the driver." */
VIRTIO_TEST(revision_1_has_no_read_status, .violates = "4.3.2.3.1", .flags = TEST_RAW,
            .buses = BUS_CCW)
{
    uint8_t status = 0;

    if (ccw_start_as(t, dev, VIRTIO_CCW_REV_1)) {
        int err = ccw_command(dev, CCW_CMD_READ_STATUS, &status, sizeof(status));
        expect_fine(t, "dev:4.3.2.1.1-4", ccw_not_rejected(dev, err));
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(revision_1_serves, .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW,
            .rings = RINGS_ALL)
{
    if (!ccw_start_as(t, dev, VIRTIO_CCW_REV_1)) {
        return;
    }
    for (uint32_t n = 1; n <= 8; n++) {
        expect_ping(t, "virtio 4.3.2.1", dev, n);
    }
}
