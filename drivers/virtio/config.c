/* SPDX-License-Identifier: MIT */
/*
 * Config space (2.5) above all buses: fields at their natural width in CPU order, and the
 * one generation loop. The bytes of a field are little-endian, or in the guest's order on
 * a legacy interface (2.5.3).
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"

/* A device that never stops changing its config is broken. The loop waits for nothing, so
 * a number of tries bounds it. */
#define GENERATION_TRIES 16

typedef union ConfigValue {
    uint8_t b;
    virtio16 h;
    virtio32 w;
    virtio64 d;
} ConfigValue;

/* 4.1.3.1, 4.2.2.2: "the driver MUST use 8-bit wide accesses for 8-bit wide fields,
 * 16-bit wide and aligned accesses for 16-bit wide fields and 32-bit wide and aligned
 * accesses for 32-bit and 64-bit wide fields". Returns the width at this offset; where no
 * field is known, 1. */
static size_t natural_width(const QVirtioDevice *d, size_t off, size_t most)
{
    const QVirtioField *f = d->driver ? d->driver->fields : NULL;

    for (; f && f->name; f++) {
        size_t width = f->width < 4 ? f->width : 4;
        size_t end = f->offset + (size_t)f->width * (f->count ? f->count : 1);
        bool is_here = off >= f->offset && off < end;
        if (is_here && (off - f->offset) % width == 0 && width <= most) {
            return width;
        }
    }
    return 1;
}

int qvirtio_config_snapshot(QVirtioDevice *d, size_t off, void *to, size_t bytes)
{
    for (unsigned i = 0; i < GENERATION_TRIES; i++) {
        uint32_t before = 0, after = 0;
        int has_none = d->bus->config_generation(d, &before);
        for (size_t n = 0, width; n < bytes; n += width) {
            width = natural_width(d, off + n, bytes - n);
            int err = d->bus->get_config(d, off + n, (uint8_t *)to + n, width);
            if (err) {
                return err;
            }
        }
        if (has_none || (d->bus->config_generation(d, &after) == 0 && before == after)) {
            return 0;
        }
    }
    return -QVIRTIO_BROKEN;
}

/* A field of 8 bytes is two accesses on the wire, which may tear, so it is read between
 * two equal generations. */
static int read_value(QVirtioDevice *d, size_t off, size_t width, ConfigValue *v)
{
    if (width < 8) {
        return d->bus->get_config(d, off, v, width);
    }
    for (unsigned i = 0; i < GENERATION_TRIES; i++) {
        uint32_t before = 0, after = 0;
        int has_none = d->bus->config_generation(d, &before);
        int err = d->bus->get_config(d, off, v, width);
        if (err || has_none) {
            return err;
        }
        if (d->bus->config_generation(d, &after) == 0 && before == after) {
            return 0;
        }
    }
    return -QVIRTIO_BROKEN;
}

int qvirtio_config_read(QVirtioDevice *d, size_t off, size_t width, uint64_t *value)
{
    bool legacy = qvirtio_is_legacy(d);
    ConfigValue v = {0};
    int err = read_value(d, off, width, &v);
    if (err) {
        return err;
    }
    switch (width) {
    case 1:
        *value = v.b;
        return 0;
    case 2:
        *value = virtio16_get(legacy, v.h);
        return 0;
    case 4:
        *value = virtio32_get(legacy, v.w);
        return 0;
    case 8:
        *value = virtio64_get(legacy, v.d);
        return 0;
    default:
        return -QVIRTIO_RANGE;
    }
}

int qvirtio_config_write(QVirtioDevice *d, size_t off, size_t width, uint64_t value)
{
    bool legacy = qvirtio_is_legacy(d);
    ConfigValue v = {0};
    switch (width) {
    case 1:
        v.b = value;
        break;
    case 2:
        v.h = virtio16_of(legacy, value);
        break;
    case 4:
        v.w = virtio32_of(legacy, value);
        break;
    case 8:
        v.d = virtio64_of(legacy, value);
        break;
    default:
        return -QVIRTIO_RANGE;
    }
    return d->bus->set_config(d, off, &v, width);
}
