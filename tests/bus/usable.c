/* SPDX-License-Identifier: MIT */
/*
 * That a device can be reset at all. One whose status did not read 0 when it was found
 * cannot be driven, and this is all that is said of it. What else can be missing has
 * points of its bus.
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/test.h"

static const char *why_not_looked_at(QVirtioDevice *dev)
{
    if (dev->why_left_out) {
        return dev->is_deaf_to_reset ? NULL : dev->why_left_out;
    }
    return dev->is_mute ? "the device status cannot be read" : NULL;
}

/* "A device MUST reinitialize device status to 0 after receiving a reset." */
VIRTIO_TEST(found_device_can_be_reset, .flags = TEST_OUTSIDE,
            .why_not = why_not_looked_at)
{
    uint8_t status = 0xff;

    if (dev->is_deaf_to_reset) {
        expect_fine(t, "dev:2.4.1-1", dev->why_left_out);
    } else if (require_ok(t, dev->bus->get_status(dev, &status))) {
        expect_eq(t, "dev:2.4.1-1", status, 0);
    }
}
