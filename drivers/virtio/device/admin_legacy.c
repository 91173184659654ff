/* SPDX-License-Identifier: MIT */
/*
 * A legacy device whose registers are reached by administration commands (2.12.1.1). Its
 * registers have the layout of 4.1.4.10, and the commands carry them in little-endian.
 * What lies in memory has the guest's byte order, so the guest must be little-endian too.
 * There are no interrupts: the queues are polled.
 */
#include "drivers/virtio/device/admin_legacy.h"
#include "drivers/virtio/admin_queues.h"
#include "drivers/virtio/bus.h"
#include "drivers/virtio/driver.h"
#include "drivers/virtio/ring/legacy_queue.h"
#include "drivers/virtio/spec/virtio_pci.h"
#include "drivers/virtio/truths.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"

#define COMMON_READ  VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_READ
#define COMMON_WRITE VIRTIO_ADMIN_CMD_LEGACY_COMMON_CFG_WRITE
#define CONFIG_READ  VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_READ
#define CONFIG_WRITE VIRTIO_ADMIN_CMD_LEGACY_DEV_CFG_WRITE
#define BYTES_MOST   32

static QVirtioDevice view, *owner;
static uint16_t member;

/* 2.12.1.1: "The length of the data to write is simply the length of data". So neither
 * direction is padded to 64 bits. */
int admin_legacy_access(QVirtioDevice *d, uint16_t vf, uint16_t opcode, uint32_t off,
                        void *data, uint32_t bytes)
{
    struct {
        struct virtio_admin_cmd_legacy_wr_data head;
        uint8_t data[BYTES_MOST];
    } request = {.head.offset = (uint8_t)off};
    bool writes = opcode == COMMON_WRITE || opcode == CONFIG_WRITE;
    AdminCommand c = {.opcode = opcode,
                      .group = VIRTIO_ADMIN_GROUP_TYPE_SRIOV,
                      .member = vf,
                      .data = &request,
                      .data_bytes = sizeof(request.head)};

    if (bytes > BYTES_MOST || off > UINT8_MAX) {
        return -QVIRTIO_RANGE;
    }
    if (writes) {
        memcpy(request.data, data, bytes);
        c.data_bytes += bytes;
        c.out_bytes = sizeof(struct virtio_admin_cmd_head) + c.data_bytes;
    } else {
        c.in_bytes = sizeof(struct virtio_admin_cmd_tail) + bytes;
    }
    int err = admin_do(d, &c);
    if (!err && !writes && c.status == VIRTIO_ADMIN_STATUS_OK) {
        uint32_t written = admin_result_bytes(&c);
        memset(data, 0, bytes);
        memcpy(data, c.result, written < bytes ? written : bytes);
    }
    return err ? err : c.status;
}

static int access(uint16_t opcode, uint32_t off, void *data, uint32_t bytes)
{
    int status = admin_legacy_access(owner, member, opcode, off, data, bytes);
    return status > 0 ? -QVIRTIO_REFUSED : status;
}

static int read_word(uint32_t off, uint32_t bytes, uint32_t *value)
{
    le32 word = le32_of(0);
    int err = access(COMMON_READ, off, &word, bytes);
    *value = le32_get(word);
    return err;
}

static int write_word(uint32_t off, uint32_t bytes, uint32_t value)
{
    le32 word = le32_of(value);
    return access(COMMON_WRITE, off, &word, bytes);
}

static int get_status(QVirtioDevice *d, uint8_t *status)
{
    uint32_t value = 0;
    int err = read_word(VIRTIO_PCI_LEGACY_DEVICE_STATUS, 1, &value);
    (void)d;
    *status = (uint8_t)value;
    return err;
}

static int set_status(QVirtioDevice *d, uint8_t status)
{
    (void)d;
    return write_word(VIRTIO_PCI_LEGACY_DEVICE_STATUS, 1, status);
}

static int reset(QVirtioDevice *d)
{
    return qvirtio_reset_by_status(d, "reset by commands: the status to read 0");
}

static int get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits)
{
    (void)d;
    *bits = 0;
    return word ? 0 : read_word(VIRTIO_PCI_LEGACY_DEVICE_FEATURES, 4, bits);
}

static int set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    (void)d;
    if (word) {
        return bits ? -QVIRTIO_UNSUPPORTED : 0;
    }
    return write_word(VIRTIO_PCI_LEGACY_DRIVER_FEATURES, 4, bits);
}

static int queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size)
{
    uint32_t value = 0;
    int err = write_word(VIRTIO_PCI_LEGACY_QUEUE_SELECT, 2, index);
    (void)d;
    err = err ? err : read_word(VIRTIO_PCI_LEGACY_QUEUE_SIZE, 2, &value);
    *size = (uint16_t)value;
    return err;
}

static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    uint32_t page;
    (void)d;
    if (vq->size != vq->size_max || !legacy_queue_page(&vq->vring, &page)) {
        return -QVIRTIO_RANGE;
    }
    int err = write_word(VIRTIO_PCI_LEGACY_QUEUE_SELECT, 2, vq->index);
    return err ? err : write_word(VIRTIO_PCI_LEGACY_QUEUE_ADDRESS, 4, page);
}

static int queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled)
{
    uint32_t page = 0;
    int err = write_word(VIRTIO_PCI_LEGACY_QUEUE_SELECT, 2, index);
    (void)d;
    err = err ? err : read_word(VIRTIO_PCI_LEGACY_QUEUE_ADDRESS, 4, &page);
    *enabled = page != 0;
    return err;
}

static int queue_reset(QVirtioDevice *d, uint16_t index)
{
    (void)d, (void)index;
    return -QVIRTIO_UNSUPPORTED;
}

/* A kick that is refused is lost. The wait for the request reports it. */
static void notify(QVirtioDevice *d, const QVirtQueue *vq)
{
    (void)d;
    write_word(VIRTIO_PCI_LEGACY_QUEUE_NOTIFY, 2, vq->index);
}

static int irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq)
{
    (void)d, (void)source, (void)irq;
    return -QVIRTIO_UNSUPPORTED;
}

static void irq_release(QVirtioDevice *d)
{
    (void)d;
}

static int query_isr(QVirtioDevice *d, uint32_t *causes)
{
    (void)d;
    return read_word(VIRTIO_PCI_LEGACY_ISR_STATUS, 1, causes);
}

static int get_config(QVirtioDevice *d, size_t off, void *to, size_t width)
{
    (void)d;
    return access(CONFIG_READ, (uint32_t)off, to, (uint32_t)width);
}

static int set_config(QVirtioDevice *d, size_t off, const void *from, size_t width)
{
    (void)d;
    return access(CONFIG_WRITE, (uint32_t)off, (void *)from, (uint32_t)width);
}

/* Config space is as long as on the bus of the virtual function. */
static int config_bytes(QVirtioDevice *d, size_t *bytes)
{
    QVirtioDevice *m = d->bus_data;
    return m->bus->config_bytes(m, bytes);
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

static void poll(QVirtioDevice *d)
{
    qvirtio_poll(d->bus_data);
}

static const char *truth(const QVirtioDevice *d, const char *field)
{
    return qvirtio_truth(d->bus_data, field);
}

/* No search finds this bus. Its device exists as long as the owner of the group is
 * used. */
static const QVirtioBus bus = {
    .name = "admin-legacy",
    .is_legacy = true,
    .get_status = get_status,
    .set_status = set_status,
    .reset = reset,
    .get_features = get_features,
    .set_features = set_features,
    .queue_max = queue_max,
    .queue_enable = queue_enable,
    .queue_enabled = queue_enabled,
    .queue_reset = queue_reset,
    .notify = notify,
    .irq_bind = irq_bind,
    .irq_release = irq_release,
    .query_isr = query_isr,
    .get_config = get_config,
    .set_config = set_config,
    .config_bytes = config_bytes,
    .config_generation = config_generation,
    .shm_region = shm_region,
    .poll = poll,
    .truth = truth,
};

QVirtioDevice *admin_legacy_open(QVirtioDevice *d, uint16_t vf)
{
    QVirtioDevice *m = qvirtio_sriov_member(d, vf);
    if (!m) {
        return NULL;
    }
    owner = d;
    member = vf;
    m->is_awake = true; /* so that it is reset at the end */
    view = (QVirtioDevice){.bus = &bus,
                           .device_id = m->device_id,
                           .index = m->index,
                           .bus_data = m,
                           .driver = m->driver,
                           .irq_mode = QVIRTIO_IRQ_NONE};
    ksnprintf(view.name, sizeof(view.name), "%s.%u", bus.name, vf);
    return qvirtio_reset(&view) || qvirtio_read_features(&view, &view.offered) ? NULL
                                                                               : &view;
}
