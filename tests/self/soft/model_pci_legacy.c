/* SPDX-License-Identifier: MIT */
/*
 * The legacy registers of a modelled transitional function (4.1.4.10): the same device
 * by other registers.
 */
#include "tests/self/soft/model_pci.h"

#define PAGE_ALIGN 4096u

static uint32_t read_register(PciModel *p, uint64_t off)
{
    Door *d = &p->door;
    const DoorQueue *q = door_queue(d);

    switch (off) {
    case VIRTIO_PCI_LEGACY_DEVICE_FEATURES:
        return door_offered(d).word[0];
    case VIRTIO_PCI_LEGACY_DRIVER_FEATURES:
        return d->accepted.word[0];
    case VIRTIO_PCI_LEGACY_QUEUE_ADDRESS:
        return q && door_is_enabled(d)
                   ? (uint32_t)(q->desc >> VIRTIO_PCI_LEGACY_PAGE_SHIFT)
                   : 0;
    case VIRTIO_PCI_LEGACY_QUEUE_SIZE:
        return q ? q->size : 0;
    case VIRTIO_PCI_LEGACY_QUEUE_SELECT:
        return p->selected;
    case VIRTIO_PCI_LEGACY_DEVICE_STATUS:
        door_count_status_read(d);
        return door_legacy_status(d);
    case VIRTIO_PCI_LEGACY_ISR_STATUS:
        return model_pci_isr(p);
    case VIRTIO_PCI_LEGACY_CONFIG_VECTOR:
        return model_pci_vector(p, QVIRTIO_IRQ_CONFIG);
    case VIRTIO_PCI_LEGACY_QUEUE_VECTOR:
        return q ? model_pci_vector(p, d->queue_select) : VIRTIO_MSI_NO_VECTOR;
    default:
        return 0;
    }
}

static void write_register(PciModel *p, uint64_t off, uint32_t v)
{
    Door *d = &p->door;

    switch (off) {
    case VIRTIO_PCI_LEGACY_DRIVER_FEATURES:
        door_accept(d, 0, v);
        break;
    case VIRTIO_PCI_LEGACY_QUEUE_ADDRESS:
        door_legacy_page(d, (uint64_t)v << VIRTIO_PCI_LEGACY_PAGE_SHIFT, PAGE_ALIGN);
        break;
    case VIRTIO_PCI_LEGACY_QUEUE_SELECT:
        d->queue_select = p->selected = (uint16_t)v;
        break;
    case VIRTIO_PCI_LEGACY_QUEUE_NOTIFY:
        door_kick(d, (uint16_t)v);
        break;
    case VIRTIO_PCI_LEGACY_DEVICE_STATUS:
        door_set_legacy_status(d, (uint8_t)v);
        break;
    case VIRTIO_PCI_LEGACY_CONFIG_VECTOR:
        model_pci_map(p, QVIRTIO_IRQ_CONFIG, (uint16_t)v);
        break;
    case VIRTIO_PCI_LEGACY_QUEUE_VECTOR:
        if (door_queue(d)) {
            model_pci_map(p, d->queue_select, (uint16_t)v);
        }
        break;
    default:
        break; /* read-only */
    }
}

uint32_t model_pci_legacy(PciModel *p, const Access *a)
{
    uint64_t config = model_pci_msix_is_on(p) ? VIRTIO_PCI_LEGACY_CONFIG_MSIX
                                              : VIRTIO_PCI_LEGACY_CONFIG;

    if (a->off >= config) {
        Access in = *a;
        in.off -= config;
        return door_config(&p->door, &in, false);
    }
    if (a->is_write) {
        write_register(p, a->off, a->value);
        return 0;
    }
    return read_register(p, a->off);
}
