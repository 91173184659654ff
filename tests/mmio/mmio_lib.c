/* SPDX-License-Identifier: MIT */
/*
 * What the tests of virtio over MMIO share (4.2.2): the table of control registers, and
 * InterruptStatus seen by polling.
 */
#include "tests/mmio/mmio_lib.h"
#include "drivers/virtio/bus.h"

static const MmioRegister registers[] = {
    {VIRTIO_MMIO_MAGIC_VALUE, MMIO_READ},
    {VIRTIO_MMIO_VERSION, MMIO_READ},
    {VIRTIO_MMIO_DEVICE_ID, MMIO_READ},
    {VIRTIO_MMIO_VENDOR_ID, MMIO_READ},
    {VIRTIO_MMIO_DEVICE_FEATURES, MMIO_READ},
    {VIRTIO_MMIO_DEVICE_FEATURES_SEL, MMIO_WRITE},
    {VIRTIO_MMIO_DRIVER_FEATURES, MMIO_WRITE},
    {VIRTIO_MMIO_DRIVER_FEATURES_SEL, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_SEL, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_SIZE_MAX, MMIO_READ},
    {VIRTIO_MMIO_QUEUE_SIZE, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_READY, MMIO_BOTH},
    {VIRTIO_MMIO_QUEUE_NOTIFY, MMIO_WRITE},
    {VIRTIO_MMIO_INTERRUPT_STATUS, MMIO_READ},
    {VIRTIO_MMIO_INTERRUPT_ACK, MMIO_WRITE},
    {VIRTIO_MMIO_STATUS, MMIO_BOTH},
    {VIRTIO_MMIO_QUEUE_DESC_LOW, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_DESC_HIGH, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_DRIVER_LOW, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_DRIVER_HIGH, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_DEVICE_LOW, MMIO_WRITE},
    {VIRTIO_MMIO_QUEUE_DEVICE_HIGH, MMIO_WRITE},
    {VIRTIO_MMIO_SHM_SEL, MMIO_WRITE},
    {VIRTIO_MMIO_SHM_LEN_LOW, MMIO_READ},
    {VIRTIO_MMIO_SHM_LEN_HIGH, MMIO_READ},
    {VIRTIO_MMIO_SHM_BASE_LOW, MMIO_READ},
    {VIRTIO_MMIO_SHM_BASE_HIGH, MMIO_READ},
    {VIRTIO_MMIO_QUEUE_RESET, MMIO_BOTH},
    {VIRTIO_MMIO_CONFIG_GENERATION, MMIO_READ},
};

bool mmio_register(unsigned n, MmioRegister *r)
{
    if (n >= sizeof(registers) / sizeof(registers[0])) {
        return false;
    }
    *r = registers[n];
    return true;
}

uint16_t mmio_queue_count(QVirtioDevice *dev)
{
    uint16_t n = 0, size = 0;

    if (dev->driver) {
        return dev->driver->queue_count(dev);
    }
    while (n < QVIRTIO_MAX_QUEUES && dev->bus->queue_max(dev, n, &size) == 0 && size) {
        n++;
    }
    return n;
}

QVirtQueue *mmio_ping_queue(const QVirtioDevice *dev)
{
    return dev->vq[dev->driver->ping_queue];
}

uint32_t mmio_queue_read(QVirtioDevice *dev, uint16_t index, uint32_t at)
{
    qvirtio_mmio_select(dev, index);
    return qvirtio_mmio_read(dev, at);
}

void mmio_queue_write(QVirtioDevice *dev, uint16_t index, uint32_t at, uint32_t value)
{
    qvirtio_mmio_select(dev, index);
    qvirtio_mmio_write(dev, at, value);
}

bool mmio_start_polled(Test *t, QVirtioDevice *dev)
{
    dev->irq_mode = QVIRTIO_IRQ_NONE;
    return test_start(t, dev, NULL);
}

typedef struct AwaitedStatus {
    QVirtioDevice *dev;
    uint32_t bits;
} AwaitedStatus;

static bool has_status(void *arg)
{
    const AwaitedStatus *a = arg;
    return qvirtio_mmio_read(a->dev, VIRTIO_MMIO_INTERRUPT_STATUS) & a->bits;
}

int mmio_wait_status(QVirtioDevice *dev, uint32_t bits)
{
    AwaitedStatus awaited = {dev, bits};
    const char *what = bits == VIRTIO_MMIO_INTERRUPT_CONFIG
                           ? "InterruptStatus to tell of the configuration"
                           : "InterruptStatus to show something";
    return qvirtio_wait(dev, what, has_status, &awaited, 0);
}

bool mmio_ping_pending(Test *t, QVirtioDevice *dev, uint32_t number)
{
    return require_ping(t, dev, number) &&
           expect_ok(t, "virtio 4.2.2",
                     mmio_wait_status(dev, VIRTIO_MMIO_INTERRUPT_QUEUE));
}
