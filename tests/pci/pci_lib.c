/* SPDX-License-Identifier: MIT */
/*
 * Registers, capabilities and hand-made starts for the pci suite. The bench for MSI-X is
 * in pci_bench.c.
 */
#include "tests/pci/pci_lib.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/ring/qvring.h"
#include "kernel/irq/irq.h"

uint16_t pci_queue_size(QVirtioDevice *dev, uint16_t index)
{
    COMMON_WRITE16(dev, queue_select, index);
    return COMMON_READ16(dev, queue_size);
}

bool pci_cap(const QVirtioDevice *dev, uint8_t cfg_type, unsigned nth, QVirtioPciCap *cap)
{
    const PciFunction *f = qvirtio_pci(dev)->function;
    PciCapWalk walk;

    qvirtio_pci_caps_start(f, &walk);
    while (qvirtio_pci_cap_next(f, &walk, cap)) {
        if (cap->cfg_type == cfg_type && nth-- == 0) {
            return true;
        }
    }
    return false;
}

bool pci_structure(const QVirtioDevice *dev, uint8_t cfg_type, unsigned nth,
                   QVirtioPciCap *cap)
{
    const PciFunction *f = qvirtio_pci(dev)->function;

    for (unsigned n = 0; pci_cap(dev, cfg_type, n, cap); n++) {
        bool is_reached = cap->bar < PCI_BARS && f->bar[cap->bar].address;
        if (is_reached && nth-- == 0) {
            return true;
        }
    }
    return false;
}

uint32_t pci_notify_multiplier(const QVirtioDevice *dev, const QVirtioPciCap *notify)
{
    return pci_read32(qvirtio_pci(dev)->function,
                      notify->at + (uint16_t)offsetof(struct virtio_pci_notify_cap,
                                                      notify_off_multiplier));
}

const char *pci_why_no_msix(QVirtioDevice *dev)
{
    return qvirtio_pci(dev)->why_no_msix;
}

const char *pci_why_no_intx(QVirtioDevice *dev)
{
    return qvirtio_pci(dev)->why_no_intx;
}

const char *pci_why_no_two_vectors(QVirtioDevice *dev)
{
    const char *why = pci_why_no_msix(dev);

    if (!why && qvirtio_pci(dev)->msix.entries < 2) {
        why = "the MSI-X table has one entry";
    }
    return why;
}

bool pci_begin(Test *t, QVirtioDevice *dev)
{
    QVirtioFeatures wanted = qvirtio_baseline(dev);

    qvirtio_features_add_list(&wanted, t->test->needs);
    qvirtio_features_add_list(&wanted, t->ring->features);
    return require_ok(t, qvirtio_begin(dev)) &&
           require_ok(t, qvirtio_negotiate(dev, &wanted));
}

void pci_keep_known(const QVirtioDevice *dev, QVirtioFeatures *f)
{
    for (unsigned bit = 0; bit < QVIRTIO_FEATURE_BITS; bit++) {
        if (!qvirtio_feature_name(dev, bit) || bit == VIRTIO_F_SR_IOV) {
            qvirtio_features_clear(f, bit);
        }
    }
    qvirtio_features_close(dev->driver, f);
}

uint16_t pci_queue_count(QVirtioDevice *dev)
{
    uint16_t n = 0, max = 0;

    if (dev->driver) {
        return dev->driver->queue_count(dev);
    }
    while (n < QVIRTIO_MAX_QUEUES && dev->bus->queue_max(dev, n, &max) == 0 && max > 0) {
        n++;
    }
    return n;
}

QVirtQueue *pci_ping_queue(const QVirtioDevice *dev)
{
    return dev->vq[dev->driver->ping_queue];
}

const QVirtioField *pci_field(const QVirtioDevice *dev, unsigned n)
{
    const QVirtioField *f = dev->driver ? dev->driver->fields : NULL;

    for (; f && f->name; f++) {
        bool exists = f->feature == FEATURES_END || qvirtio_offers(dev, f->feature);

        if (exists && n-- == 0) {
            return f;
        }
    }
    return NULL;
}

typedef struct Awaited {
    const QVirtQueue *vq;
    uint32_t before;
} Awaited;

static bool has_come(void *arg)
{
    const Awaited *a = arg;

    return qvirtqueue_irq_count(a->vq) > a->before;
}

int pci_wait_interrupt(QVirtioDevice *dev, uint32_t before)
{
    Awaited a = {.vq = pci_ping_queue(dev), .before = before};

    return qvirtio_wait(dev, "an interrupt of the ping queue", has_come, &a, 0);
}

bool pci_pulls_intx(const QVirtioDevice *dev)
{
    return pci_read16(qvirtio_pci(dev)->function, PCI_STATUS) & PCI_STATUS_INTERRUPT;
}

static bool is_pulling(void *arg)
{
    return pci_pulls_intx(arg);
}

int pci_wait_intx(QVirtioDevice *dev)
{
    return qvirtio_wait(dev, "the Interrupt Status bit of PCI status", is_pulling, dev,
                        0);
}

bool pci_ping_behind_mask(Test *t, QVirtioDevice *dev, uint32_t number)
{
    irq_line_mask(qvirtio_pci(dev)->intx_line, true);
    return require_ping(t, dev, number) &&
           expect_ok(t, "dev:4.1.4.5.1-4", pci_wait_intx(dev));
}

/* Used buffers of all queues: no more notifications than these. */
static uint32_t used_buffers(const QVirtioDevice *dev)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        sum += dev->vq[i] && !dev->vq[i]->ring->is_packed
                   ? qvring_used_idx(&dev->vq[i]->vring)
                   : 0;
    }
    return sum;
}

uint8_t pci_drain_isr_at(Test *t, const ExpectAt *at, QVirtioDevice *dev)
{
    uint32_t most = used_buffers(dev), reads = 0;
    uint8_t sum = 0, isr;

    while ((isr = io_read8(&qvirtio_pci(dev)->isr, 0)) != 0 && reads <= most) {
        sum |= isr;
        reads++;
    }
    expect_condition(t, at, isr == 0, "0 after it was read",
                     "still 0x%02x after %u reads", isr, reads);
    return sum;
}
