/* SPDX-License-Identifier: MIT */
/*
 * Finding devices on all buses and giving them their names: "pci.blk.0" is bus, type, and
 * the how-manieth of that type. The table of types here only has names; what a type can
 * do is in its driver, if it has one.
 */
#include "drivers/virtio/qvirtio_driver.h"
#include "kernel/printf.h"
#include "kernel/string.h"

#define MAX_DEVICES 64

extern const QVirtioBus *const buses_begin[], *const buses_end[];
extern const QVirtioDriver *const drivers_begin[], *const drivers_end[];

static QVirtioDevice *devices[MAX_DEVICES];
static unsigned device_count;

static const struct {
    uint16_t id;
    const char *name;
} type_names[] = {
    {VIRTIO_ID_NET, "net"},         {VIRTIO_ID_BLOCK, "blk"},
    {VIRTIO_ID_CONSOLE, "console"}, {VIRTIO_ID_RNG, "rng"},
    {VIRTIO_ID_SCSI, "scsi"},       {VIRTIO_ID_BALLOON, "balloon"},
    {VIRTIO_ID_9P, "9p"},           {VIRTIO_ID_GPU, "gpu"},
    {VIRTIO_ID_INPUT, "input"},     {VIRTIO_ID_CRYPTO, "crypto"},
    {VIRTIO_ID_FS, "fs"},           {VIRTIO_ID_VSOCK, "vsock"},
    {VIRTIO_ID_IOMMU, "iommu"},     {VIRTIO_ID_MEM, "mem"},
    {VIRTIO_ID_SOUND, "sound"},     {VIRTIO_ID_PMEM, "pmem"},
    {VIRTIO_ID_RTC, "rtc"},
};

const char *qvirtio_type_name(uint16_t device_id, char *to, size_t bytes)
{
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (type_names[i].id == device_id) {
            return type_names[i].name;
        }
    }
    ksnprintf(to, bytes, "id-%u", device_id);
    return to;
}

const QVirtioDriver *qvirtio_driver_find(uint16_t device_id)
{
    for (const QVirtioDriver *const *at = drivers_begin; at < drivers_end; at++) {
        if ((*at)->device_id == device_id) {
            return *at;
        }
    }
    return NULL;
}

int qvirtio_device_adopt(QVirtioDevice *d)
{
    char type[16];

    d->driver = qvirtio_driver_find(d->device_id);
    ksnprintf(d->name, sizeof(d->name), "%s.%s.%d", d->bus->name,
              qvirtio_type_name(d->device_id, type, sizeof(type)), d->index);
    int err = qvirtio_reset(d);
    return err ? err : qvirtio_read_features(d, &d->offered);
}

static void adopt(QVirtioDevice *d, void *data)
{
    void (*note)(const char *line) = data;
    int err = qvirtio_device_adopt(d);

    if (err || device_count == MAX_DEVICES) {
        char line[96];
        ksnprintf(line, sizeof(line), "%s %s is left out: %s", d->name, d->where,
                  err ? qvirtio_error_name(err) : "too many devices");
        note(line);
        return;
    }
    devices[device_count++] = d;
}

void qvirtio_devices_init(void (*note)(const char *line))
{
    device_count = 0;
    for (const QVirtioBus *const *at = buses_begin; at < buses_end; at++) {
        (*at)->device_foreach(*at, adopt, (void *)note, note);
    }
}

QVirtioDevice *qvirtio_device(unsigned n)
{
    return n < device_count ? devices[n] : NULL;
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
