/* SPDX-License-Identifier: MIT */
/*
 * Base address registers: their size (PCI Local Bus 3.0, 6.2.5.1: write all ones, read
 * back, with decoding off so that nothing appears at the wrong place meanwhile), and the
 * window through which their bytes are reached.
 */
#include "kernel/pci/access.h"

#include "kernel/mem/page.h"

#define BAR_IO           0x1u
#define BAR_TYPE_MASK    0x6u
#define BAR_TYPE_64      0x4u
#define BAR_PREFETCHABLE 0x8u

#define DECODE (PCI_COMMAND_IO | PCI_COMMAND_MEMORY)

static uint16_t bar_offset(unsigned bar)
{
    return (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar);
}

/* Writes all ones, reads, puts back what was there. */
static uint32_t bar_probe(const PciFunction *f, unsigned bar, uint32_t original)
{
    pci_write32(f, bar_offset(bar), UINT32_MAX);
    uint32_t mask = pci_read32(f, bar_offset(bar));
    pci_write32(f, bar_offset(bar), original);
    return mask;
}

/* The lowest address bit that can be set is the size. */
static uint64_t size_of_mask(uint64_t mask)
{
    return mask & -mask;
}

/* Returns how many registers the BAR takes: 1 or 2. */
static unsigned bar_size(PciFunction *f, unsigned bar, unsigned registers)
{
    uint32_t original = pci_read32(f, bar_offset(bar));
    uint32_t mask = bar_probe(f, bar, original);
    PciBar *b = &f->bar[bar];

    if (mask & BAR_IO) {
        b->is_io = true;
        b->address = original & 0xfffcu;
        b->bytes = size_of_mask(mask & 0xfffcu);
        return 1;
    }
    b->is_prefetchable = mask & BAR_PREFETCHABLE;
    b->address = original & ~0xfu;
    if ((mask & BAR_TYPE_MASK) != BAR_TYPE_64) {
        b->bytes = size_of_mask(mask & ~0xfu);
        return 1;
    }
    if (bar + 1 == registers) {
        pci_report(f, "the last BAR says that it has 64 bits: left out");
        return 1;
    }
    uint32_t high = pci_read32(f, bar_offset(bar + 1));
    b->is_64 = true;
    b->address |= (uint64_t)high << 32;
    b->bytes = size_of_mask((uint64_t)bar_probe(f, bar + 1, high) << 32 | (mask & ~0xfu));
    return 2;
}

/* A chipset's own parts (host and ISA bridges) have none, and their decoding stays on. */
static unsigned bar_count(const PciFunction *f)
{
    switch (f->header_type & 0x7f) {
    case 0:
        return f->class_device >> 8 == PCI_CLASS_HOST_BRIDGE >> 8 ? 0 : PCI_BARS;
    case 1:
        return 2;
    default:
        return 0;
    }
}

void pci_size_bars(PciFunction *functions, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        PciFunction *f = &functions[i];
        unsigned registers = bar_count(f);

        if (registers == 0) {
            continue;
        }
        uint16_t command = pci_read16(f, PCI_COMMAND);
        if (command & DECODE) {
            pci_write16(f, PCI_COMMAND, command & (uint16_t)~DECODE);
        }
        for (unsigned bar = 0; bar < registers;) {
            bar += bar_size(f, bar, registers);
        }
        if (command & DECODE) {
            pci_write16(f, PCI_COMMAND, command);
        }
    }
}

IoWindow pci_bar_window(PciFunction *f, unsigned bar)
{
    if (bar >= PCI_BARS || f->bar[bar].bytes == 0 || f->bar[bar].address == 0) {
        return (IoWindow){.bytes = 0};
    }
    PciBar *b = &f->bar[bar];
    if (b->is_io) {
        return (IoWindow){.is_port = true, .base = b->address, .bytes = b->bytes};
    }
    if (!b->mapped) {
        b->mapped = page_map_device(b->address, b->bytes);
    }
    return (IoWindow){.base = (uint64_t)(uintptr_t)b->mapped, .bytes = b->bytes};
}
