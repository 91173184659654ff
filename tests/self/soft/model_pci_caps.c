/* SPDX-License-Identifier: MIT */
/*
 * The configuration space of a modelled function as it is at boot: header with BARs that
 * firmware has assigned, and the capability list with all that 4.1.4 describes.
 */
#include "drivers/virtio/spec/echo.h"
#include "tests/self/soft/model_pci.h"

#define PORTS_AT     0xc000u
#define MSIX_AT      0xfd000000u
#define SHM_AT       0x8000000000ull
#define REGISTERS_AT 0x4000000000ull
#define OTHER_VENDOR 0x1234

SOFT_FAULT(transitional_id_of_another_type, "dev:4.1.2.1-2",
           "shows a transitional ID that is not its type's");
SOFT_FAULT(modern_id_of_another_type, "dev:4.1.2.1-2", "an echo says that it is an rng");
SOFT_FAULT(modern_only_with_transitional_id, "dev:4.1.2.1-4",
           "shows a transitional ID without the legacy interface");
SOFT_FAULT(modern_only_with_revision_0, "dev:4.1.2.1-5", "shows revision 0");
SOFT_FAULT(modern_only_with_low_subsystem, "dev:4.1.2.1-6",
           "shows a subsystem ID below 0x40");
SOFT_FAULT(data_window_is_not_counted, "dev:4.1.4.2-1",
           "leaves pci_cfg_data out of its capability's cap_len");
SOFT_FAULT(no_configuration_access, "dev:4.1.4.9.1-1",
           "has no capability for configuration access");
SOFT_FAULT(second_doorbell_of_one_byte, "dev:4.1.4.4.1-4a", "has a doorbell of one byte");
SOFT_FAULT(doorbells_for_the_first_queues, "dev:4.1.4.4.1-4b",
           "leaves the last doorbell outside the structure");
SOFT_FAULT(data_doorbell_of_two_bytes, "dev:4.1.4.4.1-8a",
           "has a doorbell of two bytes with NOTIFICATION_DATA");
SOFT_FAULT(data_doorbells_for_the_first_queues, "dev:4.1.4.4.1-8b",
           "leaves the last doorbell for data outside the structure");
SOFT_FAULT(region_past_its_bar, "dev:4.1.4.7.1-1", "has a region that leaves its BAR");
SOFT_FAULT(region_ids_twice, "dev:4.1.4.7.1-2", "has two regions with one id");
SOFT_FAULT(vendor_data_of_virtio, "dev:4.1.4.8.1-1", "has vendor data of 0x1af4");
SOFT_FAULT(vendor_data_of_eleven_bytes, "dev:4.1.4.8.1-2", "has vendor data of 11 bytes");
SOFT_FAULT(sr_iov_without_the_feature, "dev:6.2-9a",
           "has the SR-IOV capability and does not offer SR_IOV");

SOFT_FAULT(has_no_common_cfg, "dev:4.1.4.3.1-2", "has no common configuration");
SOFT_FAULT(has_no_doorbells, "dev:4.1.4.4.1-1", "has no notification structure");
SOFT_FAULT(has_no_isr, "dev:4.1.4.5.1-1", "has no ISR structure");

SOFT_MANNER(capabilities_the_other_way_round, "4.1.4",
            "lists its capabilities the other way round");
/* "The driver MUST accept a cap_len value which is larger than specified here." */
SOFT_MANNER(capabilities_are_longer, "4.1.4.1", "has a spare dword in each capability");
/* "length MAY include padding, or fields unused by the driver, or future extensions." */
SOFT_MANNER(structures_are_longer, "4.1.4", "has padding behind each structure");
/* "The driver MUST ignore any vendor-specific capability structure which has a reserved
 * bar value", and those of a reserved cfg_type. */
SOFT_MANNER(capabilities_of_tomorrow, "4.1.4.1",
            "has structures in a BAR 6, and one of type 0x55, before the usual ones");
SOFT_MANNER(subsystem_of_the_environment, "4.1.2.1",
            "has revision 0x2a and a subsystem that is not virtio's");
SOFT_MANNER(legacy_interface_only, "4.1.5.1.1.1",
            "is a legacy device where it could be a transitional one");

#define EXTENDED_SR_IOV 0x00010010u /* version 1, the last of the list */
#define SMALL_AT        0xfc000000u
#define RESERVED_TYPE   0x55
#define RESERVED_BAR    6

void config_put(PciModel *p, uint16_t at, unsigned width, uint64_t v)
{
    for (unsigned i = 0; i < width; i++) {
        p->config[at + i] = (uint8_t)(v >> (8 * i));
    }
}

static uint16_t transitional_id(uint16_t device_id)
{
    if (soft_fault(transitional_id_of_another_type)) {
        device_id = device_id == VIRTIO_ID_BLOCK ? VIRTIO_ID_NET : VIRTIO_ID_BLOCK;
    }
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

static uint8_t revision_of(const PciModel *p)
{
    if (p->kind->is_transitional || soft_fault(modern_only_with_revision_0)) {
        return 0;
    }
    return soft_manner(subsystem_of_the_environment) ? 0x2a : VIRTIO_PCI_REVISION_MODERN;
}

static void put_header(PciModel *p)
{
    const PciKind *k = p->kind;
    uint16_t modern_id = VIRTIO_PCI_DEVICE_MODERN + k->device_id;
    bool is_scary = !k->is_transitional;

    if (k->device_id == ECHO_DEVICE_ID && soft_fault(modern_id_of_another_type)) {
        modern_id = VIRTIO_PCI_DEVICE_MODERN + VIRTIO_ID_RNG;
    }
    bool is_old = k->is_transitional || soft_fault(modern_only_with_transitional_id);
    config_put(p, PCI_VENDOR_ID, 2, VIRTIO_PCI_VENDOR);
    config_put(p, PCI_DEVICE_ID, 2, is_old ? transitional_id(k->device_id) : modern_id);
    config_put(p, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
    config_put(p, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    config_put(p, PCI_REVISION_ID, 1, revision_of(p));
    config_put(p, PCI_CLASS_DEVICE, 2, 0xff00);
    config_put(p, PCI_SUBSYSTEM_VENDOR_ID, 2, VIRTIO_PCI_VENDOR);
    config_put(p, PCI_SUBSYSTEM_ID, 2,
               is_scary && !is_old && !soft_fault(modern_only_with_low_subsystem)
                   ? VIRTIO_PCI_SUBSYSTEM_MODERN
                   : k->device_id);
    config_put(p, PCI_INTERRUPT_PIN, 1, 1);
    if (is_scary && soft_manner(subsystem_of_the_environment)) {
        config_put(p, PCI_SUBSYSTEM_VENDOR_ID, 2, OTHER_VENDOR);
        config_put(p, PCI_SUBSYSTEM_ID, 2, 0xbeef);
    }
}

static void put_bar(PciModel *p, unsigned bar, unsigned width, uint64_t v)
{
    config_put(p, (uint16_t)(PCI_BASE_ADDRESS_0 + 4 * bar), width, v);
}

static void put_bars(PciModel *p)
{
    const PciKind *k = p->kind;

    if (model_pci_bar_bytes(p, BAR_PORTS)) {
        put_bar(p, BAR_PORTS, 4, (PORTS_AT + k->slot * PORT_BYTES) | 1);
    }
    if (model_pci_vectors(p)) {
        put_bar(p, BAR_MSIX, 4, MSIX_AT + k->slot * MSIX_BYTES);
    }
    if (model_pci_has_far_ports(p)) {
        put_bar(p, BAR_FAR_PORTS, 4, 1);
    }
    for (unsigned i = 0; i < 2 && model_pci_bar_bytes(p, BAR_SMALL); i++) {
        put_bar(p, BAR_SMALL + i, 4, SMALL_AT + (2u * k->slot + i) * SMALL_BYTES);
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
    if (type != VIRTIO_PCI_CAP_VENDOR_CFG && soft_manner(capabilities_are_longer)) {
        bytes += 4;
    }
    uint8_t at = add_cap(p, PCI_CAP_ID_VENDOR, bytes);

    p->config[at + offsetof(struct virtio_pci_cap, cap_len)] = bytes;
    p->config[at + offsetof(struct virtio_pci_cap, cfg_type)] = type;
    return at;
}

static uint32_t longer(uint32_t bytes)
{
    return bytes + (soft_manner(structures_are_longer) ? 0x800 : 0);
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
    config_put(p, p->msix_cap + 2, 2, model_pci_vectors(p) - 1u);
    config_put(p, p->msix_cap + 4, 4, BAR_MSIX);
    config_put(p, p->msix_cap + 8, 4, MSIX_PBA | BAR_MSIX);
}

static void add_vendor_data(PciModel *p)
{
    p->vendor_cap = add_virtio_cap(p, VIRTIO_PCI_CAP_VENDOR_CFG,
                                   soft_fault(vendor_data_of_eleven_bytes) ? 11 : 12);
    config_put(p, p->vendor_cap + offsetof(struct virtio_pci_vndr_data, vendor_id), 2,
               soft_fault(vendor_data_of_virtio) ? VIRTIO_PCI_VENDOR : OTHER_VENDOR);
    config_put(p, p->vendor_cap + sizeof(struct virtio_pci_vndr_data), 4, 0x5a5a5a5a);
}

static void add_doorbells(PciModel *p)
{
    PciPlace place = model_pci_place(p, VIRTIO_PCI_CAP_NOTIFY_CFG);
    bool has_data = model_pci_offers_data(p);
    uint32_t multiplier = model_pci_multiplier(p);
    uint32_t bytes = (door_queues(&p->door) - 1u) * multiplier + 4;

    if (has_data ? soft_fault(data_doorbells_for_the_first_queues)
                 : soft_fault(doorbells_for_the_first_queues)) {
        bytes = 4;
    }
    p->notify_cap = add_notify(p, place.bar, place.off, longer(bytes), multiplier);
    if (p->kind->is_transitional) {
        bytes = has_data ? 4 - 2 * soft_fault(data_doorbell_of_two_bytes)
                         : 4 - 3 * soft_fault(second_doorbell_of_one_byte);
        add_notify(p, BAR_PORTS, PORT_NOTIFY, bytes, 0);
    }
}

/* A structure at its usual place. */
static uint8_t add_usual(PciModel *p, uint8_t type, uint32_t length)
{
    PciPlace place = model_pci_place(p, type);

    return add_structure(p, type, sizeof(struct virtio_pci_cap), place.bar, place.off,
                         longer(length));
}

static bool is_without(const PciModel *p, bool is_faulty)
{
    return is_faulty && p->kind->device_id == ECHO_DEVICE_ID;
}

static void add_structures(PciModel *p)
{
    uint32_t config_bytes = (p->door.s->model->config_bytes + 3u) & ~3u;

    if (!is_without(p, soft_fault(has_no_common_cfg))) {
        p->common_cap = add_usual(p, VIRTIO_PCI_CAP_COMMON_CFG, model_pci_common_bytes());
    }
    if (!is_without(p, soft_fault(has_no_doorbells))) {
        add_doorbells(p);
    }
    if (!is_without(p, soft_fault(has_no_isr))) {
        p->isr_cap = add_usual(p, VIRTIO_PCI_CAP_ISR_CFG, 1);
    }
    if (config_bytes) {
        add_usual(p, VIRTIO_PCI_CAP_DEVICE_CFG, config_bytes);
    }
    if (!soft_fault(no_configuration_access)) {
        p->cfg_cap =
            add_virtio_cap(p, VIRTIO_PCI_CAP_PCI_CFG, sizeof(struct virtio_pci_cfg_cap));
        if (soft_fault(data_window_is_not_counted)) {
            p->config[p->cfg_cap + offsetof(struct virtio_pci_cap, cap_len)] =
                sizeof(struct virtio_pci_cap);
        }
    }
}

/* What a driver of today passes over. */
static void add_unusable(PciModel *p)
{
    if (!p->kind->has_shm && soft_manner(capabilities_of_tomorrow)) {
        add_structure(p, VIRTIO_PCI_CAP_COMMON_CFG, sizeof(struct virtio_pci_cap),
                      RESERVED_BAR, 0, sizeof(struct virtio_pci_common_cfg));
        add_notify(p, RESERVED_BAR, 0x1000, 0x1000, 4);
        add_structure(p, RESERVED_TYPE, sizeof(struct virtio_pci_cap), BAR_REGISTERS, 0,
                      4);
    }
    if (model_pci_has_far_ports(p)) {
        add_notify(p, BAR_FAR_PORTS, 0, 0x1000, 4);
    }
}

static void turn_list_round(PciModel *p)
{
    uint8_t at = p->config[PCI_CAPABILITY_LIST], before = 0;

    while (at) {
        uint8_t next = p->config[at + 1];
        p->config[at + 1] = before;
        before = at;
        at = next;
    }
    p->config[PCI_CAPABILITY_LIST] = before;
}

static void add_virtio_caps(PciModel *p)
{
    add_unusable(p);
    add_structures(p);
    if (p->kind->has_vendor_data) {
        add_vendor_data(p);
    }
    if (p->kind->has_shm) {
        add_shm(p, 1, 0x100000000ull, 0x1000);
        add_shm(p, soft_fault(region_ids_twice) ? 1 : 2,
                soft_fault(region_past_its_bar) ? 0x100000000ull : 0x1000,
                0x100001000ull);
    }
}

void model_pci_build(PciModel *p)
{
    put_header(p);
    put_bars(p);
    if (!p->kind->is_transitional || !soft_manner(legacy_interface_only)) {
        add_virtio_caps(p);
    }
    if (model_pci_vectors(p)) {
        add_msix(p);
    }
    if (p->kind->has_sr_iov) {
        add_cap(p, PCI_CAP_ID_EXP, 0x3c - 0x24);
        config_put(p, 0x100, 4, EXTENDED_SR_IOV);
        if (soft_fault(sr_iov_without_the_feature)) {
            p->door.adds = NULL;
        }
    }
    if (soft_manner(capabilities_the_other_way_round)) {
        turn_list_round(p);
    }
}
