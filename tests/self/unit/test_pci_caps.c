/* SPDX-License-Identifier: MIT */
/* kernel/pci/caps.c: the capability walk, on lists that end and on lists that do not. */
#include "kernel/pci/pci.h"
#include "tests/self/unit/check.h"

static uint8_t config[256];
static unsigned reads;

static uint8_t read_config(const void *arg, uint16_t off)
{
    reads++;
    return ((const uint8_t *)arg)[off];
}

uint8_t pci_read8(const PciFunction *f, uint16_t off)
{
    return read_config(f, off);
}

static void start(PciCapWalk *walk)
{
    reads = 0;
    pci_cap_walk_start(walk, read_config, config);
}

/* An empty list, then capabilities at the given places, in order. */
static void set_list(const uint8_t *at, unsigned count)
{
    uint8_t *link = &config[PCI_CAPABILITY_LIST];

    for (unsigned i = 0; i < sizeof(config); i++) {
        config[i] = 0;
    }
    config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
    for (unsigned i = 0; i < count; i++) {
        *link = at[i];
        config[at[i]] = PCI_CAP_ID_VENDOR;
        link = &config[at[i] + 1];
    }
}

static unsigned walk_all(PciCapWalk *walk, uint8_t *last)
{
    unsigned n = 0;
    uint8_t at;

    start(walk);
    while ((at = pci_cap_walk_next(walk)) != 0) {
        n++;
        *last = at;
    }
    return n;
}

static void walks_lists_that_end(void)
{
    static const uint8_t places[] = {0x98, 0x40, 0xfc, 0x50};
    PciCapWalk walk;
    uint8_t last = 0;

    set_list(places, 4);
    CHECK_EQ(walk_all(&walk, &last), 4, "each capability is visited once");
    CHECK_EQ(last, 0x50, "in the order of the list");
    CHECK(!walk.fault, "a list that ends has no fault");
    CHECK_EQ(pci_cap_walk_next(&walk), 0, "a finished walk stays at its end");
    CHECK(!walk.fault, "and that is no fault either");
    set_list(places, 0);
    CHECK_EQ(walk_all(&walk, &last), 0, "an empty list");
    CHECK(!walk.fault, "is no fault");
    set_list(places, 4);
    config[PCI_STATUS] = 0;
    CHECK_EQ(walk_all(&walk, &last), 0, "without the status bit there is no list");
    set_list(places, 4);
    config[PCI_CAPABILITY_LIST] |= 3;
    config[0x99] |= 2;
    CHECK_EQ(walk_all(&walk, &last), 4, "the two low bits of pointers are masked");
}

static void walks_a_full_list(void)
{
    uint8_t places[48], last = 0;
    PciCapWalk walk;

    for (unsigned i = 0; i < 48; i++) {
        places[i] = (uint8_t)(0x40 + 4 * i);
    }
    set_list(places, 48);
    CHECK_EQ(walk_all(&walk, &last), 48, "as many as fit are all visited");
    CHECK(!walk.fault, "and that is no fault");
}

static void ends_lists_that_do_not(void)
{
    static const uint8_t places[] = {0x40, 0x60, 0x80};
    PciCapWalk walk;
    uint8_t last = 0;

    set_list(places, 3);
    config[0x81] = 0x60;
    CHECK_EQ(walk_all(&walk, &last), 3, "a loop is walked once");
    CHECK(walk.fault, "and reported");
    CHECK_EQ(pci_cap_walk_next(&walk), 0, "and the walk is over");
    set_list(places, 1);
    config[0x41] = 0x40;
    CHECK_EQ(walk_all(&walk, &last), 1, "a capability that points to itself");
    CHECK(walk.fault, "is a loop");
    set_list(places, 3);
    config[0x61] = 0x3c;
    CHECK_EQ(walk_all(&walk, &last), 2, "a pointer into the header ends the walk");
    CHECK(walk.fault, "and is reported");
    for (unsigned i = 0; i < sizeof(config); i++) {
        config[i] = 0xff;
    }
    CHECK_EQ(walk_all(&walk, &last), 1, "all ones are one capability, at 0xfc");
    CHECK(walk.fault && reads < 10, "that points to itself");
}

static void finds_by_id(void)
{
    static const uint8_t places[] = {0x40, 0x60, 0x80};
    const PciFunction *f = (const void *)config;

    set_list(places, 3);
    config[0x60] = PCI_CAP_ID_MSIX;
    config[0x80] = PCI_CAP_ID_MSIX;
    CHECK_EQ(pci_find_cap(f, PCI_CAP_ID_MSIX), 0x60, "the first with the id is found");
    CHECK_EQ(pci_find_cap(f, PCI_CAP_ID_EXP), 0, "and none where there is none");
    config[0x81] = 0x40;
    CHECK_EQ(pci_find_cap(f, PCI_CAP_ID_EXP), 0, "also when the list loops");
}

int main(void)
{
    walks_lists_that_end();
    walks_a_full_list();
    ends_lists_that_do_not();
    finds_by_id();
    return check_done();
}
