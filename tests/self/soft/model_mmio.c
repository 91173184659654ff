/* SPDX-License-Identifier: MIT */
/*
 * MMIO slots in front of soft devices: version 2 (4.2.2), version 1 (4.2.4) and an empty
 * one. A queue that is made ready is told to the device, one that is not is taken from
 * it.
 */
#include "tests/self/soft/model_mmio.h"
#include "drivers/virtio/spec/echo.h"
#include "kernel/lib/printf.h"

SOFT_FAULT(magic_goes_with_driver_ok, "dev:4.2.2.1-1",
           "shows another MagicValue once a driver is ready");
SOFT_FAULT(version_goes_with_driver_ok, "dev:4.2.2.1-2",
           "shows Version 1 once a driver is ready");
SOFT_FAULT(interrupt_status_clears_by_reading, "dev:4.2.2.1-3",
           "forgets events that were read");
SOFT_FAULT(ack_clears_all_events, "dev:4.2.2.1-3",
           "clears all events, whichever is acknowledged");
SOFT_FAULT(undefined_event_shows, "dev:4.2.2.1-4",
           "shows an event that nobody has defined");
SOFT_FAULT(used_buffers_change_the_config, "dev:4.2.2.1-4",
           "shows a configuration change with each used buffer");

/* "The memory mapped virtio device is using a single, dedicated interrupt signal": how it
 * is wired is the machine's affair. */
SOFT_MANNER(edge_wired_lines, "4.2.3.4", "has a line that shows edges, not levels");
SOFT_MANNER(queue_size_max_of_100, "4.2.2", "has queues of at most 100 entries");

#define SLOTS_AT   0xfeb00000ull
#define SLOT_BYTES 0x200u
#define LINE_FIRST 32
#define VENDOR     0x74736f68 /* "host" */
#define MODERN     VIRTIO_MMIO_VERSION_MODERN
#define LEGACY     VIRTIO_MMIO_VERSION_LEGACY

/* Of each type the slots count from index 0, as the kernel counts them on each bus. */
static const struct {
    uint16_t device_id;
    uint8_t index, version;
    const uint8_t *hides;
} kinds[] = {
    {VIRTIO_ID_BLOCK, 0, MODERN, NULL},
    {VIRTIO_ID_RNG, 0, MODERN, FEATURES(VIRTIO_F_NOTIFICATION_DATA, VIRTIO_F_ADMIN_VQ)},
    {0, 0, MODERN, NULL}, /* an empty slot */
    {ECHO_DEVICE_ID, 0, MODERN, NULL},
    {VIRTIO_ID_CONSOLE, 0, MODERN, NULL},
    {VIRTIO_ID_BLOCK, 0, LEGACY, NULL},
    {VIRTIO_ID_RNG, 0, LEGACY, NULL},
    {VIRTIO_ID_CONSOLE, 0, LEGACY, NULL},
};
#define SLOTS (sizeof(kinds) / sizeof(kinds[0]))

static MmioModel slots[SLOTS];

static int line_of(const MmioModel *m)
{
    return LINE_FIRST + (int)(m - slots);
}

static void tell(Door *d, int source)
{
    MmioModel *m = (MmioModel *)d;

    m->interrupts |= source == QVIRTIO_IRQ_CONFIG ? VIRTIO_MMIO_INTERRUPT_CONFIG
                     : soft_fault(used_buffers_change_the_config)
                         ? VIRTIO_MMIO_INTERRUPTS
                         : VIRTIO_MMIO_INTERRUPT_QUEUE;
    if (soft_manner(edge_wired_lines)) {
        model_edge(line_of(m));
    } else {
        model_mmio_update_line(m);
    }
}

void model_mmio_update_line(const MmioModel *m)
{
    if (!soft_manner(edge_wired_lines)) {
        model_line(line_of(m), 0, m->interrupts != 0);
    }
}

static void make_slots(void)
{
    static bool are_made;

    for (unsigned i = 0; i < SLOTS && !are_made; i++) {
        MmioModel *m = &slots[i];

        *m = (MmioModel){.version = kinds[i].version,
                         .door = {.device_id = kinds[i].device_id,
                                  .index = kinds[i].index,
                                  .hides = kinds[i].hides,
                                  .tell = tell,
                                  .reset = model_mmio_reset}};
        m->is_there = m->door.device_id && door_open(&m->door);
    }
    are_made = true;
}

void model_mmio_words(char *to, size_t bytes)
{
    size_t n = 0;

    for (unsigned i = 0; i < SLOTS && n < bytes; i++) {
        n += ksnprintf(to + n, bytes - n, " virtio_mmio.device=%u@0x%llx:%u", SLOT_BYTES,
                       SLOTS_AT + i * SLOT_BYTES, LINE_FIRST + i);
    }
}

/* Version 2 tells all words of features, version 1 the first. */
static uint32_t offered(const MmioModel *m)
{
    uint32_t word = m->door.device_select;
    uint32_t words = m->version == LEGACY ? 1 : QVIRTIO_FEATURE_WORDS;

    return word < words ? door_offered(&m->door).word[word] : 0;
}

static uint32_t interrupt_status(MmioModel *m)
{
    uint32_t shown = m->interrupts | (soft_fault(undefined_event_shows) ? 4 : 0);

    if (soft_fault(interrupt_status_clears_by_reading)) {
        m->interrupts = 0;
        model_mmio_update_line(m);
    }
    return shown;
}

static uint32_t size_max(const MmioModel *m)
{
    uint32_t most = door_size_max(&m->door);

    return most > 100 && soft_manner(queue_size_max_of_100) ? 100 : most;
}

static uint32_t read_register(MmioModel *m, uint32_t at)
{
    const DoorQueue *q = door_queue(&m->door);

    switch (at) {
    case VIRTIO_MMIO_DEVICE_FEATURES:
        return offered(m);
    case VIRTIO_MMIO_QUEUE_SIZE_MAX:
        return q ? size_max(m) : 0;
    case VIRTIO_MMIO_INTERRUPT_STATUS:
        return interrupt_status(m);
    default:
        return m->version == LEGACY ? model_mmio_read_legacy(m, at)
                                    : model_mmio_read_modern(m, at);
    }
}

static void write_register(MmioModel *m, uint32_t at, uint32_t v)
{
    Door *d = &m->door;

    switch (at) {
    case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
        d->device_select = v;
        break;
    case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
        d->driver_select = v;
        break;
    case VIRTIO_MMIO_DRIVER_FEATURES:
        door_accept(d, d->driver_select, v);
        break;
    case VIRTIO_MMIO_QUEUE_SEL:
        d->queue_select = v < UINT16_MAX ? (uint16_t)v : UINT16_MAX;
        break;
    case VIRTIO_MMIO_QUEUE_SIZE:
        if (door_queue(d) && v && v <= size_max(m)) {
            door_queue(d)->size = (uint16_t)v;
            d->queue[d->queue_select].has_size = true;
        }
        break;
    case VIRTIO_MMIO_QUEUE_NOTIFY:
        door_kick(d, door_negotiated(d, VIRTIO_F_NOTIFICATION_DATA) ? v & 0xffff : v);
        break;
    case VIRTIO_MMIO_INTERRUPT_ACK:
        m->interrupts &= soft_fault(ack_clears_all_events) ? 0 : ~v;
        model_mmio_update_line(m);
        break;
    default:
        if (m->version == LEGACY) {
            model_mmio_write_legacy(m, at, v);
        } else {
            model_mmio_write_modern(m, at, v);
        }
        break;
    }
}

/* 4.2.3.1.1: all that an empty slot tells, as the others do. */
static uint32_t read_identity(const MmioModel *m, uint32_t at)
{
    bool is_ready = m->is_there && door_status(&m->door) & VIRTIO_STATUS_DRIVER_OK;

    switch (at) {
    case VIRTIO_MMIO_MAGIC_VALUE:
        return VIRTIO_MMIO_MAGIC + (is_ready && soft_fault(magic_goes_with_driver_ok));
    case VIRTIO_MMIO_VERSION:
        return m->version - (is_ready && soft_fault(version_goes_with_driver_ok));
    case VIRTIO_MMIO_DEVICE_ID:
        return m->is_there ? m->door.device_id : 0;
    default:
        return VENDOR;
    }
}

static uint32_t use(MmioModel *m, const Access *a)
{
    uint32_t at = (uint32_t)a->off;

    if (at >= VIRTIO_MMIO_CONFIG && m->is_there) {
        Access in = *a;
        in.off -= VIRTIO_MMIO_CONFIG;
        return door_config(&m->door, &in, m->version == MODERN);
    }
    if (a->width != 4 || at % 4) {
        return 0;
    }
    if (at <= VIRTIO_MMIO_VENDOR_ID || !m->is_there) {
        return a->is_write ? 0 : read_identity(m, at);
    }
    if (a->is_write) {
        write_register(m, at, a->value);
        return 0;
    }
    return read_register(m, at);
}

bool model_mmio_registers(uint64_t at, const Access *a, uint32_t *value)
{
    Access in = *a;

    if (at < SLOTS_AT || at + a->width > SLOTS_AT + SLOTS * SLOT_BYTES) {
        return false;
    }
    make_slots();
    in.off = (at - SLOTS_AT) % SLOT_BYTES;
    *value = use(&slots[(at - SLOTS_AT) / SLOT_BYTES], &in);
    return true;
}
