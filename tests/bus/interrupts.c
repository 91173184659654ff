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

/* What says that a used buffer interrupts while the driver has not asked for silence. On
 * packed rings it is the meaning of RING_EVENT_FLAGS_ENABLE. */
static const char *interrupt_basis(const Test *t)
{
    return t->ring->is_packed    ? "virtio 2.8.10"
           : t->ring->uses_event ? "dev:2.7.7.2-5"
                                 : "dev:2.7.7.2-3";
}

/* Waits for the interrupt that the used buffer of a ping must raise. */
static void expect_interrupt(Test *t, QVirtioDevice *dev)
{
    QVirtQueue *vq = ping_queue(dev);
    if (!vq->irq.is_bound) {
        test_skip(t, "no interrupt can be bound to the queue");
        return;
    }
    if (require_ping(t, dev, 1)) {
        expect_ok(t, interrupt_basis(t),
                  qvirtio_wait(dev, "the queue's interrupt", has_interrupted, vq, 0));
    }
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

#define ROUNDS 4

/* 2.3: "A configuration change notification indicates that the device configuration space
 * has changed". It may change at any time (3.2), but not with each request. */
VIRTIO_TEST(requests_are_no_config_changes, .flags = TEST_PING)
{
    unsigned quiet = 0;
    if (!dev->config_irq.is_bound) {
        test_skip(t, "no interrupt can be bound to the configuration");
        return;
    }
    if (dev->device_id == VIRTIO_ID_MEM) {
        test_skip(t, "5.15.4.2: it may send them even if nothing changed");
        return;
    }
    for (uint32_t n = 1; n <= ROUNDS; n++) {
        uint32_t before = dev->config_irq.count;
        if (!require_ping(t, dev, n)) {
            return;
        }
        quiet += dev->config_irq.count == before;
    }
    expect_ge(t, "virtio 2.3", quiet, 1);
}

VIRTIO_TEST(polled_device_works, .flags = TEST_RAW | TEST_PING, .rings = RINGS_ALL)
{
    dev->irq_mode = QVIRTIO_IRQ_NONE;
    if (!test_start(t, dev, NULL)) {
        return;
    }
    for (uint32_t n = 1; n <= ROUNDS; n++) {
        expect_ping(t, SAFETY, dev, n);
    }
}
