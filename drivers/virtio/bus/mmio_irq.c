/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of virtio over MMIO (4.2.3.4): each device has one line. InterruptStatus
 * says why the device interrupts. The handler acknowledges the bits, which lowers the
 * line, and counts them: the queue bit stands for all queues, so it counts for every
 * queue that is bound; the config bit counts for the config.
 *
 * Nobody tells us the line of a slot that was found by scanning. Slots have lines one
 * after the other, so knowing one is enough. All lines that it could be are attached,
 * until an interrupt on one of them meets exactly one device whose InterruptStatus is not
 * 0.
 */
#include "drivers/virtio/bus/mmio.h"
#include "kernel/lib/printf.h"

/* The lines below belong to the PC's own devices. */
#define CANDIDATES_FROM 5
#define CANDIDATES_TO   48
#define IDLE_MOST       100

/* Devices without a known line. */
static QVirtioMmio *listening[CANDIDATES_TO];
static unsigned listening_count;
/* The line of slot 0, once it is known. */
static int first_line = -1;
static bool is_told;

/* Takes the causes that are pending. Returns false when there were none. */
static bool take_causes(QVirtioMmio *p)
{
    uint32_t causes = qvirtio_mmio_read(&p->dev, VIRTIO_MMIO_INTERRUPT_STATUS);

    if (causes == 0) {
        return false;
    }
    /* 4.2.2.2: "MUST NOT set any of the undefined bits in the value". */
    qvirtio_mmio_write(&p->dev, VIRTIO_MMIO_INTERRUPT_ACK,
                       causes & VIRTIO_MMIO_INTERRUPTS);
    p->causes_seen |= causes;
    for (int i = 0; i < p->routes_used; i++) {
        QVirtioMmioRoute *route = &p->route[i];

        if (route->causes & causes) {
            route->irq->count++;
            route->irq->causes |= causes;
        }
    }
    return true;
}

/* A device that needs a reset may leave its line raised with nothing in InterruptStatus,
 * and take no acknowledgement. The line belongs to this device alone, so it is masked
 * until the next life. */
static void on_line(void *arg)
{
    QVirtioMmio *p = arg;

    if (take_causes(p)) {
        p->idle_interrupts = 0;
    } else if (++p->idle_interrupts >= IDLE_MOST) {
        irq_line_mask(p->slot.line, true);
    }
}

/* Handles an interrupt on a line that could belong to any slot. */
static void on_candidate(void *arg)
{
    unsigned pending = 0;
    int first = -1;

    for (unsigned i = 0; i < listening_count; i++) {
        if (take_causes(listening[i])) {
            pending++;
            first = (int)(uintptr_t)arg - listening[i]->slot.number;
        }
    }
    if (pending == 1 && first_line < 0 && first >= 0) {
        first_line = first;
    }
}

static void each_candidate(bool attach)
{
    const char *why_not;

    for (uintptr_t line = CANDIDATES_FROM; line < CANDIDATES_TO; line++) {
        if (!irq_line_exists((int)line)) {
            continue;
        }
        if (attach) {
            irq_line_attach((int)line, IRQ_LEVEL_HIGH, on_candidate, (void *)line,
                            &why_not);
        } else {
            irq_line_detach((int)line, on_candidate, (void *)line);
        }
    }
}

static void listen_for(QVirtioMmio *p)
{
    bool were_on = irq_disable();

    listening[listening_count++] = p;
    if (listening_count == 1) {
        each_candidate(true);
    }
    irq_restore(were_on);
}

static void listen_no_more(QVirtioMmio *p)
{
    bool were_on = irq_disable();
    unsigned kept = 0;

    for (unsigned i = 0; i < listening_count; i++) {
        if (listening[i] != p) {
            listening[kept++] = listening[i];
        }
    }
    listening_count = kept;
    if (kept == 0) {
        each_candidate(false);
    }
    irq_restore(were_on);
    if (first_line >= 0 && !is_told) {
        is_told = true;
        kprintf("# mmio: an interrupt has shown that slot 0 has line %d\n", first_line);
    }
}

static int attach(QVirtioMmio *p)
{
    if (p->is_irq_on) {
        return 0;
    }
    if (p->slot.line < 0 && p->slot.number >= 0 && first_line >= 0) {
        p->slot.line = first_line + p->slot.number;
    }
    if (p->slot.line >= 0) {
        if (irq_line_attach(p->slot.line, p->slot.wiring, on_line, p, &p->why_no_irq)) {
            return -QVIRTIO_UNSUPPORTED;
        }
    } else if (p->slot.number >= 0 && listening_count < CANDIDATES_TO) {
        listen_for(p);
    } else {
        p->why_no_irq = "nobody says which line it has";
        return -QVIRTIO_UNSUPPORTED;
    }
    p->is_irq_on = true;
    p->idle_interrupts = 0;
    return 0;
}

static void add_route(QVirtioMmio *p, int source)
{
    QVirtioIrq *irq = p->irq_of[source + 1];
    int n = 0;

    while (n < p->routes_used && p->route[n].irq != irq) {
        n++;
    }
    if (n == p->routes_used) {
        p->route[n] = (QVirtioMmioRoute){.irq = irq};
        p->routes_used++;
    }
    p->route[n].causes |= source == QVIRTIO_IRQ_CONFIG ? VIRTIO_MMIO_INTERRUPT_CONFIG
                                                       : VIRTIO_MMIO_INTERRUPT_QUEUE;
}

/* Forgets the source's irq, and makes all other routes anew. */
static void drop_route(QVirtioMmio *p, int source)
{
    p->irq_of[source + 1]->is_bound = false;
    p->irq_of[source + 1] = NULL;
    p->routes_used = 0;
    for (int i = 0; i < p->sources_used; i++) {
        if (p->irq_of[i]) {
            add_route(p, i - 1);
            p->irq_of[i]->is_bound = true;
        }
    }
}

int qvirtio_mmio_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq)
{
    QVirtioMmio *p = qvirtio_mmio(d);

    if (source < QVIRTIO_IRQ_CONFIG || source >= QVIRTIO_MAX_QUEUES) {
        return -QVIRTIO_RANGE;
    }
    if (irq && d->irq_mode != QVIRTIO_IRQ_BEST && d->irq_mode != QVIRTIO_IRQ_INTX) {
        return -QVIRTIO_UNSUPPORTED;
    }
    int err = irq ? attach(p) : 0;
    if (err) {
        return err;
    }
    bool were_on = irq_disable();
    if (p->irq_of[source + 1]) {
        drop_route(p, source);
    }
    if (irq) {
        p->irq_of[source + 1] = irq;
        p->sources_used = source + 2 > p->sources_used ? source + 2 : p->sources_used;
        add_route(p, source);
        irq->vector = VIRTIO_MSI_NO_VECTOR;
        irq->cpu_vector = -1;
        irq->is_bound = true;
    }
    irq_restore(were_on);
    return 0;
}

/* The irqs may lie in memory of a test that is over, so they are not touched. */
void qvirtio_mmio_irq_release(QVirtioDevice *d)
{
    QVirtioMmio *p = qvirtio_mmio(d);

    if (p->is_irq_on) {
        p->is_irq_on = false;
        if (p->slot.line >= 0) {
            irq_line_detach(p->slot.line, on_line, p);
        } else {
            listen_no_more(p);
        }
    }
    for (int i = 0; i < p->sources_used; i++) {
        p->irq_of[i] = NULL;
    }
    p->sources_used = p->routes_used = 0;
    p->causes_seen = 0;
}

int qvirtio_mmio_query_isr(QVirtioDevice *d, uint32_t *causes)
{
    *causes = qvirtio_mmio_read(d, VIRTIO_MMIO_INTERRUPT_STATUS);
    return 0;
}
