/* SPDX-License-Identifier: MIT */
/*
 * Private to model_pci*.c: one PCI function in front of a soft device (4.1).
 */
#ifndef MODEL_PCI_H
#define MODEL_PCI_H

#include "drivers/virtio/spec/virtio_pci.h"
#include "kernel/pci/pci.h"
#include "tests/self/soft/model.h"

#define MODEL_CONFIG_BYTES 512 /* of the extended configuration space */
#define MODEL_MSIX_MOST    16

/* BAR 0: ports; 1: MSI-X; 2 and 3: shared memory; 4 and 5: the structures. */
#define BAR_PORTS      0
#define BAR_MSIX       1
#define BAR_SHM        2
#define BAR_SMALL      2 /* and 3, of functions without shared memory */
#define BAR_FAR_PORTS  2 /* of others without shared memory */
#define BAR_REGISTERS  4
#define PORT_BYTES     0x100u
#define FAR_PORT_BYTES 0x10000u
#define MSIX_BYTES     0x1000u
#define MSIX_PBA       0x800u
#define SHM_BYTES      0x200000000ull
#define REGISTER_BYTES 0x10000u
#define SMALL_BYTES    0x1000u

/* Where structures usually are, all of them in BAR 4, and a second doorbell in BAR 0. */
#define AT_COMMON   0x0000u
#define AT_ISR      0x1000u
#define AT_CONFIG   0x2000u
#define AT_NOTIFY   0x4000u
#define PORT_NOTIFY 0xf0u

/* What one function is like. */
typedef struct PciKind {
    uint16_t device_id;
    uint8_t index, slot;
    bool is_transitional;
    bool has_sr_iov, has_shm, has_vendor_data;
    /* 0 means that there is no MSI-X. */
    uint8_t msix_entries;
    uint32_t multiplier;
    const uint8_t *hides, *adds;
} PciKind;

/* A place in a BAR. */
typedef struct PciPlace {
    uint8_t bar;
    uint32_t off;
} PciPlace;

typedef struct MsixEntry {
    /* Address, its upper half, data, control. */
    uint32_t word[4];
    bool is_pending;
} MsixEntry;

typedef struct PciModel {
    /* First: a door's function. */
    Door door;
    const PciKind *kind;
    uint8_t config[MODEL_CONFIG_BYTES];
    /* Of the list as it is built. */
    uint8_t last_cap, end_of_caps;
    /* 0 means that there is no such capability. */
    uint8_t msix_cap, cfg_cap, vendor_cap;
    uint8_t common_cap, notify_cap, isr_cap;
    uint8_t isr;
    /* By source + 1. */
    uint16_t vector[SOFT_QUEUES + 1];
    /* queue_select, as it was written. */
    uint16_t selected;
    MsixEntry msix[MODEL_MSIX_MOST];
    /* Of some manners: the reset of this queue is done when queue_reset was read so
     * often; how often config_generation was read. */
    unsigned queue_reset_reads, generation_reads;
    uint16_t queue_being_reset;

    /* Of faulty functions: it has been driven; it serves nobody any more; what was
     * read of the device configuration last. */
    bool had_life, is_stopped, is_looked_at;
    uint64_t last_config_off;
    /* Queues that were enabled or reset; what was seen or written since. */
    uint32_t were_enabled, were_reset, resets_seen, zeroes_seen, last_select;
    bool was_past, was_reset_asked;
    /* INTx without a cause in the ISR; Interrupt Status was set; a pending bit is; how
     * often the ISR was read; vectors that were written. */
    bool has_no_cause, has_shown, is_stuck;
    unsigned isr_reads;
    uint16_t vector_last, vector_before;
    /* Before a queue reset, plus 1. */
    uint16_t old_vector[SOFT_QUEUES + 1];
} PciModel;

static inline uint16_t config16(const PciModel *p, uint16_t at)
{
    return (uint16_t)(p->config[at] | p->config[at + 1] << 8);
}

void config_put(PciModel *p, uint16_t at, unsigned width, uint64_t v);
/* Makes header, BARs and capabilities (model_pci_caps.c). */
void model_pci_build(PciModel *p);
/* Return where a structure of this type is, and what the list says of the function. */
PciPlace model_pci_place(const PciModel *p, uint8_t cfg_type);
uint32_t model_pci_multiplier(const PciModel *p);
uint16_t model_pci_vectors(const PciModel *p);
bool model_pci_offers_data(const PciModel *p);
/* Returns the length of the common configuration. */
uint32_t model_pci_common_bytes(void);
/* Returns true when BAR_FAR_PORTS is there, for more ports than a machine has. */
bool model_pci_has_far_ports(const PciModel *p);
/* Returns the size of a BAR that has registers; 0 when there is no such BAR. */
uint32_t model_pci_bar_bytes(const PciModel *p, unsigned bar);

/* Resets what a function has of its own: the common configuration, interrupts. */
void model_pci_reset_all(Door *d);
/* Access what is in the BARs, a structure at a time. Each returns what was read. */
uint32_t model_pci_common(PciModel *p, const Access *a);
uint32_t model_pci_legacy(PciModel *p, const Access *a);
uint32_t model_pci_msix(PciModel *p, const Access *a);
void model_pci_doorbell(PciModel *p, const Access *a, uint32_t multiplier);
uint32_t model_pci_isr(PciModel *p);
uint32_t model_pci_bar(PciModel *p, unsigned bar, const Access *a);

/* ---- Interrupts: model_pci_irq.c ---- */

bool model_pci_msix_is_on(const PciModel *p);
void model_pci_tell(Door *d, int source);
/* The vector that a source gets; and as it reads back. */
void model_pci_map(PciModel *p, int source, uint16_t vector);
uint16_t model_pci_vector(const PciModel *p, int source);
void model_pci_reset(PciModel *p);
/* Masks or MSI-X itself may have changed: sends what was held back. */
void model_pci_irq_changed(PciModel *p);
/* Returns true when the function raises INTx, whether it is allowed to or not, as
 * Interrupt Status shows it (PCI 3.0, 6.2.3). */
bool model_pci_shows_intx(PciModel *p);

#endif
