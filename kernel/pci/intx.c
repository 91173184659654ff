/* SPDX-License-Identifier: MIT */
/*
 * Which line an INTx pin pulls. Behind a bridge pins are rotated by the slot (PCI-to-PCI
 * Bridge 1.2, 9.1); on the root bus the chipset's router decides, which each architecture
 * knows. Where the chipset is unknown, the line that firmware wrote down is believed.
 */
#include "kernel/pci/access.h"

int pci_intx_line(const PciFunction *f, const char **why_not)
{
    unsigned pin = pci_read8(f, PCI_INTERRUPT_PIN);
    unsigned written = pci_read8(f, PCI_INTERRUPT_LINE);
    const PciFunction *root = f;

    if (pin < 1 || pin > 4) {
        *why_not = "the function has no INTx pin";
        return -1;
    }
    pin--;
    for (; root->parent; root = root->parent) {
        pin = (pin + root->slot) % 4;
    }
    int line = arch_pci_route(root, pin, why_not);
    if (line != -1) {
        return line < 0 ? -1 : line;
    }
    if (written == 0 || written == 0xff) {
        *why_not = "unknown interrupt router, and no PCI_INTERRUPT_LINE";
        return -1;
    }
    return (int)written;
}
