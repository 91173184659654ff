/* SPDX-License-Identifier: MIT */
/*
 * MMIO devices that nobody names: the 24 slots from 0xfeb00000 on that QEMU's microvm
 * has. Only a machine without ACPI, words and PCI is searched like this, because it is a
 * microvm. Elsewhere such reads could have effects.
 */
#include "drivers/virtio/bus/mmio.h"
#include "kernel/mem/page.h"

#define SCAN_FROM  0xfeb00000u
#define SCAN_BYTES 0x200u
#define SCAN_SLOTS 24

void qvirtio_mmio_find_scan(QVirtioNote *note)
{
    QVirtioMmioSlot slot = {.bytes = SCAN_BYTES, .line = -1, .wiring = IRQ_LEVEL_HIGH};
    uintptr_t at = (uintptr_t)page_map_device(SCAN_FROM, SCAN_BYTES * SCAN_SLOTS);

    for (int i = 0; i < SCAN_SLOTS; i++) {
        IoWindow w = {.base = at + SCAN_BYTES * (unsigned)i, .bytes = SCAN_BYTES};
        slot.base = SCAN_FROM + SCAN_BYTES * (unsigned)i;
        slot.number = i;
        /* Nobody said that there is a device, so an empty place is not told. */
        if (io_read32(&w, VIRTIO_MMIO_MAGIC_VALUE) == VIRTIO_MMIO_MAGIC) {
            qvirtio_mmio_look_at(&slot, note);
        }
    }
}
