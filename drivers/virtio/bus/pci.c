/* SPDX-License-Identifier: MIT */
/*
 * Virtio over PCI, the modern interface (4.1). Every register is reached through the
 * window that its capability gives, in memory or I/O space alike. Each function writes
 * queue_select before it uses a queue's registers, so no caller depends on what was
 * selected before. Interrupts are in pci_irq.c, finding devices is in pci_find.c. Virtual
 * functions are left out, because nobody enables them here.
 */
#include "drivers/virtio/bus/pci.h"
#include "drivers/virtio/bus.h"

#define COMMON(field) offsetof(struct virtio_pci_common_cfg, field)

static int get_status(QVirtioDevice *d, uint8_t *status)
{
    *status = io_read8(&qvirtio_pci(d)->common, COMMON(device_status));
    return 0;
}

static int set_status(QVirtioDevice *d, uint8_t status)
{
    io_write8(&qvirtio_pci(d)->common, COMMON(device_status), status);
    return 0;
}

/* 4.1.4.3.2: "After writing 0 to device_status, the driver MUST wait for a read of
 * device_status to return 0". */
static int reset(QVirtioDevice *d)
{
    return qvirtio_reset_by_status(d, "reset: device_status to read 0");
}

static int get_features(QVirtioDevice *d, uint32_t word, uint32_t *bits)
{
    const IoWindow *common = &qvirtio_pci(d)->common;

    io_write32(common, COMMON(device_feature_select), word);
    *bits = io_read32(common, COMMON(device_feature));
    return 0;
}

static int set_features(QVirtioDevice *d, uint32_t word, uint32_t bits)
{
    const IoWindow *common = &qvirtio_pci(d)->common;

    io_write32(common, COMMON(driver_feature_select), word);
    io_write32(common, COMMON(driver_feature), bits);
    return 0;
}

static void queue_select(QVirtioPci *p, uint16_t index)
{
    io_write16(&p->common, COMMON(queue_select), index);
}

static int queue_max(QVirtioDevice *d, uint16_t index, uint16_t *size)
{
    QVirtioPci *p = qvirtio_pci(d);

    queue_select(p, index);
    *size = io_read16(&p->common, COMMON(queue_size));
    return 0;
}

/* 4.1.3: a 64-bit field is two 32-bit ones; the low half is written first. */
static void write64(const IoWindow *w, uint64_t off, uint64_t v)
{
    io_write32(w, off, (uint32_t)v);
    io_write32(w, off + 4, (uint32_t)(v >> 32));
}

/* Learns where the selected queue is notified, and what to write there (4.1.4.4). */
static int learn_doorbell(QVirtioPci *p, uint16_t index)
{
    QVirtioDevice *d = &p->dev;
    uint64_t at = (uint64_t)io_read16(&p->common, COMMON(queue_notify_off)) *
                  p->notify_off_multiplier;
    uint64_t bytes = qvirtio_negotiated(d, VIRTIO_F_NOTIFICATION_DATA) ? 4 : 2;

    if (at + bytes > p->notify.bytes) {
        return -QVIRTIO_BROKEN;
    }
    p->notify_at[index] = (uint32_t)at;
    p->notify_value[index] = index;
    if (qvirtio_negotiated(d, VIRTIO_F_NOTIF_CONFIG_DATA)) {
        if (p->common.bytes < COMMON(queue_reset)) {
            return -QVIRTIO_BROKEN;
        }
        p->notify_value[index] = io_read16(&p->common, COMMON(queue_notif_config_data));
    }
    return 0;
}

/* 4.1.4.3.2: "The driver MUST configure the other virtqueue fields before enabling the
 * virtqueue with queue_enable." */
static int queue_enable(QVirtioDevice *d, const QVirtQueue *vq)
{
    QVirtioPci *p = qvirtio_pci(d);
    const IoWindow *common = &p->common;

    if (vq->index >= QVIRTIO_MAX_QUEUES) {
        return -QVIRTIO_RANGE;
    }
    int err = qvirtio_pci_irq_restore(p, vq->index);
    if (err) {
        return err;
    }
    queue_select(p, vq->index);
    err = learn_doorbell(p, vq->index);
    if (err) {
        return err;
    }
    io_write16(common, COMMON(queue_size), vq->size);
    write64(common, COMMON(queue_desc), vq->vring.desc_addr.raw);
    write64(common, COMMON(queue_driver), vq->vring.avail_addr.raw);
    write64(common, COMMON(queue_device), vq->vring.used_addr.raw);
    io_write16(common, COMMON(queue_enable), 1);
    return 0;
}

static int queue_enabled(QVirtioDevice *d, uint16_t index, bool *enabled)
{
    QVirtioPci *p = qvirtio_pci(d);

    queue_select(p, index);
    *enabled = io_read16(&p->common, COMMON(queue_enable)) == 1;
    return 0;
}

static bool queue_reset_is_zero(void *arg)
{
    return io_read16(&qvirtio_pci(arg)->common, COMMON(queue_reset)) == 0;
}

/* 4.1.4.3.2: "the driver MUST NOT consider queue reset to be complete until it reads back
 * 0 in queue_reset." */
static int queue_reset(QVirtioDevice *d, uint16_t index)
{
    QVirtioPci *p = qvirtio_pci(d);

    if (!qvirtio_negotiated(d, VIRTIO_F_RING_RESET) ||
        p->common.bytes < COMMON(admin_queue_index)) {
        return -QVIRTIO_UNSUPPORTED;
    }
    if (index >= QVIRTIO_MAX_QUEUES) {
        return -QVIRTIO_RANGE;
    }
    queue_select(p, index);
    io_write16(&p->common, COMMON(queue_reset), 1);
    qvirtio_pci_irq_lost(p, index);
    return qvirtio_wait(d, "queue reset: queue_reset to read 0", queue_reset_is_zero, d,
                        0);
}

static int admin_queues(QVirtioDevice *d, uint16_t *first, uint16_t *count)
{
    const IoWindow *common = &qvirtio_pci(d)->common;

    if (common->bytes < sizeof(struct virtio_pci_common_cfg)) {
        return -QVIRTIO_BROKEN;
    }
    *first = io_read16(common, COMMON(admin_queue_index));
    *count = io_read16(common, COMMON(admin_queue_num));
    return 0;
}

/* PCI Express 4.0, 9.3.3: VF Enable is bit 0 of the SR-IOV Control register; NumVFs
 * stands behind the two counts of what the function supports. */
static int sriov_vfs(QVirtioDevice *d, uint16_t *vfs)
{
    const PciFunction *f = qvirtio_pci(d)->function;
    uint16_t at = pci_find_ext_cap(f, PCI_EXT_CAP_ID_SRIOV);

    if (!at && pci_hides_ext_caps(f)) {
        return -QVIRTIO_UNSUPPORTED;
    }
    bool is_enabled = at && pci_read16(f, at + 8) & 1;
    *vfs = is_enabled ? pci_read16(f, at + 0x10) : 0;
    return 0;
}

/* 4.1.5.2: writes 16 bits, or 32 with the place behind the last published entry (2.9). */
static void notify(QVirtioDevice *d, const QVirtQueue *vq)
{
    QVirtioPci *p = qvirtio_pci(d);
    uint16_t value = p->notify_value[vq->index];

    if (qvirtio_negotiated(d, VIRTIO_F_NOTIFICATION_DATA)) {
        io_write32(&p->notify, p->notify_at[vq->index],
                   (uint32_t)vq->next_place << 16 | value);
    } else {
        io_write16(&p->notify, p->notify_at[vq->index], value);
    }
}

static int get_config(QVirtioDevice *d, size_t off, void *to, size_t width)
{
    return qvirtio_window_get(&qvirtio_pci(d)->config, off, to, width);
}

static int set_config(QVirtioDevice *d, size_t off, const void *from, size_t width)
{
    return qvirtio_window_set(&qvirtio_pci(d)->config, off, from, width);
}

static int config_bytes(QVirtioDevice *d, size_t *bytes)
{
    *bytes = qvirtio_pci(d)->config.bytes;
    return 0;
}

static int config_generation(QVirtioDevice *d, uint32_t *generation)
{
    *generation = io_read8(&qvirtio_pci(d)->common, COMMON(config_generation));
    return 0;
}

/* 4.1.4.7: there is one capability for each region, told apart by id. The region is not
 * mapped here: it may be larger than all of RAM. */
static int shm_region(QVirtioDevice *d, uint8_t id, dma_addr *at, uint64_t *bytes)
{
    const PciFunction *f = qvirtio_pci(d)->function;
    QVirtioPciCap cap;
    PciCapWalk walk;

    qvirtio_pci_caps_start(f, &walk);
    while (qvirtio_pci_cap_next(f, &walk, &cap)) {
        if (cap.cfg_type == VIRTIO_PCI_CAP_SHARED_MEMORY_CFG && cap.id == id &&
            !qvirtio_pci_cap_fault(f, &cap)) {
            at->raw = f->bar[cap.bar].address + cap.offset;
            *bytes = cap.length;
            return 0;
        }
    }
    return -QVIRTIO_UNSUPPORTED;
}

static uint16_t set_vector(QVirtioPci *p, int source, uint16_t vector)
{
    size_t at = COMMON(config_msix_vector);

    if (source != QVIRTIO_IRQ_CONFIG) {
        queue_select(p, (uint16_t)source);
        at = COMMON(queue_msix_vector);
    }
    io_write16(&p->common, at, vector);
    return io_read16(&p->common, at);
}

/* 4.1.4.1: "The driver SHOULD use the first instance of each virtio structure type they
 * can support." */
static void take_first(QVirtioPci *p, const QVirtioPciCap *cap, QVirtioPciCap *mine,
                       IoWindow *window, QVirtioNote *note)
{
    if (mine->at) {
        return;
    }
    const char *fault = qvirtio_pci_cap_fault(p->function, cap);
    if (fault) {
        qvirtio_pci_note(p->function, note, fault);
        return;
    }
    *mine = *cap;
    *window = qvirtio_pci_cap_window(p->function, cap);
}

static void take_cap(QVirtioPci *p, const QVirtioPciCap *cap, QVirtioNote *note)
{
    switch (cap->cfg_type) {
    case VIRTIO_PCI_CAP_COMMON_CFG:
        take_first(p, cap, &p->common_cap, &p->common, note);
        break;
    case VIRTIO_PCI_CAP_NOTIFY_CFG:
        take_first(p, cap, &p->notify_cap, &p->notify, note);
        break;
    case VIRTIO_PCI_CAP_ISR_CFG:
        take_first(p, cap, &p->isr_cap, &p->isr, note);
        break;
    case VIRTIO_PCI_CAP_DEVICE_CFG:
        take_first(p, cap, &p->config_cap, &p->config, note);
        break;
    default:
        /* 4.1.4.1: reserved types MUST be ignored; the other types are used elsewhere. */
        break;
    }
}

static bool prepare(QVirtioPci *p, QVirtioNote *note)
{
    PciFunction *f = p->function;
    QVirtioPciCap cap;
    PciCapWalk walk;
    bool has_caps = false;

    p->set_vector = set_vector;
    qvirtio_pci_caps_start(f, &walk);
    while (qvirtio_pci_cap_next(f, &walk, &cap)) {
        has_caps = true;
        take_cap(p, &cap, note);
    }
    if (walk.fault) {
        qvirtio_pci_note(f, note, walk.fault);
    }
    if (!has_caps && qvirtio_pci_has_transitional_id(f)) {
        return false; /* a legacy device: the other bus has it */
    }
    if (!p->common_cap.at || !p->notify_cap.at || !p->isr_cap.at) {
        p->dev.why_left_out = "it has no usable common, notification or ISR structure";
        return false;
    }
    p->notify_off_multiplier =
        pci_read32(f, p->notify_cap.at + (uint16_t)offsetof(struct virtio_pci_notify_cap,
                                                            notify_off_multiplier));
    return true;
}

static void device_foreach(const QVirtioBus *bus,
                           void (*found)(QVirtioDevice *d, void *data), void *data,
                           QVirtioNote *note)
{
    qvirtio_pci_foreach(bus, prepare, found, data, note);
}

QVIRTIO_BUS(qvirtio_bus_pci, .name = "pci", .get_status = get_status,
            .set_status = set_status, .reset = reset, .get_features = get_features,
            .set_features = set_features, .queue_max = queue_max,
            .queue_enable = queue_enable, .queue_enabled = queue_enabled,
            .queue_reset = queue_reset, .admin_queues = admin_queues,
            .sriov_vfs = sriov_vfs, .notify = notify, .irq_bind = qvirtio_pci_irq_bind,
            .irq_release = qvirtio_pci_irq_release, .query_isr = qvirtio_pci_query_isr,
            .get_config = get_config, .set_config = set_config,
            .config_bytes = config_bytes, .config_generation = config_generation,
            .shm_region = shm_region, .device_foreach = device_foreach);

QVirtioDevice *qvirtio_pci_plugged(PciFunction *f, QVirtioNote *note)
{
    return qvirtio_pci_attach(&qvirtio_bus_pci, f, prepare, note);
}
