/* SPDX-License-Identifier: MIT */
/*
 * The common configuration structure and the doorbells of a modelled function (4.1.4.3,
 * 4.1.4.4). A field is read at any width, and written at its own.
 */
#include "tests/host/soft/model_pci.h"

#define AT(field) offsetof(struct virtio_pci_common_cfg, field)

/* The admin queue is far from the others, and nobody drives it. */
#define ADMIN_QUEUE 300

static const struct {
    uint8_t off, width;
} fields[] = {
    {AT(device_feature_select), 4}, {AT(device_feature), 4},
    {AT(driver_feature_select), 4}, {AT(driver_feature), 4},
    {AT(config_msix_vector), 2},    {AT(num_queues), 2},
    {AT(device_status), 1},         {AT(config_generation), 1},
    {AT(queue_select), 2},          {AT(queue_size), 2},
    {AT(queue_msix_vector), 2},     {AT(queue_enable), 2},
    {AT(queue_notify_off), 2},      {AT(queue_desc), 4},
    {AT(queue_desc) + 4, 4},        {AT(queue_driver), 4},
    {AT(queue_driver) + 4, 4},      {AT(queue_device), 4},
    {AT(queue_device) + 4, 4},      {AT(queue_notif_config_data), 2},
    {AT(queue_reset), 2},           {AT(admin_queue_index), 2},
    {AT(admin_queue_num), 2},
};

static uint32_t word_of(QVirtioFeatures f, uint32_t word)
{
    return word < QVIRTIO_FEATURE_WORDS ? f.word[word] : 0;
}

/* Doorbells stand in the opposite order of the queues. */
static uint16_t notify_off(const PciModel *p, uint32_t queue)
{
    return (uint16_t)(door_queues(&p->door) - 1u - queue);
}

/* The device's own word for a queue (2.9). */
static uint16_t notify_word(uint16_t queue)
{
    return (uint16_t)(0x4000 + 7 * queue);
}

static uint64_t *address_field(DoorQueue *q, size_t off)
{
    return off < AT(queue_driver)   ? &q->desc
           : off < AT(queue_device) ? &q->driver
                                    : &q->device;
}

static uint32_t read_queue(PciModel *p, size_t off)
{
    Door *d = &p->door;
    DoorQueue *q = door_queue(d);

    if (!q) {
        return off == AT(queue_msix_vector) ? VIRTIO_MSI_NO_VECTOR : 0;
    }
    switch (off) {
    case AT(queue_size):
        return q->size;
    case AT(queue_msix_vector):
        return p->vector[d->queue_select + 1];
    case AT(queue_enable):
        return door_is_enabled(d);
    case AT(queue_notify_off):
        return notify_off(p, d->queue_select);
    case AT(queue_notif_config_data):
        return notify_word(d->queue_select);
    case AT(queue_reset):
        return 0; /* done at once */
    default:
        return (uint32_t)(*address_field(q, off) >> (off % 8 * 8));
    }
}

static uint32_t read_field(PciModel *p, size_t off)
{
    Door *d = &p->door;

    switch (off) {
    case AT(device_feature_select):
        return d->device_select;
    case AT(device_feature):
        return word_of(door_offered(d), d->device_select);
    case AT(driver_feature_select):
        return d->driver_select;
    case AT(driver_feature):
        return word_of(d->accepted, d->driver_select);
    case AT(config_msix_vector):
        return p->vector[0];
    case AT(num_queues):
        return door_queues(d);
    case AT(device_status):
        return door_status(d);
    case AT(config_generation):
        return (uint8_t)door_generation(d);
    case AT(queue_select):
        return d->queue_select;
    case AT(admin_queue_index):
        return ADMIN_QUEUE;
    case AT(admin_queue_num):
        return 1;
    default:
        return read_queue(p, off);
    }
}

static void write_queue(PciModel *p, size_t off, uint32_t v)
{
    Door *d = &p->door;
    DoorQueue *q = door_queue(d);

    if (!q) {
        return;
    }
    switch (off) {
    case AT(queue_size):
        q->size = v <= QVIRTQUEUE_CHAIN_MAX ? (uint16_t)v : q->size;
        break;
    case AT(queue_msix_vector):
        model_pci_map(p, d->queue_select, (uint16_t)v);
        break;
    case AT(queue_enable):
        if (v == 1) {
            door_enable(d);
        }
        break;
    case AT(queue_reset):
        if (v == 1 && door_negotiated(d, VIRTIO_F_RING_RESET)) {
            door_reset_queue(d);
            model_pci_map(p, d->queue_select, VIRTIO_MSI_NO_VECTOR);
        }
        break;
    case AT(queue_desc)... AT(queue_device) + 4: {
        uint64_t *address = address_field(q, off);
        unsigned shift = off % 8 * 8;
        *address = (*address & ~(0xffffffffull << shift)) | (uint64_t)v << shift;
        break;
    }
    default:
        break; /* the device's own */
    }
}

static void write_field(PciModel *p, size_t off, uint32_t v)
{
    Door *d = &p->door;

    switch (off) {
    case AT(device_feature_select):
        d->device_select = v;
        break;
    case AT(driver_feature_select):
        d->driver_select = v;
        break;
    case AT(driver_feature):
        door_accept(d, d->driver_select, v);
        break;
    case AT(config_msix_vector):
        model_pci_map(p, QVIRTIO_IRQ_CONFIG, (uint16_t)v);
        break;
    case AT(device_status):
        door_set_status(d, (uint8_t)v);
        if ((uint8_t)v == 0) {
            model_pci_reset(p);
        }
        break;
    case AT(queue_select):
        d->queue_select = (uint16_t)v;
        break;
    default:
        write_queue(p, off, v);
        break;
    }
}

uint32_t model_pci_common(PciModel *p, const Access *a)
{
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t off = fields[i].off, width = fields[i].width;

        if (a->off < off || a->off >= off + width) {
            continue;
        }
        if (!a->is_write) {
            return read_field(p, off) >> (8 * (a->off - off));
        }
        if (a->off == off && a->width == width) {
            write_field(p, off, a->value);
        }
    }
    return 0;
}

/* 4.1.5.2: which queue is told by the address where each has its own, and by the value;
 * they agree, or the kick is nobody's. */
void model_pci_doorbell(PciModel *p, const Access *a, uint32_t multiplier)
{
    Door *d = &p->door;
    bool has_data = door_negotiated(d, VIRTIO_F_NOTIFICATION_DATA);
    bool has_words = door_negotiated(d, VIRTIO_F_NOTIF_CONFIG_DATA);

    if (a->width != (has_data ? 4 : 2)) {
        return;
    }
    for (uint16_t i = 0; i < door_queues(d); i++) {
        if ((uint16_t)a->value == (has_words ? notify_word(i) : i) &&
            a->off == notify_off(p, i) * (uint64_t)multiplier) {
            door_kick(d, i);
        }
    }
}
