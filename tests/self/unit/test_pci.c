/* SPDX-License-Identifier: MIT */
/*
 * kernel/pci/scan.c, pci/bar.c, pci/assign.c: finding functions and giving addresses, on
 * machines made up here: bridges without numbers, BARs without addresses, and
 * configuration spaces that lie.
 */
#include "kernel/acpi/acpi.h"
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/pci/access.h"
#include "kernel/pci/slot.h"
#include "tests/self/unit/check.h"

#define MOST 32

typedef struct Sim {
    int parent; /* index of the bridge it is behind; -1: the root bus */
    uint8_t devfn;
    uint8_t config[256];
    uint32_t bar_mask[PCI_BARS]; /* bits that can be set, and the type bits */
} Sim;

static Sim sims[MOST];
static unsigned sim_count;
static bool answers_everywhere; /* with the first function, whatever is asked for */
static uint64_t ram_to;
static PciFunction found[PCI_MAX_FUNCTIONS];
static unsigned found_count;

static Sim *sim_at(uint8_t bus, uint8_t devfn)
{
    if (answers_everywhere) {
        return &sims[0];
    }
    for (unsigned i = 0; i < sim_count; i++) {
        Sim *s = &sims[i];
        uint8_t on = s->parent < 0 ? 0 : sims[s->parent].config[PCI_SECONDARY_BUS];

        if (on == bus && s->devfn == devfn && (s->parent < 0 || on != 0)) {
            return s;
        }
    }
    return NULL;
}

static uint32_t sim_read(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width)
{
    const Sim *s = sim_at(bus, devfn);
    uint32_t v = 0;

    for (unsigned i = width; i-- > 0;) {
        v = v << 8 | (s && off + i < 256 ? s->config[off + i] : 0xff);
    }
    return v;
}

/* The bits of a BAR that say its type; the upper half of a 64-bit one has none. */
static uint32_t type_bits(const Sim *s, unsigned bar)
{
    uint32_t mask = s->bar_mask[bar];

    if (bar > 0 && (s->bar_mask[bar - 1] & 7) == 4) {
        return 0;
    }
    return mask & 1 ? 3 : 0xf;
}

static bool is_bar(const Sim *s, uint16_t off)
{
    unsigned bars = s->config[PCI_HEADER_TYPE] & 1 ? 2 : PCI_BARS;

    return off >= PCI_BASE_ADDRESS_0 && off < PCI_BASE_ADDRESS_0 + 4 * bars;
}

static void sim_write(uint8_t bus, uint8_t devfn, uint16_t off, unsigned width,
                      uint32_t v)
{
    Sim *s = sim_at(bus, devfn);

    if (!s) {
        return;
    }
    if (is_bar(s, off)) {
        unsigned bar = (off - PCI_BASE_ADDRESS_0) / 4u;
        uint32_t mask = s->bar_mask[bar], type = type_bits(s, bar);

        v = (v & mask & ~type) | (mask & type);
    }
    for (unsigned i = 0; i < width && off + i < 256; i++) {
        s->config[off + i] = (uint8_t)(v >> (8 * i));
    }
}

static const PciAccess sim_access = {"sim", sim_read, sim_write};

const PciAccess *arch_pci_ports(void)
{
    return &sim_access;
}

bool arch_pci_window(uint64_t *base)
{
    (void)base;
    return false;
}

bool arch_ram_range(unsigned n, uint64_t *from, uint64_t *to)
{
    *from = 0;
    *to = ram_to;
    return n == 0;
}

static void machine_clear(void)
{
    memset(sims, 0, sizeof(sims));
    memset(found, 0, sizeof(found));
    sim_count = 0;
    answers_everywhere = false;
    ram_to = 128u << 20;
    check_console();
}

static int add(int parent, unsigned slot, uint8_t header_type)
{
    Sim *s = &sims[sim_count];

    s->parent = parent;
    s->devfn = (uint8_t)(slot << 3);
    s->config[PCI_VENDOR_ID] = 0xf4;
    s->config[PCI_VENDOR_ID + 1] = 0x1a;
    s->config[PCI_DEVICE_ID] = (uint8_t)sim_count;
    s->config[PCI_HEADER_TYPE] = header_type;
    s->config[PCI_CLASS_DEVICE + 1] = header_type & 1 ? 6 : 0xff;
    s->config[PCI_CLASS_DEVICE] = header_type & 1 ? 4 : 0;
    return (int)sim_count++;
}

/* A BAR as config space shows it: its mask, and its address if it has one. */
static void add_bar(int n, unsigned bar, uint32_t mask, uint32_t address)
{
    sims[n].bar_mask[bar] = mask;
    address |= mask & type_bits(&sims[n], bar);
    memcpy(&sims[n].config[PCI_BASE_ADDRESS_0 + 4 * bar], &address, 4);
}

static void boot(void)
{
    pci_access_init();
    found_count = pci_scan(found, PCI_MAX_FUNCTIONS);
    pci_size_bars(found, found_count);
    pci_assign_bars(found, found_count);
}

/* What was found for the nth function that was added. */
static PciFunction *function_of(int n)
{
    for (unsigned i = 0; i < found_count; i++) {
        if (found[i].device == n) {
            return &found[i];
        }
    }
    return NULL;
}

static uint16_t config16(int n, unsigned off)
{
    return (uint16_t)(sims[n].config[off] | sims[n].config[off + 1] << 8);
}

static bool is_in_memory_window(int bridge, const PciBar *bar)
{
    uint64_t from = (uint64_t)config16(bridge, PCI_MEMORY_BASE) << 16;
    uint64_t to = ((uint64_t)config16(bridge, PCI_MEMORY_LIMIT) << 16) + 0x100000;

    return bar->address >= from && bar->address + bar->bytes <= to;
}

static void finds_what_is_there(void)
{
    machine_clear();
    add(-1, 0, 0);
    int many = add(-1, 5, 0x80);
    sims[add(-1, 5, 0)].devfn |= 3;
    add(-1, 31, 0);
    sims[add(-1, 6, 0)].devfn |= 1; /* its function 0 is not there */
    boot();
    CHECK_EQ(found_count, 4, "single functions, and all of a slot that says so");
    CHECK_EQ(found[2].function, 3, "function 3 of slot 5");
    CHECK_EQ(function_of(many)->slot, 5, "behind function 0");
    CHECK_TEXT(check_console(), "", "nothing to report");
}

static void numbers_bridges(void)
{
    machine_clear();
    int left = add(-1, 1, 1), right = add(-1, 2, 1);
    int inner = add(left, 4, 1), deep = add(inner, 9, 0), far = add(right, 7, 0);
    boot();
    CHECK_EQ(sims[left].config[PCI_SECONDARY_BUS], 1, "the first bridge leads to bus 1");
    CHECK_EQ(sims[left].config[PCI_SUBORDINATE_BUS], 2, "and on to what is behind that");
    CHECK_EQ(sims[right].config[PCI_SECONDARY_BUS], 3, "the second follows");
    CHECK(function_of(deep) && function_of(deep)->bus == 2, "two bridges deep");
    CHECK(function_of(deep)->parent->parent == function_of(left), "parents are linked");
    CHECK(function_of(far) && function_of(far)->bus == 3, "and behind the other");
}

static void keeps_firmware_numbers(void)
{
    machine_clear();
    int none = add(-1, 1, 1), numbered = add(-1, 2, 1), behind = add(none, 3, 0);
    sims[numbered].config[PCI_SECONDARY_BUS] = 4;
    sims[numbered].config[PCI_SUBORDINATE_BUS] = 6;
    boot();
    CHECK_EQ(sims[numbered].config[PCI_SECONDARY_BUS], 4, "a number stays");
    CHECK_EQ(sims[none].config[PCI_SECONDARY_BUS], 7, "a new one is behind all of them");
    CHECK(function_of(behind), "and what is there is found");
}

static void survives_lying_bridges(void)
{
    machine_clear();
    int a = add(-1, 1, 1), b = add(-1, 2, 1);
    sims[a].config[PCI_SECONDARY_BUS] = sims[a].config[PCI_SUBORDINATE_BUS] = 1;
    sims[b].config[PCI_SECONDARY_BUS] = sims[b].config[PCI_SUBORDINATE_BUS] = 1;
    boot();
    CHECK_EQ(found_count, 2, "two bridges to one bus");
    CHECK(strstr(check_console(), "another bridge leads to"), "are reported");

    machine_clear();
    add(-1, 0, 0x81);
    answers_everywhere = true;
    boot();
    CHECK_EQ(found_count, PCI_MAX_FUNCTIONS, "a bridge everywhere fills the table");
    CHECK(strstr(check_console(), "the table of functions ends here"), "and is reported");

    machine_clear();
    boot();
    CHECK_EQ(found_count, 0, "all ones are nothing");
}

static void assigns_bars(void)
{
    machine_clear();
    int n = add(-1, 3, 0);
    add_bar(n, 0, 0xffffffe1, 0);
    add_bar(n, 1, 0xfffff000, 0);
    add_bar(n, 2, 0xff80000c, 0);
    add_bar(n, 3, 0xffffffff, 0);
    boot();
    const PciBar *bar = function_of(n)->bar;
    CHECK(bar[0].is_io && bar[0].bytes == 32 && bar[0].address == 0xc000, "I/O ports");
    CHECK_EQ(bar[1].bytes, 4096, "32 bits of memory");
    CHECK(bar[2].is_64 && bar[2].bytes == 8u << 20, "64 bits of memory");
    CHECK(bar[2].address != 0 && bar[2].address % bar[2].bytes == 0,
          "aligned to its size");
    CHECK(bar[2].address >= bar[1].address + 4096, "and beside the other");
    CHECK_EQ(bar[4].bytes, 0, "what is not there has size 0");
    CHECK_EQ(config16(n, PCI_BASE_ADDRESS_0 + 4 * 2 + 2), bar[2].address >> 16,
             "the function was told");
    CHECK_EQ(bar[2].address >> 32, 0, "below 4 GiB");
}

static void keeps_and_avoids_firmware_bars(void)
{
    machine_clear();
    int mine = add(-1, 3, 0), theirs = add(-1, 4, 0);
    add_bar(mine, 0, 0xfff00000, 0);
    add_bar(theirs, 0, 0xfff00000, 0xc0000000);
    boot();
    CHECK_EQ(function_of(theirs)->bar[0].address, 0xc0000000, "an address stays");
    CHECK_EQ(function_of(mine)->bar[0].address, 0xc0100000, "and is kept clear of");
    CHECK_EQ(config16(theirs, PCI_BASE_ADDRESS_0 + 2), 0xc000, "sizing put it back");
}

static void assigns_behind_bridges(void)
{
    machine_clear();
    int outer = add(-1, 1, 1), inner = add(outer, 2, 1), leaf = add(inner, 0, 0);
    int empty = add(-1, 2, 1), late = add(-1, 3, 0);
    add_bar(leaf, 0, 0xffffff81, 0);
    add_bar(leaf, 4, 0xffffc00c, 0);
    add_bar(leaf, 5, 0xffffffff, 0);
    add_bar(late, 1, 0xfffff000, 0);
    boot();
    const PciBar *bar = function_of(leaf)->bar;
    CHECK(bar[4].address && is_in_memory_window(inner, &bar[4]), "inside its window");
    CHECK(is_in_memory_window(outer, &bar[4]), "and inside the one above");
    CHECK(sims[inner].config[PCI_IO_BASE] == bar[0].address >> 8, "ports likewise");
    CHECK(config16(empty, PCI_MEMORY_BASE) > config16(empty, PCI_MEMORY_LIMIT),
          "a bridge with nothing behind it is closed");
    CHECK(!is_in_memory_window(outer, &function_of(late)->bar[1]),
          "what is beside a bridge is outside its window");
}

PciFunction *pci_function(unsigned n)
{
    return n < found_count ? &found[n] : NULL;
}

/* A root port whose empty slot takes a device later. */
static int add_port(unsigned slot)
{
    static const uint8_t capability[] = {PCI_CAP_ID_EXP, 0, 0x42, 0x01};
    int n = add(-1, slot, 1);

    sims[n].config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
    sims[n].config[PCI_CAPABILITY_LIST] = 0x40;
    memcpy(&sims[n].config[0x40], capability, sizeof(capability));
    sims[n].config[0x54] = 0x40;
    return n;
}

static void keeps_room_for_what_comes_later(void)
{
    machine_clear();
    int port = add_port(1), other = add(-1, 2, 0);
    add_bar(other, 1, 0xfffff000, 0);
    boot();
    PciSlot slot;
    CHECK(!pci_slot_find(&slot) && slot.port == function_of(port), "an empty slot");
    CHECK(!pci_slot_function(&slot), "with nothing in it");
    int late = add(port, 0, 0);
    add_bar(late, 2, 0xfffff000, 0);
    PciFunction *f = pci_slot_function(&slot);
    CHECK(f && f->bus == 1, "what comes is found");
    CHECK(f && f->bar[2].address && is_in_memory_window(port, &f->bar[2]), "a BAR in it");
    CHECK(!is_in_memory_window(port, &function_of(other)->bar[1]), "of its own");
    sims[port].config[0x5a] = 0x40;
    CHECK(pci_slot_find(&slot) != NULL, "the slot is full");
}

static void opens_what_firmware_closed(void)
{
    machine_clear();
    int bridge = add(-1, 1, 1), leaf = add(bridge, 0, 0);
    add_bar(leaf, 1, 0xfffff000, 0);
    sims[bridge].config[PCI_MEMORY_BASE] = 0xf0;
    sims[bridge].config[PCI_MEMORY_BASE + 1] = 0xff;
    boot();
    CHECK(is_in_memory_window(bridge, &function_of(leaf)->bar[1]),
          "a closed window opens");
}

static void keeps_to_firmware_windows(void)
{
    machine_clear();
    int bridge = add(-1, 1, 1), leaf = add(bridge, 0, 0);
    sims[bridge].config[PCI_MEMORY_BASE + 1] = 0xd0;
    sims[bridge].config[PCI_MEMORY_LIMIT + 1] = 0xd0;
    add_bar(leaf, 0, 0xfff80000, 0);
    add_bar(leaf, 1, 0xffe00000, 0);
    boot();
    CHECK_EQ(function_of(leaf)->bar[0].address, 0xd0000000, "what fits is put inside");
    CHECK_EQ(function_of(leaf)->bar[1].address, 0, "what does not has no address");
    CHECK(strstr(check_console(), "no addresses left"), "and that is reported");
}

static void puts_large_bars_high(void)
{
    machine_clear();
    int n = add(-1, 1, 0);
    ram_to = 6ull << 30;
    add_bar(n, 0, 0x0000000c, 0);
    add_bar(n, 1, 0xfffffffe, 0); /* 8 GiB */
    add_bar(n, 5, 0xfffff004, 0);
    boot();
    CHECK_EQ(function_of(n)->bar[0].bytes, 8ull << 30, "more than 32 bits can say");
    CHECK_EQ(function_of(n)->bar[0].address, 8ull << 30, "is put above RAM");
    CHECK_EQ(config16(n, PCI_BASE_ADDRESS_0 + 4), 2, "and the upper half is written");
    CHECK_EQ(function_of(n)->bar[5].bytes, 0, "half a 64-bit BAR is left out");
    CHECK(strstr(check_console(), "64 bits"), "and reported");
}

int main(void)
{
    finds_what_is_there();
    numbers_bridges();
    keeps_firmware_numbers();
    survives_lying_bridges();
    assigns_bars();
    keeps_and_avoids_firmware_bars();
    assigns_behind_bridges();
    keeps_room_for_what_comes_later();
    opens_what_firmware_closed();
    keeps_to_firmware_windows();
    puts_large_bars_high();
    return check_done();
}
