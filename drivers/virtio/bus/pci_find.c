/* SPDX-License-Identifier: MIT */
/*
 * Which PCI functions are virtio devices, of which type (4.1.2), and where their
 * structures are (4.1.4). A transitional function is a device of both buses, with the
 * same index: its number among those of its type in PCI order. Types without a driver are
 * reported like all others. The device of a function is made once and kept.
 */
#include "drivers/virtio/bus.h"
#include "drivers/virtio/bus/pci.h"

#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

static QVirtioPci *known;

bool qvirtio_pci_is_virtio(const PciFunction *f)
{
    return f->vendor == VIRTIO_PCI_VENDOR && f->device >= VIRTIO_PCI_DEVICE_FIRST &&
           f->device <= VIRTIO_PCI_DEVICE_LAST;
}

bool qvirtio_pci_has_transitional_id(const PciFunction *f)
{
    return f->device < VIRTIO_PCI_DEVICE_MODERN;
}

/* 4.1.2.3: "Transitional devices MUST have the PCI Subsystem Device ID matching the
 * Virtio Device ID". */
static uint16_t type_of(const PciFunction *f)
{
    return qvirtio_pci_has_transitional_id(f) ? pci_read16(f, PCI_SUBSYSTEM_ID)
                                              : f->device - VIRTIO_PCI_DEVICE_MODERN;
}

void qvirtio_pci_note(const PciFunction *f, QVirtioNote *note, const char *text)
{
    char line[128];

    ksnprintf(line, sizeof(line), "pci %02x:%02x.%x: %s", f->bus, f->slot, f->function,
              text);
    note(line);
}

static uint8_t read_function(const void *arg, uint16_t off)
{
    return pci_read8(arg, off);
}

void qvirtio_pci_caps_start(const PciFunction *f, PciCapWalk *walk)
{
    pci_cap_walk_start(walk, read_function, f);
}

#define CAP_FIELD(f, cap, type, field) \
    pci_read32(f, (uint16_t)((cap)->at + offsetof(struct type, field)))

static void cap_read(const PciFunction *f, QVirtioPciCap *cap)
{
    /* The first two dwords: cap_vndr, cap_next, cap_len, cfg_type; bar, id, padding. */
    uint32_t head = pci_read32(f, cap->at);

    cap->cap_len = (uint8_t)(head >> 16);
    cap->cfg_type = (uint8_t)(head >> 24);
    if (cap->cfg_type == VIRTIO_PCI_CAP_VENDOR_CFG ||
        cap->at + sizeof(struct virtio_pci_cap) > 256) {
        return;
    }
    uint32_t where = CAP_FIELD(f, cap, virtio_pci_cap, bar);
    cap->bar = (uint8_t)where;
    cap->id = (uint8_t)(where >> 8);
    cap->offset = CAP_FIELD(f, cap, virtio_pci_cap, offset);
    cap->length = CAP_FIELD(f, cap, virtio_pci_cap, length);
    if (cap->cfg_type == VIRTIO_PCI_CAP_SHARED_MEMORY_CFG &&
        cap->at + sizeof(struct virtio_pci_cap64) <= 256) {
        cap->offset |= (uint64_t)CAP_FIELD(f, cap, virtio_pci_cap64, offset_hi) << 32;
        cap->length |= (uint64_t)CAP_FIELD(f, cap, virtio_pci_cap64, length_hi) << 32;
    }
}

bool qvirtio_pci_cap_next(const PciFunction *f, PciCapWalk *walk, QVirtioPciCap *cap)
{
    uint8_t at;

    while ((at = pci_cap_walk_next(walk)) != 0) {
        if (pci_read8(f, at) == PCI_CAP_ID_VENDOR) {
            *cap = (QVirtioPciCap){.at = at};
            cap_read(f, cap);
            return true;
        }
    }
    return false;
}

/* Gives how many bytes the capability itself must have at least, and how many it must
 * point to. */
static void cap_least(const QVirtioPciCap *cap, uint8_t *cap_len, uint64_t *length)
{
    *cap_len = sizeof(struct virtio_pci_cap);
    *length = 1;
    switch (cap->cfg_type) {
    case VIRTIO_PCI_CAP_COMMON_CFG:
        *length = VIRTIO_PCI_COMMON_BYTES;
        break;
    case VIRTIO_PCI_CAP_NOTIFY_CFG:
        *cap_len = sizeof(struct virtio_pci_notify_cap);
        *length = 2;
        break;
    case VIRTIO_PCI_CAP_SHARED_MEMORY_CFG:
        *cap_len = sizeof(struct virtio_pci_cap64);
        break;
    default:
        break;
    }
}

const char *qvirtio_pci_cap_fault(const PciFunction *f, const QVirtioPciCap *cap)
{
    uint8_t least_cap_len;
    uint64_t least_length;

    cap_least(cap, &least_cap_len, &least_length);
    if (cap->cap_len < least_cap_len || cap->at + cap->cap_len > 256) {
        return "a virtio capability has a bad cap_len";
    }
    /* 4.1.4.1: "The driver MUST ignore any vendor-specific capability structure which has
     * a reserved bar value." */
    if (cap->bar >= PCI_BARS) {
        return "a virtio capability names a reserved BAR";
    }
    const PciBar *bar = &f->bar[cap->bar];
    if (bar->bytes == 0 || bar->address == 0) {
        return "a virtio capability names a BAR that is not there";
    }
    if (cap->offset > bar->bytes || cap->length > bar->bytes - cap->offset) {
        return "a virtio structure does not fit its BAR";
    }
    if (cap->length < least_length) {
        return "a virtio structure is too short";
    }
    return NULL;
}

IoWindow qvirtio_pci_cap_window(PciFunction *f, const QVirtioPciCap *cap)
{
    IoWindow bar = pci_bar_window(f, cap->bar);

    return io_subwindow(&bar, cap->offset, cap->length);
}

static int index_of(const PciFunction *f, uint16_t type)
{
    PciFunction *other;
    int index = 0;

    for (unsigned n = 0; (other = pci_function(n)) != NULL && other != f; n++) {
        if (qvirtio_pci_is_virtio(other) && type_of(other) == type) {
            index++;
        }
    }
    return index;
}

_Static_assert(sizeof(QVirtioPci) <= PAGE_BYTES, "one page holds a device");

/* Fills a device in; its page is cleared. */
static void fill(QVirtioPci *p, const QVirtioBus *bus, PciFunction *f)
{
    QVirtioDevice *d = &p->dev;

    p->function = f;
    d->bus = bus;
    d->bus_data = p;
    d->device_id = type_of(f);
    d->index = index_of(f, d->device_id);
    ksnprintf(d->where, sizeof(d->where), "%02x:%02x.%x", f->bus, f->slot, f->function);
}

/* Returns the device of this bus for the function, or NULL when prepare() says that it is
 * none of this bus. */
static QVirtioPci *prepared(const QVirtioBus *bus, PciFunction *f,
                            bool (*prepare)(QVirtioPci *p, QVirtioNote *note),
                            QVirtioNote *note)
{
    for (QVirtioPci *p = known; p; p = p->next) {
        if (p->function == f && p->dev.bus == bus) {
            return p;
        }
    }
    pci_enable(f);
    QVirtioPci *p = page_alloc(1);
    fill(p, bus, f);
    if (!prepare(p, note) && !p->dev.why_left_out) {
        return NULL;
    }
    qvirtio_pci_irq_init(p);
    p->next = known;
    known = p;
    return p;
}

void qvirtio_pci_foreach(const QVirtioBus *bus,
                         bool (*prepare)(QVirtioPci *p, QVirtioNote *note),
                         void (*found)(QVirtioDevice *d, void *data), void *data,
                         QVirtioNote *note)
{
    PciFunction *f;

    pci_init();
    for (unsigned n = 0; (f = pci_function(n)) != NULL; n++) {
        QVirtioPci *p = qvirtio_pci_is_virtio(f) ? prepared(bus, f, prepare, note) : NULL;
        if (p) {
            found(&p->dev, data);
        }
    }
}

QVirtioDevice *qvirtio_pci_attach(const QVirtioBus *bus, PciFunction *f,
                                  bool (*prepare)(QVirtioPci *p, QVirtioNote *note),
                                  QVirtioNote *note)
{
    static QVirtioPci *late;

    if (!qvirtio_pci_is_virtio(f)) {
        return NULL;
    }
    late = late ? late : page_alloc(1);
    memset(late, 0, sizeof(*late));
    fill(late, bus, f);
    pci_enable(f);
    if (!prepare(late, note)) {
        return NULL;
    }
    qvirtio_pci_irq_init(late);
    return qvirtio_device_adopt(&late->dev) ? NULL : &late->dev;
}
