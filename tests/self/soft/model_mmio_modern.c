/* SPDX-License-Identifier: MIT */
/*
 * Registers that only version 2 has (4.2.2): QueueReady, addresses, QueueReset, shared
 * memory, ConfigGeneration; and Status.
 */
#include "tests/self/soft/model_mmio.h"

SOFT_FAULT(interrupts_outlive_reset, "dev:4.2.2.1-5",
           "keeps InterruptStatus over a reset");
SOFT_FAULT(ready_outlives_reset, "dev:4.2.2.1-5", "shows queues as ready after a reset");
SOFT_FAULT(mmio_generation_stands_still, "dev:4.2.2.1-6",
           "keeps its ConfigGeneration when the configuration changes");
SOFT_FAULT(serves_a_queue_not_ready, "dev:4.2.2.1-7",
           "serves a queue whose QueueReady is 0");
SOFT_FAULT(mmio_reset_shows_queue_reset, "dev:4.2.2.1-8",
           "shows QueueReset 1 after the device's reset");
SOFT_FAULT(mmio_ready_shows_queue_reset, "dev:4.2.2.1-9",
           "shows QueueReset 1 for queues that are ready");
SOFT_FAULT(mmio_queue_goes_on, "dev:4.2.2.1-10",
           "goes on at the old used index after QueueReset");
SOFT_FAULT(mmio_old_ring_is_used, "dev:4.2.2.1-11",
           "uses a buffer of the old ring when QueueReset reads 0");
SOFT_FAULT(mmio_new_ring_gets_old_buffers, "dev:4.2.2.1-11",
           "uses a buffer of the old ring in the new one");
SOFT_FAULT(mmio_queue_reset_is_never_over, "dev:4.2.2.1-12",
           "shows QueueReset 1 until the next reset");
SOFT_FAULT(mmio_queue_reset_comes_back, "dev:4.2.2.1-12",
           "shows QueueReset 0 once, then 1");
SOFT_FAULT(mmio_queue_reset_leaves_it_ready, "dev:4.2.2.1-12",
           "shows QueueReady 1 after QueueReset");

/* "Drivers not expecting shared memory MUST NOT use the shared memory registers." */
SOFT_MANNER(no_shm_registers, "4.2.3.1.1",
            "answers with 0 where a type with shared memory has registers for it");
/* "The driver MUST NOT access memory locations not described in the table". */
SOFT_MANNER(undescribed_registers_read_ones, "4.2.2.2",
            "answers with ones where there is no register to read");

static uint32_t bit_of(const MmioModel *m)
{
    return 1u << m->door.queue_select % 32;
}

static bool shows_ready(const MmioModel *m)
{
    const Door *d = &m->door;
    bool was_ready = m->were_ready & bit_of(m), is_idle = door_status(d) == 0;

    return (door_is_enabled(d) && !(m->are_hidden & bit_of(m))) ||
           (soft_fault(ready_outlives_reset) && was_ready && is_idle) ||
           (soft_fault(mmio_queue_reset_leaves_it_ready) && m->were_reset & bit_of(m));
}

static void finish_queue_reset(MmioModel *m)
{
    door_reset_queue(&m->door);
    m->were_reset |= bit_of(m);
    m->resets_seen = 0;
}

static bool is_being_reset(MmioModel *m)
{
    if (m->queue_reset_reads && --m->queue_reset_reads == 0) {
        finish_queue_reset(m);
    }
    return m->queue_reset_reads;
}

/* A reset is done at once, unless its manner is another, and a queue that is ready is not
 * being reset. */
static bool shows_reset(MmioModel *m)
{
    if (m->queue_being_reset == m->door.queue_select && is_being_reset(m)) {
        return true;
    }
    bool is_ready = door_is_enabled(&m->door), was_reset = m->were_reset & bit_of(m);

    if (was_reset && soft_fault(mmio_queue_reset_comes_back)) {
        m->resets_seen++;
    }
    return (soft_fault(mmio_reset_shows_queue_reset) && !is_ready && !was_reset) ||
           (soft_fault(mmio_ready_shows_queue_reset) && is_ready) ||
           (soft_fault(mmio_queue_reset_is_never_over) && was_reset) ||
           m->resets_seen > 1;
}

uint32_t model_mmio_read_modern(MmioModel *m, uint32_t at)
{
    Door *d = &m->door;

    switch (at) {
    case VIRTIO_MMIO_QUEUE_READY:
        return door_queue(d) && shows_ready(m);
    case VIRTIO_MMIO_QUEUE_RESET:
        return door_queue(d) && shows_reset(m);
    case VIRTIO_MMIO_STATUS:
        door_count_status_read(d);
        return door_status(d);
    case VIRTIO_MMIO_SHM_LEN_LOW ... VIRTIO_MMIO_SHM_BASE_HIGH:
        /* No device has regions here. */
        return soft_manner(no_shm_registers) ? 0 : UINT32_MAX;
    case VIRTIO_MMIO_CONFIG_GENERATION:
        return soft_fault(mmio_generation_stands_still) ? 1 : door_generation(d);
    default:
        return soft_manner(undescribed_registers_read_ones) ? UINT32_MAX : 0;
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

static void make_ready(MmioModel *m)
{
    Door *d = &m->door;

    if (m->are_hidden & bit_of(m)) {
        door_disable(d);
        m->are_hidden &= ~bit_of(m);
    }
    door_enable(d);
    m->were_ready |= bit_of(m);
    if (m->were_reset & bit_of(m)) {
        if (soft_fault(mmio_queue_goes_on)) {
            door_go_on(d);
        }
        door_use_late(d, soft_fault(mmio_old_ring_is_used),
                      soft_fault(mmio_new_ring_gets_old_buffers));
    }
    m->were_reset &= ~bit_of(m);
    m->resets_seen = 0;
}

static void make_not_ready(MmioModel *m)
{
    if (soft_fault(serves_a_queue_not_ready)) {
        m->are_hidden |= bit_of(m);
    } else {
        door_disable(&m->door);
    }
}

static void write_queue(MmioModel *m, uint32_t at, uint32_t v)
{
    Door *d = &m->door;

    switch (at) {
    case VIRTIO_MMIO_QUEUE_READY:
        if (v == 1) {
            make_ready(m);
        } else if (v == 0) {
            make_not_ready(m);
        }
        break;
    case VIRTIO_MMIO_QUEUE_RESET:
        if (v == 1 && door_negotiated(d, VIRTIO_F_RING_RESET)) {
            m->queue_being_reset = d->queue_select;
            m->queue_reset_reads = door_queue_reset_reads();
            if (m->queue_reset_reads == 0) {
                finish_queue_reset(m);
            }
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

void model_mmio_reset(Door *d)
{
    MmioModel *m = (MmioModel *)d;
    bool is_kept =
        soft_fault(interrupts_outlive_reset) && m->version == VIRTIO_MMIO_VERSION_MODERN;

    m->interrupts = is_kept ? m->interrupts : 0;
    m->were_reset = m->resets_seen = m->are_hidden = m->queue_reset_reads = 0;
    model_mmio_update_line(m);
}

void model_mmio_write_modern(MmioModel *m, uint32_t at, uint32_t v)
{
    Door *d = &m->door;

    switch (at) {
    case VIRTIO_MMIO_STATUS:
        door_set_status(d, (uint8_t)v);
        break;
    case VIRTIO_MMIO_SHM_SEL:
        m->shm_select = v;
        break;
    default:
        if (door_queue(d)) {
            write_queue(m, at, v);
        }
        break;
    }
}
