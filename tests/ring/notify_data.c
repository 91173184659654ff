/* SPDX-License-Identifier: MIT */
/*
 * Notifications that say more (2.9): VIRTIO_F_NOTIFICATION_DATA adds where the next
 * available entry will be, VIRTIO_F_NOTIF_CONFIG_DATA names the queue in the device's own
 * words. The bus writes them; here requests are served with them, lap after lap, and
 * notifications without anything new repeat the last one.
 */
#include "tests/ring/ring_lib.h"

static void serve_laps(Test *t, QVirtioDevice *dev)
{
    uint16_t size = ring_small_size(dev, 8);
    if (!ring_start_sized(t, dev, size)) {
        return;
    }
    unsigned count = ring_capacity(dev, 1);
    count = count < 3 ? count : 3;
    for (uint32_t n = 0; n < 3u * size; n += count) {
        qvirtio_notify(dev, ring_queue(dev));
        if (!ring_pings(t, "virtio 2.9", dev, n, count)) {
            return;
        }
    }
}

VIRTIO_TEST(kicks_with_the_ring_position_are_served, .rings = RINGS_ALL | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN,
            .needs = FEATURES(VIRTIO_F_NOTIFICATION_DATA))
{
    serve_laps(t, dev);
}

VIRTIO_TEST(kicks_in_the_devices_own_words_are_served,
            .rings = RINGS_SPLIT | RINGS_DIRECT, .flags = TEST_PING | TEST_RAW,
            .buses = BUS_MODERN, .needs = FEATURES(VIRTIO_F_NOTIF_CONFIG_DATA))
{
    serve_laps(t, dev);
}

VIRTIO_TEST(kicks_with_both_are_served, .rings = RINGS_SPLIT | RINGS_DIRECT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN,
            .needs = FEATURES(VIRTIO_F_NOTIFICATION_DATA, VIRTIO_F_NOTIF_CONFIG_DATA))
{
    serve_laps(t, dev);
}
