/* SPDX-License-Identifier: MIT */
/*
 * Virtio over PCI, the legacy interface (4.1.4.10 and the "Legacy Interface" notes). Its
 * registers are I/O ports in BAR 0. One address tells a whole queue; there are features 0
 * to 31, no FEATURES_OK and no generation. While MSI-X is enabled, two vector registers
 * move the device configuration four bytes up. The device configuration is in the guest's
 * own byte order.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/bus/pci.h"
#include "drivers/virtio/ring/legacy_queue.h"

static const IoWindow *registers(QVirtioDevice *d)
{
    return &qvirtio_pci(d)->legacy;
}

static int get_status(QVirtioDevice *d, uint8_t *status)
{
    *status = io_read8(registers(d), VIRTIO_PCI_LEGACY_DEVICE_STATUS);
    return 0;
}

static int set_status(QVirtioDevice *d, uint8_t status)
{
    io_write8(registers(d), VIRTIO_PCI_LEGACY_DEVICE_STATUS, status);
    return 0;
}

static int reset(QVirtioDevice *d)
{
    return qvirtio_reset_by_status(d, "reset: the status register to read 0");
}

/* 4.1.4.10: "only Feature Bits 0 to 31 are accessible through the Legacy Interface". */
static int get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits)
{
    *bits = word ? 0 : io_read32(registers(d), VIRTIO_PCI_LEGACY_DEVICE_FEATURES);
    return 0;
}

static int set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    if (word) {
        return bits ? -QVIRTIO_UNSUPPORTED : 0;
    }
    io_write32(registers(d), VIRTIO_PCI_LEGACY_DRIVER_FEATURES, bits);
    return 0;
}

static void queue_select(QVirtioDevice *d, uint16_t index)
{
    io_write16(registers(d), VIRTIO_PCI_LEGACY_QUEUE_SELECT, index);
}

static int queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size)
{
    queue_select(d, index);
    *size = io_read16(registers(d), VIRTIO_PCI_LEGACY_QUEUE_SIZE);
    return 0;
}

/* 2.7.2: the device finds the other two areas by the layout; it chose the size itself. */
static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    uint32_t page;

    if (vq->size != vq->size_max || !legacy_queue_page(&vq->vring, &page)) {
        return -QVIRTIO_RANGE;
    }
    queue_select(d, vq->index);
    io_write32(registers(d), VIRTIO_PCI_LEGACY_QUEUE_ADDRESS, page);
    return 0;
}

static int queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled)
{
    queue_select(d, index);
    *enabled = io_read32(registers(d), VIRTIO_PCI_LEGACY_QUEUE_ADDRESS) != 0;
    return 0;
}

static void notify(QVirtioDevice *d, const QVirtQueue *vq)
{
    io_write16(registers(d), VIRTIO_PCI_LEGACY_QUEUE_NOTIFY, vq->index);
}

/* "once you enable MSI-X on the device, the other fields move" (4.1.4.10). */
static size_t config_at(const QVirtioPci *p)
{
    return p->is_msix_on ? VIRTIO_PCI_LEGACY_CONFIG_MSIX : VIRTIO_PCI_LEGACY_CONFIG;
}

static int config_bytes(QVirtioDevice *d, size_t *bytes)
{
    QVirtioPci *p = qvirtio_pci(d);

    /* Only the bytes that are there in either position count, so the size does not change
     * when MSI-X is enabled. */
    *bytes = p->legacy.bytes -
             (p->why_no_msix ? VIRTIO_PCI_LEGACY_CONFIG : VIRTIO_PCI_LEGACY_CONFIG_MSIX);
    return 0;
}

static IoWindow config_window(QVirtioDevice *d)
{
    const QVirtioPci *p = qvirtio_pci(d);

    return io_subwindow(&p->legacy, config_at(p), p->legacy.bytes - config_at(p));
}

static int get_config(QVirtioDevice *d, size_t off, void *to, size_t width)
{
    IoWindow w = config_window(d);

    return qvirtio_window_get(&w, off, to, width);
}

static int set_config(QVirtioDevice *d, size_t off, const void *from, size_t width)
{
    IoWindow w = config_window(d);

    return qvirtio_window_set(&w, off, from, width);
}

static uint16_t set_vector(QVirtioPci *p, int source, uint16_t vector)
{
    uint64_t at = VIRTIO_PCI_LEGACY_CONFIG_VECTOR;

    if (source != QVIRTIO_IRQ_CONFIG) {
        queue_select(&p->dev, (uint16_t)source);
        at = VIRTIO_PCI_LEGACY_QUEUE_VECTOR;
    }
    io_write16(&p->legacy, at, vector);
    return io_read16(&p->legacy, at);
}

/* Accepts a transitional or legacy device: it has such an ID, and its registers are in
 * BAR 0 (4.1.5.1.1.1: "Transitional devices MUST expose the Legacy Interface in I/O space
 * in BAR0"). */
static bool prepare(QVirtioPci *p, QVirtioNote *note)
{
    PciFunction *f = p->function;

    if (!qvirtio_pci_has_transitional_id(f) || !f->bar[0].is_io) {
        return false;
    }
    p->set_vector = set_vector;
    p->legacy = pci_bar_window(f, 0);
    if (p->legacy.bytes < VIRTIO_PCI_LEGACY_CONFIG_MSIX) {
        qvirtio_pci_note(f, note,
                         "legacy interface not usable: BAR 0 is too small or "
                         "has no address");
        return false;
    }
    p->isr = io_subwindow(&p->legacy, VIRTIO_PCI_LEGACY_ISR_STATUS, 1);
    uint8_t status;
    get_status(&p->dev, &status);
    if (status == 0xff) {
        qvirtio_pci_note(f, note,
                         "legacy interface not usable: nothing answers at the "
                         "ports of BAR 0");
        return false;
    }
    return true;
}

static void device_foreach(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           QVirtioNote *note)
{
    qvirtio_pci_foreach(bus, prepare, found, data, note);
}

QVIRTIO_BUS(qvirtio_bus_pci_legacy, .name = "pci-legacy", .is_legacy = true,
            .get_status = get_status, .set_status = set_status, .reset = reset,
            .get_features = get_features, .set_features = set_features,
            .queue_max = queue_max, .queue_enable = queue_enable,
            .queue_enabled = queue_enabled, .queue_reset = qvirtio_no_queue_reset,
            .notify = notify, .irq_bind = qvirtio_pci_irq_bind,
            .irq_release = qvirtio_pci_irq_release, .query_isr = qvirtio_pci_query_isr,
            .get_config = get_config, .set_config = set_config,
            .config_bytes = config_bytes,
            .config_generation = qvirtio_no_config_generation,
            .shm_region = qvirtio_no_shm_region, .device_foreach = device_foreach);
