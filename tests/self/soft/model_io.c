/* SPDX-License-Identifier: MIT */
/*
 * kernel/io.h for a host process: each register access goes to the model that has the
 * address; where nothing answers, reads are all ones. Device memory is never mapped: an
 * address is what the window was made of.
 */
#include "kernel/acpi/acpi.h"
#include "kernel/arch.h"
#include "kernel/io.h"
#include "kernel/mem/page.h"
#include "kernel/panic.h"
#include "tests/self/soft/model.h"

static uint32_t access_at(const IoWindow *w, const Access *a)
{
    uint32_t value = UINT32_MAX;

    if (a->off > w->bytes || a->width > w->bytes - a->off) {
        panic("access of %u bytes at offset 0x%llx of a window of 0x%llx", a->width,
              (unsigned long long)a->off, (unsigned long long)w->bytes);
    }
    uint64_t at = w->base + a->off;
    if (!model_pci_registers(w->is_port, at, a, &value) && !w->is_port) {
        model_mmio_registers(at, a, &value);
    }
    model_interrupts();
    return value;
}

#define DEFINE_ACCESS(bits)                                                             \
    uint##bits##_t io_read##bits(const IoWindow *w, uint64_t off)                       \
    {                                                                                   \
        return (uint##bits##_t)access_at(w, &(Access){.off = off, .width = bits / 8});  \
    }                                                                                   \
                                                                                        \
    void io_write##bits(const IoWindow *w, uint64_t off, uint##bits##_t v)              \
    {                                                                                   \
        access_at(                                                                      \
            w, &(Access){.off = off, .width = bits / 8, .is_write = true, .value = v}); \
    }

DEFINE_ACCESS(8)
DEFINE_ACCESS(16)
DEFINE_ACCESS(32)

IoWindow io_subwindow(const IoWindow *w, uint64_t off, uint64_t bytes)
{
    if (off > w->bytes || bytes > w->bytes - off) {
        return (IoWindow){.is_port = w->is_port};
    }
    return (IoWindow){.is_port = w->is_port, .base = w->base + off, .bytes = bytes};
}

volatile void *page_map_device(uint64_t physical, uint64_t bytes)
{
    (void)bytes;
    return (volatile void *)(uintptr_t)physical;
}

/* The host's memory is no RAM of a machine, and there are no tables. */
bool page_is_ram(uint64_t from, uint64_t to)
{
    (void)from, (void)to;
    return false;
}

bool arch_ram_range(unsigned n, uint64_t *from, uint64_t *to)
{
    (void)n, (void)from, (void)to;
    return false;
}

const void *acpi_dsdt(size_t *bytes)
{
    (void)bytes;
    return NULL;
}

bool acpi_mcfg(uint64_t *base, uint8_t *first_bus, uint8_t *last_bus)
{
    (void)base, (void)first_bus, (void)last_bus;
    return false;
}
