/* SPDX-License-Identifier: MIT */
/*
 * Private to kernel/pci: the table of functions while it is being built, and what each
 * architecture adds (kernel/arch/ARCH/pci_*.c): configuration ports, where the machine
 * has them, and the interrupt router of its chipset.
 */
#ifndef KERNEL_PCI_ACCESS_H
#define KERNEL_PCI_ACCESS_H

#include "kernel/pci/pci.h"
#include <stddef.h>

/* More registers and bits than drivers need. */
#define PCI_PRIMARY_BUS     0x18
#define PCI_SECONDARY_BUS   0x19
#define PCI_SUBORDINATE_BUS 0x1a
#define PCI_IO_BASE         0x1c
#define PCI_IO_LIMIT        0x1d
#define PCI_MEMORY_BASE     0x20
#define PCI_MEMORY_LIMIT    0x22
#define PCI_PREF_BASE       0x24
#define PCI_PREF_LIMIT      0x26
#define PCI_PREF_BASE_HIGH  0x28
#define PCI_PREF_LIMIT_HIGH 0x2c
#define PCI_IO_BASE_HIGH    0x30
#define PCI_IO_LIMIT_HIGH   0x32

#define PCI_CLASS_HOST_BRIDGE 0x0600
#define PCI_CLASS_PCI_BRIDGE  0x0604

#define PCI_MAX_FUNCTIONS 256

static inline bool pci_is_bridge(const PciFunction *f)
{
    return (f->header_type & 0x7f) == 1;
}

/* Prints "# pci 00:03.0: text": what a reader of the run should know. */
void pci_report(const PciFunction *f, const char *text);

/* Chooses the accessor; must be first. */
void pci_access_init(void);
/* Gives the memory-mapped configuration window. Returns false when the machine has none.
 */
bool pci_window(uint64_t *base, uint64_t *bytes);
/* Fills functions[] bus by bus, bridges' bus numbers assigned where firmware left none;
 * returns how many. */
unsigned pci_scan(PciFunction *functions, unsigned most);
/* Reads the BARs of all functions, then gives addresses to those that have none. */
void pci_size_bars(PciFunction *functions, unsigned count);
void pci_assign_bars(PciFunction *functions, unsigned count);
/* Does the same for one function that came later. Only the window of the bridge above is
 * used. */
void pci_assign_behind(PciFunction *f);

/* The one accessor: width 1, 2 or 4. */
typedef struct PciAccess {
    const char *name;
    uint32_t (*read)(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width);
    void (*write)(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width, uint32_t v);
} PciAccess;

/* Returns the machine's configuration ports; NULL when nothing answers there. */
const PciAccess *arch_pci_ports(void);

/* Gives a memory-mapped window for 256 buses that no static table tells of. Returns false
 * when there is none. */
bool arch_pci_window(uint64_t *base);

/* Returns the line that a pin (0: INTA) of a function on the root bus is wired to by the
 * chipset's router. Returns -1, with a reason, when the chipset is not known; -2 when it
 * is known and says that the pin leads nowhere. */
int arch_pci_route(const PciFunction *root, unsigned pin, const char **why_not);

#endif
