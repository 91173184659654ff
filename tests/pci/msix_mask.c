/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that must not come (4.1.5.3.1, PCI Local Bus 3.0, 6.8.3.5): an unmapped
 * queue sends none; a masked entry keeps one, shows it in its pending bit, and sends it
 * exactly once when the mask goes. Absence is proven by order: a later interrupt did
 * arrive, or the device was reset.
 */
#include "kernel/irq/irq.h"
#include "tests/pci/pci_lib.h"

#define BENCH_TEST(most_reason) \
    .flags = TEST_RAW | TEST_PING, .buses = BUS_PCI_BOTH, .why_not = most_reason

typedef void Mask(const PciBench *b, bool on);

static void mask_none(const PciBench *b, bool on)
{
    (void)b, (void)on;
}

static void mask_entry(const PciBench *b, bool on)
{
    pci_msix_mask(&qvirtio_pci(b->dev)->msix, 0, on);
}

static void mask_function(const PciBench *b, bool on)
{
    pci_msix_mask_all(qvirtio_pci(b->dev)->function, &qvirtio_pci(b->dev)->msix, on);
}

/* Starts the device with a mask on from the beginning, and its ping queue at the entry.
 */
static bool bench_begin(Test *t, QVirtioDevice *dev, PciBench *b, uint16_t ping,
                        Mask *mask)
{
    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, b, PCI_BENCH_ENTRIES)) {
        return false;
    }
    mask(b, true);
    if (!pci_bench_start(t, b, ping, VIRTIO_MSI_NO_VECTOR)) {
        mask(b, false);
        pci_bench_close(b);
        return false;
    }
    return true;
}

/* "If MSI-X capability is enabled and queue_msix_vector is NO_VECTOR for a virtqueue, the
 * device MUST NOT deliver an interrupt for that virtqueue": not at any entry, not by
 * INTx, and nothing is pending. */
VIRTIO_TEST(unmapped_queue_never_interrupts, BENCH_TEST(pci_why_no_msix))
{
    PciBench b;

    if (!bench_begin(t, dev, &b, VIRTIO_MSI_NO_VECTOR, mask_none)) {
        return;
    }
    for (uint32_t n = 1; n <= 8 && require_ping(t, dev, n); n++) {
    }
    expect_that(t, "dev:4.1.5.3.1-1", !pci_pulls_intx(dev), "INTx not raised",
                "Interrupt Status set");
    for (unsigned i = 0; i < b.entries; i++) {
        expect_that(t, "dev:4.1.5.3.1-1", !pci_bench_is_pending(&b, i), "nothing pending",
                    "entry %u is pending", i);
    }
    pci_bench_settle(&b);
    for (unsigned i = 0; i < b.entries; i++) {
        expect_eq(t, "dev:4.1.5.3.1-1", pci_bench_count(&b, i), 0);
    }
    pci_bench_close(&b);
}

#define HELD_PINGS 8
#define MASKING    "PCI-3.0 6.8.3.5"

/* PCI Local Bus 3.0, 6.8.3.5: "While a vector is masked, the function is prohibited from
 * sending the associated message, and the function must set the associated Pending bit
 * whenever the function would otherwise send the message." Pings behind a mask, then
 * takes it away: what was held back is one interrupt, however many there were reasons for
 * it. What was on its way when the mask went, or is sent
 * without need, may follow; one for each reason does not. */
static void expect_held_back(Test *t, QVirtioDevice *dev, Mask *mask)
{
    PciBench b;
    bool is_fine = bench_begin(t, dev, &b, 0, mask);

    if (!is_fine) {
        return;
    }
    for (uint32_t n = 1; n <= HELD_PINGS && is_fine; n++) {
        is_fine = require_ping(t, dev, n);
    }
    is_fine = is_fine && pci_bench_pending(t, MASKING, &b, 0);
    if (is_fine) {
        expect_eq(t, MASKING, pci_bench_count(&b, 0), 0);
    }
    mask(&b, false);
    if (is_fine && pci_bench_after(t, MASKING, &b, 0, 0)) {
        expect_that(t, MASKING, !pci_bench_is_pending(&b, 0), "sent, so not pending",
                    "pending");
        pci_bench_settle(&b);
        expect_le(t, MASKING, pci_bench_count(&b, 0), HELD_PINGS / 2);
    }
    pci_bench_close(&b);
}

VIRTIO_TEST(masked_entry_sends_once_when_unmasked, BENCH_TEST(pci_why_no_msix))
{
    expect_held_back(t, dev, mask_entry);
}

VIRTIO_TEST(masked_function_sends_once_when_unmasked, BENCH_TEST(pci_why_no_msix))
{
    expect_held_back(t, dev, mask_function);
}

/* A mask holds back its own entry only. */
VIRTIO_TEST(mask_of_one_entry_leaves_the_others, BENCH_TEST(pci_why_no_two_vectors))
{
    PciBench b;

    if (!bench_begin(t, dev, &b, 1, mask_entry)) {
        return;
    }
    if (require_ping(t, dev, 1)) {
        pci_bench_after(t, MASKING, &b, 1, 0);
        expect_that(t, MASKING, !pci_bench_is_pending(&b, 0),
                    "nothing pending at the masked entry", "pending");
    }
    mask_entry(&b, false);
    pci_bench_close(&b);
}

/* Taking a mask away sends nothing when there was nothing to send, as before DRIVER_OK,
 * when a device may not notify (2.1.2). Then the same entry delivers. */
VIRTIO_TEST(unmasking_alone_sends_nothing, BENCH_TEST(pci_why_no_msix))
{
    PciBench b;

    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, 1)) {
        return;
    }
    if (pci_bench_start_queues(t, &b, 0, VIRTIO_MSI_NO_VECTOR)) {
        for (unsigned i = 0; i < 8; i++) {
            mask_entry(&b, true);
            mask_entry(&b, false);
        }
        expect_that(t, MASKING, !pci_bench_is_pending(&b, 0), "nothing pending",
                    "pending");
        irq_settle();
        expect_eq(t, MASKING, pci_bench_count(&b, 0), 0);
        if (pci_bench_start_finish(t, &b) && require_ping(t, dev, 1)) {
            pci_bench_after(t, MASKING, &b, 0, 0);
        }
    }
    pci_bench_close(&b);
}
