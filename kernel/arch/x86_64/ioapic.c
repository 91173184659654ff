/* SPDX-License-Identifier: MIT */
/*
 * I/O APICs, as the MADT lists them, or at the usual address where there is no MADT and
 * something answers. They are looked for when the first line is attached; every pin is
 * masked then.
 */
#include "apic.h"
#include "irq.h"
#include "kernel/acpi/acpi.h"
#include "kernel/mem/page.h"

#define USUAL_ADDRESS 0xfec00000u
#define IOAPIC_MOST   8
#define PINS_MOST     240u

enum {
    IOAPIC_SELECT = 0x00,
    IOAPIC_WINDOW = 0x10,
    IOAPIC_VERSION = 0x01, /* bits 16 to 23: the last pin */
    IOAPIC_PIN = 0x10,     /* two registers a pin */
};

#define PIN_ACTIVE_LOW (1u << 13)
#define PIN_LEVEL      (1u << 15)
#define PIN_MASKED     (1u << 16)

typedef struct IoApic {
    volatile uint32_t *registers;
    uint32_t first_gsi, pins;
} IoApic;

static IoApic ioapics[IOAPIC_MOST];
static unsigned ioapic_count;
static bool is_searched;

static uint32_t reg_read(const IoApic *io, uint32_t reg)
{
    io->registers[IOAPIC_SELECT / 4] = reg;
    return io->registers[IOAPIC_WINDOW / 4];
}

static void reg_write(const IoApic *io, uint32_t reg, uint32_t v)
{
    io->registers[IOAPIC_SELECT / 4] = reg;
    io->registers[IOAPIC_WINDOW / 4] = v;
}

/* Takes the I/O APIC if one answers there. */
static void add(uint64_t address, uint32_t first_gsi)
{
    IoApic io = {.registers = page_map_device(address, 32), .first_gsi = first_gsi};
    uint32_t version = reg_read(&io, IOAPIC_VERSION);
    io.pins = (version >> 16 & 0xff) + 1;
    if (version == 0 || io.pins > PINS_MOST || ioapic_count == IOAPIC_MOST) {
        return;
    }
    for (uint32_t pin = 0; pin < io.pins; pin++) {
        reg_write(&io, IOAPIC_PIN + pin * 2, PIN_MASKED);
    }
    ioapics[ioapic_count++] = io;
}

static void find_all(void)
{
    uint64_t address;
    uint32_t first_gsi;
    size_t bytes;
    is_searched = true;
    for (unsigned n = 0; acpi_ioapic(n, &address, &first_gsi); n++) {
        add(address, first_gsi);
    }
    if (ioapic_count == 0 && !acpi_find_table("APIC", 0, &bytes)) {
        add(USUAL_ADDRESS, 0);
    }
}

static const IoApic *find(uint32_t gsi)
{
    if (!is_searched) {
        find_all();
    }
    for (unsigned i = 0; i < ioapic_count; i++) {
        const IoApic *io = &ioapics[i];
        if (gsi >= io->first_gsi && gsi - io->first_gsi < io->pins) {
            return io;
        }
    }
    return NULL;
}

bool ioapic_has(uint32_t gsi)
{
    return find(gsi) != NULL;
}

void ioapic_route(uint32_t gsi, uint8_t vector, bool level, bool active_low)
{
    const IoApic *io = find(gsi);
    uint32_t reg = IOAPIC_PIN + (gsi - io->first_gsi) * 2;
    uint32_t flags = (level ? PIN_LEVEL : 0) | (active_low ? PIN_ACTIVE_LOW : 0);
    reg_write(io, reg + 1, (uint32_t)apic_id() << 24);
    reg_write(io, reg, vector | flags | PIN_MASKED);
}

void ioapic_set_masked(uint32_t gsi, bool masked)
{
    const IoApic *io = find(gsi);
    uint32_t reg = IOAPIC_PIN + (gsi - io->first_gsi) * 2;
    uint32_t low = reg_read(io, reg);
    reg_write(io, reg, masked ? low | PIN_MASKED : low & ~PIN_MASKED);
}
