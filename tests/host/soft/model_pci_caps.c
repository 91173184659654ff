/* SPDX-License-Identifier: MIT */
/*
 * The configuration space of a modelled function as it is at boot: header with BARs that
 * firmware has assigned, and the capability list with all that 4.1.4 describes.
 */
#include "kernel/string.h"
#include "tests/host/soft/model_pci.h"

#define PORTS_AT     0xc000u
#define MSIX_AT      0xfd000000u
#define SHM_AT       0x8000000000ull
#define REGISTERS_AT 0x4000000000ull
#define OTHER_VENDOR 0x1234

#define EXTENDED_SR_IOV 0x00010010u /* version 1, the last of the list */

void config_put(PciModel *p, uint16_t at, unsigned width, uint64_t v)
{
    for (unsigned i = 0; i < width; i++) {
        p->config[at + i] = (uint8_t)(v >> (8 * i));
    }
}

static uint16_t transitional_id(uint16_t device_id)
{
    switch (device_id) {
    case VIRTIO_ID_NET:
        return 0x1000;
    case VIRTIO_ID_BLOCK:
        return 0x1001;
    case VIRTIO_ID_CONSOLE:
        return 0x1003;
    default:
        return 0x1005;
    }
}

static void put_header(PciModel *p)
{
    const PciKind *k = p->kind;
    uint16_t modern_id = VIRTIO_PCI_DEVICE_MODERN + k->device_id;

    config_put(p, PCI_VENDOR_ID, 2, VIRTIO_PCI_VENDOR);
    config_put(p, PCI_DEVICE_ID, 2,
               k->is_transitional ? transitional_id(k->device_id) : modern_id);
    config_put(p, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
    config_put(p, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    config_put(p, PCI_REVISION_ID, 1,
               k->is_transitional ? 0 : VIRTIO_PCI_REVISION_MODERN);
    config_put(p, PCI_CLASS_DEVICE, 2, 0xff00);
    config_put(p, PCI_SUBSYSTEM_VENDOR_ID, 2, VIRTIO_PCI_VENDOR);
    config_put(p, PCI_SUBSYSTEM_ID, 2,
               k->is_transitional ? k->device_id : VIRTIO_PCI_SUBSYSTEM_MODERN);
    config_put(p, PCI_INTERRUPT_PIN, 1, 1);
}

static void put_bar(PciModel *p, unsigned bar, unsigned width, uint64_t v)
{
    config_put(p, (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar), width, v);
}

static void put_bars(PciModel *p)
{
    const PciKind *k = p->kind;

    if (k->is_transitional) {
        put_bar(p, BAR_PORTS, 4, (PORTS_AT + k->slot * PORT_BYTES) | 1);
    }
    if (k->msix_entries) {
        put_bar(p, BAR_MSIX, 4, MSIX_AT + k->slot * MSIX_BYTES);
    }
    if (k->has_shm) {
        put_bar(p, BAR_SHM, 8, (SHM_AT + k->slot * SHM_BYTES) | 0xc);
    }
    put_bar(p, BAR_REGISTERS, 8, (REGISTERS_AT + k->slot * REGISTER_BYTES) | 0xc);
}

/* At the end of the list. */
static uint8_t add_cap(PciModel *p, uint8_t id, uint8_t bytes)
{
    uint8_t at = p->end_of_caps ? p->end_of_caps : 0x40;

    p->config[at] = id;
    p->config[p->last_cap ? p->last_cap + 1 : PCI_CAPABILITY_LIST] = at;
    p->last_cap = at;
    p->end_of_caps = (uint8_t)(at + ((bytes + 3) & ~3));
    return at;
}

static uint8_t add_virtio_cap(PciModel *p, uint8_t type, uint8_t bytes)
{
    uint8_t at = add_cap(p, PCI_CAP_ID_VENDOR, bytes);

    p->config[at + offsetof(struct virtio_pci_cap, cap_len)] = bytes;
    p->config[at + offsetof(struct virtio_pci_cap, cfg_type)] = type;
    return at;
}

static uint8_t add_structure(PciModel *p, uint8_t type, uint8_t bytes, uint8_t bar,
                             uint32_t offset, uint32_t length)
{
    uint8_t at = add_virtio_cap(p, type, bytes);

    p->config[at + offsetof(struct virtio_pci_cap, bar)] = bar;
    config_put(p, at + offsetof(struct virtio_pci_cap, offset), 4, offset);
    config_put(p, at + offsetof(struct virtio_pci_cap, length), 4, length);
    return at;
}

static uint8_t add_notify(PciModel *p, uint8_t bar, uint32_t offset, uint32_t length,
                          uint32_t multiplier)
{
    uint8_t at = add_structure(p, VIRTIO_PCI_CAP_NOTIFY_CFG,
                               sizeof(struct virtio_pci_notify_cap), bar, offset, length);

    config_put(p, at + offsetof(struct virtio_pci_notify_cap, notify_off_multiplier), 4,
               multiplier);
    return at;
}

static void add_shm(PciModel *p, uint8_t id, uint64_t offset, uint64_t length)
{
    uint8_t at = add_structure(p, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG,
                               sizeof(struct virtio_pci_cap64), BAR_SHM, (uint32_t)offset,
                               (uint32_t)length);

    p->config[at + offsetof(struct virtio_pci_cap, id)] = id;
    config_put(p, at + offsetof(struct virtio_pci_cap64, offset_hi), 4, offset >> 32);
    config_put(p, at + offsetof(struct virtio_pci_cap64, length_hi), 4, length >> 32);
}

static void add_msix(PciModel *p)
{
    p->msix_cap = add_cap(p, PCI_CAP_ID_MSIX, 12);
    config_put(p, p->msix_cap + 2, 2, p->kind->msix_entries - 1u);
    config_put(p, p->msix_cap + 4, 4, BAR_MSIX);
    config_put(p, p->msix_cap + 8, 4, MSIX_PBA | BAR_MSIX);
}

static void add_vendor_data(PciModel *p)
{
    p->vendor_cap = add_virtio_cap(p, VIRTIO_PCI_CAP_VENDOR_CFG, 12);
    config_put(p, p->vendor_cap + offsetof(struct virtio_pci_vndr_data, vendor_id), 2,
               OTHER_VENDOR);
    config_put(p, p->vendor_cap + sizeof(struct virtio_pci_vndr_data), 4, 0x5a5a5a5a);
}

static void add_structures(PciModel *p)
{
    uint32_t config_bytes = (p->door.s->model->config_bytes + 3u) & ~3u;
    uint32_t doorbells = (door_queues(&p->door) - 1u) * p->kind->multiplier + 4;

    p->common_cap =
        add_structure(p, VIRTIO_PCI_CAP_COMMON_CFG, sizeof(struct virtio_pci_cap),
                      BAR_REGISTERS, AT_COMMON, sizeof(struct virtio_pci_common_cfg));
    p->notify_cap =
        add_notify(p, BAR_REGISTERS, AT_NOTIFY, doorbells, p->kind->multiplier);
    if (p->kind->is_transitional) {
        add_notify(p, BAR_PORTS, PORT_NOTIFY, 4, 0);
    }
    p->isr_cap = add_structure(p, VIRTIO_PCI_CAP_ISR_CFG, sizeof(struct virtio_pci_cap),
                               BAR_REGISTERS, AT_ISR, 4);
    if (config_bytes) {
        add_structure(p, VIRTIO_PCI_CAP_DEVICE_CFG, sizeof(struct virtio_pci_cap),
                      BAR_REGISTERS, AT_CONFIG, config_bytes);
    }
    p->cfg_cap =
        add_virtio_cap(p, VIRTIO_PCI_CAP_PCI_CFG, sizeof(struct virtio_pci_cfg_cap));
}

void model_pci_build(PciModel *p)
{
    put_header(p);
    put_bars(p);
    add_structures(p);
    if (p->kind->msix_entries) {
        add_msix(p);
    }
    if (p->kind->has_vendor_data) {
        add_vendor_data(p);
    }
    if (p->kind->has_shm) {
        add_shm(p, 1, 0x100000000ull, 0x1000);
        add_shm(p, 2, 0x1000, 0x100001000ull);
    }
    if (p->kind->has_sr_iov) {
        add_cap(p, PCI_CAP_ID_EXP, 0x3c - 0x24);
        config_put(p, 0x100, 4, EXTENDED_SR_IOV);
    }
}
