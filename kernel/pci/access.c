/* SPDX-License-Identifier: MIT */
/*
 * Configuration space behind one accessor: the machine's ports where it has them, else
 * the memory-mapped window that the ACPI table MCFG describes (PCI Firmware 3.2, 4.1.2),
 * or that the architecture knows the machine to have. Buses of that window are mapped
 * when they are first touched. Reads of what is not there are all ones.
 */
#include "kernel/pci/access.h"

#include "kernel/acpi/acpi.h"
#include "kernel/mem/page.h"

#define MCFG_BUS_BYTES (1u << 20)

static const PciAccess *access;

static uint64_t mcfg_base;
static uint8_t mcfg_first, mcfg_last;
static volatile void *mcfg_bus[256];

/* Where the register is, or NULL when the window does not hold its bus. */
static volatile void *mcfg_at(uint8_t bus, uint8_t devfn, uint16_t off)
{
    if (bus < mcfg_first || bus > mcfg_last || off >= 4096) {
        return NULL;
    }
    if (!mcfg_bus[bus]) {
        mcfg_bus[bus] =
            page_map_device(mcfg_base + (uint64_t)bus * MCFG_BUS_BYTES, MCFG_BUS_BYTES);
    }
    return (volatile uint8_t *)mcfg_bus[bus] + (devfn << 12 | off);
}

static uint32_t mcfg_read(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width)
{
    volatile void *at = mcfg_at(bus, devfn, off);

    if (!at) {
        return UINT32_MAX;
    }
    switch (width) {
    case 1:
        return *(volatile uint8_t *)at;
    case 2:
        return *(volatile uint16_t *)at;
    default:
        return *(volatile uint32_t *)at;
    }
}

static void mcfg_write(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width,
                       uint32_t v)
{
    volatile void *at = mcfg_at(bus, devfn, off);

    if (!at) {
        return;
    }
    switch (width) {
    case 1:
        *(volatile uint8_t *)at = (uint8_t)v;
        break;
    case 2:
        *(volatile uint16_t *)at = (uint16_t)v;
        break;
    default:
        *(volatile uint32_t *)at = v;
        break;
    }
}

static uint32_t none_read(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width)
{
    (void)bus, (void)devfn, (void)off, (void)width;
    return UINT32_MAX;
}

static void none_write(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width,
                       uint32_t v)
{
    (void)bus, (void)devfn, (void)off, (void)width, (void)v;
}

static const PciAccess access_mcfg = {
    .name = "mcfg", .read = mcfg_read, .write = mcfg_write};
static const PciAccess access_none = {
    .name = "none", .read = none_read, .write = none_write};

/* Whatever window there is has its place in memory, also where the ports are used. */
void pci_access_init(void)
{
    bool has_window = acpi_mcfg(&mcfg_base, &mcfg_first, &mcfg_last);

    access = arch_pci_ports();
    if (!access && !has_window) {
        has_window = arch_pci_window(&mcfg_base);
        mcfg_last = 255;
    }
    if (!has_window) {
        mcfg_base = 0;
    }
    if (!access) {
        access = has_window ? &access_mcfg : &access_none;
    }
}

bool pci_window(uint64_t *base, uint64_t *bytes)
{
    *base = mcfg_base + (uint64_t)mcfg_first * MCFG_BUS_BYTES;
    *bytes = (mcfg_last - mcfg_first + 1ull) * MCFG_BUS_BYTES;
    return mcfg_base != 0;
}

const char *pci_access_name(void)
{
    return access ? access->name : access_none.name;
}

static uint8_t pci_devfn(const PciFunction *f)
{
    return (uint8_t)(f->slot << 3 | f->function);
}

uint8_t pci_read8(const PciFunction *f, uint16_t off)
{
    return (uint8_t)access->read(f->bus, pci_devfn(f), off, 1);
}

uint16_t pci_read16(const PciFunction *f, uint16_t off)
{
    return (uint16_t)access->read(f->bus, pci_devfn(f), off, 2);
}

uint32_t pci_read32(const PciFunction *f, uint16_t off)
{
    return access->read(f->bus, pci_devfn(f), off, 4);
}

void pci_write8(const PciFunction *f, uint16_t off, uint8_t v)
{
    access->write(f->bus, pci_devfn(f), off, 1, v);
}

void pci_write16(const PciFunction *f, uint16_t off, uint16_t v)
{
    access->write(f->bus, pci_devfn(f), off, 2, v);
}

void pci_write32(const PciFunction *f, uint16_t off, uint32_t v)
{
    access->write(f->bus, pci_devfn(f), off, 4, v);
}
