/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of a modelled function (4.1.4.5, 4.1.5.1.2, 4.1.5.3): the MSI-X table with
 * its masks and pending bits (PCI Local Bus 3.0, 6.8.2), the ISR and INTx.
 */
#include "drivers/virtio/spec/echo.h"
#include "kernel/lib/string.h"
#include "tests/self/soft/model_pci.h"

SOFT_FAULT(intx_without_isr, "dev:4.1.4.5.1-3",
           "raises INTx for a queue and shows no cause");
SOFT_FAULT(isr_after_intx, "dev:4.1.4.5.1-3",
           "raises INTx before the queue bit is in the ISR");
SOFT_FAULT(isr_says_config_for_queues, "dev:4.1.4.5.1-3",
           "sets the configuration bit for a used buffer");
SOFT_FAULT(pci_status_is_silent, "dev:4.1.4.5.1-4", "never sets Interrupt Status");
SOFT_FAULT(pci_status_sticks, "dev:4.1.4.5.1-4",
           "keeps Interrupt Status when the ISR was read");
SOFT_FAULT(isr_is_read_five_times, "dev:4.1.4.5.1-5", "clears the ISR at the fifth read");
SOFT_FAULT(last_vector_is_dead, "dev:4.1.5.1.2.1-2",
           "never sends at the last entry of its table");
SOFT_FAULT(maps_two_vectors_only, "dev:4.1.5.1.2.1-4",
           "takes no vector behind the second");
SOFT_FAULT(interrupts_at_the_next_vector_too, "dev:4.1.5.1.2.1-4",
           "sends at the entry behind the one that is mapped");
SOFT_FAULT(unmapping_is_ignored, "dev:4.1.5.1.2.1-5",
           "keeps the vector when NO_VECTOR is written");
SOFT_FAULT(one_vector_for_all_queues, "dev:4.1.5.1.2.1-6",
           "shows the vector that was mapped last for every queue");
SOFT_FAULT(vectors_read_back_late, "dev:4.1.5.1.2.1-6",
           "shows the vector before the one that was written");
SOFT_FAULT(config_reads_no_vector, "dev:4.1.5.1.2.1-4",
           "does not show which vector the configuration has");
SOFT_FAULT(reset_queue_has_its_old_vector, "dev:4.1.5.1.2.1-4",
           "sends at the entry that a queue had before its reset");
SOFT_FAULT(moved_vector_is_only_shown, "dev:4.1.5.1.2.1-6",
           "shows a vector that is mapped while it works, and goes on with the old one");
SOFT_FAULT(vectors_outlive_reset, "dev:4.1.5.1.2.1-7", "keeps vectors over a reset");
SOFT_FAULT(refuses_the_last_vector, "dev:4.1.5.1.2.1-8",
           "does not map anything to the last entry");
SOFT_FAULT(takes_vectors_past_the_table, "dev:4.1.5.1.2.1-9",
           "shows vectors that its table does not have");
SOFT_FAULT(config_shows_no_cause, "dev:4.1.4.5.1-2",
           "raises INTx for its configuration and sets no bit");
SOFT_FAULT(unmapped_config_pulls_intx, "dev:4.1.5.4.1-1",
           "raises INTx for a configuration without a vector");
SOFT_FAULT(unmapped_config_interrupts, "dev:4.1.5.4.1-1",
           "sends at entry 0 for a configuration without a vector");
SOFT_FAULT(unmapped_config_has_the_last, "dev:4.1.5.4.1-1",
           "sends at the last entry for a configuration without a vector");
SOFT_FAULT(unmapped_queue_pulls_intx, "dev:4.1.5.3.1-1",
           "raises INTx for a queue without a vector");
SOFT_FAULT(unmapped_queue_pends, "dev:4.1.5.3.1-1",
           "sets a pending bit for a queue without a vector");
SOFT_FAULT(unmapped_queue_interrupts, "dev:4.1.5.3.1-1",
           "sends at entry 0 for a queue without a vector");

/* "When MSI-X capability is present and enabled ... In this case, the ISR Status is
 * unused." */
SOFT_MANNER(isr_is_unused_beside_msix, "4.1.5.1.2",
            "tells of its configuration at a vector and not in the ISR");
/* "Note that mapping an event to vector might require device to allocate internal device
 * resources, and thus could fail." */
SOFT_MANNER_AGAINST(maps_the_config_and_one_queue, "4.1.5.1.2", "dev:4.1.5.1.2.1-8",
                    "takes no vector for a second queue");

#define MSIX_ON      0x80
#define MSIX_MASKED  0x40
#define ENTRY_BYTES  16
#define ENTRY_MASKED 1u
#define LINE_OF(p)   (16 + (p)->kind->slot % 2)

bool model_pci_msix_is_on(const PciModel *p)
{
    return p->msix_cap && p->config[p->msix_cap + 3] & MSIX_ON;
}

static bool wants_intx(const PciModel *p)
{
    if (model_pci_msix_is_on(p)) {
        return (soft_fault(unmapped_queue_pulls_intx) && p->isr != 0) ||
               (soft_fault(unmapped_config_pulls_intx) && p->isr & VIRTIO_PCI_ISR_CONFIG);
    }
    return p->isr != 0 || p->has_no_cause;
}

bool model_pci_shows_intx(PciModel *p)
{
    bool wants = wants_intx(p);

    p->has_shown |= wants;
    return (wants && !soft_fault(pci_status_is_silent)) ||
           (p->has_shown && soft_fault(pci_status_sticks));
}

static void update_line(const PciModel *p)
{
    bool is_allowed = !(config16(p, PCI_COMMAND) & PCI_COMMAND_INTX_OFF);

    model_line(LINE_OF(p), p->kind->slot, wants_intx(p) && is_allowed);
}

static bool is_masked(const PciModel *p, const MsixEntry *e)
{
    return p->config[p->msix_cap + 3] & MSIX_MASKED || e->word[3] & ENTRY_MASKED;
}

void model_pci_irq_changed(PciModel *p)
{
    update_line(p);
    for (unsigned i = 0; model_pci_msix_is_on(p) && i < model_pci_vectors(p); i++) {
        MsixEntry *e = &p->msix[i];

        if (e->is_pending && !is_masked(p, e)) {
            e->is_pending = false;
            model_message((uint64_t)e->word[1] << 32 | e->word[0], e->word[2]);
        }
    }
}

static void add_queue_cause(PciModel *p)
{
    if (soft_fault(intx_without_isr)) {
        p->has_no_cause = true;
        return;
    }
    if (soft_fault(isr_after_intx)) {
        p->has_no_cause = true;
        update_line(p);
        model_interrupts_halted();
    }
    p->isr |= soft_fault(isr_says_config_for_queues) ? VIRTIO_PCI_ISR_CONFIG
                                                     : VIRTIO_PCI_ISR_QUEUE;
}

/* A queue without a vector, of a faulty function. */
static void send_unmapped(PciModel *p)
{
    if (soft_fault(unmapped_queue_pulls_intx)) {
        p->isr |= VIRTIO_PCI_ISR_QUEUE;
    }
    p->msix[0].is_pending |= soft_fault(unmapped_queue_interrupts);
    p->is_stuck |= soft_fault(unmapped_queue_pends);
}

/* The configuration, of a faulty function. */
static void send_unmapped_config(PciModel *p)
{
    p->msix[0].is_pending |= soft_fault(unmapped_config_interrupts);
    p->msix[model_pci_vectors(p) - 1].is_pending |=
        soft_fault(unmapped_config_has_the_last);
}

static void add_config_cause(PciModel *p)
{
    bool is_msix = model_pci_msix_is_on(p);

    if (!is_msix && soft_fault(config_shows_no_cause)) {
        p->has_no_cause = true;
    } else if (!(is_msix && soft_manner(isr_is_unused_beside_msix))) {
        p->isr |= VIRTIO_PCI_ISR_CONFIG;
    }
}

static void send(PciModel *p, int source)
{
    uint16_t vector = p->vector[source + 1];

    if ((soft_fault(reset_queue_has_its_old_vector) ||
         soft_fault(moved_vector_is_only_shown)) &&
        p->old_vector[source + 1]) {
        vector = p->old_vector[source + 1] - 1;
    }
    unsigned next = vector + 1u;

    if (vector >= model_pci_vectors(p)) {
        if (source == QVIRTIO_IRQ_CONFIG) {
            send_unmapped_config(p);
        } else {
            send_unmapped(p);
        }
        return;
    }
    if (soft_fault(last_vector_is_dead) && next == model_pci_vectors(p) && vector > 1) {
        return;
    }
    p->msix[vector].is_pending = true;
    if (soft_fault(interrupts_at_the_next_vector_too) && next < model_pci_vectors(p) &&
        !is_masked(p, &p->msix[next]) && p->msix[next].word[0]) {
        p->msix[next].is_pending = true;
    }
}

void model_pci_tell(Door *d, int source)
{
    PciModel *p = (PciModel *)d;

    if (source == QVIRTIO_IRQ_CONFIG) {
        add_config_cause(p);
    } else if (!model_pci_msix_is_on(p)) {
        add_queue_cause(p);
    }
    if (model_pci_msix_is_on(p)) {
        send(p, source);
    }
    model_pci_irq_changed(p);
}

static bool has_another_queue(const PciModel *p, int source)
{
    for (int i = 0; i < SOFT_QUEUES; i++) {
        if (i != source && p->vector[i + 1] != VIRTIO_MSI_NO_VECTOR) {
            return true;
        }
    }
    return false;
}

void model_pci_map(PciModel *p, int source, uint16_t vector)
{
    uint16_t *mine = &p->vector[source + 1];
    uint16_t most = model_pci_vectors(p);

    if (source >= door_queues(&p->door)) {
        return;
    }
    if (source >= 0 && vector != VIRTIO_MSI_NO_VECTOR && has_another_queue(p, source) &&
        soft_manner(maps_the_config_and_one_queue)) {
        vector = VIRTIO_MSI_NO_VECTOR;
    }
    p->vector_before = *mine;
    if (soft_fault(moved_vector_is_only_shown) && !p->old_vector[source + 1] &&
        door_status(&p->door) & VIRTIO_STATUS_DRIVER_OK) {
        p->old_vector[source + 1] = *mine + 1;
    }
    if (soft_fault(maps_two_vectors_only) && most > 2) {
        most = 2;
    }
    if (vector == VIRTIO_MSI_NO_VECTOR && soft_fault(unmapping_is_ignored)) {
        return;
    }
    bool is_refused = soft_fault(refuses_the_last_vector) && vector && vector + 1 == most;
    bool is_past = soft_fault(takes_vectors_past_the_table) && most;
    *mine = !is_refused && (vector < most || is_past) ? vector : VIRTIO_MSI_NO_VECTOR;
    p->vector_last = *mine;
}

uint16_t model_pci_vector(const PciModel *p, int source)
{
    bool is_echo = p->kind->device_id == ECHO_DEVICE_ID;

    if (soft_fault(config_reads_no_vector) && is_echo && source == QVIRTIO_IRQ_CONFIG) {
        return VIRTIO_MSI_NO_VECTOR;
    }
    if (soft_fault(vectors_read_back_late) && is_echo) {
        return p->vector_before;
    }
    return soft_fault(one_vector_for_all_queues) && source >= 0 ? p->vector_last
                                                                : p->vector[source + 1];
}

/* 4.1.4.5.1: "The device MUST reset ISR status to 0 on driver read." */
uint32_t model_pci_isr(PciModel *p)
{
    uint8_t isr = p->isr;

    p->has_no_cause = false;
    if (!soft_fault(isr_is_read_five_times) || ++p->isr_reads % 5 == 0) {
        p->isr = 0;
    }
    update_line(p);
    return isr;
}

void model_pci_reset(PciModel *p)
{
    p->isr = p->isr_reads = 0;
    p->has_no_cause = p->has_shown = p->is_stuck = false;
    memset(p->old_vector, 0, sizeof(p->old_vector));
    if (!soft_fault(vectors_outlive_reset)) {
        memset(p->vector, 0xff, sizeof(p->vector));
    }
    for (unsigned i = 0; i < MODEL_MSIX_MOST; i++) {
        p->msix[i].is_pending = false;
    }
    update_line(p);
}

static uint32_t pending_bits(const PciModel *p)
{
    uint32_t bits = p->is_stuck;

    for (unsigned i = 0; i < model_pci_vectors(p); i++) {
        bits |= (uint32_t)p->msix[i].is_pending << i;
    }
    return bits;
}

uint32_t model_pci_msix(PciModel *p, const Access *a)
{
    uint32_t *word = NULL;

    if (a->width == 4 && a->off < model_pci_vectors(p) * ENTRY_BYTES) {
        word = &p->msix[a->off / ENTRY_BYTES].word[a->off % ENTRY_BYTES / 4];
    }
    if (word && a->is_write) {
        *word = a->value;
        model_pci_irq_changed(p);
    }
    if (a->off == MSIX_PBA && !a->is_write) {
        return pending_bits(p);
    }
    return word ? *word : 0;
}
