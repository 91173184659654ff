/* SPDX-License-Identifier: MIT */
/*
 * MMIO devices that ACPI names: devices with the id LNRO0005 in the DSDT, each with its
 * memory and its interrupt line.
 */
#include "drivers/virtio/bus/mmio.h"
#include "kernel/acpi/acpi.h"
#include "kernel/acpi/aml.h"
#include "kernel/lib/printf.h"

#define ACPI_ID    "LNRO0005"
#define HEADER_AML 36u
#define BYTES_MOST (1u << 20)

bool qvirtio_mmio_find_acpi(QVirtioNote *note)
{
    size_t bytes, at = 0;
    const uint8_t *dsdt = acpi_dsdt(&bytes);
    AcpiDevice a;

    if (!dsdt) {
        return false;
    }
    while (acpi_aml_device(dsdt + HEADER_AML, bytes - HEADER_AML, ACPI_ID, &at, &a)) {
        if (a.fault || a.bytes < VIRTIO_MMIO_CONFIG || a.bytes > BYTES_MOST ||
            a.base % 4) {
            char line[96];
            ksnprintf(line, sizeof(line), "mmio: ACPI device %s not usable: %s", a.name,
                      a.fault ? a.fault : "its memory is no place for a device");
            note(line);
            continue;
        }
        IrqWiring wiring = a.is_edge ? (a.is_active_low ? IRQ_EDGE_LOW : IRQ_EDGE_HIGH)
                                     : (a.is_active_low ? IRQ_LEVEL_LOW : IRQ_LEVEL_HIGH);
        QVirtioMmioSlot slot = {a.base, a.bytes, a.irq, wiring, -1};
        qvirtio_mmio_look_at(&slot, note);
    }
    return true;
}
