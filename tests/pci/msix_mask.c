/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that must not come (4.1.5.3.1, PCI Local Bus 3.0, 6.8.3.5): an unmapped
 * queue sends none; a masked entry keeps one, shows it in its pending bit, and sends it
 * exactly once when the mask goes. Absence is proven by order: a later interrupt did
 * arrive, or the device was reset.
 */
#include "tests/pci/pci_lib.h"

#define BENCH_TEST(most_reason) \
    .flags = TEST_RAW | TEST_PING, .buses = BUS_PCI_BOTH, .why_not = most_reason

static bool bench_begin(Test *t, QVirtioDevice *dev, PciBench *b, uint16_t ping)
{
    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, b, PCI_BENCH_ENTRIES)) {
        return false;
    }
    if (!pci_bench_start(t, b, ping, VIRTIO_MSI_NO_VECTOR)) {
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
    QVirtioPci *p = qvirtio_pci(dev);
    PciBench b;

    if (!bench_begin(t, dev, &b, VIRTIO_MSI_NO_VECTOR)) {
        return;
    }
    for (uint32_t n = 1; n <= 8 && expect_ping(t, NULL, dev, n); n++) {
    }
    expect_that(t, "dev:4.1.5.3.1-1",
                !(pci_read16(p->function, PCI_STATUS) & PCI_STATUS_INTERRUPT),
                "INTx not raised", "Interrupt Status set");
    for (unsigned i = 0; i < b.entries; i++) {
        expect_that(t, "dev:4.1.5.3.1-1", !pci_msix_is_pending(&p->msix, (uint16_t)i),
                    "nothing pending", "entry %u is pending", i);
    }
    pci_bench_settle(&b);
    for (unsigned i = 0; i < b.entries; i++) {
        expect_eq(t, "dev:4.1.5.3.1-1", pci_bench_count(&b, i), 0);
    }
    pci_bench_close(&b);
}

/* Pings behind a mask, then takes it away: one interrupt, however many there were reasons
 * for it. */
static void expect_held_back(Test *t, PciBench *b,
                             void (*mask)(const PciBench *b, bool on), uint32_t pings)
{
    QVirtioDevice *dev = b->dev;
    const PciMsix *msix = &qvirtio_pci(dev)->msix;

    mask(b, true);
    if (pci_bench_count(b, 0) || pci_msix_is_pending(msix, 0)) {
        test_skip(t, "the device interrupts although it was asked not to");
        return;
    }
    for (uint32_t n = 1; n <= pings; n++) {
        if (!expect_ping(t, NULL, dev, n)) {
            return;
        }
    }
    bool is_pending = pci_bench_pending(t, NULL, b, 0);
    expect_eq(t, NULL, pci_bench_count(b, 0), 0);
    mask(b, false);
    if (!is_pending || !pci_bench_after(t, NULL, b, 0, 0)) {
        return;
    }
    expect_that(t, NULL, !pci_msix_is_pending(msix, 0), "sent, so not pending",
                "pending");
    pci_bench_settle(b);
    /* The last of several may have been on its way when the mask went. */
    expect_le(t, NULL, pci_bench_count(b, 0), pings == 1 ? 1 : 2);
}

static void mask_entry(const PciBench *b, bool on)
{
    pci_msix_mask(&qvirtio_pci(b->dev)->msix, 0, on);
}

static void mask_function(const PciBench *b, bool on)
{
    pci_msix_mask_all(qvirtio_pci(b->dev)->function, &qvirtio_pci(b->dev)->msix, on);
}

VIRTIO_TEST(masked_entry_sends_once_when_unmasked, BENCH_TEST(pci_why_no_msix))
{
    PciBench b;

    if (bench_begin(t, dev, &b, 0)) {
        expect_held_back(t, &b, mask_entry, 1);
        pci_bench_close(&b);
    }
}

VIRTIO_TEST(many_causes_behind_a_mask_are_one_interrupt, BENCH_TEST(pci_why_no_msix))
{
    PciBench b;

    if (bench_begin(t, dev, &b, 0)) {
        expect_held_back(t, &b, mask_entry, 6);
        pci_bench_close(&b);
    }
}

VIRTIO_TEST(masked_function_sends_once_when_unmasked, BENCH_TEST(pci_why_no_msix))
{
    PciBench b;

    if (bench_begin(t, dev, &b, 0)) {
        expect_held_back(t, &b, mask_function, 1);
        mask_function(&b, false);
        pci_bench_close(&b);
    }
}

/* A mask holds back its own entry only. */
VIRTIO_TEST(mask_of_one_entry_leaves_the_others, BENCH_TEST(pci_why_no_two_vectors))
{
    PciBench b;

    if (!bench_begin(t, dev, &b, 1)) {
        return;
    }
    mask_entry(&b, true);
    if (expect_ping(t, NULL, dev, 1)) {
        pci_bench_after(t, NULL, &b, 1, 0);
    }
    expect_that(t, NULL, !pci_msix_is_pending(&qvirtio_pci(dev)->msix, 0),
                "nothing pending at the masked entry", "pending");
    mask_entry(&b, false);
    pci_bench_close(&b);
}

/* Taking a mask away sends nothing when there was nothing to send. */
VIRTIO_TEST(unmasking_alone_sends_nothing, BENCH_TEST(pci_why_no_msix))
{
    PciBench b;

    if (!bench_begin(t, dev, &b, 0)) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        mask_entry(&b, true);
        mask_entry(&b, false);
    }
    uint32_t before = pci_bench_count(&b, 0);
    if (before) {
        test_skip(t, "the device interrupts although it was asked not to");
    } else if (expect_ping(t, NULL, dev, 1) && pci_bench_after(t, NULL, &b, 0, 0)) {
        pci_bench_settle(&b);
        expect_eq(t, NULL, pci_bench_count(&b, 0), 1);
    }
    pci_bench_close(&b);
}
