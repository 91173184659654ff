/* SPDX-License-Identifier: MIT */
/*
 * MSI-X vectors (4.1.5.1.2): every event maps to every vector, reads back, can be
 * unmapped, is unmapped by reset, and arrives where it was mapped. Masks and pending bits
 * are in msix_mask.c. The rows of the catalogue bind the modern interface; the legacy one
 * has the same two registers.
 */
#include "drivers/virtio/bus.h"
#include "tests/pci/pci_lib.h"

#define SOME_QUEUES 16
/* "maps interrupts triggered by the configuration change/selected queue events
 * respectively to the corresponding MSI-X vector" */
#define MAPS "virtio 4.1.5.1.2"

static uint16_t some_queues(QVirtioDevice *dev)
{
    uint16_t count = pci_queue_count(dev);

    return count < SOME_QUEUES ? count : SOME_QUEUES;
}

/* "A device that has an MSI-X capability SHOULD support at least 2 and at most 0x800
 * MSI-X vectors." Table Size has no room for more. */
VIRTIO_TEST(msix_table_has_at_least_two_entries, .flags = TEST_RAW, .buses = BUS_PCI,
            .why_not = pci_why_no_msix)
{
    expect_ge(t, "dev:4.1.5.1.2.1-1", qvirtio_pci(dev)->msix.entries, 2);
}

/* Maps a source to each vector in turn: the ends of the table and some between. No other
 * source has a vector meanwhile, so that none is used up. */
static bool expect_maps_everywhere(Test *t, const PciBench *b, int source)
{
    uint32_t entries = qvirtio_pci(b->dev)->msix.entries;

    for (uint32_t i = 0; i < entries;
         i += i < 8 || i + 1 == entries ? 1 : 1 + (entries - i) / 2) {
        uint16_t seen = pci_bench_map(b, source, (uint16_t)i);

        if (seen != VIRTIO_MSI_NO_VECTOR && !expect_eq(t, "dev:4.1.5.1.2.1-6", seen, i)) {
            return false;
        }
        expect_eq(t, "dev:4.1.5.1.2.1-4", seen, i);
        expect_eq(t, "dev:4.1.5.1.2.1-8", seen, i);
    }
    return true;
}

/* "Device MUST support mapping any event type to any valid vector", "MUST support
 * unmapping any event type", "MUST return vector mapped to a given event, (NO_VECTOR if
 * unmapped)", "SHOULD NOT cause mapping an event to vector to fail". */
VIRTIO_TEST(any_event_maps_to_any_vector, .flags = TEST_RAW, .buses = BUS_PCI_BOTH,
            .why_not = pci_why_no_msix)
{
    PciBench b;

    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, 0)) {
        return;
    }
    for (int source = QVIRTIO_IRQ_CONFIG; source < some_queues(dev); source++) {
        if (!expect_maps_everywhere(t, &b, source)) {
            break;
        }
        expect_eq(t, "dev:4.1.5.1.2.1-5", pci_bench_map(&b, source, VIRTIO_MSI_NO_VECTOR),
                  VIRTIO_MSI_NO_VECTOR);
    }
    pci_bench_close(&b);
}

static uint16_t vector_of(QVirtioDevice *dev, int source)
{
    if (source == QVIRTIO_IRQ_CONFIG) {
        return COMMON_READ16(dev, config_msix_vector);
    }
    COMMON_WRITE16(dev, queue_select, (uint16_t)source);
    return COMMON_READ16(dev, queue_msix_vector);
}

/* Each event keeps the vector of its own, whatever the others got since: "on success,
 * previously written value is returned; on failure, NO_VECTOR value is returned". */
VIRTIO_TEST(each_event_keeps_its_own_vector, .flags = TEST_RAW, .buses = BUS_PCI,
            .why_not = pci_why_no_two_vectors)
{
    PciBench b;
    uint16_t entries = qvirtio_pci(dev)->msix.entries, seen[SOME_QUEUES + 1];

    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, 0)) {
        return;
    }
    uint16_t queues = some_queues(dev);
    for (int source = QVIRTIO_IRQ_CONFIG; source < queues; source++) {
        uint16_t wanted = (uint16_t)(source + 1) % entries;
        seen[source + 1] = pci_bench_map(&b, source, wanted);
        if (seen[source + 1] != VIRTIO_MSI_NO_VECTOR) { /* else the mapping failed */
            expect_eq(t, "virtio 4.1.5.1.3", seen[source + 1], wanted);
        }
    }
    for (int source = QVIRTIO_IRQ_CONFIG; source < queues; source++) {
        expect_eq(t, "dev:4.1.5.1.2.1-6", vector_of(dev, source), seen[source + 1]);
    }
    pci_bench_close(&b);
}

/* "The device MUST have all queue and configuration change events are unmapped upon
 * reset." */
VIRTIO_TEST(reset_unmaps_all_events, .flags = TEST_RAW, .buses = BUS_PCI,
            .why_not = pci_why_no_msix)
{
    PciBench b;

    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, 1)) {
        return;
    }
    uint16_t queues = some_queues(dev);
    for (int source = QVIRTIO_IRQ_CONFIG; source < queues; source++) {
        pci_bench_map(&b, source, 0);
    }
    require_ok(t, dev->bus->reset(dev));
    for (int source = QVIRTIO_IRQ_CONFIG; source < queues; source++) {
        expect_eq(t, "dev:4.1.5.1.2.1-7", vector_of(dev, source), VIRTIO_MSI_NO_VECTOR);
    }
    pci_bench_close(&b);
}

/* 4.1.5.1.2.2: "Driver MUST NOT attempt to map an event to a vector outside the MSI-X
 * Table". A vector that does not exist cannot be mapped, whoever asks for it, and
 * "Devices MUST report mapping failures by returning the NO_VECTOR value". */
VIRTIO_TEST(vector_past_the_table, .violates = "4.1.5.1.2.2", .flags = TEST_RAW,
            .buses = BUS_PCI_BOTH, .why_not = pci_why_no_msix)
{
    uint16_t past[] = {qvirtio_pci(dev)->msix.entries,
                       (uint16_t)(qvirtio_pci(dev)->msix.entries + 1),
                       0x7ff,
                       0x800,
                       0x8000,
                       0xfffe};
    PciBench b;

    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, 1)) {
        return;
    }
    for (int source = QVIRTIO_IRQ_CONFIG; source < some_queues(dev); source++) {
        for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++) {
            if (past[i] >= qvirtio_pci(dev)->msix.entries) {
                expect_eq(t, "dev:4.1.5.1.2.1-9", pci_bench_map(&b, source, past[i]),
                          VIRTIO_MSI_NO_VECTOR);
            }
        }
    }
    pci_bench_close(&b);
    expect_survives(t, dev);
}

/* The ping queue's interrupts come at its entry, which this clause is about, and nowhere
 * else. The last interrupt, then a reset: what has not come elsewhere by then was never
 * sent. */
static void expect_only_at(Test *t, QVirtioDevice *dev, uint16_t mine, uint16_t rest,
                           const char *clause)
{
    PciBench b;

    if (!pci_begin(t, dev) || !pci_bench_open(t, dev, &b, PCI_BENCH_ENTRIES)) {
        return;
    }
    bool is_fine = pci_bench_start(t, &b, mine, rest);
    for (uint32_t n = 1; n <= 4 && is_fine; n++) {
        uint32_t before = pci_bench_count(&b, mine);
        is_fine = require_ping(t, dev, n) && pci_bench_after(t, clause, &b, mine, before);
    }
    pci_bench_settle(&b);
    for (unsigned i = 0; i < b.entries && is_fine; i++) {
        if (i != mine && i != rest) {
            expect_eq(t, "dev:4.1.5.1.2.1-4", pci_bench_count(&b, i), 0);
        }
    }
    pci_bench_close(&b);
}

VIRTIO_TEST(queue_interrupts_at_the_first_vector, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_PCI_BOTH, .why_not = pci_why_no_two_vectors)
{
    expect_only_at(t, dev, 0, VIRTIO_MSI_NO_VECTOR, MAPS);
}

/* "Device MUST report the number of vectors supported in Table Size": the last of them
 * works as the others do. */
VIRTIO_TEST(queue_interrupts_at_the_last_vector, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_PCI_BOTH, .why_not = pci_why_no_two_vectors)
{
    uint16_t entries = qvirtio_pci(dev)->msix.entries;

    if (entries > PCI_BENCH_ENTRIES) {
        test_skip(t, "the MSI-X table has more than %d entries", PCI_BENCH_ENTRIES);
        return;
    }
    expect_only_at(t, dev, entries - 1, VIRTIO_MSI_NO_VECTOR, "dev:4.1.5.1.2.1-2");
}

VIRTIO_TEST(queue_interrupts_at_its_own_vector, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_PCI_BOTH, .why_not = pci_why_no_two_vectors)
{
    expect_only_at(t, dev, 1, 0, MAPS);
}

/* Several events on one vector: all of them arrive there. */
VIRTIO_TEST(one_vector_serves_all_events, .flags = TEST_RAW | TEST_PING,
            .buses = BUS_PCI_BOTH, .why_not = pci_why_no_msix)
{
    expect_only_at(t, dev, 0, 0, MAPS);
}
