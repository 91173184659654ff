/* SPDX-License-Identifier: MIT */
/*
 * Virtio over MMIO, version 1 (4.2.4): a queue is one block of pages told by the number
 * of its first, features 0 to 31, no FEATURES_OK, no generation, no queue reset. The
 * device configuration is in the guest's own byte order.
 */
#include "drivers/virtio/bus/legacy_queue.h"
#include "drivers/virtio/bus/mmio.h"

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

static int queue_reset(QVirtioDevice *d, uint16_t index)
{
    (void)d, (void)index;
    return -QVIRTIO_UNSUPPORTED;
}

static int config_generation(QVirtioDevice *d, uint32_t *generation)
{
    (void)d, (void)generation;
    return -QVIRTIO_UNSUPPORTED;
}

static int shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    (void)d, (void)id, (void)at, (void)bytes;
    return -QVIRTIO_UNSUPPORTED;
}

static void device_foreach(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           QVirtioNote *note)
{
    qvirtio_mmio_foreach(bus, VIRTIO_MMIO_VERSION_LEGACY, found, data, note);
}

QVIRTIO_BUS(qvirtio_bus_mmio_legacy, .name = "mmio-legacy", .is_legacy = true,
            .get_status = qvirtio_mmio_get_status, .set_status = qvirtio_mmio_set_status,
            .reset = reset, .get_features = get_features, .set_features = set_features,
            .queue_max = qvirtio_mmio_queue_max, .queue_enable = queue_enable,
            .queue_enabled = queue_enabled, .queue_reset = queue_reset,
            .notify = qvirtio_mmio_notify, .irq_bind = qvirtio_mmio_irq_bind,
            .irq_release = qvirtio_mmio_irq_release, .query_isr = qvirtio_mmio_query_isr,
            .irq_ack = qvirtio_mmio_irq_ack, .get_config = qvirtio_mmio_get_config,
            .set_config = qvirtio_mmio_set_config,
            .config_bytes = qvirtio_mmio_config_bytes,
            .config_generation = config_generation, .shm_region = shm_region,
            .device_foreach = device_foreach);
