/* SPDX-License-Identifier: MIT */
/*
 * Queue sizes (2.7, 4.1.5.1.3): "Optionally, select a smaller virtqueue size". Each power
 * of two from 1 to what the device offers serves, its ring reused several times over.
 */
#include "tests/ring/ring_lib.h"

/* Starts the device with a queue of that size. -QVIRTIO_RANGE: too few entries for a
 * request that the driver makes to begin with. */
static int start(Test *t, QVirtioDevice *dev, uint16_t size)
{
    if (!ring_start_queues(t, dev, size)) {
        return -QVIRTIO_REFUSED; /* which is reported */
    }
    int err = qvirtio_start_finish(dev, t->ring);
    if (err == -QVIRTIO_TOO_LONG || err == -QVIRTIO_NO_SPACE) {
        return -QVIRTIO_RANGE;
    }
    return err || ring_capacity(dev, 1) ? err : -QVIRTIO_RANGE;
}

/* Returns what lets the driver choose: "Optionally, select a smaller virtqueue size and
 * write it to queue_size" (PCI); a write to QueueSize "notifies the device what size of
 * the queue the driver will use" (MMIO); CCW_CMD_SET_VQ takes "num". */
static const char *size_basis(const QVirtioDevice *dev)
{
    switch (test_bus_of(dev)) {
    case BUS_MMIO:
        return "virtio 4.2.2";
    case BUS_CCW:
        return "virtio 4.3.2.2";
    default:
        return "virtio 4.1.5.1.3";
    }
}

static bool serves(Test *t, QVirtioDevice *dev, uint16_t size)
{
    int err = start(t, dev, size);
    if (err == -QVIRTIO_RANGE && size < 4) {
        return require_ok(t, qvirtio_stop(dev));
    }
    if (err == -QVIRTIO_REFUSED || !require_ok(t, err)) {
        return false;
    }
    unsigned capacity = ring_capacity(dev, 1);
    unsigned count = capacity < 4 ? capacity : 4;
    unsigned rounds = size < 8 ? 3 : 1;
    for (uint32_t round = 0; round < rounds; round++) {
        if (!ring_pings(t, size_basis(dev), dev, round * count, count)) {
            return false;
        }
    }
    if (!require_ok(t, qvirtio_stop(dev))) {
        return false;
    }
    arena_reset();
    return true;
}

VIRTIO_TEST(each_queue_size_serves, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING | TEST_RAW, .buses = BUS_MODERN)
{
    uint16_t most = ring_small_size(dev, VIRTQUEUE_MAX_SIZE);
    if (most < 2) {
        test_skip(t, "the device offers a queue of one entry only");
    }
    for (uint32_t size = 2; size <= most; size *= 2) {
        if (!serves(t, dev, size)) {
            return;
        }
    }
}

VIRTIO_TEST(queue_of_one_entry_serves, .rings = RINGS_ALL, .flags = TEST_PING | TEST_RAW,
            .buses = BUS_MODERN)
{
    int err = start(t, dev, 1);
    if (err == -QVIRTIO_RANGE) {
        test_skip(t, "requests of this device take more than one descriptor");
        return;
    }
    if (err == -QVIRTIO_REFUSED || !require_ok(t, err)) {
        return;
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (!ring_pings(t, size_basis(dev), dev, i, 1)) {
            return;
        }
    }
}
