/* SPDX-License-Identifier: MIT */
/*
 * Finds the devices of all buses and names them: "pci.blk.0" is the bus, the type, and
 * the device's number among those of its type on that bus, from 0. The name of a type
 * comes from its driver; a type without one is named by its number.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

#define MAX_DEVICES  64
#define MAX_LEFT_OUT 16

extern const QVirtioBus *const buses_begin[], *const buses_end[];
extern const QVirtioDriver *const drivers_begin[], *const drivers_end[];

static QVirtioDevice *devices[MAX_DEVICES];
static unsigned device_count;

/* Devices that were found and cannot be driven. */
static QVirtioDevice *left_out[MAX_LEFT_OUT];
static unsigned left_out_count;

const QVirtioDriver *qvirtio_driver_find(uint16_t device_id)
{
    for (const QVirtioDriver *const *at = drivers_begin; at < drivers_end; at++) {
        if ((*at)->device_id == device_id) {
            return *at;
        }
    }
    return NULL;
}

const char *qvirtio_type_name(uint16_t device_id, char *to, size_t bytes)
{
    const QVirtioDriver *driver = qvirtio_driver_find(device_id);
    if (driver) {
        return driver->name;
    }
    ksnprintf(to, bytes, "id-%u", device_id);
    return to;
}

static void give_name(QVirtioDevice *d)
{
    char type[16];

    d->driver = qvirtio_driver_find(d->device_id);
    ksnprintf(d->name, sizeof(d->name), "%s.%s.%d", d->bus->name,
              qvirtio_type_name(d->device_id, type, sizeof(type)), d->index);
}

int qvirtio_device_adopt(QVirtioDevice *d)
{
    give_name(d);
    int err = qvirtio_reset(d);
    return err ? err : qvirtio_read_features(d, &d->offered);
}

static void leave_out(QVirtioDevice *d, const char *why, void (*note)(const char *line))
{
    char line[128];

    ksnprintf(line, sizeof(line), "%s %s is left out: %s", d->name, d->where, why);
    note(line);
    d->why_left_out = why;
    if (left_out_count < MAX_LEFT_OUT) {
        left_out[left_out_count++] = d;
    }
}

static void adopt(QVirtioDevice *d, void *data)
{
    void (*note)(const char *line) = data;

    if (d->why_left_out) {
        give_name(d);
        leave_out(d, d->why_left_out, note);
        return;
    }
    int err = qvirtio_device_adopt(d);
    if (err) {
        d->is_deaf_to_reset = err == -QVIRTIO_TIMEOUT;
        leave_out(d,
                  err == -QVIRTIO_TIMEOUT ? wait_last_timeout() : qvirtio_error_name(err),
                  note);
    } else if (device_count == MAX_DEVICES) {
        char line[96];
        ksnprintf(line, sizeof(line), "%s %s is left out: too many devices", d->name,
                  d->where);
        note(line);
    } else {
        devices[device_count++] = d;
    }
}

void qvirtio_devices_init(void (*note)(const char *line))
{
    device_count = left_out_count = 0;
    for (const QVirtioBus *const *at = buses_begin; at < buses_end; at++) {
        (*at)->device_foreach(*at, adopt, (void *)note, note);
    }
}

QVirtioDevice *qvirtio_device(unsigned n)
{
    return n < device_count ? devices[n] : NULL;
}

QVirtioDevice *qvirtio_device_left_out(unsigned n)
{
    return n < left_out_count ? left_out[n] : NULL;
}

void qvirtio_device_foreach(uint16_t device_id,
                            void (*func)(QVirtioDevice *d, void *data), void *data)
{
    for (unsigned i = 0; i < device_count; i++) {
        if (!device_id || devices[i]->device_id == device_id) {
            func(devices[i], data);
        }
    }
}

QVirtioDevice *qvirtio_device_find(const char *bus_name, uint16_t device_id, int index)
{
    for (unsigned i = 0; i < device_count; i++) {
        QVirtioDevice *d = devices[i];
        if (d->device_id == device_id && d->index == index &&
            strcmp(d->bus->name, bus_name) == 0) {
            return d;
        }
    }
    return NULL;
}
