/* SPDX-License-Identifier: MIT */
/*
 * Virtio over MMIO, version 2 (4.2). Each function writes QueueSel before it uses a
 * queue's registers, so no caller depends on what was selected before. Finding devices is
 * in mmio_find.c, interrupts are in mmio_irq.c, version 1 is in mmio_legacy.c.
 */
#include "drivers/virtio/bus/mmio.h"
#include "drivers/virtio/bus.h"

int qvirtio_mmio_get_status(QVirtioDevice *d, uint8_t *status)
{
    *status = (uint8_t)qvirtio_mmio_read(d, VIRTIO_MMIO_STATUS);
    return 0;
}

int qvirtio_mmio_set_status(QVirtioDevice *d, uint8_t status)
{
    qvirtio_mmio_write(d, VIRTIO_MMIO_STATUS, status);
    return 0;
}

/* "Writing zero (0x0) to this register triggers a device reset", which is complete when
 * it reads 0 (2.4.2). */
int qvirtio_mmio_reset(QVirtioDevice *d)
{
    return qvirtio_reset_by_status(d, "reset: Status to read 0");
}

static int get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits)
{
    *bits = 0;
    if (word < qvirtio_mmio(d)->feature_words || word >= QVIRTIO_FEATURE_WORDS) {
        qvirtio_mmio_write(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, word);
        *bits = qvirtio_mmio_read(d, VIRTIO_MMIO_DEVICE_FEATURES);
    }
    return 0;
}

static int set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    if (word >= qvirtio_mmio(d)->feature_words) {
        return bits ? -QVIRTIO_UNSUPPORTED : 0;
    }
    qvirtio_mmio_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
    qvirtio_mmio_write(d, VIRTIO_MMIO_DRIVER_FEATURES, bits);
    return 0;
}

int qvirtio_mmio_queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size)
{
    qvirtio_mmio_select(d, index);
    uint32_t max = qvirtio_mmio_read(d, VIRTIO_MMIO_QUEUE_SIZE_MAX);
    *size = max < 0xffff ? (uint16_t)max : 0xffff;
    return 0;
}

static void write64(QVirtioDevice *d, uint32_t low, uint64_t value)
{
    qvirtio_mmio_write(d, low, (uint32_t)value);
    qvirtio_mmio_write(d, low + 4, (uint32_t)(value >> 32));
}

/* 4.2.3.2, steps 5 to 7. */
static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    qvirtio_mmio_select(d, vq->index);
    qvirtio_mmio_write(d, VIRTIO_MMIO_QUEUE_SIZE, vq->size);
    write64(d, VIRTIO_MMIO_QUEUE_DESC_LOW, vq->vring.desc_addr.raw);
    write64(d, VIRTIO_MMIO_QUEUE_DRIVER_LOW, vq->vring.avail_addr.raw);
    write64(d, VIRTIO_MMIO_QUEUE_DEVICE_LOW, vq->vring.used_addr.raw);
    qvirtio_mmio_write(d, VIRTIO_MMIO_QUEUE_READY, 1);
    return 0;
}

static int queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled)
{
    qvirtio_mmio_select(d, index);
    *enabled = qvirtio_mmio_read(d, VIRTIO_MMIO_QUEUE_READY) == 1;
    return 0;
}

static bool queue_reset_is_zero(void *arg)
{
    return qvirtio_mmio_read(arg, VIRTIO_MMIO_QUEUE_RESET) == 0;
}

/* 4.2.2.2: "the driver MUST NOT consider queue reset to be complete until it reads back 0
 * in QueueReset". */
static int queue_reset(QVirtioDevice *d, uint16_t index)
{
    if (!qvirtio_negotiated(d, VIRTIO_F_RING_RESET)) {
        return -QVIRTIO_UNSUPPORTED;
    }
    qvirtio_mmio_select(d, index);
    qvirtio_mmio_write(d, VIRTIO_MMIO_QUEUE_RESET, 1);
    return qvirtio_wait(d, "queue reset: QueueReset to read 0", queue_reset_is_zero, d,
                        0);
}

/* 4.2.3.3: writes the queue's index, or with it the place behind the last published entry
 * (2.9). */
void qvirtio_mmio_notify(QVirtioDevice *d, const QVirtQueue *vq)
{
    bool has_data = qvirtio_negotiated(d, VIRTIO_F_NOTIFICATION_DATA);
    uint32_t data = has_data ? (uint32_t)vq->next_place << 16 : 0;

    qvirtio_mmio_write(d, VIRTIO_MMIO_QUEUE_NOTIFY, data | vq->index);
}

int qvirtio_mmio_get_config(QVirtioDevice *d, size_t off, void *to, size_t width)
{
    return qvirtio_window_get(&qvirtio_mmio(d)->config, off, to, width);
}

int qvirtio_mmio_set_config(QVirtioDevice *d, size_t off, const void *from, size_t width)
{
    return qvirtio_window_set(&qvirtio_mmio(d)->config, off, from, width);
}

int qvirtio_mmio_config_bytes(QVirtioDevice *d, size_t *bytes)
{
    *bytes = qvirtio_mmio(d)->config.bytes;
    return 0;
}

static int config_generation(QVirtioDevice *d, uint32_t *generation)
{
    *generation = qvirtio_mmio_read(d, VIRTIO_MMIO_CONFIG_GENERATION);
    return 0;
}

static uint64_t read64(QVirtioDevice *d, uint32_t low)
{
    uint64_t high = qvirtio_mmio_read(d, low + 4);

    return high << 32 | qvirtio_mmio_read(d, low);
}

/* "Reading from a non-existent region ... results in a length of -1." */
static int shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    qvirtio_mmio_write(d, VIRTIO_MMIO_SHM_SEL, id);
    uint64_t length = read64(d, VIRTIO_MMIO_SHM_LEN_LOW);
    if (length == UINT64_MAX) {
        return -QVIRTIO_UNSUPPORTED;
    }
    at->raw = read64(d, VIRTIO_MMIO_SHM_BASE_LOW);
    *bytes = length;
    return 0;
}

static void device_foreach(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           QVirtioNote *note)
{
    qvirtio_mmio_foreach(bus, VIRTIO_MMIO_VERSION_MODERN, found, data, note);
}

QVIRTIO_BUS(qvirtio_bus_mmio, .name = "mmio", QVIRTIO_MMIO_COMMON,
            .reset = qvirtio_mmio_reset, .get_features = get_features,
            .set_features = set_features, .queue_enable = queue_enable,
            .queue_enabled = queue_enabled, .queue_reset = queue_reset,
            .config_generation = config_generation, .shm_region = shm_region,
            .device_foreach = device_foreach);
