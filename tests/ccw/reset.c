/* SPDX-License-Identifier: MIT */
/*
 * CCW_CMD_VDEV_RESET (4.3.3.3): the reset is over when the command concludes, and the
 * device does nothing from there on. The next life of the device must have worked before
 * a test judges that.
 */
#include "drivers/virtio/ring/qvring.h"
#include "kernel/barrier.h"
#include "kernel/irq/irq.h"
#include "tests/ccw/own_indicators.h"

#define IN_FLIGHT 4

typedef struct Flight {
    QVirtQueue *vq;
    QVirtioPing ping[IN_FLIGHT];
    unsigned count;
} Flight;

/* Sends requests, kicks the device, and does not take the answers. */
static bool send(Test *t, QVirtioDevice *dev, Flight *f)
{
    *f = (Flight){.vq = ccw_ping_queue(dev)};
    int err = 0;

    while (!err && f->count < IN_FLIGHT) {
        err = dev->driver->ping_make(dev, f->count + 1, &f->ping[f->count]);
        err = err ? err : qvirtio_ping_add(&f->ping[f->count], 1, 1);
        f->count += !err;
    }
    qvirtqueue_kick(f->vq);
    return require_ok(t, err == -QVIRTIO_NO_SPACE && f->count > 0 ? 0 : err);
}

static int vdev_reset(QVirtioDevice *dev)
{
    return ccw_command(dev, CCW_CMD_VDEV_RESET, NULL, 0);
}

static const char *why_no_status(QVirtioDevice *dev)
{
    return qvirtio_ccw(dev)->highest < VIRTIO_CCW_REV_STATUS
               ? "the device has no READ_STATUS"
               : NULL;
}

/* "The device MUST finish the virtio reset operation and reinitialize device status to
 * zero before it concludes the CCW_CMD_VDEV_RESET command successfully." */
VIRTIO_TEST(reset_is_over_when_it_concludes, .flags = TEST_PING, .buses = BUS_CCW,
            .rings = RINGS_ALL, .why_not = why_no_status)
{
    uint8_t status = 0xff;
    Flight f;

    if (send(t, dev, &f) && require_ok(t, vdev_reset(dev))) {
        expect_ok(t, "dev:4.3.2.3.2-2",
                  ccw_command(dev, CCW_CMD_READ_STATUS, &status, 1));
        expect_eq(t, "dev:4.3.3.3.1-1", status, 0);
    }
}

/* Returns a sum of everything that the device may have written to. Where pings have no
 * writable buffer, it is the used index alone. */
static uint32_t sum_of(const Flight *f)
{
    uint32_t sum = qvring_used_idx(&f->vq->vring);

    for (unsigned i = 0; i < f->count; i++) {
        const uint8_t *in = f->ping[i].in;
        for (uint32_t n = 0; n < f->ping[i].in_bytes; n++) {
            sum = sum * 31 + READ_ONCE(in[n]);
        }
    }
    return sum;
}

/*
 * "The device MUST NOT send notifications or interact with the queues after it signaled
 * successful conclusion of the CCW_CMD_VDEV_RESET command." The next life is polled, so
 * every interrupt in it must come from the life before.
 */
static void reset_and_watch(Test *t, OwnIndicators *own)
{
    QVirtioDevice *dev = own->dev;
    Flight f;

    if (!send(t, dev, &f) || !require_ok(t, vdev_reset(dev))) {
        return;
    }
    /* All interrupts that were sent before have arrived by now. */
    own_forget(own);
    uint32_t sum = sum_of(&f);
    if (!ccw_start_silent(t, dev)) {
        return;
    }
    qvirtio_ccw(dev)->are_lent = true;
    for (uint32_t n = 1; n <= 4; n++) {
        require_ping(t, dev, n);
    }
    irq_settle();
    expect_eq(t, "dev:4.3.3.3.1-2", sum_of(&f), sum);
    expect_eq(t, "dev:4.3.3.3.1-2", be64_get(*own->queues), 0);
    expect_eq(t, "dev:4.3.3.3.1-2", be64_get(*own->config), 0);
    expect_eq(t, "dev:4.3.3.3.1-2", *own->summary, 0);
    expect_eq(t, "dev:4.3.3.3.1-2", own_has_adapter_bit(own, f.vq->index), false);
    expect_eq(t, "dev:4.3.3.3.1-2", own_alerts(own), 0);
    expect_eq(t, "dev:4.3.3.3.1-2", own_adapter_interrupts(own), 0);
}

VIRTIO_TEST(reset_silences_classic_indicators, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW_BOTH)
{
    OwnIndicators own;

    if (own_start_classic(t, dev, &own)) {
        reset_and_watch(t, &own);
    }
    own_stop(&own);
}

VIRTIO_TEST(reset_silences_adapter_indicators, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_adapter(t, dev, &own, 0, OWN_ISC)) {
        reset_and_watch(t, &own);
    }
    own_stop(&own);
}

/* Indicators end with the life of the device: after a reset the driver may set up the
 * other kind. */
VIRTIO_TEST(reset_frees_the_choice_of_indicators, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW)
{
    for (unsigned i = 0; i < 4; i++) {
        dev->irq_mode = i % 2 ? QVIRTIO_IRQ_BEST : QVIRTIO_IRQ_INTX;
        if (!require_ok(t, qvirtio_reset(dev)) || !test_start(t, dev, NULL)) {
            return;
        }
        require_eq(t, qvirtio_ccw(dev)->kind, i % 2 ? CCW_ADAPTER : CCW_CLASSIC);
        expect_ping(t, SAFETY, dev, i + 1);
    }
}
