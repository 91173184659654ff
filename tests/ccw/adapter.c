/* SPDX-License-Identifier: MIT */
/*
 * Two-stage indicators and adapter interrupts (4.3.2.6.3, 4.3.3.1.2): each queue has one
 * bit, counted from a bit number on, and there are a summary byte and an interruption
 * subclass.
 */
#include "kernel/irq/irq.h"
#include "tests/ccw/own_indicators.h"

#define ODD_BIT_NR 13

VIRTIO_TEST(adapter_indicators_interrupt, .flags = TEST_PING, .buses = BUS_CCW,
            .rings = RINGS_ALL)
{
    if (qvirtio_ccw(dev)->kind != CCW_ADAPTER) {
        test_skip(t, "the device takes no adapter indicators");
        return;
    }
    ccw_expect_interrupt(t, dev);
}

/* "The guest-provided summary indicator is set to 0x01." */
VIRTIO_TEST(summary_indicator_is_1, .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_adapter(t, dev, &own, 0, OWN_ISC) && own_ping(t, &own, 1)) {
        expect_eq(t, "virtio 4.3.3.1.2", *own.summary, 1);
        if (be64_get(*own.config) == 0) { /* it may change at any time (3.2) */
            expect_eq(t, "virtio 4.3.3.1.2", own_alerts(&own), 0);
        }
        expect_eq(t, SAFETY, be64_get(*own.queues), 0);
    }
    own_stop(&own);
}

static void expect_bit(Test *t, QVirtioDevice *dev, uint64_t bit_nr)
{
    OwnIndicators own;

    if (own_start_adapter(t, dev, &own, bit_nr, OWN_ISC) && own_ping(t, &own, 1)) {
        uint64_t queues = dev->driver->queue_count(dev);
        uint64_t mine = bit_nr + ccw_ping_queue(dev)->index;
        expect_eq(t, "virtio 4.3.3.1.2", own_has_adapter_bit(&own, mine), true);
        for (uint64_t bit = 0; bit < OWN_AREA_BYTES * 8; bit++) {
            if ((bit < bit_nr || bit >= bit_nr + queues) &&
                !expect_eq(t, SAFETY, own_has_adapter_bit(&own, bit), false)) {
                break;
            }
        }
    }
    own_stop(&own);
}

/* "Bit numbers start at the left, i.e. the most significant bit in the first byte is
 * assigned the bit number 0." */
VIRTIO_TEST(adapter_bits_start_at_the_left, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW)
{
    expect_bit(t, dev, 0);
}

/* "starting at bit_nr, one bit per virtqueue of the device". */
VIRTIO_TEST(adapter_bits_start_at_bit_nr, .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW)
{
    expect_bit(t, dev, ODD_BIT_NR);
}

/* Other devices have bits in the same bytes, which must not change. */
VIRTIO_TEST(adapter_bits_of_others_stay, .flags = TEST_RAW | TEST_PING, .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_adapter(t, dev, &own, ODD_BIT_NR, OWN_ISC)) {
        uint64_t mine = ODD_BIT_NR + ccw_ping_queue(dev)->index;
        memset(own.area, 0xff, OWN_AREA_BYTES);
        own.area[mine / 8] &= (uint8_t) ~(0x80 >> mine % 8);
        if (own_ping(t, &own, 1)) {
            for (uint64_t byte = 0; byte < OWN_AREA_BYTES; byte++) {
                expect_eq(t, SAFETY, own.area[byte], 0xff);
            }
        }
    }
    own_stop(&own);
}

/* "The device SHOULD only generate an adapter I/O interrupt if the summary indicator had
 * not been set prior to notification." Once the driver has cleared it, the device sends
 * the next interrupt. */
VIRTIO_TEST(set_summary_holds_interrupts_back, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_adapter(t, dev, &own, 0, OWN_ISC) && own_ping(t, &own, 1)) {
        irq_settle();
        uint32_t before = own_adapter_interrupts(&own);
        for (uint32_t n = 2; n <= 5; n++) {
            require_ping(t, dev, n);
        }
        irq_settle();
        expect_eq(t, "dev:4.3.3.1.2.1-1", own_adapter_interrupts(&own), before);
        expect_eq(t, "virtio 4.3.3.1.2",
                  own_has_adapter_bit(&own, ccw_ping_queue(dev)->index), true);
        own_forget(&own);
        own_ping(t, &own, 6);
    }
    own_stop(&own);
}

/* "It MAY be different from the isc used by the proxy virtio-ccw device's subchannel." */
VIRTIO_TEST(adapter_interrupts_come_by_their_isc, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_CCW)
{
    static const uint8_t subclasses[] = {1, OWN_ISC, 7};

    for (size_t i = 0; i < sizeof(subclasses); i++) {
        OwnIndicators own;
        if (own_start_adapter(t, dev, &own, 0, subclasses[i])) {
            own_ping(t, &own, 1);
        }
        own_stop(&own);
        if (!require_ok(t, qvirtio_reset(dev))) {
            return;
        }
    }
}

/* "the device MUST post a unit check with command reject to any subsequent
 * CCW_CMD_SET_IND command" (4.3.2.6.1). */
VIRTIO_TEST(classic_indicators_after_adapter_are_rejected, .flags = TEST_RAW | TEST_PING,
            .violates = "4.3.2.6", .buses = BUS_CCW)
{
    OwnIndicators own;

    if (own_start_adapter(t, dev, &own, 0, OWN_ISC)) {
        int err = qvirtio_ccw_set_classic(qvirtio_ccw(dev), own.queues);
        expect_fine(t, "virtio 4.3.2.6.1", ccw_not_rejected(dev, err));
        if (own_ping(t, &own, 1)) {
            expect_eq(t, "virtio 4.3.3.1.2", *own.summary, 1);
            expect_eq(t, "virtio 4.3.2.6.1", be64_get(*own.queues), 0);
        }
    }
    own_stop(&own);
}
