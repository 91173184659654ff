/* SPDX-License-Identifier: MIT */
/*
 * A device's configuration space as a window of registers, for PCI and MMIO alike. Both
 * 4.1.3.1 and 4.2.2.2 say that the driver MUST use 8-bit wide accesses for 8-bit wide
 * fields, 16-bit wide and aligned ones for 16-bit wide fields, and 32-bit wide and
 * aligned ones for 32-bit and 64-bit wide fields. The caller decides about alignment,
 * because tests also ask for unaligned accesses.
 */
#include "drivers/virtio/bus/window.h"

#include "kernel/lib/string.h"

static bool is_in(const IoWindow *w, size_t off, size_t width)
{
    return off <= w->bytes && width <= w->bytes - off;
}

int qvirtio_window_get(const IoWindow *w, size_t off, void *to, size_t width)
{
    union {
        uint8_t u8;
        le16 u16;
        le32 u32[2];
    } v;

    if (!is_in(w, off, width)) {
        return -QVIRTIO_RANGE;
    }
    switch (width) {
    case 1:
        v.u8 = io_read8(w, off);
        break;
    case 2:
        v.u16 = le16_of(io_read16(w, off));
        break;
    case 4:
        v.u32[0] = le32_of(io_read32(w, off));
        break;
    case 8:
        v.u32[0] = le32_of(io_read32(w, off));
        v.u32[1] = le32_of(io_read32(w, off + 4));
        break;
    default:
        return -QVIRTIO_RANGE;
    }
    memcpy(to, &v, width);
    return 0;
}

int qvirtio_window_set(const IoWindow *w, size_t off, const void *from, size_t width)
{
    union {
        uint8_t u8;
        le16 u16;
        le32 u32[2];
    } v;

    if (!is_in(w, off, width) || width > sizeof(v)) {
        return -QVIRTIO_RANGE;
    }
    memcpy(&v, from, width);
    switch (width) {
    case 1:
        io_write8(w, off, v.u8);
        return 0;
    case 2:
        io_write16(w, off, le16_get(v.u16));
        return 0;
    case 4:
        io_write32(w, off, le32_get(v.u32[0]));
        return 0;
    case 8:
        io_write32(w, off, le32_get(v.u32[0]));
        io_write32(w, off + 4, le32_get(v.u32[1]));
        return 0;
    default:
        return -QVIRTIO_RANGE;
    }
}
