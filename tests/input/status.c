/* SPDX-License-Identifier: MIT */
/*
 * The statusq (5.8.6): events from the driver are taken and used, and written by nobody.
 */
#include "tests/input/input_lib.h"

static QVirtQueue *statusq(const QVirtioDevice *dev)
{
    return dev->vq[VIRTIO_INPUT_STATUSQ];
}

VIRTIO_TEST(full_statusq_is_used_up, .device = VIRTIO_ID_INPUT, .rings = RINGS_ALL)
{
    const uint16_t type = input_status_type(dev);
    unsigned sent = 0;
    while (sent < 256 && input_status_add(dev, type, 0, type == EV_LED && sent % 2)) {
        sent++;
    }
    qvirtqueue_kick(statusq(dev));
    for (unsigned i = 0; i < sent; i++) {
        QVirtioUsed used;
        if (!expect_ok(t, "virtio 5.8.6", qvirtqueue_wait(statusq(dev), &used))) {
            return;
        }
        const struct virtio_input_event *e = used.token;
        expect_eq(t, SAFETY, le16_get(e->type), type);
    }
    require_ge(t, sent, 1);
    require_that(t, !qvirtqueue_has_used(statusq(dev)), "each used once", "one more");
}

static bool has_used(void *arg)
{
    return qvirtqueue_has_used(arg);
}

/* The ring cuts this length, so it is read as it lies there. On
 * packed rings it means nothing (2.8.4). */
VIRTIO_TEST(status_event_is_used_for_no_bytes, .device = VIRTIO_ID_INPUT,
            .rings = RINGS_SPLIT)
{
    const char *clause = qvirtio_is_legacy(dev) ? BASIS_NONE : "dev:2.7.8.2-2";
    QVirtQueue *vq = statusq(dev);
    uint32_t id, len = 0;
    if (!input_status_add(dev, input_status_type(dev), 0, 0)) {
        require_ok(t, -QVIRTIO_NO_MEMORY);
        return;
    }
    qvirtqueue_kick(vq);
    if (require_ok(t, qvirtio_wait(dev, vq->what, has_used, vq, 0)) &&
        vq->ring->peek(vq, &id, &len)) {
        expect_eq(t, clause, len, 0);
    }
}

/* Adds it without waiting: what is no event may never be used. */
static void submit(Test *t, QVirtQueue *vq, uint32_t bytes, unsigned in)
{
    uint8_t *at = arena_lend(bytes, 8);
    if (require_ok(t, at ? 0 : -QVIRTIO_NO_MEMORY)) {
        QVirtioSg sg = {arena_map(at, bytes), bytes};
        require_ok(t, qvirtqueue_add(vq, &sg, !in, in, at));
        qvirtqueue_kick(vq);
    }
}

/* "Buffers placed into the statusq by a driver MUST be at least the size of struct
 * virtio_input_event." */
VIRTIO_TEST(short_status_events_do_no_harm, .device = VIRTIO_ID_INPUT,
            .violates = "5.8.6.1")
{
    static const uint8_t sizes[] = {1, 2, 4, 7};
    for (unsigned i = 0; i < sizeof(sizes); i++) {
        submit(t, statusq(dev), sizes[i], 0);
    }
    expect_survives(t, dev);
}

VIRTIO_TEST(status_buffers_to_write_to_do_no_harm, .device = VIRTIO_ID_INPUT,
            .violates = "5.8.6.1")
{
    submit(t, statusq(dev), sizeof(struct virtio_input_event), 1);
    expect_survives(t, dev);
}

/* Events are "filled according to the Linux input layer", which has no LED on there. */
VIRTIO_TEST(led_of_a_device_without_leds_does_no_harm, .device = VIRTIO_ID_INPUT,
            .violates = "5.8.6")
{
    if (input_status_type(dev) == EV_LED) {
        test_skip(t, "the device has LEDs");
        return;
    }
    require_that(t, input_status_add(dev, EV_LED, LED_CAPSL, 1) != NULL, "memory",
                 "none");
    qvirtqueue_kick(statusq(dev));
    expect_survives(t, dev);
}

/* "These buffers MUST be device-writable". */
VIRTIO_TEST(event_buffers_to_read_from_do_no_harm, .device = VIRTIO_ID_INPUT,
            .violates = "5.8.6.1")
{
    submit(t, dev->vq[VIRTIO_INPUT_EVENTQ], sizeof(struct virtio_input_event), 0);
    expect_survives(t, dev);
}
