/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of a modelled function (4.1.4.5, 4.1.5.1.2, 4.1.5.3): the MSI-X table with
 * its masks and pending bits (PCI Local Bus 3.0, 6.8.2), the ISR and INTx.
 */
#include "kernel/string.h"
#include "tests/host/soft/model_pci.h"

#define MSIX_ON      0x80
#define MSIX_MASKED  0x40
#define ENTRY_BYTES  16
#define ENTRY_MASKED 1u
#define LINE_OF(p)   (16 + (p)->kind->slot % 2)

bool model_pci_msix_is_on(const PciModel *p)
{
    return p->msix_cap && p->config[p->msix_cap + 3] & MSIX_ON;
}

bool model_pci_wants_intx(const PciModel *p)
{
    return p->isr != 0 && !model_pci_msix_is_on(p);
}

static void update_line(const PciModel *p)
{
    bool is_allowed = !(config16(p, PCI_COMMAND) & PCI_COMMAND_INTX_OFF);

    model_line(LINE_OF(p), p->kind->slot, model_pci_wants_intx(p) && is_allowed);
}

static bool is_masked(const PciModel *p, const MsixEntry *e)
{
    return p->config[p->msix_cap + 3] & MSIX_MASKED || e->word[3] & ENTRY_MASKED;
}

void model_pci_irq_changed(PciModel *p)
{
    update_line(p);
    for (unsigned i = 0; model_pci_msix_is_on(p) && i < p->kind->msix_entries; i++) {
        MsixEntry *e = &p->msix[i];

        if (e->is_pending && !is_masked(p, e)) {
            e->is_pending = false;
            model_message((uint64_t)e->word[1] << 32 | e->word[0], e->word[2]);
        }
    }
}

void model_pci_tell(Door *d, int source)
{
    PciModel *p = (PciModel *)d;
    bool is_config = source == QVIRTIO_IRQ_CONFIG;
    uint16_t vector = p->vector[source + 1];

    if (is_config) {
        p->isr |= VIRTIO_PCI_ISR_CONFIG;
    } else if (!model_pci_msix_is_on(p)) {
        p->isr |= VIRTIO_PCI_ISR_QUEUE;
    }
    if (model_pci_msix_is_on(p) && vector < p->kind->msix_entries) {
        p->msix[vector].is_pending = true;
    }
    model_pci_irq_changed(p);
}

void model_pci_map(PciModel *p, int source, uint16_t vector)
{
    if (source <= door_queues(&p->door) - 1) {
        p->vector[source + 1] =
            vector < p->kind->msix_entries ? vector : VIRTIO_MSI_NO_VECTOR;
    }
}

/* 4.1.4.5.1: "The device MUST reset ISR status to 0 on driver read." */
uint32_t model_pci_isr(PciModel *p)
{
    uint8_t isr = p->isr;

    p->isr = 0;
    update_line(p);
    return isr;
}

void model_pci_reset(PciModel *p)
{
    p->isr = 0;
    memset(p->vector, 0xff, sizeof(p->vector));
    for (unsigned i = 0; i < MODEL_MSIX_MOST; i++) {
        p->msix[i].is_pending = false;
    }
    update_line(p);
}

static uint32_t pending_bits(const PciModel *p)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < p->kind->msix_entries; i++) {
        bits |= (uint32_t)p->msix[i].is_pending << i;
    }
    return bits;
}

uint32_t model_pci_msix(PciModel *p, const Access *a)
{
    uint32_t *word = NULL;

    if (a->width == 4 && a->off < p->kind->msix_entries * ENTRY_BYTES) {
        word = &p->msix[a->off / ENTRY_BYTES].word[a->off % ENTRY_BYTES / 4];
    }
    if (word && a->is_write) {
        *word = a->value;
        model_pci_irq_changed(p);
    }
    if (a->off == MSIX_PBA && !a->is_write) {
        return pending_bits(p);
    }
    return word ? *word : 0;
}
