/* SPDX-License-Identifier: MIT */
/*
 * Indicators at addresses where none can be (4.3.2.6): the device has to write to them
 * whenever it uses a buffer. It may reject the addresses or lose its notifications, but
 * it must survive.
 */
#include "drivers/virtio/bus.h"
#include "tests/ccw/own_indicators.h"

#define NOWHERE (1ull << 52)

/* Starts a polled device, has set() set its indicators, and makes it notify. */
static void notify_with(Test *t, QVirtioDevice *dev, int (*set)(QVirtioCcw *p))
{
    QVirtioFeatures none = {0};

    dev->irq_mode = QVIRTIO_IRQ_NONE;
    if (!require_ok(t, qvirtio_start_queues(dev, &none, t->ring, 0))) {
        return;
    }
    qvirtio_ccw(dev)->are_lent = true;
    int err = set(qvirtio_ccw(dev));
    expect_that(t, SAFETY, err != -QVIRTIO_TIMEOUT, "an end of the command", "none");
    /* The device may lose its notifications, or break; the pings make it notify. */
    const char *why = NULL;
    err = qvirtio_start_finish(dev, t->ring);
    for (uint32_t n = 1; n <= 4 && !err; n++) {
        err = qvirtio_ping(dev, n, &why);
    }
    wait_forget();
    expect_survives(t, dev);
}

static int classic_nowhere(QVirtioCcw *p)
{
    return qvirtio_ccw_set_classic(p, (const be64 *)NOWHERE);
}

VIRTIO_TEST(classic_indicators_beyond_memory, .violates = "4.3.2.6",
            .buses = BUS_CCW_BOTH, .flags = TEST_RAW | TEST_PING)
{
    notify_with(t, dev, classic_nowhere);
}

static int classic_misaligned(QVirtioCcw *p)
{
    return qvirtio_ccw_set_classic(p, (const be64 *)((uint8_t *)arena_lend(16, 8) + 1));
}

VIRTIO_TEST(classic_indicators_misaligned, .violates = "4.3.2.6", .buses = BUS_CCW_BOTH,
            .flags = TEST_RAW | TEST_PING)
{
    notify_with(t, dev, classic_misaligned);
}

static int config_nowhere(QVirtioCcw *p)
{
    return qvirtio_ccw_set_config_indicator(p, (const be64 *)NOWHERE);
}

VIRTIO_TEST(config_indicator_beyond_memory, .violates = "4.3.2.6", .buses = BUS_CCW_BOTH,
            .flags = TEST_RAW | TEST_PING)
{
    notify_with(t, dev, config_nowhere);
}

static int adapter_nowhere(QVirtioCcw *p)
{
    return qvirtio_ccw_set_adapter(p, (const uint8_t *)NOWHERE, (const uint8_t *)NOWHERE,
                                   0, QVIRTIO_CCW_ISC);
}

VIRTIO_TEST(adapter_indicators_beyond_memory, .violates = "4.3.2.6", .buses = BUS_CCW,
            .flags = TEST_RAW | TEST_PING)
{
    notify_with(t, dev, adapter_nowhere);
}

static int adapter_far_bit(QVirtioCcw *p)
{
    uint8_t *at = arena_lend(16, 8);

    return qvirtio_ccw_set_adapter(p, at, at + 8, 1ull << 60, QVIRTIO_CCW_ISC);
}

VIRTIO_TEST(adapter_bit_number_is_huge, .violates = "4.3.2.6", .buses = BUS_CCW,
            .flags = TEST_RAW | TEST_PING)
{
    notify_with(t, dev, adapter_far_bit);
}

static int adapter_strange_isc(QVirtioCcw *p)
{
    uint8_t *at = arena_lend(16, 8);

    return qvirtio_ccw_set_adapter(p, at, at + 8, 0, 0xff);
}

VIRTIO_TEST(adapter_isc_does_not_exist, .violates = "4.3.2.6", .buses = BUS_CCW,
            .flags = TEST_RAW | TEST_PING)
{
    notify_with(t, dev, adapter_strange_isc);
}

/* 4.3.3.2: the driver sends notifications before the device has a queue. */
VIRTIO_TEST(notification_before_any_queue, .violates = "3.1.1", .buses = BUS_CCW_BOTH,
            .flags = TEST_RAW)
{
    for (uint16_t i = 0; i < 4; i++) {
        QVirtQueue vq = {.dev = dev, .index = i};
        dev->bus->notify(dev, &vq);
    }
    expect_survives(t, dev);
}
