/* SPDX-License-Identifier: MIT */
/*
 * Kicks on any bus (2.3): a kick of an idle queue is harmless, a kick too many has no
 * effect, and a kick does not reach another device.
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/test.h"

/* 2.9: "the driver can send multiple notifications even without making any more
 * buffers available". The test kicks every queue, also those that never had a buffer.
 * The device may send an interrupt in return: it says that a buffer "may have been
 * made used" (2.3). */
VIRTIO_TEST(kick_of_idle_queue_is_harmless, .flags = TEST_PING, .rings = RINGS_ALL)
{
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i]) {
            qvirtio_notify(dev, dev->vq[i]);
        }
    }
    expect_that(t, NULL, !qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET),
                "DEVICE_NEEDS_RESET clear", "set by a kick");
    expect_that(t, NULL, !qvirtqueue_has_used(dev->vq[dev->driver->ping_queue]),
                "nothing used where nothing was available", "a used entry");
    expect_ping(t, NULL, dev, 1);
}

VIRTIO_TEST(second_kick_changes_nothing, .flags = TEST_PING, .rings = RINGS_ALL)
{
    QVirtioPing ping = {0};
    QVirtioUsed used;
    if (!expect_ok(t, NULL, dev->driver->ping_make(dev, 1, &ping)) ||
        !expect_ok(t, NULL, qvirtio_ping_add(&ping, 1, 1))) {
        return;
    }
    qvirtqueue_kick(ping.vq);
    qvirtio_notify(dev, ping.vq);
    if (!expect_ok(t, NULL, qvirtqueue_wait(ping.vq, &used))) {
        return;
    }
    expect_fine(t, NULL, dev->driver->ping_check(&ping, used.len));
    qvirtio_notify(dev, ping.vq);
    expect_ping(t, NULL, dev, 2);
    expect_that(t, NULL, !qvirtqueue_has_used(ping.vq), "one used entry for a buffer",
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

VIRTIO_TEST(lives_of_neighbours_are_apart, .flags = TEST_PING,
            .why_not = has_no_neighbour)
{
    QVirtioDevice *other = find_neighbour(dev);
    QVirtioFeatures none = {0};
    uint8_t before = 0, after = 0;
    expect_ok(t, NULL, dev->bus->get_status(dev, &before));
    expect_ping(t, NULL, dev, 1);
    for (unsigned i = 0; i < 2; i++) {
        expect_ok(t, NULL, qvirtio_start(other, &none, t->ring));
        expect_ping(t, NULL, dev, 2 + 2 * i);
        expect_ok(t, NULL, qvirtio_stop(other));
        expect_ping(t, NULL, dev, 3 + 2 * i);
    }
    expect_ok(t, NULL, dev->bus->get_status(dev, &after));
    expect_eq(t, NULL, after, before);
}
