/* SPDX-License-Identifier: MIT */
/*
 * PCI as a driver sees it: find every function behind every bridge, read and write
 * configuration space through one accessor (ports 0xcf8/0xcfc, or the MCFG window where
 * there are none), size and assign BARs, walk capabilities, route MSI-X and INTx. Nothing
 * here knows virtio.
 *
 * Config space is the device's: every pointer and length in it is checked before it is
 * followed.
 */
#ifndef KERNEL_PCI_H
#define KERNEL_PCI_H

#include "kernel/io.h"
#include <stdbool.h>
#include <stdint.h>

#define PCI_VENDOR_ID           0x00
#define PCI_DEVICE_ID           0x02
#define PCI_COMMAND             0x04
#define PCI_COMMAND_IO          0x0001
#define PCI_COMMAND_MEMORY      0x0002
#define PCI_COMMAND_MASTER      0x0004
#define PCI_COMMAND_INTX_OFF    0x0400
#define PCI_STATUS              0x06
#define PCI_STATUS_INTERRUPT    0x0008
#define PCI_STATUS_CAP_LIST     0x0010
#define PCI_REVISION_ID         0x08
#define PCI_CLASS_DEVICE        0x0a
#define PCI_HEADER_TYPE         0x0e
#define PCI_BASE_ADDRESS_0      0x10
#define PCI_SUBSYSTEM_VENDOR_ID 0x2c
#define PCI_SUBSYSTEM_ID        0x2e
#define PCI_CAPABILITY_LIST     0x34
#define PCI_INTERRUPT_LINE      0x3c
#define PCI_INTERRUPT_PIN       0x3d

#define PCI_CAP_ID_VENDOR 0x09
#define PCI_CAP_ID_EXP    0x10
#define PCI_CAP_ID_MSIX   0x11

#define PCI_BARS 6

typedef struct PciBar {
    /* The address; 0 means that none is assigned. */
    uint64_t address;
    /* The size; 0 means that the BAR is not implemented. */
    uint64_t bytes;
    bool is_io, is_64, is_prefetchable;
    /* By pci_bar_window() */
    volatile void *mapped;
} PciBar;

typedef struct PciFunction {
    uint8_t bus, slot, function;
    uint16_t vendor, device;
    /* Class << 8 | subclass. */
    uint16_t class_device;
    uint8_t header_type;
    /* The bridge it is behind, or NULL. */
    const struct PciFunction *parent;
    PciBar bar[PCI_BARS];
} PciFunction;

/* Finds all functions, assigns BARs (and bridge windows and bus numbers) that firmware
 * left empty. Once; further calls do nothing. */
void pci_init(void);
/* Returns the nth function that was found, in the order bus, slot, function; NULL past
 * the end. */
PciFunction *pci_function(unsigned n);
/* Returns how config space is reached: "ports", "mcfg" or "none". */
const char *pci_access_name(void);

uint8_t pci_read8(const PciFunction *f, uint16_t off);
uint16_t pci_read16(const PciFunction *f, uint16_t off);
uint32_t pci_read32(const PciFunction *f, uint16_t off);
void pci_write8(const PciFunction *f, uint16_t off, uint8_t v);
void pci_write16(const PciFunction *f, uint16_t off, uint16_t v);
void pci_write32(const PciFunction *f, uint16_t off, uint32_t v);

/* Turns on memory, I/O and bus mastering for the function (the bridges above are on since
 * pci_init()). */
void pci_enable(const PciFunction *f);

/* Returns the window of a BAR, and maps it at the first call. `bytes` is 0 when there is
 * no such BAR or it has no address. */
IoWindow pci_bar_window(PciFunction *f, unsigned bar);

/* Walks over the capabilities. Next returns the offset of the next one, or 0 at the end.
 * The walk ends early at a pointer below 0x40 or one that was visited before; `fault`
 * then says which. It is pure but for read(arg, offset), which returns a byte of config
 * space. */
typedef uint8_t PciReadByte(const void *arg, uint16_t off);
typedef struct PciCapWalk {
    PciReadByte *read;
    const void *arg;
    uint8_t at;
    bool is_over;
    /* Bitmap of visited offsets. */
    uint64_t seen[4];
    /* Why the walk ended early, or NULL. */
    const char *fault;
} PciCapWalk;
void pci_cap_walk_start(PciCapWalk *walk, PciReadByte *read, const void *arg);
uint8_t pci_cap_walk_next(PciCapWalk *walk);

#define PCI_EXT_CAP_ID_SRIOV 0x10
uint8_t pci_find_cap(const PciFunction *f, uint8_t id);
/* Does the same for extended capabilities. The second function says whether the function
 * may have some that this machine's access to configuration space does not reach. */
uint16_t pci_find_ext_cap(const PciFunction *f, uint16_t id);
bool pci_hides_ext_caps(const PciFunction *f);

/* MSI-X of one function. */
typedef struct PciMsix {
    /* The offset of the capability, or 0 when the function has none. */
    uint8_t cap;
    uint16_t entries;
    IoWindow table, pba;
} PciMsix;

/* Fills in msix; false, with the reason in *why_not, when there is none or its table does
 * not fit its BAR. */
bool pci_msix_init(PciFunction *f, PciMsix *msix, const char **why_not);
void pci_msix_enable(const PciFunction *f, const PciMsix *msix, bool on);
void pci_msix_mask_all(const PciFunction *f, const PciMsix *msix, bool masked);
/* Points an entry at a CPU vector (irq.h) and unmasks it. */
void pci_msix_route(const PciMsix *msix, uint16_t entry, int cpu_vector);
void pci_msix_mask(const PciMsix *msix, uint16_t entry, bool masked);
bool pci_msix_is_pending(const PciMsix *msix, uint16_t entry);

/* Returns the machine's line (irq.h) that the function's INTx pin is wired to: by the
 * chipset's router where that is known, else by PCI_INTERRUPT_LINE. Returns -1, with the
 * reason in *why_not, when nobody can say. */
int pci_intx_line(const PciFunction *f, const char **why_not);

#endif
