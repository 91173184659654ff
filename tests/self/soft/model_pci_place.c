/* SPDX-License-Identifier: MIT */
/*
 * Where a modelled function has its structures (4.1.4), how many MSI-X vectors it has,
 * and how far its doorbells are apart.
 */
#include "tests/self/soft/model_pci.h"

SOFT_FAULT(common_cfg_is_not_aligned, "dev:4.1.4.3.1-1",
           "puts the common configuration at offset 2");
SOFT_FAULT(device_cfg_is_not_aligned, "dev:4.1.4.6.1-1",
           "puts the device configuration two bytes up");
SOFT_FAULT(odd_doorbells, "dev:4.1.4.4.1-2", "puts doorbells at an odd offset");
SOFT_FAULT(doorbells_three_apart, "dev:4.1.4.4.1-3", "has a multiplier of 3");
SOFT_FAULT(data_doorbells_two_apart, "dev:4.1.4.4.1-6",
           "has a multiplier of 2 with NOTIFICATION_DATA");
SOFT_FAULT(data_doorbells_not_aligned, "dev:4.1.4.4.1-7",
           "puts doorbells for data at an odd word");
SOFT_FAULT(one_vector, "dev:4.1.5.1.2.1-1", "has a table of one entry");

/* "The BAR is permitted to be either 32-bit or 64-bit, it can map Memory Space or I/O
 * Space." The offset of the ISR "has no alignment requirements" (4.1.4.5). */
SOFT_MANNER(structures_in_bars_of_their_own, "4.1.4",
            "has one BAR for each structure, some of 32 bits, the ISR's of ports");
SOFT_MANNER(structures_stand_close, "4.1.4", "has no room between its structures");
SOFT_MANNER(one_doorbell_address, "4.1.4.4", "has a notify_off_multiplier of 0");
SOFT_MANNER(doorbells_a_page_apart, "4.1.4.4", "has a notify_off_multiplier of 4096");
/* "The device would expose two capabilities ... the driver would use the I/O BAR if I/O
 * resources are available, and fall back on memory BAR when I/O resources are
 * unavailable." */
SOFT_MANNER(doorbells_in_unassigned_ports, "4.1.4",
            "has another notification structure, in ports that nobody can assign");
SOFT_MANNER(common_cfg_of_virtio_1_0, "4.1.4.3",
            "ends its common configuration before queue_notif_config_data");
/* "a device which does not expect to send interrupts at a high rate might only specify 2
 * MSI-X vectors." */
SOFT_MANNER(two_msix_vectors, "4.1.5.1.2.1", "has a table of two entries");
SOFT_MANNER_AGAINST(one_msix_vector, "4.1.5.1.2.2", "dev:4.1.5.1.2.1-1",
                    "has a table of one entry");
SOFT_MANNER(no_msix, "4.1.5.1.2", "has INTx only");

bool model_pci_has_far_ports(const PciModel *p)
{
    return !p->kind->has_shm && soft_manner(doorbells_in_unassigned_ports);
}

static bool has_small_bars(const PciModel *p)
{
    return !p->kind->has_shm && soft_manner(structures_in_bars_of_their_own);
}

uint16_t model_pci_vectors(const PciModel *p)
{
    uint16_t entries = p->kind->msix_entries;

    if (entries == 0 || soft_manner(no_msix)) {
        return 0;
    }
    if (soft_fault(one_vector) || soft_manner(one_msix_vector)) {
        return 1;
    }
    return entries > 2 && soft_manner(two_msix_vectors) ? 2 : entries;
}

uint32_t model_pci_bar_bytes(const PciModel *p, unsigned bar)
{
    bool has_ports = p->kind->is_transitional || has_small_bars(p);

    switch (bar) {
    case BAR_PORTS:
        return has_ports ? PORT_BYTES : 0;
    case BAR_MSIX:
        return model_pci_vectors(p) ? MSIX_BYTES : 0;
    case BAR_SMALL:
    case BAR_SMALL + 1:
        return has_small_bars(p) ? SMALL_BYTES : 0;
    case BAR_REGISTERS:
        return REGISTER_BYTES;
    default:
        return 0;
    }
}

bool model_pci_offers_data(const PciModel *p)
{
    QVirtioFeatures offered = door_offered(&p->door);

    return qvirtio_features_has(&offered, VIRTIO_F_NOTIFICATION_DATA);
}

uint32_t model_pci_multiplier(const PciModel *p)
{
    bool has_data = model_pci_offers_data(p);

    if (!has_data && soft_fault(doorbells_three_apart)) {
        return 3;
    }
    if (soft_manner(one_doorbell_address)) {
        return 0;
    }
    if (soft_manner(doorbells_a_page_apart)) {
        return 0x1000;
    }
    return has_data && soft_fault(data_doorbells_two_apart) ? 2 : p->kind->multiplier;
}

uint32_t model_pci_common_bytes(void)
{
    return soft_manner(common_cfg_of_virtio_1_0)
               ? offsetof(struct virtio_pci_common_cfg, queue_notif_config_data)
               : sizeof(struct virtio_pci_common_cfg);
}

/* All in one BAR, one directly behind the other. */
static uint32_t close_place(const PciModel *p, uint8_t cfg_type)
{
    uint32_t config_at = sizeof(struct virtio_pci_common_cfg) + 4;

    switch (cfg_type) {
    case VIRTIO_PCI_CAP_COMMON_CFG:
        return 0;
    case VIRTIO_PCI_CAP_ISR_CFG:
        return sizeof(struct virtio_pci_common_cfg) + 1;
    case VIRTIO_PCI_CAP_DEVICE_CFG:
        return config_at;
    default:
        return (config_at + p->door.s->model->config_bytes + 3) & ~3u;
    }
}

static PciPlace usual_place(uint8_t cfg_type)
{
    switch (cfg_type) {
    case VIRTIO_PCI_CAP_COMMON_CFG:
        return (PciPlace){BAR_REGISTERS, AT_COMMON};
    case VIRTIO_PCI_CAP_ISR_CFG:
        return (PciPlace){BAR_REGISTERS, AT_ISR};
    case VIRTIO_PCI_CAP_DEVICE_CFG:
        return (PciPlace){BAR_REGISTERS, AT_CONFIG};
    default:
        return (PciPlace){BAR_REGISTERS, AT_NOTIFY};
    }
}

static PciPlace own_place(const PciModel *p, uint8_t cfg_type)
{
    switch (cfg_type) {
    case VIRTIO_PCI_CAP_COMMON_CFG:
        return (PciPlace){BAR_SMALL, 0};
    case VIRTIO_PCI_CAP_DEVICE_CFG:
        return (PciPlace){BAR_SMALL + 1, 0x100};
    case VIRTIO_PCI_CAP_ISR_CFG:
        return p->kind->is_transitional ? usual_place(cfg_type)
                                        : (PciPlace){BAR_PORTS, 0x11};
    default:
        return usual_place(cfg_type);
    }
}

/* What faults add to the offset of a structure. */
static uint32_t wrong_by(const PciModel *p, uint8_t cfg_type)
{
    switch (cfg_type) {
    case VIRTIO_PCI_CAP_COMMON_CFG:
        return 2 * soft_fault(common_cfg_is_not_aligned);
    case VIRTIO_PCI_CAP_DEVICE_CFG:
        return 2 * soft_fault(device_cfg_is_not_aligned);
    case VIRTIO_PCI_CAP_NOTIFY_CFG:
        return model_pci_offers_data(p) ? 2 * soft_fault(data_doorbells_not_aligned)
                                        : soft_fault(odd_doorbells);
    default:
        return 0;
    }
}

PciPlace model_pci_place(const PciModel *p, uint8_t cfg_type)
{
    PciPlace place = has_small_bars(p) ? own_place(p, cfg_type) : usual_place(cfg_type);

    if (soft_manner(structures_stand_close)) {
        place = (PciPlace){BAR_REGISTERS, close_place(p, cfg_type)};
    }
    if (soft_fault_chosen) {
        place.off += wrong_by(p, cfg_type);
    }
    return place;
}
