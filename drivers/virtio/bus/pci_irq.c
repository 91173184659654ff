/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of virtio over PCI, for both interfaces (4.1.5.1.2, 4.1.5.3, 4.1.5.5). With
 * MSI-X each QVirtioIrq has a table entry and a CPU vector of its own; two sources with
 * the same irq share them. With INTx the handler reads the ISR, which lowers the line.
 * The queue bit of the ISR stands for all queues, so it counts for every queue that is
 * bound; the config bit counts for the config. When several functions share a line, each
 * of them is asked.
 */
#include "drivers/virtio/bus/pci.h"

#include "kernel/irq/irq.h"

void qvirtio_pci_irq_init(QVirtioPci *p)
{
    p->why_no_msix = NULL;
    p->why_no_intx = NULL;
    pci_msix_init(p->function, &p->msix, &p->why_no_msix);
    p->intx_line = pci_intx_line(p->function, &p->why_no_intx);
    for (unsigned i = 0; i < QVIRTIO_PCI_SOURCES; i++) {
        p->route_of[i] = QVIRTIO_PCI_NO_ROUTE;
    }
    if (!p->why_no_msix) {
        pci_msix_mask_all(p->function, &p->msix, false);
        pci_msix_enable(p->function, &p->msix, false);
    }
}

static void on_msix(void *arg)
{
    QVirtioPciRoute *route = arg;

    route->irq->count++;
}

static void on_intx(void *arg)
{
    QVirtioPci *p = arg;
    uint32_t causes;

    if (qvirtio_pci_query_isr(&p->dev, &causes) || causes == 0) {
        p->intx_empty++;
        return;
    }
    p->intx_empty_before = p->intx_empty;
    for (int i = 0; i < p->routes_used; i++) {
        QVirtioPciRoute *route = &p->route[i];

        if (route->users != 0 && (route->causes & causes)) {
            route->irq->count++;
            route->irq->causes |= causes;
        }
    }
}

/* Chooses between MSI-X and INTx. Returns 0 with the choice in *use_msix, or
 * -QVIRTIO_UNSUPPORTED. */
static int choose(const QVirtioPci *p, bool *use_msix)
{
    bool has_msix = !p->why_no_msix, has_intx = p->intx_line >= 0;

    switch (p->dev.irq_mode) {
    case QVIRTIO_IRQ_BEST:
        *use_msix = has_msix;
        return has_msix || has_intx ? 0 : -QVIRTIO_UNSUPPORTED;
    case QVIRTIO_IRQ_MSIX:
        *use_msix = true;
        return has_msix ? 0 : -QVIRTIO_UNSUPPORTED;
    case QVIRTIO_IRQ_INTX:
        *use_msix = false;
        return has_intx ? 0 : -QVIRTIO_UNSUPPORTED;
    default:
        return -QVIRTIO_UNSUPPORTED;
    }
}

static void msix_turn(QVirtioPci *p, bool on)
{
    if (p->is_msix_on != on) {
        pci_msix_enable(p->function, &p->msix, on);
        p->is_msix_on = on;
    }
}

static int intx_attach(QVirtioPci *p)
{
    if (p->is_intx_on) {
        return 0;
    }
    /* 4.1.4.5.1: "If MSI-X capability is disabled" the ISR and INTx are used. */
    msix_turn(p, false);
    uint16_t command = pci_read16(p->function, PCI_COMMAND);
    if (command & PCI_COMMAND_INTX_OFF) {
        pci_write16(p->function, PCI_COMMAND, command & (uint16_t)~PCI_COMMAND_INTX_OFF);
    }
    if (irq_line_attach(p->intx_line, IRQ_LEVEL_LOW, on_intx, p, &p->why_no_intx)) {
        return -QVIRTIO_UNSUPPORTED;
    }
    p->is_intx_on = true;
    return 0;
}

/* Returns the route that irq has, else the first free one below `most`, else
 * QVIRTIO_PCI_NO_ROUTE. */
static uint8_t find_route(const QVirtioPci *p, const QVirtioIrq *irq, unsigned most)
{
    uint8_t unused = QVIRTIO_PCI_NO_ROUTE;

    for (unsigned i = 0; i < most && i < QVIRTIO_PCI_SOURCES; i++) {
        if (p->route[i].users == 0) {
            unused = unused == QVIRTIO_PCI_NO_ROUTE ? (uint8_t)i : unused;
        } else if (p->route[i].irq == irq) {
            return (uint8_t)i;
        }
    }
    return unused;
}

static void route_drop(QVirtioPci *p, uint8_t n)
{
    QVirtioPciRoute *route = &p->route[n];

    if (--route->users == 0 && route->cpu_vector >= 0) {
        pci_msix_mask(&p->msix, n, true);
        irq_free_vector(route->cpu_vector);
        route->cpu_vector = -1;
    }
}

static void source_routed(QVirtioPci *p, int source, uint8_t n, QVirtioIrq *irq)
{
    QVirtioPciRoute *route = &p->route[n];

    p->route_of[source + 1] = n;
    p->is_route_lost[source + 1] = false;
    if (p->sources_used < source + 2) {
        p->sources_used = source + 2;
    }
    if (p->routes_used < n + 1) {
        p->routes_used = n + 1;
    }
    irq->vector = route->cpu_vector >= 0 ? n : VIRTIO_MSI_NO_VECTOR;
    irq->cpu_vector = route->cpu_vector;
    irq->is_bound = true;
}

static int bind_msix(QVirtioPci *p, int source, QVirtioIrq *irq)
{
    uint8_t n = find_route(p, irq, p->msix.entries);
    if (n == QVIRTIO_PCI_NO_ROUTE) {
        return -QVIRTIO_RANGE;
    }
    QVirtioPciRoute *route = &p->route[n];
    if (route->users == 0) {
        int cpu_vector = irq_alloc_vector(on_msix, route);
        if (cpu_vector < 0) {
            return -QVIRTIO_RANGE;
        }
        *route = (QVirtioPciRoute){.irq = irq, .cpu_vector = cpu_vector};
        pci_msix_route(&p->msix, n, cpu_vector);
    }
    route->users++;
    msix_turn(p, true);
    /* 4.1.5.1.2.2: "the driver MUST verify success by reading the Vector field value". */
    uint16_t seen = p->set_vector(p, source, n);
    if (seen != n) {
        route_drop(p, n);
        /* "If a mapping failure is detected, the driver MAY retry mapping with fewer
         * vectors": this source has none, and is polled. */
        return seen == VIRTIO_MSI_NO_VECTOR ? -QVIRTIO_RANGE : -QVIRTIO_REFUSED;
    }
    source_routed(p, source, n, irq);
    return 0;
}

static int bind_intx(QVirtioPci *p, int source, QVirtioIrq *irq)
{
    int err = intx_attach(p);
    uint8_t n = find_route(p, irq, QVIRTIO_PCI_SOURCES);
    if (err || n == QVIRTIO_PCI_NO_ROUTE) {
        return err ? err : -QVIRTIO_RANGE;
    }
    bool were_on = irq_disable();
    QVirtioPciRoute *route = &p->route[n];
    if (route->users == 0) {
        *route = (QVirtioPciRoute){.irq = irq, .cpu_vector = -1};
    }
    route->causes |=
        source == QVIRTIO_IRQ_CONFIG ? VIRTIO_PCI_ISR_CONFIG : VIRTIO_PCI_ISR_QUEUE;
    route->users++;
    source_routed(p, source, n, irq);
    irq_restore(were_on);
    return 0;
}

/* INTx cannot be taken from one source alone: its share stays, and is counted until all
 * routes are released. So only MSI-X is unbound. */
static int unbind(QVirtioPci *p, int source)
{
    uint8_t n = p->route_of[source + 1];
    int err = 0;

    if (n == QVIRTIO_PCI_NO_ROUTE) {
        return 0;
    }
    if (!p->is_msix_on) {
        return -QVIRTIO_UNSUPPORTED;
    }
    if (p->set_vector(p, source, VIRTIO_MSI_NO_VECTOR) != VIRTIO_MSI_NO_VECTOR) {
        err = -QVIRTIO_REFUSED;
    }
    p->route[n].irq->is_bound = p->route[n].users > 1;
    route_drop(p, n);
    p->route_of[source + 1] = QVIRTIO_PCI_NO_ROUTE;
    return err;
}

int qvirtio_pci_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq)
{
    QVirtioPci *p = qvirtio_pci(d);
    bool use_msix;

    if (source < QVIRTIO_IRQ_CONFIG || source >= QVIRTIO_MAX_QUEUES) {
        return -QVIRTIO_RANGE;
    }
    int err = unbind(p, source);
    if (err || !irq) {
        return err;
    }
    err = choose(p, &use_msix);
    if (err) {
        return err;
    }
    return use_msix ? bind_msix(p, source, irq) : bind_intx(p, source, irq);
}

/* The irqs may lie in memory of a test that is over, so they are not touched. */
void qvirtio_pci_irq_release(QVirtioDevice *d)
{
    QVirtioPci *p = qvirtio_pci(d);

    /* Interrupts that were sent before the reset may still be under way to this CPU. */
    if (p->routes_used) {
        irq_settle();
    }
    msix_turn(p, false);
    if (p->is_intx_on) {
        irq_line_detach(p->intx_line, on_intx, p);
        p->is_intx_on = false;
    }
    for (int i = 0; i < p->routes_used; i++) {
        if (p->route[i].users && p->route[i].cpu_vector >= 0) {
            irq_free_vector(p->route[i].cpu_vector);
        }
        p->route[i].users = 0;
    }
    for (int i = 0; i < p->sources_used; i++) {
        p->route_of[i] = QVIRTIO_PCI_NO_ROUTE;
    }
    p->routes_used = p->sources_used = 0;
}

void qvirtio_pci_irq_lost(QVirtioPci *p, int source)
{
    p->is_route_lost[source + 1] = true;
}

int qvirtio_pci_irq_restore(QVirtioPci *p, int source)
{
    uint8_t n = p->route_of[source + 1];

    if (n == QVIRTIO_PCI_NO_ROUTE || !p->is_route_lost[source + 1] || !p->is_msix_on) {
        return 0;
    }
    p->is_route_lost[source + 1] = false;
    uint16_t seen = p->set_vector(p, source, n);
    if (seen != n && seen != VIRTIO_MSI_NO_VECTOR) {
        return -QVIRTIO_REFUSED;
    }
    if (seen != n) { /* the mapping failed this time: the source is polled from now on */
        p->route[n].irq->is_bound = p->route[n].users > 1;
        route_drop(p, n);
        p->route_of[source + 1] = QVIRTIO_PCI_NO_ROUTE;
    }
    return 0;
}

int qvirtio_pci_query_isr(QVirtioDevice *d, uint32_t *causes)
{
    *causes = io_read8(&qvirtio_pci(d)->isr, 0);
    return 0;
}
