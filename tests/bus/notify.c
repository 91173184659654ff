/* SPDX-License-Identifier: MIT */
/*
 * Kicks on any bus (2.3): a kick of an idle queue is harmless, a kick too many has no
 * effect, and a kick does not reach another device.
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/test.h"

/* Packed rings have the sentence of 2.9, "the driver can send multiple notifications even
 * without making any more buffers available"; split ones have a clause. */
static const char *kick_basis(const Test *t)
{
    return t->ring->is_packed ? "virtio 2.9" : "dev:2.7.10.2-5";
}

/* The test kicks every queue, also those that never had a buffer. The device may send an
 * interrupt in return: it says that a buffer "may have been made used" (2.3). */
VIRTIO_TEST(kick_of_idle_queue_is_harmless, .flags = TEST_PING, .rings = RINGS_ALL)
{
    const char *basis = kick_basis(t);

    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i]) {
            qvirtio_notify(dev, dev->vq[i]);
        }
    }
    expect_that(t, "virtio 2.9", !qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET),
                "DEVICE_NEEDS_RESET clear", "set by a kick");
    expect_that(t, "virtio 2.9", !qvirtqueue_has_used(dev->vq[dev->driver->ping_queue]),
                "nothing used where nothing was available", "a used entry");
    expect_ping(t, basis, dev, 1);
}

VIRTIO_TEST(second_kick_changes_nothing, .flags = TEST_PING, .rings = RINGS_ALL)
{
    const char *basis = kick_basis(t);
    QVirtioPing ping = {0};
    QVirtioUsed used;
    if (!require_ok(t, dev->driver->ping_make(dev, 1, &ping)) ||
        !require_ok(t, qvirtio_ping_add(&ping, 1, 1))) {
        return;
    }
    qvirtqueue_kick(ping.vq);
    qvirtio_notify(dev, ping.vq);
    if (!require_ok(t, qvirtqueue_wait(ping.vq, &used))) {
        return;
    }
    expect_fine(t, basis, dev->driver->ping_check(&ping, used.len));
    qvirtio_notify(dev, ping.vq);
    expect_ping(t, basis, dev, 2);
    expect_that(t, basis, !qvirtqueue_has_used(ping.vq), "one used entry for a buffer",
                "one more");
}

/* Returns a device of another type, or NULL. It can be neither a partner of this device
 * nor another interface of the same function. */
static QVirtioDevice *find_neighbour(const QVirtioDevice *dev)
{
    QVirtioDevice *other;
    for (unsigned i = 0; (other = qvirtio_device(i)) != NULL; i++) {
        if (other->device_id != dev->device_id && strcmp(other->where, dev->where) != 0) {
            return other;
        }
    }
    return NULL;
}

static const char *has_no_neighbour(QVirtioDevice *dev)
{
    return find_neighbour(dev) ? NULL : "the machine has no device of another type";
}

/* The neighbour's life begins and ends beside this device, which lives on. What the
 * neighbour itself does is said at its own points. */
VIRTIO_TEST(lives_of_neighbours_are_apart, .flags = TEST_PING,
            .why_not = has_no_neighbour)
{
    QVirtioDevice *other = find_neighbour(dev);
    QVirtioFeatures none = {0};
    require_ping(t, dev, 1);
    for (unsigned i = 0; i < 2; i++) {
        int err = qvirtio_start(other, &none, t->ring);
        expect_ping(t, SAFETY, dev, 2 + 2 * i);
        err = qvirtio_stop(other) || err;
        expect_ping(t, SAFETY, dev, 3 + 2 * i);
        if (err && !t->has_failed) {
            test_skip(t, "%s cannot be started and reset", other->name);
            return;
        }
    }
    expect_that(t, SAFETY, qvirtio_has_status(dev, VIRTIO_STATUS_DRIVER_OK),
                "DRIVER_OK as before", "clear");
}
