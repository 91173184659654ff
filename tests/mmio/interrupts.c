/* SPDX-License-Identifier: MIT */
/*
 * InterruptStatus and InterruptACK (4.2.2, 4.2.3.4), on both versions: seen by polling,
 * or with the machine's line masked. That the line interrupts at all is the bus suite's.
 */
#include "drivers/virtio/bus.h"
#include "tests/mmio/mmio_lib.h"

static uint32_t interrupt_status(const QVirtioDevice *dev)
{
    return qvirtio_mmio_read(dev, VIRTIO_MMIO_INTERRUPT_STATUS);
}

static void acknowledge(const QVirtioDevice *dev, uint32_t bits)
{
    qvirtio_mmio_write(dev, VIRTIO_MMIO_INTERRUPT_ACK, bits);
}

/* Ends what the driver's own requests may have left pending. */
static void clear(QVirtioDevice *dev)
{
    acknowledge(dev, VIRTIO_MMIO_INTERRUPTS);
}

/* The bit of used buffers. The configuration may change at any time (3.2), so the other
 * one is looked at only where the sentence is about it. */
static uint32_t queue_bit(const QVirtioDevice *dev)
{
    return interrupt_status(dev) & VIRTIO_MMIO_INTERRUPT_QUEUE;
}

/* "until the driver acknowledges the interrupt by writing a corresponding bit mask to the
 * InterruptACK register": not by reading, not by other registers, not by the other bit.
 */
VIRTIO_TEST(interrupt_status_holds_until_acknowledged, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MMIO_BOTH)
{
    if (!mmio_start_polled(t, dev) || !mmio_ping_pending(t, dev, 1)) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        expect_eq(t, "dev:4.2.2.1-3", queue_bit(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    }
    qvirtio_has_status(dev, VIRTIO_STATUS_DRIVER_OK);
    qvirtio_mmio_select(dev, 0);
    expect_eq(t, "dev:4.2.2.1-3", queue_bit(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    acknowledge(dev, VIRTIO_MMIO_INTERRUPT_CONFIG);
    expect_eq(t, "dev:4.2.2.1-3", queue_bit(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    acknowledge(dev, VIRTIO_MMIO_INTERRUPT_QUEUE);
    expect_eq(t, "virtio 4.2.2", queue_bit(dev), 0);
}

/* "Bits which do not represent events which took place MUST be zero": no bit is set that
 * nobody has defined, and a request changes no configuration. That may change by itself,
 * but not with each request. */
VIRTIO_TEST(only_events_that_took_place_show, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MMIO_BOTH)
{
    unsigned plain = 0;

    expect_eq(t, "dev:4.2.2.1-4", interrupt_status(dev), 0);
    if (!mmio_start_polled(t, dev)) {
        return;
    }
    clear(dev);
    for (uint32_t n = 1; n <= 4; n++) {
        if (!mmio_ping_pending(t, dev, n)) {
            return;
        }
        uint32_t status = interrupt_status(dev);
        expect_eq(t, "dev:4.2.2.1-4", status & ~VIRTIO_MMIO_INTERRUPTS, 0);
        plain += status == VIRTIO_MMIO_INTERRUPT_QUEUE;
        clear(dev);
        expect_eq(t, "virtio 4.2.2", queue_bit(dev), 0);
    }
    expect_ge(t, "dev:4.2.2.1-4", plain, 1);
}

/* "Upon reset, the device MUST clear all bits in InterruptStatus". */
VIRTIO_TEST(reset_clears_interrupt_status, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MMIO_BOTH)
{
    if (mmio_start_polled(t, dev) && mmio_ping_pending(t, dev, 1) &&
        require_ok(t, dev->bus->reset(dev))) {
        expect_eq(t, "dev:4.2.2.1-5", interrupt_status(dev), 0);
    }
}

/* What is acknowledged is over; acknowledging again, or nothing, is no event. */
VIRTIO_TEST(acknowledging_twice_changes_nothing, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MMIO_BOTH)
{
    if (!mmio_start_polled(t, dev) || !mmio_ping_pending(t, dev, 1)) {
        return;
    }
    acknowledge(dev, 0);
    expect_eq(t, "dev:4.2.2.1-3", queue_bit(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    clear(dev);
    clear(dev);
    expect_eq(t, "virtio 4.2.2", queue_bit(dev), 0);
    if (mmio_ping_pending(t, dev, 2)) {
        expect_eq(t, "dev:4.2.2.1-3", queue_bit(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    }
}

static const char *why_no_line(QVirtioDevice *dev)
{
    return qvirtio_mmio(dev)->slot.line < 0 ? "the device's line is not known" : NULL;
}

static bool has_interrupt(void *arg)
{
    return ((QVirtQueue *)arg)->irq.count > 0;
}

/*
 * 4.2.3.4: the "interrupt signal ... is asserted when at least one of the bits described
 * in the description of InterruptStatus is set". How it is wired is the machine's affair:
 * a level that was raised behind a mask is delivered when the mask goes, an edge is lost.
 * Either way the event shows until it is acknowledged, and then the next one interrupts.
 */
VIRTIO_TEST(event_outlives_a_masked_line, .flags = TEST_PING, .buses = BUS_MMIO_BOTH,
            .why_not = why_no_line)
{
    QVirtQueue *vq = mmio_ping_queue(dev);
    int line = qvirtio_mmio(dev)->slot.line;

    irq_line_mask(line, true);
    irq_settle();
    vq->irq.count = 0;
    bool is_held = mmio_ping_pending(t, dev, 1) && require_ping(t, dev, 2);
    if (is_held) {
        expect_eq(t, "virtio 4.2.2", queue_bit(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    }
    irq_line_mask(line, false);
    irq_settle();
    if (vq->irq.count == 0) { /* an edge, or one that is still under way */
        clear(dev);
    }
    vq->irq.count = 0;
    if (is_held && require_ping(t, dev, 3)) {
        expect_ok(t, "virtio 4.2.3.4",
                  qvirtio_wait(dev, "an interrupt of the queue", has_interrupt, vq, 0));
    }
}

/* The same where the event was acknowledged behind the mask: nothing is left of it, and
 * the next one interrupts. */
VIRTIO_TEST(line_rises_again_after_its_acknowledgement, .flags = TEST_PING,
            .buses = BUS_MMIO_BOTH, .why_not = why_no_line)
{
    QVirtQueue *vq = mmio_ping_queue(dev);
    int line = qvirtio_mmio(dev)->slot.line;

    irq_line_mask(line, true);
    irq_settle();
    bool is_held = mmio_ping_pending(t, dev, 1);
    clear(dev);
    irq_line_mask(line, false);
    irq_settle();
    vq->irq.count = 0;
    if (is_held && require_ping(t, dev, 2)) {
        expect_ok(t, "virtio 4.2.3.4",
                  qvirtio_wait(dev, "an interrupt of the queue", has_interrupt, vq, 0));
    }
}
