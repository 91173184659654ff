/* SPDX-License-Identifier: MIT */
/*
 * Leaving the machine. QEMU's debug exit tells the code; a machine without one is powered
 * off, and reset only when it has no such thing, because a reset boots this image again
 * under a VMM that was not told not to.
 */
#include "cpu.h"
#include "kernel/acpi/acpi.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

#define DEBUG_EXIT   0xf4
#define SETTLE_NS    (10 * NS_PER_MS) /* between two attempts */
#define SETTLE_LOOKS 100000

#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc
#define ICH9_LPC    0x29188086u
#define PIIX4_PM    0x71138086u
#define PM_BASE     0x40
#define PM1_CONTROL 4
#define PM1_SLEEP   (1u << 13) /* with sleep type 0: S5 on both chipsets in QEMU */

#define FADT_RESET       116 /* a generic address, then the value */
#define FADT_RESET_VALUE 128
#define FADT_SLEEP       244 /* generic address of SLEEP_CONTROL_REG */
#define SPACE_MEMORY     0
#define SPACE_IO         1
#define SLEEP_S5_ENABLE  (5u << 2 | 1u << 5)

#define RESET_CONTROL    0xcf9
#define RESET_FULL       0x06
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET   0xfe

/* The machine may need a moment to go. */
static void settle(void)
{
    uint64_t start = clock_ns();
    for (unsigned i = 0; i < SETTLE_LOOKS && clock_ns() - start < SETTLE_NS; i++) {
        arch_cpu_relax();
    }
}

static uint32_t config_read(unsigned slot, unsigned function, unsigned off)
{
    port_write32(PCI_ADDRESS, 1u << 31 | slot << 11 | function << 8 | off);
    return port_read32(PCI_DATA);
}

/* S5 by the power management block of the two chipsets that QEMU has, where PCI says that
 * it is there. */
static void chipset_off(void)
{
    uint32_t base = 0;
    if (config_read(31, 0, 0) == ICH9_LPC) {
        base = config_read(31, 0, PM_BASE) & 0xff80;
    } else if (config_read(1, 3, 0) == PIIX4_PM) {
        base = config_read(1, 3, PM_BASE) & 0xffc0;
    }
    if (base) {
        port_write16((uint16_t)(base + PM1_CONTROL), PM1_SLEEP);
        settle();
    }
}

/* Writes a byte to the register that a generic address in the FADT names
 * (ACPI 6.5, 5.2.3.2). */
static void write_fadt_register(const uint8_t *fadt, size_t bytes, size_t off, uint8_t v)
{
    uint64_t address;
    if (bytes < off + 12) {
        return;
    }
    memcpy(&address, fadt + off + 4, sizeof(address));
    if (address == 0) {
        return;
    }
    if (fadt[off] == SPACE_IO) {
        port_write8((uint16_t)address, v);
    } else if (fadt[off] == SPACE_MEMORY && address < 1ull << 36) {
        *(volatile uint8_t *)page_map_device(address, 1) = v;
    }
    settle();
}

static void triple_fault(void)
{
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) nothing = {0, 0};
    __asm__ volatile("lidt %0; ud2" : : "m"(nothing));
}

void arch_exit(int code)
{
    port_write8(DEBUG_EXIT, (uint8_t)code);
    settle();
    chipset_off();
    size_t bytes;
    const uint8_t *fadt = acpi_find_table("FACP", 0, &bytes);
    if (fadt) {
        write_fadt_register(fadt, bytes, FADT_SLEEP, SLEEP_S5_ENABLE);
        uint8_t value = bytes > FADT_RESET_VALUE ? fadt[FADT_RESET_VALUE] : 0;
        write_fadt_register(fadt, bytes, FADT_RESET, value);
    }
    port_write8(RESET_CONTROL, RESET_FULL);
    settle();
    port_write8(KEYBOARD_COMMAND, KEYBOARD_RESET);
    settle();
    triple_fault();
}

_Noreturn void arch_stop(void)
{
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
