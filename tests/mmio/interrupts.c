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
        expect_eq(t, "dev:4.2.2.1-3", interrupt_status(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    }
    require_eq(t, qvirtio_has_status(dev, VIRTIO_STATUS_DRIVER_OK), true);
    qvirtio_mmio_select(dev, 0);
    expect_eq(t, "dev:4.2.2.1-3", interrupt_status(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    acknowledge(dev, VIRTIO_MMIO_INTERRUPT_CONFIG);
    expect_eq(t, "dev:4.2.2.1-3", interrupt_status(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    acknowledge(dev, VIRTIO_MMIO_INTERRUPT_QUEUE);
    require_eq(t, interrupt_status(dev), 0);
}

/* "Bits which do not represent events which took place MUST be zero." */
VIRTIO_TEST(only_events_that_took_place_show, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MMIO_BOTH)
{
    expect_eq(t, "dev:4.2.2.1-4", interrupt_status(dev), 0);
    if (!mmio_start_polled(t, dev)) {
        return;
    }
    clear(dev);
    for (uint32_t n = 1; n <= 4; n++) {
        if (!mmio_ping_pending(t, dev, n)) {
            return;
        }
        expect_eq(t, "dev:4.2.2.1-4", interrupt_status(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
        clear(dev);
        expect_eq(t, "dev:4.2.2.1-4", interrupt_status(dev), 0);
    }
}

/* "Upon reset, the device MUST clear all bits in InterruptStatus". */
VIRTIO_TEST(reset_clears_interrupt_status, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_MMIO_BOTH)
{
    if (mmio_start_polled(t, dev) && mmio_ping_pending(t, dev, 1)) {
        require_ok(t, dev->bus->reset(dev));
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
    expect_eq(t, "dev:4.2.2.1-3", interrupt_status(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
    clear(dev);
    clear(dev);
    require_eq(t, interrupt_status(dev), 0);
    if (mmio_ping_pending(t, dev, 2)) {
        expect_eq(t, "dev:4.2.2.1-3", interrupt_status(dev), VIRTIO_MMIO_INTERRUPT_QUEUE);
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

/* 4.2.3.4: the "interrupt signal ... is asserted when at least one of the bits described
 * in the description of InterruptStatus is set": what was raised behind a mask is
 * delivered when the mask goes. */
VIRTIO_TEST(line_is_held_behind_a_mask, .flags = TEST_PING, .buses = BUS_MMIO_BOTH,
            .why_not = why_no_line)
{
    QVirtQueue *vq = mmio_ping_queue(dev);
    int line = qvirtio_mmio(dev)->slot.line;

    irq_line_mask(line, true);
    irq_settle();
    vq->irq.count = 0;
    bool is_held = mmio_ping_pending(t, dev, 1) && require_ping(t, dev, 2);
    require_eq(t, vq->irq.count, 0);
    irq_line_mask(line, false);
    if (is_held) {
        require_ok(t, qvirtio_wait(dev, "the interrupt that was held back", has_interrupt,
                                   vq, 0));
    }
}

/* The line goes down with the last bit: acknowledged behind a mask, nothing is left to
 * deliver. */
VIRTIO_TEST(acknowledged_line_is_low, .flags = TEST_PING, .buses = BUS_MMIO_BOTH,
            .why_not = why_no_line)
{
    QVirtQueue *vq = mmio_ping_queue(dev);
    int line = qvirtio_mmio(dev)->slot.line;

    irq_line_mask(line, true);
    irq_settle();
    bool is_held = mmio_ping_pending(t, dev, 1);
    clear(dev);
    vq->irq.count = 0;
    uint32_t on_line = irq_line_count(line);
    irq_line_mask(line, false);
    irq_settle();
    require_eq(t, irq_line_count(line) - on_line, 0);
    if (is_held && require_ping(t, dev, 2)) {
        require_ok(t,
                   qvirtio_wait(dev, "an interrupt of the queue", has_interrupt, vq, 0));
    }
}
