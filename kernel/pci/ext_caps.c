/* SPDX-License-Identifier: MIT */
/*
 * Extended capabilities (PCI Express 4.0, 7.6): behind the first 256 bytes, so only a
 * window of memory (MCFG) shows them. The list is the device's own memory: a walk ends
 * after as many steps as could make sense.
 */
#include "kernel/lib/string.h"
#include "kernel/pci/pci.h"

#define PCI_CAP_EXPRESS 0x10
#define EXTENDED_FROM   0x100
#define EXTENDED_END    0x1000
#define STEPS_MOST      64

bool pci_hides_ext_caps(const PciFunction *f)
{
    return pci_find_cap(f, PCI_CAP_EXPRESS) && strcmp(pci_access_name(), "mcfg") != 0;
}

uint16_t pci_find_ext_cap(const PciFunction *f, uint16_t id)
{
    uint32_t at = EXTENDED_FROM;

    if (!pci_find_cap(f, PCI_CAP_EXPRESS) || pci_hides_ext_caps(f)) {
        return 0;
    }
    for (unsigned i = 0; i < STEPS_MOST && at >= EXTENDED_FROM && at < EXTENDED_END;
         i++) {
        uint32_t header = pci_read32(f, (uint16_t)at);
        if (header == 0 || header == UINT32_MAX) {
            return 0;
        }
        if ((header & 0xffff) == id) {
            return (uint16_t)at;
        }
        at = header >> 20 & 0xffc;
    }
    return 0;
}
