/* SPDX-License-Identifier: MIT */
/*
 * Revision 0 (4.3.2.1.3): a driver chooses it, or the device assumes it at the first
 * command of a driver that chooses none. It has its own block for SET_VQ, and it lacks
 * the commands of later revisions.
 */
#include "drivers/virtio/bus.h"
#include "tests/ccw/ccw_lib.h"

/* The first command decides: "A transitional device MUST assume in this case that the
 * driver is a legacy driver and continue as if the driver selected revision 0." */
static bool be_legacy(Test *t, QVirtioDevice *dev)
{
    if (!ccw_forget_revision(t, dev) ||
        !require_ok(t, ccw_command(dev, CCW_CMD_VDEV_RESET, NULL, 0))) {
        return false;
    }
    qvirtio_ccw(dev)->revision = VIRTIO_CCW_REV_LEGACY;
    return true;
}

VIRTIO_TEST(driver_without_a_revision_is_served, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW_LEGACY, .rings = RINGS_ALL)
{
    if (be_legacy(t, dev) && test_start(t, dev, NULL)) {
        for (uint32_t n = 1; n <= 4; n++) {
            expect_ping(t, "virtio 4.3.2.1.3", dev, n);
        }
    }
}

/* "the device MUST reject any command not valid for revision 0, including a subsequent
 * CCW_CMD_SET_VIRTIO_REV". */
VIRTIO_TEST(revision_comes_too_late, .violates = "4.3.2.1.2", .flags = TEST_RAW,
            .buses = BUS_CCW_LEGACY)
{
    if (be_legacy(t, dev)) {
        for (uint16_t r = VIRTIO_CCW_REV_1; r <= QVIRTIO_CCW_HIGHEST; r++) {
            expect_fine(t, "virtio 4.3.2.1.3",
                        ccw_not_rejected(dev, ccw_set_revision(dev, r)));
        }
        expect_survives(t, dev);
    }
}

VIRTIO_TEST(revision_0_has_no_read_status, .violates = "4.3.2.3.1", .flags = TEST_RAW,
            .buses = BUS_CCW_LEGACY)
{
    uint8_t status = 0;

    if (be_legacy(t, dev)) {
        int err = ccw_command(dev, CCW_CMD_READ_STATUS, &status, sizeof(status));
        expect_fine(t, "virtio 4.3.2.1.3", ccw_not_rejected(dev, err));
        expect_survives(t, dev);
    }
}

/* What the words past the first show to such a driver is nowhere said. */
VIRTIO_TEST(revision_0_is_asked_for_more_features, .flags = TEST_RAW,
            .buses = BUS_CCW_LEGACY)
{
    for (uint32_t word = 1; word < 256; word += word < 4 ? 1 : 63) {
        uint32_t bits = 1;
        (void)dev->bus->get_features(dev, word, &bits);
    }
    expect_survives(t, dev);
}

/* Sends a SET_VQ block of another revision, whose length is not the one of this
 * revision. */
static void expect_no_block(Test *t, QVirtioDevice *dev, uint16_t bytes)
{
    const uint8_t *block = arena_lend(CCW_PAYLOAD_MAX, 8);
    int err = ccw_command(dev, CCW_CMD_SET_VQ, block, bytes);

    expect_ne(t, "dev:4.3.1.3-2", err, 0);
    expect_ne(t, "dev:4.3.1.3-2", qvirtio_ccw(dev)->result.subchannel, 0);
}

VIRTIO_TEST(revision_0_takes_the_legacy_block_alone, .flags = TEST_RAW,
            .buses = BUS_CCW_LEGACY)
{
    expect_no_block(t, dev, sizeof(struct vq_info_block));
}

VIRTIO_TEST(modern_revision_takes_the_modern_block_alone, .flags = TEST_RAW,
            .buses = BUS_CCW)
{
    expect_no_block(t, dev, sizeof(struct vq_info_block_legacy));
}

/* The same device is driven with one revision after the other. */
VIRTIO_TEST(revisions_take_turns, .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW)
{
    static const int turns[] = {2, 1, 2, 1, 1};

    for (uint32_t n = 0; n < sizeof(turns) / sizeof(turns[0]); n++) {
        if (!ccw_start_as(t, dev, turns[n])) {
            return;
        }
        expect_ping(t, SAFETY, dev, n + 1);
        if (!require_ok(t, qvirtio_stop(dev))) {
            return;
        }
    }
}
