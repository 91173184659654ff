/* SPDX-License-Identifier: MIT */
/*
 * The capability list (PCI Local Bus 3.0, 6.7). It is the device's own memory, so a walk
 * believes nothing: it ends at a pointer into the header, at one it has been to, and
 * after 48 steps, which is all that fits. Pure but for the read of a byte.
 */
#include "kernel/pci/access.h"

#define CAPS_FROM 0x40u

void pci_cap_walk_start(PciCapWalk *walk, PciReadByte *read, const void *arg)
{
    *walk = (PciCapWalk){.read = read, .arg = arg};
}

static bool walk_visit(PciCapWalk *walk, uint8_t at)
{
    uint64_t bit = 1ull << (at % 64);
    bool is_new = !(walk->seen[at / 64] & bit);

    walk->seen[at / 64] |= bit;
    return is_new;
}

static uint8_t walk_end(PciCapWalk *walk, const char *fault)
{
    walk->fault = fault;
    walk->is_over = true;
    return 0;
}

uint8_t pci_cap_walk_next(PciCapWalk *walk)
{
    uint16_t pointer_at = walk->at ? walk->at + 1u : PCI_CAPABILITY_LIST;

    if (walk->is_over) {
        return 0;
    }
    if (walk->at == 0 && !(walk->read(walk->arg, PCI_STATUS) & PCI_STATUS_CAP_LIST)) {
        return walk_end(walk, NULL);
    }
    /* The two low bits are reserved and must be masked (6.7). */
    uint8_t next = walk->read(walk->arg, pointer_at) & 0xfc;
    if (next == 0) {
        return walk_end(walk, NULL);
    }
    if (next < CAPS_FROM) {
        return walk_end(walk, "a capability pointer leads into the header");
    }
    if (!walk_visit(walk, next)) {
        return walk_end(walk, "the capability list loops");
    }
    walk->at = next;
    return next;
}

static uint8_t read_function(const void *arg, uint16_t off)
{
    return pci_read8(arg, off);
}

uint8_t pci_find_cap(const PciFunction *f, uint8_t id)
{
    PciCapWalk walk;
    uint8_t at;

    pci_cap_walk_start(&walk, read_function, f);
    while ((at = pci_cap_walk_next(&walk)) != 0) {
        if (pci_read8(f, at) == id) {
            return at;
        }
    }
    return 0;
}
