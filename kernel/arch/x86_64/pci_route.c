/* SPDX-License-Identifier: MIT */
/*
 * The interrupt routers of the PC's chipsets: PIIX3/PIIX4 (i440FX boards), ICH9 (Q35
 * boards), and the generic PCI Express host of QEMU's microvm. A router that firmware
 * left off is turned on. Lines 0 to 15 are the same wire at the 8259 and at the first
 * I/O APIC; lines from 16 exist at the I/O APIC only.
 */
#include "kernel/irq/irq.h"
#include "kernel/mem/page.h"
#include "kernel/pci/access.h"

#define ID(vendor, device) ((uint32_t)(device) << 16 | (vendor))
#define ID_PIIX3           ID(0x8086, 0x7000)
#define ID_PIIX4           ID(0x8086, 0x7110)
#define ID_ICH9            ID(0x8086, 0x2918)
#define ID_QEMU_HOST       ID(0x1b36, 0x0008)

#define ROUTER_OFF 0x80u

static const PciFunction *find_router(uint32_t *id)
{
    PciFunction *f;

    for (unsigned n = 0; (f = pci_function(n)) != NULL && f->bus == 0; n++) {
        *id = ID(f->vendor, f->device);
        if (*id == ID_PIIX3 || *id == ID_PIIX4 || *id == ID_ICH9 || *id == ID_QEMU_HOST) {
            return f;
        }
    }
    return NULL;
}

/* A PIRQ register: the ISA interrupt it drives, turned on when nobody has. */
static int router_isa_line(const PciFunction *router, uint16_t off, unsigned pirq)
{
    uint8_t route = pci_read8(router, off);

    if (route & ROUTER_OFF || (route & 0xf) == 0) {
        route = pirq & 1 ? 11 : 10;
        pci_write8(router, off, route);
    }
    return route & 0xf;
}

/* PIIX: INTA of slot 1 is PIRQA; each slot is rotated by one against the one before. */
static int piix_line(const PciFunction *router, const PciFunction *root, unsigned pin)
{
    unsigned pirq = (pin + root->slot + 3u) % 4;

    return router_isa_line(router, (uint16_t)(0x60 + pirq), pirq);
}

/*
 * ICH9: the chipset's configuration block has a 16-bit register for each of slots 25 to
 * 31, a nibble for each pin (ICH9 datasheet 10.1.39 onwards: D31IR at 0x3140 down to
 * D25IR at 0x3150); D30IR is fixed. The other slots are the board's: QEMU's rotates PIRQE
 * to PIRQH.
 */
static unsigned ich9_pirq(const PciFunction *router, unsigned slot, unsigned pin)
{
    static const uint16_t registers[] = {0x3150, 0x314c, 0x3148, 0x3146,
                                         0x3144, 0,      0x3140};
    uint32_t rcba = pci_read32(router, 0xf0);

    if (slot < 25) {
        return (slot + pin) % 4 + 4;
    }
    uint16_t off = registers[slot - 25];
    if (off == 0) {
        return pin + 4;
    }
    if (!(rcba & 1)) {
        return pin; /* the registers' value after reset, 0x3210 */
    }
    static volatile uint8_t *block;
    if (!block) {
        block = page_map_device(rcba & 0xffffc000u, 0x4000);
    }
    return *(volatile uint16_t *)(block + off) >> (4 * pin) & 7;
}

static int ich9_line(const PciFunction *router, const PciFunction *root, unsigned pin)
{
    unsigned pirq = ich9_pirq(router, root->slot, pin);

    if (irq_line_exists(16 + (int)pirq)) {
        return 16 + (int)pirq;
    }
    return router_isa_line(router, (uint16_t)((pirq < 4 ? 0x60 : 0x64) + pirq), pirq);
}

int arch_pci_route(const PciFunction *root, unsigned pin, const char **why_not)
{
    uint32_t id;
    const PciFunction *router = find_router(&id);

    if (!router) {
        *why_not = "unknown interrupt router";
        return -1;
    }
    switch (id) {
    case ID_ICH9:
        return ich9_line(router, root, pin);
    case ID_QEMU_HOST:
        /* With a second I/O APIC lines 16 to 19 are PCI's, else 12 to 15. */
        return (irq_line_exists(24) ? 16 : 12) + (int)((pin + root->slot) % 4);
    default:
        return piix_line(router, root, pin);
    }
}
