/* SPDX-License-Identifier: MIT */
/*
 * Interrupts as every bus delivers them (2.3): a used buffer raises the interrupt of its
 * queue, every mode of delivery works, and a polled device works without interrupts. The
 * pci suite tests vectors, masks and the ISR. No test demands that an idle queue is
 * quiet: "The driver MUST handle spurious notifications from the device" (2.7.7.1).
 */
#include "drivers/virtio/bus.h"
#include "tests/harness/test.h"

static QVirtQueue *ping_queue(const QVirtioDevice *dev)
{
    return dev->vq[dev->driver->ping_queue];
}

static bool has_interrupted(void *arg)
{
    return qvirtqueue_irq_count(arg) > 0;
}

/* Waits for the interrupt that the used buffer of a ping must raise. */
static void expect_interrupt(Test *t, QVirtioDevice *dev)
{
    QVirtQueue *vq = ping_queue(dev);
    if (!vq->irq.is_bound) {
        test_skip(t, "no interrupt can be bound to the queue");
        return;
    }
    require_ping(t, dev, 1);
    require_ok(t, qvirtio_wait(dev, "the queue's interrupt", has_interrupted, vq, 0));
}

VIRTIO_TEST(used_buffer_interrupts, .flags = TEST_PING, .rings = RINGS_ALL)
{
    expect_interrupt(t, dev);
}

VIRTIO_TEST(used_buffer_interrupts_by_intx, .flags = TEST_PING | TEST_IRQ_INTX,
            .rings = RINGS_ALL, .buses = BUS_PCI | BUS_PCI_LEGACY)
{
    expect_interrupt(t, dev);
}

/* 2.3: "A configuration change notification indicates that the device configuration space
 * has changed". In this test it has not changed. */
VIRTIO_TEST(traffic_raises_no_config_interrupt, .flags = TEST_PING)
{
    uint32_t before = dev->config_irq.count;
    if (!dev->config_irq.is_bound) {
        test_skip(t, "no interrupt can be bound to the configuration");
        return;
    }
    for (uint32_t n = 1; n <= 4; n++) {
        require_ping(t, dev, n);
    }
    require_eq(t, dev->config_irq.count, before);
    require_eq(t, dev->config_irq.causes & QVIRTIO_CAUSE_CONFIG, 0);
}

VIRTIO_TEST(polled_device_works, .flags = TEST_RAW | TEST_PING, .rings = RINGS_ALL)
{
    dev->irq_mode = QVIRTIO_IRQ_NONE;
    if (!test_start(t, dev, NULL)) {
        return;
    }
    for (uint32_t n = 1; n <= 4; n++) {
        require_ping(t, dev, n);
    }
    require_eq(t, ping_queue(dev)->irq.count, 0);
}

VIRTIO_TEST(nothing_is_pending_after_reset, .flags = TEST_PING)
{
    uint32_t causes = 0xff;
    dev->irq_mode = QVIRTIO_IRQ_NONE;
    if (!require_ok(t, qvirtio_stop(dev)) || !test_start(t, dev, NULL)) {
        return;
    }
    require_ping(t, dev, 1);
    require_ok(t, dev->bus->reset(dev));
    require_ok(t, dev->bus->query_isr(dev, &causes));
    require_eq(t, causes, 0);
}
