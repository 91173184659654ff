/* SPDX-License-Identifier: MIT */
/*
 * The 16-bit indices wrap (2.7.13.3: "idx always increments, and wraps naturally at
 * 65536"). The ring is wound close to the wrap with one and the same request, then real
 * ones cross it. Winding is dear, so there is one point for the indices and one for
 * used_event.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/ring/qvring.h"
#include "tests/ring/ring_lib.h"

#define QUEUE_LEAST 64 /* a shorter queue takes too many rounds to wind */

/* Devices whose driver knows how: winding takes 40 ms there, and ten times that where
 * each use ends at the host. One device of a type is wound, and of two interfaces the
 * modern one. */
static const char *why_not_wound(QVirtioDevice *dev)
{
    uint16_t size = 0;
    if (!dev->driver->wind_make && !dev->driver->wind) {
        return "no request of this device is cheap enough to be wound with";
    }
    const char *why = dev->driver->why_no_wind ? dev->driver->why_no_wind(dev) : NULL;
    if (why) {
        return why;
    }
    if (dev->index > 0) {
        return "the first device of this type is wound";
    }
    if (dev->bus->queue_max(dev, dev->driver->ping_queue, &size) || size < QUEUE_LEAST) {
        return "65536 uses of a queue this short would take too long";
    }
    for (unsigned i = 0; qvirtio_is_legacy(dev) && qvirtio_device(i); i++) {
        QVirtioDevice *other = qvirtio_device(i);
        if (other != dev && strcmp(other->where, dev->where) == 0) {
            return "the modern interface of this device is wound";
        }
    }
    return NULL;
}

/* Uses entries until the next used element is number `goal`. Returns false when that
 * fails, which is reported. */
static bool wind_to(Test *t, QVirtioDevice *dev, uint16_t goal)
{
    const QVirtioDriver *driver = dev->driver;
    QVirtQueue *vq = ring_queue(dev);
    QVirtioPing p = {0};
    int err =
        driver->wind_make ? driver->wind_make(dev, &p) : driver->ping_make(dev, 0, &p);
    if (!require_ok(t, err)) {
        return false;
    }
    QVirtioSg sg[3];
    uint16_t entries = goal - vq->last_used;
    return require_ok(t, qvirtio_ping_cut(&p, 1, 1, sg, 3)) &&
           require_ok(t, qvirtio_wind(vq, sg, p.out_bytes > 0,
                                      qvirtio_ping_in_parts(&p, 1), entries));
}

VIRTIO_TEST(indices_wrap_past_65535, .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_NO_EVENT,
            .flags = TEST_PING, .why_not = why_not_wound)
{
    QVirtQueue *vq = ring_queue(dev);
    unsigned capacity = ring_capacity(dev, 1);
    unsigned count = capacity < 3 ? capacity : 3;

    if (!wind_to(t, dev, 65531)) {
        return;
    }
    /* Three, in one batch, end at 65533; the next batch crosses; then single ones. */
    for (uint32_t number = 1; number < 12; number += count) {
        if (!ring_pings(t, "virtio 2.7.8", dev, number, count)) {
            return;
        }
    }
    expect_le(t, "virtio 2.7.8", qvring_used_idx(&vq->vring), 16);
    expect_eq(t, "virtio 2.7.8", qvring_used_idx(&vq->vring),
              qvring_avail_idx(&vq->vring));
}

VIRTIO_TEST(used_event_works_across_the_wrap, .why_not = why_not_wound,
            .rings = RINGS_SPLIT | RINGS_DIRECT | RINGS_EVENT, .flags = TEST_PING)
{
    QVirtQueue *vq = ring_queue(dev);
    uint32_t number = 1;
    if (!ring_irq_usable(t, dev) || !wind_to(t, dev, 65533)) {
        return;
    }
    /* Elements 65533, 65534, 65535, 0, 1: each asked for by itself. */
    for (unsigned i = 0; i < 5; i++) {
        qvirtqueue_irq_enable_after(vq, 0);
        uint32_t before = qvirtqueue_irq_count(vq);
        if (!require_ping(t, dev, number++) ||
            !ring_irq_after(t, "dev:2.7.7.2-5", vq, before)) {
            return;
        }
    }
    expect_eq(t, "virtio 2.7.8", qvring_used_idx(&vq->vring), 2);
}
