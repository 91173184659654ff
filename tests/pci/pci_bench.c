/* SPDX-License-Identifier: MIT */
/*
 * The bench for MSI-X (4.1.5.1.2): the test, not the bus, says which table entry a source
 * gets, and counts what arrives at each.
 */
#include "kernel/irq/irq.h"
#include "tests/pci/pci_lib.h"

bool pci_bench_open(Test *t, QVirtioDevice *dev, PciBench *b, unsigned most)
{
    QVirtioPci *p = qvirtio_pci(dev);

    *b = (PciBench){.dev = dev};
    dev->irq_mode = QVIRTIO_IRQ_NONE;
    most = most < PCI_BENCH_ENTRIES ? most : PCI_BENCH_ENTRIES;
    most = most < p->msix.entries ? most : p->msix.entries;
    while (b->entries < most) {
        int cpu_vector = irq_alloc_vector(NULL, NULL);
        if (cpu_vector < 0) {
            break;
        }
        b->cpu_vector[b->entries] = cpu_vector;
        pci_msix_route(&p->msix, (uint16_t)b->entries, cpu_vector);
        b->entries++;
    }
    pci_msix_enable(p->function, &p->msix, true);
    p->is_msix_on = true; /* so that the bus turns it off after the test */
    if (!require_ok(t, b->entries == most ? 0 : -QVIRTIO_NO_MEMORY)) {
        pci_bench_close(b);
        return false;
    }
    irq_settle();
    for (unsigned i = 0; i < b->entries; i++) {
        b->was_pending[i] = pci_msix_is_pending(&p->msix, (uint16_t)i);
        b->came_before[i] = irq_count(b->cpu_vector[i]);
    }
    return true;
}

uint16_t pci_bench_map(const PciBench *b, int source, uint16_t vector)
{
    QVirtioPci *p = qvirtio_pci(b->dev);

    return p->set_vector(p, source, vector);
}

bool pci_bench_maps(Test *t, const PciBench *b, int source, uint16_t vector)
{
    uint16_t seen = pci_bench_map(b, source, vector);

    if (seen == VIRTIO_MSI_NO_VECTOR && vector != VIRTIO_MSI_NO_VECTOR) {
        test_skip(t, "the device maps no vector to source %d beside the others", source);
        return false;
    }
    return expect_eq(t, "virtio 4.1.5.1.3", seen, vector);
}

static bool open_queue(Test *t, PciBench *b, uint16_t index, uint16_t vector)
{
    QVirtQueue *vq;

    if (!require_ok(t, qvirtqueue_alloc(b->dev, index, 0, t->ring, &vq))) {
        return false;
    }
    return pci_bench_maps(t, b, index, vector) && require_ok(t, qvirtqueue_enable(vq));
}

bool pci_bench_start_queues(Test *t, PciBench *b, uint16_t ping, uint16_t rest)
{
    QVirtioDevice *dev = b->dev;
    uint16_t count = pci_queue_count(dev);

    for (uint16_t i = 0; i < count; i++) {
        if (!open_queue(t, b, i, i == dev->driver->ping_queue ? ping : rest)) {
            return false;
        }
    }
    return pci_bench_maps(t, b, QVIRTIO_IRQ_CONFIG, rest);
}

bool pci_bench_start_finish(Test *t, PciBench *b)
{
    return require_ok(t, qvirtio_start_finish(b->dev, t->ring));
}

bool pci_bench_start(Test *t, PciBench *b, uint16_t ping, uint16_t rest)
{
    return pci_bench_start_queues(t, b, ping, rest) && pci_bench_start_finish(t, b);
}

uint32_t pci_bench_count(const PciBench *b, unsigned entry)
{
    return irq_count(b->cpu_vector[entry]) - b->came_before[entry];
}

bool pci_bench_is_pending(const PciBench *b, unsigned entry)
{
    return pci_msix_is_pending(&qvirtio_pci(b->dev)->msix, (uint16_t)entry) &&
           !b->was_pending[entry];
}

typedef struct BenchWait {
    const PciBench *b;
    unsigned entry;
    uint32_t before;
} BenchWait;

static bool has_come(void *arg)
{
    const BenchWait *w = arg;

    return pci_bench_count(w->b, w->entry) > w->before;
}

bool pci_bench_after_at(Test *t, const ExpectAt *at, PciBench *b, unsigned entry,
                        uint32_t before)
{
    BenchWait w = {.b = b, .entry = entry, .before = before};

    return expect_success(
        t, at, qvirtio_wait(b->dev, "an interrupt at the MSI-X entry", has_come, &w, 0));
}

static bool is_pending(void *arg)
{
    const BenchWait *w = arg;

    return pci_msix_is_pending(&qvirtio_pci(w->b->dev)->msix, (uint16_t)w->entry);
}

bool pci_bench_pending_at(Test *t, const ExpectAt *at, PciBench *b, unsigned entry)
{
    BenchWait w = {.b = b, .entry = entry};

    return expect_success(
        t, at,
        qvirtio_wait(b->dev, "the pending bit of the MSI-X entry", is_pending, &w, 0));
}

/* The driver's close and the reset; what it sent before is delivered by then. */
void pci_bench_settle(PciBench *b)
{
    qvirtio_stop(b->dev);
}

void pci_bench_close(PciBench *b)
{
    pci_bench_settle(b);
    for (unsigned i = 0; i < b->entries; i++) {
        irq_free_vector(b->cpu_vector[i]);
    }
    b->entries = 0;
}
