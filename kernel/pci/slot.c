/* SPDX-License-Identifier: MIT */
/* A slot that takes a device while the machine runs: see slot.h. */
#include "kernel/pci/slot.h"

#include "kernel/pci/access.h"

/* The port's PCI Express capability. */
#define EXP_FLAGS       2
#define EXP_TYPE(flags) ((flags) >> 4 & 0xf)
#define EXP_ROOT_PORT   4
#define EXP_DOWNSTREAM  6
#define EXP_FLAGS_SLOT  0x0100
#define EXP_SLOT_CAP    0x14
#define SLOT_CAP_PLUG   0x0040 /* devices come and go */
#define EXP_SLOT_CTL    0x18
#define SLOT_CTL_LIGHT  0x0300 /* the power indicator: 1 on, 3 off */
#define SLOT_CTL_ON     0x0100
#define SLOT_CTL_OFF    0x0700 /* with the power controller's 1 for off */
#define SLOT_CTL_POWER  0x0400
#define EXP_SLOT_STATUS 0x1a
#define SLOT_BUTTON     0x0001 /* writing 1 clears it */
#define SLOT_FULL       0x0040

bool pci_slot_of(const PciFunction *port, PciSlot *slot)
{
    uint8_t cap = pci_is_bridge(port) ? pci_find_cap(port, PCI_CAP_ID_EXP) : 0;
    if (!cap) {
        return false;
    }
    uint16_t flags = pci_read16(port, cap + EXP_FLAGS);
    *slot = (PciSlot){port, cap};
    return (EXP_TYPE(flags) == EXP_ROOT_PORT || EXP_TYPE(flags) == EXP_DOWNSTREAM) &&
           (flags & EXP_FLAGS_SLOT) &&
           (pci_read32(port, cap + EXP_SLOT_CAP) & SLOT_CAP_PLUG);
}

const char *pci_slot_find(PciSlot *slot)
{
    PciFunction *port;

    for (unsigned n = 0; (port = pci_function(n)) != NULL; n++) {
        if (pci_slot_of(port, slot) && !pci_slot_is_full(slot)) {
            return NULL;
        }
    }
    return "the machine has no empty PCI Express slot with hot plug of its own";
}

bool pci_slot_is_full(const PciSlot *slot)
{
    return pci_read16(slot->port, slot->cap + EXP_SLOT_STATUS) & SLOT_FULL;
}

bool pci_slot_wants_out(const PciSlot *slot)
{
    uint16_t at = slot->cap + EXP_SLOT_STATUS;
    bool is_pressed = pci_read16(slot->port, at) & SLOT_BUTTON;

    if (is_pressed) {
        pci_write16(slot->port, at, SLOT_BUTTON);
    }
    return is_pressed;
}

void pci_slot_power(const PciSlot *slot, bool on)
{
    uint16_t at = slot->cap + EXP_SLOT_CTL;
    uint16_t control = pci_read16(slot->port, at);

    control &= (uint16_t) ~(SLOT_CTL_LIGHT | SLOT_CTL_POWER);
    pci_write16(slot->port, at, control | (on ? SLOT_CTL_ON : SLOT_CTL_OFF));
}

PciFunction *pci_slot_function(const PciSlot *slot)
{
    static PciFunction inside;

    inside = (PciFunction){
        .bus = pci_read8(slot->port, PCI_SECONDARY_BUS),
        .parent = slot->port,
    };
    uint32_t id = pci_read32(&inside, PCI_VENDOR_ID);
    inside.vendor = (uint16_t)id;
    inside.device = (uint16_t)(id >> 16);
    if (inside.vendor == 0xffff || inside.vendor == 0) {
        return NULL;
    }
    inside.class_device = pci_read16(&inside, PCI_CLASS_DEVICE);
    inside.header_type = pci_read8(&inside, PCI_HEADER_TYPE);
    pci_size_bars(&inside, 1);
    pci_assign_behind(&inside);
    return &inside;
}
