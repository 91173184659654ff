/* SPDX-License-Identifier: MIT */
/*
 * Addresses for BARs that nobody assigned, as firmware would do it: memory below 4 GiB
 * behind RAM (very large 64-bit BARs above all of RAM), I/O ports from 0xc000. A bridge
 * without windows gets one of each kind, as large as what is behind it; a bridge with
 * windows keeps them, and what is behind it must fit. An empty slot into which a device
 * may come gets a window for it. What firmware assigned stays and is kept clear of.
 */
#include "kernel/pci/access.h"
#include "kernel/pci/slot.h"

#include "kernel/arch.h"

#define MEMORY_FROM  0xc0000000ull
#define MEMORY_TO    0xfec00000ull /* the I/O APIC */
#define HIGH_TO      (1ull << 39)
#define HIGH_BYTES   (256ull << 20) /* 64-bit BARs of this size and more go up there */
#define IO_FROM      0xc000u
#define IO_TO        0x10000u
#define MEMORY_GRAIN (1u << 20)
#define IO_GRAIN     (1u << 12)
#define SLOT_BYTES   (2u << 20) /* of memory, for what may come into a slot */

#define MAX_TAKEN 256

typedef struct PciSpace {
    uint64_t next, end;
} PciSpace;

typedef struct PciSpaces {
    PciSpace memory, high, io;
    bool has_memory, has_io; /* of what is behind a bridge: it has such a window */
} PciSpaces;

typedef struct PciTaken {
    uint64_t from, to;
    bool is_io;
} PciTaken;

typedef struct PciAssign {
    PciFunction *functions;
    unsigned count;
    PciTaken taken[MAX_TAKEN]; /* by firmware */
    unsigned taken_count;
    bool has_overflowed;
} PciAssign;

static PciAssign assign;

static uint64_t align_up(uint64_t at, uint64_t grain)
{
    return (at + grain - 1) & ~(grain - 1);
}

static void take(uint64_t from, uint64_t bytes, bool is_io)
{
    if (assign.taken_count == MAX_TAKEN) {
        assign.has_overflowed = true;
        return;
    }
    assign.taken[assign.taken_count++] =
        (PciTaken){.from = from, .to = from + bytes, .is_io = is_io};
}

/* Where [at, at + bytes) would touch something taken, the end of that; else at. */
static uint64_t step_over_taken(uint64_t at, uint64_t bytes, bool is_io)
{
    for (unsigned i = 0; i < assign.taken_count; i++) {
        const PciTaken *t = &assign.taken[i];

        if (t->is_io == is_io && at < t->to && t->from < at + bytes) {
            return t->to;
        }
    }
    return at;
}

/* 0: no room. Each step over something taken goes up, so this ends. */
static uint64_t space_take(PciSpace *space, uint64_t bytes, uint64_t grain, bool is_io)
{
    uint64_t at = align_up(space->next, grain);

    for (;;) {
        if (at >= space->end || bytes > space->end - at) {
            return 0;
        }
        uint64_t clear = step_over_taken(at, bytes, is_io);
        if (clear == at) {
            break;
        }
        at = align_up(clear, grain);
    }
    space->next = at + bytes;
    return at;
}

static bool needs_address(const PciBar *bar)
{
    return bar->bytes != 0 && bar->address == 0;
}

static void bar_write(PciFunction *f, unsigned bar)
{
    uint16_t off = (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar);

    pci_write32(f, off, (uint32_t)f->bar[bar].address);
    if (f->bar[bar].is_64) {
        pci_write32(f, off + 4, (uint32_t)(f->bar[bar].address >> 32));
    }
}

static void bar_assign(PciFunction *f, unsigned bar, PciSpaces *spaces)
{
    PciBar *b = &f->bar[bar];

    if (b->is_io) {
        b->address = space_take(&spaces->io, b->bytes, b->bytes, true);
    } else if (b->is_64 && b->bytes >= HIGH_BYTES) {
        b->address = space_take(&spaces->high, b->bytes, b->bytes, false);
    } else {
        /* A page of its own for each: tests protect and compare by page. */
        uint64_t grain = b->bytes < 4096 ? 4096 : b->bytes;
        b->address = space_take(&spaces->memory, b->bytes, grain, false);
    }
    if (b->address == 0) {
        pci_report(f, b->is_io ? "no I/O ports left for a BAR"
                               : "no addresses left for a memory BAR");
        return;
    }
    bar_write(f, bar);
}

static void assign_bus(const PciFunction *parent, PciSpaces *spaces);

/* After reset a window is at 0, where nothing can be; firmware closes one by putting its
 * limit below its base. */
static bool window_is_open(uint64_t base, uint64_t limit)
{
    return base != 0 && base < limit;
}

static PciSpace window_space(uint64_t base, uint64_t limit, const PciSpace *above,
                             uint64_t grain)
{
    if (window_is_open(base, limit)) {
        return (PciSpace){.next = base, .end = limit + 1};
    }
    return (PciSpace){.next = align_up(above->next, grain), .end = above->end};
}

static void memory_window_close(const PciFunction *f, uint64_t from, PciSpace *window,
                                PciSpace *above)
{
    if (window->next == from) {
        pci_write16(f, PCI_MEMORY_BASE, 0xfff0); /* base above limit: closed */
        pci_write16(f, PCI_MEMORY_LIMIT, 0);
        return;
    }
    above->next = align_up(window->next, MEMORY_GRAIN);
    pci_write16(f, PCI_MEMORY_BASE, (uint16_t)(from >> 16));
    pci_write16(f, PCI_MEMORY_LIMIT, (uint16_t)((above->next - 1) >> 16) & 0xfff0);
}

static void io_window_close(const PciFunction *f, uint64_t from, PciSpace *window,
                            PciSpace *above)
{
    if (window->next == from) {
        pci_write8(f, PCI_IO_BASE, 0xf0);
        pci_write8(f, PCI_IO_LIMIT, 0);
        return;
    }
    above->next = align_up(window->next, IO_GRAIN);
    pci_write8(f, PCI_IO_BASE, (uint8_t)(from >> 8) & 0xf0);
    pci_write8(f, PCI_IO_LIMIT, (uint8_t)((above->next - 1) >> 8) & 0xf0);
}

static void pref_window_close(const PciFunction *f)
{
    pci_write16(f, PCI_PREF_BASE, 0xfff0);
    pci_write16(f, PCI_PREF_LIMIT, 0);
    pci_write32(f, PCI_PREF_BASE_HIGH, 0);
    pci_write32(f, PCI_PREF_LIMIT_HIGH, 0);
}

/* What firmware gave a bridge, or the rest of the spaces above it. */
static PciSpaces spaces_behind(const PciFunction *f, const PciSpaces *above)
{
    uint64_t memory_base = (uint64_t)(pci_read16(f, PCI_MEMORY_BASE) & 0xfff0) << 16;
    uint64_t memory_limit =
        (uint64_t)(pci_read16(f, PCI_MEMORY_LIMIT) & 0xfff0) << 16 | 0xfffff;
    uint64_t io_base = (uint64_t)(pci_read8(f, PCI_IO_BASE) & 0xf0) << 8;
    uint64_t io_limit = (uint64_t)(pci_read8(f, PCI_IO_LIMIT) & 0xf0) << 8 | 0xfff;

    return (PciSpaces){
        .memory = window_space(memory_base, memory_limit, &above->memory, MEMORY_GRAIN),
        .io = window_space(io_base, io_limit, &above->io, IO_GRAIN),
        .has_memory = window_is_open(memory_base, memory_limit),
        .has_io = window_is_open(io_base, io_limit),
    };
}

static void assign_bridge(const PciFunction *f, PciSpaces *spaces)
{
    PciSpaces behind = spaces_behind(f, spaces);
    uint64_t memory_from = behind.memory.next, io_from = behind.io.next;
    PciSlot slot;

    assign_bus(f, &behind);
    if (behind.memory.next == memory_from && pci_slot_of(f, &slot)) {
        space_take(&behind.memory, SLOT_BYTES, MEMORY_GRAIN, false);
    }
    if (!behind.has_memory) {
        memory_window_close(f, memory_from, &behind.memory, &spaces->memory);
        pref_window_close(f);
    }
    if (!behind.has_io) {
        io_window_close(f, io_from, &behind.io, &spaces->io);
    }
}

static void assign_bus(const PciFunction *parent, PciSpaces *spaces)
{
    for (unsigned i = 0; i < assign.count; i++) {
        PciFunction *f = &assign.functions[i];

        if (f->parent != parent) {
            continue;
        }
        for (unsigned bar = 0; bar < PCI_BARS; bar++) {
            if (needs_address(&f->bar[bar]) && !assign.has_overflowed) {
                bar_assign(f, bar, spaces);
            }
        }
        if (pci_is_bridge(f)) {
            assign_bridge(f, spaces);
        }
    }
}

/* Returns how many BARs want an address. */
static unsigned learn_taken(void)
{
    unsigned wanted = 0;

    for (unsigned i = 0; i < assign.count; i++) {
        for (unsigned bar = 0; bar < PCI_BARS; bar++) {
            const PciBar *b = &assign.functions[i].bar[bar];

            if (needs_address(b)) {
                wanted++;
            } else if (b->bytes != 0) {
                take(b->address, b->bytes, b->is_io);
            }
        }
    }
    return wanted;
}

static PciSpaces root_spaces(void)
{
    PciSpaces spaces = {
        .memory = {.next = MEMORY_FROM, .end = MEMORY_TO},
        .high = {.next = 1ull << 32, .end = HIGH_TO},
        .io = {.next = IO_FROM, .end = IO_TO},
    };
    uint64_t from, to;

    for (unsigned n = 0; arch_ram_range(n, &from, &to); n++) {
        if (to > spaces.high.next) {
            spaces.high.next = align_up(to, 1ull << 30);
        } else if (to <= MEMORY_TO && to > spaces.memory.next) {
            spaces.memory.next = to;
        }
    }
    return spaces;
}

void pci_assign_bars(PciFunction *functions, unsigned count)
{
    assign.functions = functions;
    assign.count = count;
    assign.taken_count = 0;
    assign.has_overflowed = false;
    if (learn_taken() == 0) {
        return;
    }
    uint64_t base, bytes;
    if (pci_window(&base, &bytes)) {
        take(base, bytes, false);
    }
    PciSpaces spaces = root_spaces();
    assign_bus(NULL, &spaces);
    if (assign.has_overflowed && count > 0) {
        pci_report(&functions[0], "too many BARs assigned by firmware: the empty ones "
                                  "stay empty");
    }
}

void pci_assign_behind(PciFunction *f)
{
    static const PciSpaces nothing;
    PciSpaces behind = spaces_behind(f->parent, &nothing);

    for (unsigned bar = 0; bar < PCI_BARS; bar++) {
        f->bar[bar].address = 0;
        if (needs_address(&f->bar[bar])) {
            bar_assign(f, bar, &behind);
        }
    }
}
