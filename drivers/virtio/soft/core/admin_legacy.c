/* SPDX-License-Identifier: MIT */
/*
 * The legacy interface of a software device, by commands to the owner of its group
 * (2.12.1.1): the registers of 4.1.4.10, little-endian, where an access stays within one
 * field. There is no MSI-X, so the configuration begins behind 20 bytes of registers.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/soft/core/admin.h"
#include "drivers/virtio/soft/core/run.h"
#include "drivers/virtio/spec/virtio_pci.h"
#include "kernel/lib/string.h"

SOFT_FAULT(legacy_data_is_big_endian, "dev:2.12.1.1.6-2",
           "tells the legacy configuration with the most significant byte first");
SOFT_FAULT(legacy_access_over_two_fields, "dev:2.12.1.1.6-3",
           "takes a legacy access to two registers at once");
SOFT_FAULT(legacy_config_has_no_end, "dev:2.12.1.1.6-4",
           "reads zeroes behind the end of the device's configuration");
SOFT_FAULT(legacy_queues_are_not_taken, "dev:2.12.1.1.6-5",
           "takes no address of a queue by its legacy interface");
SOFT_FAULT(legacy_status_reads_0, "dev:2.12.1.1.6-6",
           "shows the legacy status without what was written");
SOFT_FAULT(legacy_config_drops_writes, "dev:2.12.1.1.6-7",
           "ignores what is written to the legacy configuration");
SOFT_FAULT(legacy_config_reads_0, "dev:2.12.1.1.6-8",
           "reads the first word of the legacy configuration as zeroes");

SOFT_FAULT(notify_list_has_no_end, "dev:2.12.1.1.6-13",
           "tells a doorbell in the last entry of the list");

#define REGISTER_BYTES VIRTIO_PCI_LEGACY_CONFIG
#define LEGACY_STATUS  (VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_SUSPEND)

static const struct {
    uint8_t off, width;
} fields[] = {
    {VIRTIO_PCI_LEGACY_DEVICE_FEATURES, 4}, {VIRTIO_PCI_LEGACY_DRIVER_FEATURES, 4},
    {VIRTIO_PCI_LEGACY_QUEUE_ADDRESS, 4},   {VIRTIO_PCI_LEGACY_QUEUE_SIZE, 2},
    {VIRTIO_PCI_LEGACY_QUEUE_SELECT, 2},    {VIRTIO_PCI_LEGACY_QUEUE_NOTIFY, 2},
    {VIRTIO_PCI_LEGACY_DEVICE_STATUS, 1},   {VIRTIO_PCI_LEGACY_ISR_STATUS, 1},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Returns the field that the whole access lies in, or -1. */
static int field_of(uint32_t off, uint32_t bytes)
{
    for (unsigned i = 0; i < FIELDS; i++) {
        uint32_t end = fields[i].off + fields[i].width;
        bool is_in = off >= fields[i].off && off < end;
        if (is_in && bytes &&
            (off + bytes <= end || (soft_fault(legacy_access_over_two_fields) &&
                                    off + bytes <= REGISTER_BYTES))) {
            return (int)i;
        }
    }
    return -1;
}

static uint32_t read_register(SoftCommand *c, uint8_t off)
{
    SoftDevice *m = c->member;
    uint16_t select = c->s->admin->legacy_select;
    uint32_t isr = 0;

    switch (off) {
    case VIRTIO_PCI_LEGACY_DEVICE_FEATURES:
        return m->offered.word[0];
    case VIRTIO_PCI_LEGACY_DRIVER_FEATURES:
        return m->accepted.word[0];
    case VIRTIO_PCI_LEGACY_QUEUE_ADDRESS:
        return select < soft_ordinary(m) && m->queue[select].is_enabled
                   ? (uint32_t)(m->queue[select].side.desc_addr.raw >>
                                VIRTIO_PCI_LEGACY_PAGE_SHIFT)
                   : 0;
    case VIRTIO_PCI_LEGACY_QUEUE_SIZE:
        return select < soft_ordinary(m) ? QVIRTQUEUE_CHAIN_MAX : 0;
    case VIRTIO_PCI_LEGACY_QUEUE_SELECT:
        return select;
    case VIRTIO_PCI_LEGACY_DEVICE_STATUS:
        return soft_fault(legacy_status_reads_0) ? 0 : m->status & ~LEGACY_STATUS;
    case VIRTIO_PCI_LEGACY_ISR_STATUS:
        soft_query_isr(&m->dev, &isr);
        return isr;
    default:
        return 0;
    }
}

/* 2.7.2: the three areas lie one behind the other, and the last begins on a page of its
 * own. */
static void enable_queue(SoftCommand *c, uint64_t address)
{
    QVirtioDevice *d = &c->member->dev;
    QVirtQueue vq = {.index = c->s->admin->legacy_select, .size = QVIRTQUEUE_CHAIN_MAX};
    uint64_t align = VIRTQ_LEGACY_ALIGN;

    if (!address || vq.index >= soft_ordinary(c->member) ||
        soft_fault(legacy_queues_are_not_taken)) {
        return;
    }
    vq.vring.desc_addr.raw = address;
    vq.vring.avail_addr.raw = address + virtq_desc_bytes(vq.size);
    vq.vring.used_addr.raw =
        (vq.vring.avail_addr.raw + virtq_avail_bytes(vq.size) + align - 1) & ~(align - 1);
    d->bus->queue_enable(d, &vq);
}

/* A legacy interface has no FEATURES_OK, so it is set together with DRIVER_OK. */
static void write_status(SoftDevice *m, uint8_t status)
{
    const QVirtioBus *bus = m->dev.bus;

    if (status == 0) {
        bus->set_status(&m->dev, 0);
        m->is_legacy = true;
        return;
    }
    status &= ~LEGACY_STATUS;
    if (status & VIRTIO_STATUS_DRIVER_OK && !(m->status & VIRTIO_STATUS_FEATURES_OK)) {
        m->accepted.word[0] &= m->offered.word[0];
        qvirtio_features_set(&m->accepted, VIRTIO_F_VERSION_1);
        bus->set_status(&m->dev, VIRTIO_STATUS_FEATURES_OK | m->status);
    }
    bus->set_status(&m->dev, status | (m->status & VIRTIO_STATUS_FEATURES_OK));
}

static void write_register(SoftCommand *c, uint8_t off, uint32_t v)
{
    QVirtioDevice *d = &c->member->dev;
    QVirtQueue vq = {.index = (uint16_t)v};

    switch (off) {
    case VIRTIO_PCI_LEGACY_DRIVER_FEATURES:
        d->bus->set_features(d, 0, v);
        break;
    case VIRTIO_PCI_LEGACY_QUEUE_ADDRESS:
        enable_queue(c, (uint64_t)v << VIRTIO_PCI_LEGACY_PAGE_SHIFT);
        break;
    case VIRTIO_PCI_LEGACY_QUEUE_SELECT:
        c->s->admin->legacy_select = (uint16_t)v;
        break;
    case VIRTIO_PCI_LEGACY_QUEUE_NOTIFY:
        if (vq.index < soft_ordinary(c->member)) {
            d->bus->notify(d, &vq);
        }
        break;
    case VIRTIO_PCI_LEGACY_DEVICE_STATUS:
        write_status(c->member, (uint8_t)v);
        break;
    }
}

static uint16_t common(SoftCommand *c, uint32_t off, uint32_t bytes, bool writes)
{
    int i = field_of(off, bytes);
    uint8_t image[REGISTER_BYTES];

    if (i < 0) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    uint32_t shift = 8 * (off - fields[i].off);
    le32 word = le32_of(read_register(c, fields[i].off) >> shift);
    memset(image, 0, sizeof(image));
    memcpy(image, &word, sizeof(word));
    if (!writes) {
        soft_command_result(c, image, bytes);
        return VIRTIO_ADMIN_STATUS_OK;
    }
    soft_command_data(c, sizeof(struct virtio_admin_cmd_legacy_wr_data), image,
                      bytes < sizeof(word) ? bytes : sizeof(word));
    memcpy(&word, image, sizeof(word));
    uint32_t kept = read_register(c, fields[i].off) & ((1ull << shift) - 1);
    write_register(c, fields[i].off, le32_get(word) << shift | kept);
    return VIRTIO_ADMIN_STATUS_OK;
}

/* Returns true when the access lies in one field of the configuration, as the driver's
 * table has them. */
static bool is_in_field(const SoftDevice *m, uint32_t off, uint32_t bytes)
{
    const QVirtioField *f = m->dev.driver->fields;

    for (; f->name; f++) {
        if (bytes && off >= f->offset &&
            off + bytes <= f->offset + (uint32_t)f->width * f->count) {
            return true;
        }
    }
    return bytes && soft_fault(legacy_config_has_no_end) &&
           off + bytes > m->model->config_bytes;
}

static uint16_t config(SoftCommand *c, uint32_t off, uint32_t bytes, bool writes)
{
    QVirtioDevice *d = &c->member->dev;
    uint8_t data[16] = {0};

    if (bytes > sizeof(data) || !is_in_field(c->member, off, bytes)) {
        return soft_command_invalid(c, VIRTIO_ADMIN_STATUS_Q_INVALID_FIELD);
    }
    if (!writes) {
        d->bus->get_config(d, off, data, bytes);
        if (soft_fault(legacy_config_reads_0) && off < 4) {
            memset(data, 0, sizeof(data));
        }
        for (uint32_t i = 0; i < bytes / 2 && soft_fault(legacy_data_is_big_endian);
             i++) {
            uint8_t byte = data[i];
            data[i] = data[bytes - 1 - i];
            data[bytes - 1 - i] = byte;
        }
        soft_command_result(c, data, bytes);
        return VIRTIO_ADMIN_STATUS_OK;
    }
    soft_command_data(c, sizeof(struct virtio_admin_cmd_legacy_wr_data), data, bytes);
    if (!soft_fault(legacy_config_drops_writes)) {
        d->bus->set_config(d, off, data, bytes);
    }
    return VIRTIO_ADMIN_STATUS_OK;
}

/* There is no other place for notifications, so the list ends where it begins. */
static uint16_t notify_info(SoftCommand *c)
{
    struct virtio_admin_cmd_legacy_notify_info_result info = {0};

    info.entries[VIRTIO_ADMIN_CMD_NOTIFY_INFO_ENTRIES - 1].flags =
        soft_fault(notify_list_has_no_end);
    soft_command_result(c, &info, sizeof(info));
    return VIRTIO_ADMIN_STATUS_OK;
}

/* How many bytes are read or written is how long the buffer is. */
uint16_t soft_admin_legacy(SoftCommand *c)
{
    struct virtio_admin_cmd_legacy_wr_data data;
    uint32_t behind = c->data_bytes > sizeof(data) ? c->data_bytes - sizeof(data) : 0;

    soft_command_data(c, 0, &data, sizeof(data));
    switch (c->opcode) {
    case VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_WRITE:
        return common(c, data.offset, behind, true);
    case VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_READ:
        return common(c, data.offset, c->room, false);
    case VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_WRITE:
        return config(c, data.offset, behind, true);
    case VIRTIO_ADMIN_CMD_LEGACY_NOTIFY_INFO:
        return notify_info(c);
    default:
        return config(c, data.offset, c->room, false);
    }
}
