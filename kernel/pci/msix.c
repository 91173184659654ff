/* SPDX-License-Identifier: MIT */
/*
 * MSI-X (PCI Local Bus 3.0, 6.8.2): a table of messages and an array of pending bits in
 * the function's BARs. Everything the capability claims is checked against those BARs
 * before it is used.
 */
#include "kernel/pci/access.h"

#include "kernel/irq/irq.h"

#define MSIX_CONTROL       2
#define MSIX_TABLE         4
#define MSIX_PBA           8
#define MSIX_CONTROL_SIZE  0x07ffu
#define MSIX_CONTROL_MASK  0x4000u
#define MSIX_CONTROL_ON    0x8000u
#define MSIX_ENTRY_BYTES   16u
#define MSIX_ENTRY_ADDRESS 0
#define MSIX_ENTRY_DATA    8
#define MSIX_ENTRY_CONTROL 12
#define MSIX_ENTRY_MASKED  1u

/* The part of a BAR that a table or pending register (offset and BAR number) points to.
 */
static IoWindow msix_window(PciFunction *f, uint32_t where, uint64_t bytes)
{
    IoWindow bar = pci_bar_window(f, where & 7);

    return io_subwindow(&bar, where & ~7u, bytes);
}

bool pci_msix_init(PciFunction *f, PciMsix *msix, const char **why_not)
{
    *msix = (PciMsix){.cap = pci_find_cap(f, PCI_CAP_ID_MSIX)};
    if (msix->cap == 0) {
        *why_not = "the function has no MSI-X capability";
        return false;
    }
    if (msix->cap > 256 - 12) {
        *why_not = "the MSI-X capability does not fit configuration space";
        return false;
    }
    msix->entries = (pci_read16(f, msix->cap + MSIX_CONTROL) & MSIX_CONTROL_SIZE) + 1;
    msix->table = msix_window(f, pci_read32(f, msix->cap + MSIX_TABLE),
                              msix->entries * MSIX_ENTRY_BYTES);
    msix->pba = msix_window(f, pci_read32(f, msix->cap + MSIX_PBA),
                            (msix->entries + 63) / 64 * 8);
    if (msix->table.bytes == 0) {
        *why_not = "the MSI-X table does not fit its BAR";
        return false;
    }
    if (msix->pba.bytes == 0) {
        *why_not = "the MSI-X pending bits do not fit their BAR";
        return false;
    }
    return true;
}

static void msix_control(const PciFunction *f, const PciMsix *msix, uint16_t bit, bool on)
{
    uint16_t control = pci_read16(f, msix->cap + MSIX_CONTROL);

    pci_write16(f, msix->cap + MSIX_CONTROL,
                on ? control | bit : control & (uint16_t)~bit);
}

void pci_msix_enable(const PciFunction *f, const PciMsix *msix, bool on)
{
    msix_control(f, msix, MSIX_CONTROL_ON, on);
}

void pci_msix_mask_all(const PciFunction *f, const PciMsix *msix, bool masked)
{
    msix_control(f, msix, MSIX_CONTROL_MASK, masked);
}

void pci_msix_route(const PciMsix *msix, uint16_t entry, int cpu_vector)
{
    uint64_t address;
    uint32_t data;
    uint64_t at = (uint64_t)entry * MSIX_ENTRY_BYTES;

    irq_message(cpu_vector, &address, &data);
    io_write32(&msix->table, at + MSIX_ENTRY_ADDRESS, (uint32_t)address);
    io_write32(&msix->table, at + MSIX_ENTRY_ADDRESS + 4, (uint32_t)(address >> 32));
    io_write32(&msix->table, at + MSIX_ENTRY_DATA, data);
    io_write32(&msix->table, at + MSIX_ENTRY_CONTROL, 0);
}

void pci_msix_mask(const PciMsix *msix, uint16_t entry, bool masked)
{
    io_write32(&msix->table, (uint64_t)entry * MSIX_ENTRY_BYTES + MSIX_ENTRY_CONTROL,
               masked ? MSIX_ENTRY_MASKED : 0);
}

bool pci_msix_is_pending(const PciMsix *msix, uint16_t entry)
{
    return io_read32(&msix->pba, entry / 32 * 4) >> (entry % 32) & 1;
}
