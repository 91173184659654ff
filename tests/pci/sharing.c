/* SPDX-License-Identifier: MIT */
/*
 * Two functions on one INTx line: each is asked, each finds its own cause in its own ISR,
 * and neither takes the other's.
 */
#include "kernel/irq/irq.h"
#include "tests/pci/pci_lib.h"

/* Another function of this bus on the same line; of another type, so that it is nobody's
 * partner. */
static QVirtioDevice *neighbour(const QVirtioDevice *dev)
{
    QVirtioDevice *other;

    for (unsigned n = 0; (other = qvirtio_device(n)) != NULL; n++) {
        if (other->bus == dev->bus && other->device_id != dev->device_id &&
            qvirtio_pci(other)->intx_line == qvirtio_pci(dev)->intx_line &&
            !qvirtio_why_no_ping(other)) {
            return other;
        }
    }
    return NULL;
}

static const char *why_not_shared(QVirtioDevice *dev)
{
    const char *why = pci_why_no_intx(dev);

    if (!why && !neighbour(dev)) {
        why = "no other type of device with a ping on the same INTx line";
    }
    return why;
}

/* One ping of the subject, with its interrupt: "Send the appropriate PCI interrupt for
 * the device" (4.1.5.3). PCI Local Bus 3.0, 2.2.6, lets functions have one line. */
static bool expect_served(Test *t, QVirtioDevice *dev, uint32_t number)
{
    uint32_t before = pci_ping_queue(dev)->irq.count;

    return require_ping(t, dev, number) &&
           expect_ok(t, "virtio 4.1.5.3", pci_wait_interrupt(dev, before));
}

/* One ping of the neighbour, which has points of its own: when it fails, nothing is said
 * of the subject. */
static bool is_served(Test *t, QVirtioDevice *other, uint32_t number)
{
    const char *why = NULL;
    int err = qvirtio_ping(other, number, &why);

    if (err || why) {
        test_skip(t, "%s does not answer", other->name);
    }
    return !err && !why;
}

static bool starts(Test *t, QVirtioDevice *other)
{
    const QVirtioFeatures none = {0};

    other->irq_mode = QVIRTIO_IRQ_INTX;
    int err = qvirtio_start(other, &none, t->ring);
    if (err) {
        test_skip(t, "%s cannot be started", other->name);
    }
    return !err;
}

VIRTIO_TEST(shared_intx_line_serves_both, .flags = TEST_PING | TEST_IRQ_INTX,
            .buses = BUS_PCI_BOTH, .why_not = why_not_shared)
{
    QVirtioDevice *other = neighbour(dev);

    if (!starts(t, other)) {
        return;
    }
    for (uint32_t n = 1; n <= 4; n++) {
        if (!expect_served(t, dev, n) || !is_served(t, other, n)) {
            break;
        }
    }
    qvirtio_stop(other);
}

/* Both raise the line behind a mask; unmasked, each is served. Then one is reset, and the
 * other still is. */
VIRTIO_TEST(shared_intx_line_holds_both, .flags = TEST_PING | TEST_IRQ_INTX,
            .buses = BUS_PCI_BOTH, .why_not = why_not_shared)
{
    QVirtioDevice *other = neighbour(dev);
    int line = qvirtio_pci(dev)->intx_line;

    if (!starts(t, other)) {
        return;
    }
    uint32_t mine = pci_ping_queue(dev)->irq.count;
    irq_line_mask(line, true);
    bool are_done = require_ping(t, dev, 1) && is_served(t, other, 1);
    irq_line_mask(line, false);
    if (are_done) {
        expect_ok(t, "PCI-3.0 2.2.6", pci_wait_interrupt(dev, mine));
    }
    qvirtio_stop(other);
    if (are_done) {
        expect_served(t, dev, 2);
    }
}
