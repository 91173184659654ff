/* SPDX-License-Identifier: MIT */
/*
 * An interrupt tells what the device does on its own (2.7.7.2): bytes and control
 * messages come in. Generic tests only get interrupts of the transmitq, where the driver
 * acted last. Left out are queues without a vector of their own, because their interrupts
 * prove nothing.
 */
#include "tests/console/console_lib.h"

static bool has_interrupted(void *vq)
{
    return qvirtqueue_irq_count(vq) != 0;
}

static bool has_own_vector(const QVirtQueue *vq, const QVirtQueue *other)
{
    return vq->irq.is_bound && vq->irq.vector != VIRTIO_MSI_NO_VECTOR &&
           vq->irq.vector != other->irq.vector;
}

/* Expects an interrupt of a queue on which the device has used a buffer. It may come
 * later than the buffer. */
static void expect_interrupt(Test *t, QVirtioDevice *dev, QVirtQueue *vq)
{
    const char *clause = vq->ring->uses_event ? "dev:2.7.7.2-5" : "dev:2.7.7.2-3";
    int err = qvirtio_wait(dev, "an interrupt for a used buffer", has_interrupted, vq, 0);
    expect_that(t, clause, err == 0, "an interrupt for the used buffer",
                "none, with %u buffers used", vq->last_used);
}

VIRTIO_TEST(received_bytes_interrupt, .device = VIRTIO_ID_CONSOLE, .rings = RINGS_ALL,
            .why_not = console_why_no_echo)
{
    enum { BYTES = 16 };
    uint8_t *sent = console_lend(t, BYTES, 1), *back = console_lend(t, BYTES, 2);
    if (!has_own_vector(dev->vq[0], dev->vq[1])) {
        test_skip(t, "the receiveq has no vector of its own");
        return;
    }
    if (!sent || !back || !console_ready(t, dev, 0)) {
        return;
    }
    /* What came in until now has raised interrupts too. The queue must be idle before the
     * test begins. */
    expect_interrupt(t, dev, dev->vq[0]);
    dev->vq[0]->irq.count = 0;
    if (require_ok(t, vconsole_send(dev, 0, sent, BYTES)) &&
        require_ok(t, vconsole_receive_all(dev, 0, back, BYTES))) {
        expect_interrupt(t, dev, dev->vq[0]);
    }
}

VIRTIO_TEST(control_message_interrupts, .device = VIRTIO_ID_CONSOLE, .rings = RINGS_ALL,
            .needs = FEATURES(VIRTIO_CONSOLE_F_MULTIPORT))
{
    QVirtQueue *vq = dev->vq[VIRTIO_CONSOLE_CONTROL_RECEIVEQ];
    if (!has_own_vector(vq, dev->vq[VIRTIO_CONSOLE_CONTROL_TRANSMITQ])) {
        test_skip(t, "the control receiveq has no vector of its own");
        return;
    }
    if (!console_port_is_told(dev, 0)) {
        test_skip(t, "nothing is known of port 0; pass know=console.N.port.0.console=1");
        return;
    }
    if (console_expect_message(t, dev, 0, VIRTIO_CONSOLE_DEVICE_ADD)) {
        expect_interrupt(t, dev, vq);
    }
}
