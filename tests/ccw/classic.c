/* SPDX-License-Identifier: MIT */
/*
 * Classic indicators (4.3.2.6.1, 4.3.2.6.2, 4.3.3.1.1): 64 bits stand for the queues and
 * 64 for the configuration. The interrupt is an unsolicited one of the subchannel.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/ring/forge.h"
#include "kernel/barrier.h"
#include "kernel/irq/irq.h"
#include "tests/ccw/own_indicators.h"

VIRTIO_TEST(classic_indicators_interrupt, .flags = TEST_PING | TEST_IRQ_INTX,
            .buses = BUS_CCW_BOTH, .rings = RINGS_ALL)
{
    require_eq(t, qvirtio_ccw(dev)->kind, CCW_CLASSIC);
    ccw_expect_interrupt(t, dev);
}

/* "the device sets the corresponding bit in the guest-provided indicators": bits of
 * queues that do not exist must stay clear. */
VIRTIO_TEST(classic_indicator_is_the_queue_s_bit, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW_BOTH)
{
    OwnIndicators own;

    if (own_start_classic(t, dev, &own) && own_ping(t, &own, 1)) {
        uint64_t bits = be64_get(*own.queues), bit = own_classic_bit(&own);
        expect_eq(t, "virtio 4.3.3.1.1", bits & bit, bit);
        uint16_t queues = dev->driver->queue_count(dev);
        expect_eq(t, "virtio 4.3.3.1.1", queues < 64 ? bits >> queues : 0, 0);
    }
    own_stop(&own);
}

VIRTIO_TEST(classic_indicator_stays_until_cleared, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW_BOTH)
{
    OwnIndicators own;

    if (own_start_classic(t, dev, &own) && own_ping(t, &own, 1) && own_ping(t, &own, 2)) {
        expect_ne(t, "virtio 4.3.3.1.1", be64_get(*own.queues) & own_classic_bit(&own),
                  0);
        own_forget(&own);
        if (own_ping(t, &own, 3)) {
            expect_ne(t, "virtio 4.3.3.1.1",
                      be64_get(*own.queues) & own_classic_bit(&own), 0);
        }
    }
    own_stop(&own);
}

/* The test sends only commands in between. The device may indicate a queue that exists
 * although it has used no buffer: "The driver MUST handle spurious notifications"
 * (2.7.7.1). */
VIRTIO_TEST(commands_indicate_no_absent_queue, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW_BOTH)
{
    OwnIndicators own;

    if (own_start_classic(t, dev, &own)) {
        uint16_t max;
        for (unsigned i = 0; i < 8; i++) {
            require_ok(t, dev->bus->queue_max(dev, 0, &max));
        }
        uint64_t bits = be64_get(READ_ONCE(*own.queues));
        for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
            if (!dev->vq[i]) {
                expect_eq(t, "virtio 4.3.3.1.1", bits >> i & 1, 0);
            }
        }
    }
    own_stop(&own);
}

/* "If the driver has already set up classic queue indicators via the CCW_CMD_SET_IND
 * command, the device MUST post a unit check with command reject to any subsequent
 * CCW_CMD_SET_IND_ADAPTER command." */
VIRTIO_TEST(adapter_indicators_after_classic_are_rejected, .flags = TEST_RAW | TEST_PING,
            .violates = "4.3.2.6", .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_classic(t, dev, &own)) {
        int err =
            qvirtio_ccw_set_adapter(qvirtio_ccw(dev), own.summary, own.area, 0, OWN_ISC);
        expect_fine(t, "dev:4.3.2.6.3.1-1", ccw_not_rejected(dev, err));
        if (own_ping(t, &own, 1)) {
            expect_ne(t, "virtio 4.3.3.1.1",
                      be64_get(*own.queues) & own_classic_bit(&own), 0);
            expect_eq(t, SAFETY, *own.summary, 0);
        }
    }
    own_stop(&own);
}

static bool has_changed(void *arg)
{
    return be64_get(READ_ONCE(*((OwnIndicators *)arg)->config)) != 0;
}

static bool has_alert(void *arg)
{
    return own_alerts(arg) > 0;
}

/*
 * A device that needs a reset tells the driver (2.1.2): "it sets bit 0 in the
 * configuration indicators and generates an unsolicited I/O interrupt, if needed". The
 * test sends no command meanwhile, because the interrupt of a command could be taken for
 * the unsolicited one.
 */
static void break_and_see(Test *t, OwnIndicators *own)
{
    QVirtioDevice *dev = own->dev;
    QVirtQueue *vq = ccw_ping_queue(dev);
    uint64_t most_ns = wait_timeout_ns() / 8;

    forge_avail_idx(vq, vq->published_idx + vq->size + 1);
    qvirtio_notify(dev, vq);
    if (qvirtio_wait(dev, "the configuration indicator", has_changed, own, most_ns)) {
        wait_forget();
        bool is_silent =
            !dev->is_mute && qvirtio_has_status(dev, VIRTIO_STATUS_NEEDS_RESET);
        if (expect_eq(t, "dev:2.1.2-3", is_silent, false)) {
            test_skip(t, "the device goes on with a broken ring, so it needs no reset");
        }
        return;
    }
    expect_eq(t, "virtio 4.3.3.1.1", be64_get(*own->config), VIRTIO_CCW_CONFIG_CHANGED);
    expect_ok(t, "virtio 4.3.3.1.1",
              qvirtio_wait(dev, "the subchannel's interrupt", has_alert, own, 0));
}

VIRTIO_TEST(config_indicator_is_bit_0, .violates = "2.7.13",
            .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_classic(t, dev, &own)) {
        break_and_see(t, &own);
    }
    own_stop(&own);
}

/* The configuration has a classic indicator "also ... if adapter I/O interrupts are used
 * for queue notifications." */
VIRTIO_TEST(config_indicator_beside_adapter_indicators, .violates = "2.7.13",
            .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_adapter(t, dev, &own, 0, OWN_ISC)) {
        break_and_see(t, &own);
    }
    own_stop(&own);
}
