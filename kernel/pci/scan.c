/* SPDX-License-Identifier: MIT */
/*
 * Finds every function behind every bridge, a bus as one block, then the buses below its
 * bridges, depth first: so the table is in bus order. Bridges without a bus number get
 * the next one. Bounded whatever config space answers: a bus is visited once, the table
 * has an end. Leaves out further root buses (PCI expander bridges): nothing in config
 * space points to them.
 */
#include "kernel/pci/access.h"

#include "kernel/lib/printf.h"

/* Each level costs stack; real machines have three or four. */
#define MAX_DEPTH 16

typedef struct PciScan {
    PciFunction *functions;
    unsigned count, most;
    uint64_t visited[4];
    unsigned last_bus; /* the highest bus number in use */
    bool is_full;
} PciScan;

void pci_report(const PciFunction *f, const char *text)
{
    kprintf("# pci %02x:%02x.%x: %s\n", f->bus, f->slot, f->function, text);
}

static bool scan_bus(PciScan *scan, unsigned bus, const PciFunction *parent);

/* Vendor and device; false where nothing answers. */
static bool function_probe(PciFunction *f)
{
    uint32_t id = pci_read32(f, PCI_VENDOR_ID);

    f->vendor = (uint16_t)id;
    f->device = (uint16_t)(id >> 16);
    return f->vendor != 0xffff && f->vendor != 0;
}

static void scan_slot(PciScan *scan, unsigned bus, unsigned slot,
                      const PciFunction *parent)
{
    unsigned functions = 1;

    for (unsigned i = 0; i < functions; i++) {
        PciFunction f = {.bus = (uint8_t)bus,
                         .slot = (uint8_t)slot,
                         .function = (uint8_t)i,
                         .parent = parent};
        if (!function_probe(&f)) {
            continue;
        }
        if (scan->count == scan->most) {
            scan->is_full = true;
            return;
        }
        f.class_device = pci_read16(&f, PCI_CLASS_DEVICE);
        f.header_type = pci_read8(&f, PCI_HEADER_TYPE);
        if (i == 0 && (f.header_type & 0x80)) {
            functions = 8;
        }
        scan->functions[scan->count++] = f;
    }
}

/* A PCI Express port that leads downstream has one device behind it, at slot 0. */
static bool bridge_has_one_slot(const PciFunction *bridge)
{
    uint8_t cap = pci_find_cap(bridge, PCI_CAP_ID_EXP);
    unsigned type = cap ? pci_read16(bridge, cap + 2) >> 4 & 0xf : 0;

    return type == 4 || type == 6;
}

static bool is_numbered(const PciFunction *bridge, unsigned *secondary,
                        unsigned *subordinate)
{
    uint32_t numbers = pci_read32(bridge, PCI_PRIMARY_BUS);

    *secondary = numbers >> 8 & 0xff;
    *subordinate = numbers >> 16 & 0xff;
    return *secondary > bridge->bus && *subordinate >= *secondary;
}

static void bridge_write_numbers(const PciFunction *bridge, unsigned secondary,
                                 unsigned subordinate)
{
    uint32_t timer = pci_read32(bridge, PCI_PRIMARY_BUS) & 0xff000000u;

    pci_write32(bridge, PCI_PRIMARY_BUS,
                timer | subordinate << 16 | secondary << 8 | bridge->bus);
}

/* Every bridge above must forward the new bus; one that ends before it, with other buses
 * behind its end, cannot. */
static bool parents_reach(const PciScan *scan, const PciFunction *bridge)
{
    for (const PciFunction *up = bridge->parent; up; up = up->parent) {
        unsigned secondary, subordinate;

        if (is_numbered(up, &secondary, &subordinate) && subordinate < scan->last_bus) {
            return false;
        }
    }
    return true;
}

static void widen_parents(const PciFunction *bridge, unsigned last)
{
    for (const PciFunction *up = bridge->parent; up; up = up->parent) {
        unsigned secondary, subordinate;

        if (is_numbered(up, &secondary, &subordinate) && subordinate < last) {
            bridge_write_numbers(up, secondary, last);
        }
    }
}

static void number_and_scan(PciScan *scan, const PciFunction *bridge)
{
    if (scan->last_bus >= 255 || !parents_reach(scan, bridge)) {
        pci_report(bridge, "no bus number left for this bridge: not searched");
        return;
    }
    unsigned secondary = ++scan->last_bus;
    widen_parents(bridge, secondary);
    bridge_write_numbers(bridge, secondary, secondary);
    scan_bus(scan, secondary, bridge);
    bridge_write_numbers(bridge, secondary, scan->last_bus);
}

static unsigned bridge_depth(const PciFunction *bridge)
{
    unsigned depth = 0;

    for (; bridge->parent; bridge = bridge->parent) {
        depth++;
    }
    return depth;
}

static void scan_bridge(PciScan *scan, const PciFunction *bridge)
{
    unsigned secondary, subordinate;

    if (bridge_depth(bridge) >= MAX_DEPTH) {
        pci_report(bridge, "bridges are nested too deep: not searched");
    } else if (!is_numbered(bridge, &secondary, &subordinate)) {
        number_and_scan(scan, bridge);
    } else if (!scan_bus(scan, secondary, bridge)) {
        pci_report(bridge, "leads to a bus that another bridge leads to: not searched");
    }
}

/* Numbers that firmware gave to bridges of this bus are taken, also where none was given
 * yet to those before them. */
static void learn_last_bus(PciScan *scan, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        unsigned secondary, subordinate;

        if (pci_is_bridge(&scan->functions[i]) &&
            is_numbered(&scan->functions[i], &secondary, &subordinate) &&
            subordinate > scan->last_bus) {
            scan->last_bus = subordinate;
        }
    }
}

/* False when the bus was visited before. */
static bool scan_bus(PciScan *scan, unsigned bus, const PciFunction *parent)
{
    uint64_t bit = 1ull << (bus % 64);

    if (scan->visited[bus / 64] & bit) {
        return false;
    }
    scan->visited[bus / 64] |= bit;

    unsigned from = scan->count;
    unsigned slots = parent && bridge_has_one_slot(parent) ? 1 : 32;
    for (unsigned slot = 0; slot < slots; slot++) {
        scan_slot(scan, bus, slot, parent);
    }
    unsigned to = scan->count;
    learn_last_bus(scan, from, to);
    for (unsigned i = from; i < to && !scan->is_full; i++) {
        if (pci_is_bridge(&scan->functions[i])) {
            scan_bridge(scan, &scan->functions[i]);
        }
    }
    return true;
}

unsigned pci_scan(PciFunction *functions, unsigned most)
{
    PciScan scan = {.functions = functions, .most = most};

    scan_bus(&scan, 0, NULL);
    if (scan.is_full) {
        pci_report(&functions[most - 1], "the table of functions ends here: some are "
                                         "left out");
    }
    return scan.count;
}
