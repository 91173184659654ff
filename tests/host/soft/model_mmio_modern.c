/* SPDX-License-Identifier: MIT */
/*
 * Registers that only version 2 has (4.2.2): QueueReady, addresses, QueueReset, shared
 * memory, ConfigGeneration; and Status.
 */
#include "tests/host/soft/model_mmio.h"

uint32_t model_mmio_read_modern(MmioModel *m, uint32_t at)
{
    Door *d = &m->door;

    switch (at) {
    case VIRTIO_MMIO_QUEUE_READY:
        return door_queue(d) && door_is_enabled(d);
    case VIRTIO_MMIO_STATUS:
        return door_status(d);
    case VIRTIO_MMIO_SHM_LEN_LOW ... VIRTIO_MMIO_SHM_BASE_HIGH:
        return UINT32_MAX; /* no device has regions here */
    case VIRTIO_MMIO_CONFIG_GENERATION:
        return door_generation(d);
    default:
        return 0;
    }
}

static void set_half(uint64_t *address, uint32_t at, uint32_t v)
{
    unsigned shift = at % 8 * 8;

    *address = (*address & ~(0xffffffffull << shift)) | (uint64_t)v << shift;
}

static void write_address(DoorQueue *q, uint32_t at, uint32_t v)
{
    set_half(at < VIRTIO_MMIO_QUEUE_DRIVER_LOW   ? &q->desc
             : at < VIRTIO_MMIO_QUEUE_DEVICE_LOW ? &q->driver
                                                 : &q->device,
             at, v);
}

static void write_queue(Door *d, uint32_t at, uint32_t v)
{
    switch (at) {
    case VIRTIO_MMIO_QUEUE_READY:
        if (v == 1) {
            door_enable(d);
        } else if (v == 0) {
            door_disable(d);
        }
        break;
    case VIRTIO_MMIO_QUEUE_RESET:
        if (v == 1 && door_negotiated(d, VIRTIO_F_RING_RESET)) {
            door_reset_queue(d);
        }
        break;
    case VIRTIO_MMIO_QUEUE_DESC_LOW:
    case VIRTIO_MMIO_QUEUE_DESC_HIGH:
    case VIRTIO_MMIO_QUEUE_DRIVER_LOW:
    case VIRTIO_MMIO_QUEUE_DRIVER_HIGH:
    case VIRTIO_MMIO_QUEUE_DEVICE_LOW:
    case VIRTIO_MMIO_QUEUE_DEVICE_HIGH:
        write_address(door_queue(d), at, v);
        break;
    default:
        break; /* read-only, or nothing */
    }
}

void model_mmio_write_modern(MmioModel *m, uint32_t at, uint32_t v)
{
    Door *d = &m->door;

    switch (at) {
    case VIRTIO_MMIO_STATUS:
        door_set_status(d, (uint8_t)v);
        if ((uint8_t)v == 0) {
            m->interrupts = 0;
            model_mmio_update_line(m);
        }
        break;
    case VIRTIO_MMIO_SHM_SEL:
        m->shm_select = v;
        break;
    default:
        if (door_queue(d)) {
            write_queue(d, at, v);
        }
        break;
    }
}
