/* SPDX-License-Identifier: MIT */
/*
 * A slot that takes a device while the machine runs: PCI Express native hot plug (PCI
 * Express Base 4.0, 6.7 and 7.5.3.9 to 11) of one port, polled. Leaves out indicators but
 * power's, latches, more than one function, and slots that only firmware (ACPI) serves.
 *
 * What is in a slot is no part of the machine's table of functions.
 */
#ifndef KERNEL_PCI_SLOT_H
#define KERNEL_PCI_SLOT_H

#include "kernel/pci/pci.h"

typedef struct PciSlot {
    const PciFunction *port;
    /* The port's PCI Express capability. */
    uint8_t cap;
} PciSlot;

/* Returns true when something can be put into this port's slot. */
bool pci_slot_of(const PciFunction *port, PciSlot *slot);
/* Gives the machine's first such slot that is empty. Returns NULL, or why there is none.
 */
const char *pci_slot_find(PciSlot *slot);

bool pci_slot_is_full(const PciSlot *slot);
/* Was the attention button pressed (somebody wants the device out)? Asking clears it. */
bool pci_slot_wants_out(const PciSlot *slot);
/* Switches the power. Without power the device may be taken out at once. */
void pci_slot_power(const PciSlot *slot, bool on);

/* Returns what is in a slot with power, with addresses assigned; NULL when nothing
 * answers. It is valid until the next call. */
PciFunction *pci_slot_function(const PciSlot *slot);

#endif
