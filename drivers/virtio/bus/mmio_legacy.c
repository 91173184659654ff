/* SPDX-License-Identifier: MIT */
/*
 * Virtio over MMIO, version 1 (4.2.4). The device is told a queue by the number of its
 * first page; there are features 0 to 31, no FEATURES_OK, no generation, and no queue
 * reset. The device configuration is in the guest's own byte order.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/bus/mmio.h"
#include "drivers/virtio/ring/legacy_queue.h"

/* "The driver writes the guest page size in bytes to the register during initialization,
 * before any queues are used." */
static int reset(QVirtioDevice *d)
{
    int err = qvirtio_mmio_reset(d);

    qvirtio_mmio_write(d, VIRTIO_MMIO_LEGACY_GUEST_PAGE_SIZE,
                       1u << LEGACY_QUEUE_PAGE_SHIFT);
    return err;
}

static int get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits)
{
    qvirtio_mmio_write(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
    *bits = word ? 0 : qvirtio_mmio_read(d, VIRTIO_MMIO_DEVICE_FEATURES);
    return 0;
}

static int set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    if (word) {
        return bits ? -QVIRTIO_UNSUPPORTED : 0;
    }
    qvirtio_mmio_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
    qvirtio_mmio_write(d, VIRTIO_MMIO_DRIVER_FEATURES, bits);
    return 0;
}

/* 4.2.4, steps 5 to 7. */
static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    uint32_t page;

    if (!legacy_queue_page(&vq->vring, &page)) {
        return -QVIRTIO_RANGE;
    }
    qvirtio_mmio_select(d, vq->index);
    qvirtio_mmio_write(d, VIRTIO_MMIO_QUEUE_SIZE, vq->size);
    qvirtio_mmio_write(d, VIRTIO_MMIO_LEGACY_QUEUE_ALIGN, VIRTQ_LEGACY_ALIGN);
    qvirtio_mmio_write(d, VIRTIO_MMIO_LEGACY_QUEUE_PFN, page);
    return 0;
}

static int queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled)
{
    qvirtio_mmio_select(d, index);
    *enabled = qvirtio_mmio_read(d, VIRTIO_MMIO_LEGACY_QUEUE_PFN) != 0;
    return 0;
}

static void device_foreach(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           QVirtioNote *note)
{
    qvirtio_mmio_foreach(bus, VIRTIO_MMIO_VERSION_LEGACY, found, data, note);
}

QVIRTIO_BUS(qvirtio_bus_mmio_legacy, .name = "mmio-legacy", .is_legacy = true,
            QVIRTIO_MMIO_COMMON, .reset = reset, .get_features = get_features,
            .set_features = set_features, .queue_enable = queue_enable,
            .queue_enabled = queue_enabled, .queue_reset = qvirtio_no_queue_reset,
            .config_generation = qvirtio_no_config_generation,
            .shm_region = qvirtio_no_shm_region, .device_foreach = device_foreach);
