/* SPDX-License-Identifier: MIT */
/*
 * The machine's PCI functions: found, their BARs sized and assigned, bridges opened,
 * once. The parts are in access.c (configuration space), scan.c, bar.c,
 * assign.c, caps.c, msix.c and intx.c.
 */
#include "kernel/pci/access.h"

#include "kernel/mem/page.h"

static PciFunction *functions;
static PciFunction **in_order;
static unsigned function_count;

static uint32_t function_address(const PciFunction *f)
{
    return (uint32_t)f->bus << 8 | (uint32_t)f->slot << 3 | f->function;
}

/* The table is in bus order but where firmware numbered bridges otherwise. */
static void sort_functions(void)
{
    for (unsigned i = 0; i < function_count; i++) {
        unsigned at = i;

        for (; at > 0 &&
               function_address(in_order[at - 1]) > function_address(&functions[i]);
             at--) {
            in_order[at] = in_order[at - 1];
        }
        in_order[at] = &functions[i];
    }
}

static void open_bridges(void)
{
    for (unsigned i = 0; i < function_count; i++) {
        if (pci_is_bridge(&functions[i])) {
            pci_enable(&functions[i]);
        }
    }
}

static unsigned pages_for(size_t bytes)
{
    return (unsigned)((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
}

void pci_init(void)
{
    if (functions) {
        return;
    }
    functions = page_alloc(pages_for(PCI_MAX_FUNCTIONS * sizeof(*functions)));
    in_order = page_alloc(pages_for(PCI_MAX_FUNCTIONS * sizeof(*in_order)));
    pci_access_init();
    function_count = pci_scan(functions, PCI_MAX_FUNCTIONS);
    pci_size_bars(functions, function_count);
    pci_assign_bars(functions, function_count);
    open_bridges();
    sort_functions();
}

PciFunction *pci_function(unsigned n)
{
    return n < function_count ? in_order[n] : NULL;
}

void pci_enable(const PciFunction *f)
{
    uint16_t command = pci_read16(f, PCI_COMMAND);
    uint16_t on = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

    if ((command & on) != on) {
        pci_write16(f, PCI_COMMAND, command | on);
    }
}
