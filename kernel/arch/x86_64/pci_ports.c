/* SPDX-License-Identifier: MIT */
/*
 * Configuration space through the PC's ports 0xcf8 (address) and 0xcfc (data): PCI Local
 * Bus 3.0, 3.2.2.3.2. The address written last is remembered, because each port access
 * may be a trip to the VMM; nothing else in this kernel writes a dword to 0xcf8. Reaches
 * the first 256 bytes of each function only. And the window of the one machine that has
 * neither ports nor an MCFG table.
 */
#include "kernel/mem/page.h"
#include "kernel/pci/access.h"

#define ADDRESS        0
#define DATA           4
#define ADDRESS_ENABLE 0x80000000u

static const IoWindow ports = {.is_port = true, .base = 0xcf8, .bytes = 8};
static uint32_t last_address;

static bool ports_select(uint8_t bus, uint8_t devfn, uint16_t off)
{
    uint32_t address =
        ADDRESS_ENABLE | (uint32_t)bus << 16 | (uint32_t)devfn << 8 | (off & 0xfcu);

    if (off >= 256) {
        return false;
    }
    if (address != last_address) {
        io_write32(&ports, ADDRESS, address);
        last_address = address;
    }
    return true;
}

static uint32_t ports_read(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width)
{
    if (!ports_select(bus, devfn, off)) {
        return UINT32_MAX;
    }
    switch (width) {
    case 1:
        return io_read8(&ports, DATA + (off & 3));
    case 2:
        return io_read16(&ports, DATA + (off & 2));
    default:
        return io_read32(&ports, DATA);
    }
}

static void ports_write(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width,
                        uint32_t v)
{
    if (!ports_select(bus, devfn, off)) {
        return;
    }
    switch (width) {
    case 1:
        io_write8(&ports, DATA + (off & 3), (uint8_t)v);
        break;
    case 2:
        io_write16(&ports, DATA + (off & 2), (uint16_t)v);
        break;
    default:
        io_write32(&ports, DATA, v);
        break;
    }
}

static const PciAccess access_ports = {
    .name = "ports", .read = ports_read, .write = ports_write};

/* A host bridge keeps the address that was written; where there is none, reads float. */
const PciAccess *arch_pci_ports(void)
{
    io_write32(&ports, ADDRESS, ADDRESS_ENABLE);
    last_address = ADDRESS_ENABLE;
    return io_read32(&ports, ADDRESS) == ADDRESS_ENABLE ? &access_ports : NULL;
}

/* QEMU's microvm (up to 7.2 at least) tells of its window in AML only, which nobody here
 * reads; its generic host bridge answers at a fixed place. */
#define MICROVM_WINDOW 0xe0000000ull
#define MICROVM_HOST   0x00081b36u

bool arch_pci_window(uint64_t *base)
{
    *base = MICROVM_WINDOW;
    if (page_is_ram(MICROVM_WINDOW, MICROVM_WINDOW + PAGE_BYTES)) {
        return false;
    }
    volatile uint32_t *id = page_map_device(MICROVM_WINDOW, PAGE_BYTES);
    return *id == MICROVM_HOST;
}
