/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of virtio over channel I/O (4.3.2.6, 4.3.3.1). The device sets bits in
 * memory and interrupts: by its subchannel (classic, and always for the configuration),
 * or by an adapter interrupt. The handler takes the bits that are set and counts each for
 * its queue. There is no other register to ask: the indicators are the ISR as well.
 */
#include "drivers/virtio/bus/ccw.h"
#include "kernel/arch/s390x/io_interrupt.h"
#include "kernel/barrier.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

_Static_assert(QVIRTIO_MAX_QUEUES <= 64, "classic indicators are 64 bits");

static QVirtioCcw *first;

static bool is_set(uint64_t queues, int queue)
{
    return queues >> queue & 1;
}

/* Returns true when this irq, which may stand for several queues, was already counted for
 * one of the same interrupt. */
static bool is_counted(const QVirtioCcw *p, uint64_t queues, int queue)
{
    for (int i = 0; i < queue; i++) {
        if (is_set(queues, i) && p->irq_of[i + 1] == p->irq_of[queue + 1]) {
            return true;
        }
    }
    return false;
}

static void count_queues(QVirtioCcw *p, uint64_t queues)
{
    for (int i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        QVirtioIrq *irq = p->irq_of[i + 1];
        if (is_set(queues, i) && irq) {
            irq->count += !is_counted(p, queues, i);
            irq->causes |= QVIRTIO_CAUSE_QUEUE;
        } else if (is_set(queues, i)) {
            irq_note_stray();
        }
    }
}

static void count_config(QVirtioCcw *p)
{
    QVirtioIrq *irq = p->irq_of[0];

    if (irq) {
        irq->count++;
        irq->causes |= QVIRTIO_CAUSE_CONFIG;
    } else {
        irq_note_stray();
    }
}

static uint64_t take64(be64 *indicators)
{
    return be64_get((be64){__atomic_exchange_n(&indicators->raw, 0, __ATOMIC_SEQ_CST)});
}

/* Takes the adapter indicators. The result is like that of the classic ones: the lowest
 * bit is queue 0. */
static uint64_t take_adapter_bits(QVirtioCcw *p)
{
    uint64_t queues = 0;

    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES / 8; i++) {
        uint8_t *byte = &p->indicators->adapter[i];
        uint8_t bits = __atomic_exchange_n(byte, 0, __ATOMIC_SEQ_CST);
        for (unsigned bit = 0; bit < 8; bit++) {
            queues |= (uint64_t)(bits >> (7 - bit) & 1) << (8 * i + bit);
        }
    }
    return queues;
}

/* 4.3.3.1.2.2: "The driver MUST clear the summary indicator after receiving an adapter
 * I/O interrupt before it processes the queue indicators." */
static void on_adapter(void *arg)
{
    (void)arg;
    for (QVirtioCcw *p = first; p; p = p->next_irq) {
        if (p->kind == CCW_ADAPTER &&
            __atomic_exchange_n(&p->indicators->summary, 0, __ATOMIC_SEQ_CST)) {
            count_queues(p, take_adapter_bits(p));
        }
    }
}

/* The status of a command may have taken the place of an alert (4.3.3.1.1: "If an
 * interrupt is not already pending for the subchannel"), so the indicators are looked at
 * with either. An alert may find no bit set, because the interrupt before took the bit
 * that was set for it. An alert is a stray one only where there are no indicators. */
static void on_status(void *arg, bool alert)
{
    QVirtioCcw *p = arg;
    uint64_t queues = p->kind == CCW_CLASSIC ? take64(&p->indicators->queues) : 0;
    bool config = p->is_config_set && take64(&p->indicators->config);

    p->alerts += alert;
    if (alert && p->kind != CCW_CLASSIC && !p->is_config_set && !p->are_lent) {
        irq_note_stray();
    }
    count_queues(p, queues);
    if (config) {
        count_config(p);
    }
}

void qvirtio_ccw_irq_init(QVirtioCcw *p)
{
    if (!first) {
        adapter_interrupt_handler(QVIRTIO_CCW_ISC, on_adapter, NULL);
        io_interrupt_enable_isc(QVIRTIO_CCW_ISC, true);
    }
    p->next_irq = first;
    first = p;
    p->subchannel.on_status = on_status;
    p->subchannel.arg = p;
}

static int set_indicators(QVirtioCcw *p, uint8_t command, const be64 *at)
{
    const be64 address = be64_of((uintptr_t)at);

    return qvirtio_ccw_command(p, command, 0, &address, sizeof(address));
}

int qvirtio_ccw_set_classic(QVirtioCcw *p, const be64 *at)
{
    return set_indicators(p, CCW_CMD_SET_IND, at);
}

int qvirtio_ccw_set_config_indicator(QVirtioCcw *p, const be64 *at)
{
    return set_indicators(p, CCW_CMD_SET_CONF_IND, at);
}

int qvirtio_ccw_set_adapter(QVirtioCcw *p, const uint8_t *summary, const uint8_t *at,
                            uint64_t bit_nr, uint8_t isc)
{
    const struct virtio_thinint_area area = {
        .summary_indicator = be64_of((uintptr_t)summary),
        .indicator = be64_of((uintptr_t)at),
        .bit_nr = be64_of(bit_nr),
        .isc = isc,
    };
    return qvirtio_ccw_command(p, CCW_CMD_SET_IND_ADAPTER, 0, &area, sizeof(area));
}

/* 4.3.2.6: "the two mechanisms are mutually exclusive". A device that has no adapter
 * interrupts rejects the command, and gets classic indicators. */
static int set_queue_indicators(QVirtioCcw *p, QVirtioIrqMode mode)
{
    QVirtioCcwIndicators *at = p->indicators;
    int err = -QVIRTIO_REFUSED;

    if (mode == QVIRTIO_IRQ_BEST && p->revision != VIRTIO_CCW_REV_LEGACY) {
        p->kind = CCW_ADAPTER;
        err = qvirtio_ccw_set_adapter(p, &at->summary, at->adapter, 0, QVIRTIO_CCW_ISC);
    }
    if (err == -QVIRTIO_REFUSED) {
        p->kind = CCW_CLASSIC;
        err = qvirtio_ccw_set_classic(p, &at->queues);
    }
    p->kind = err ? CCW_NO_INDICATORS : p->kind;
    return err;
}

/* Indicators belong to the device, not to a queue: the first queue that is bound sets
 * those of all queues. */
static int set_for(QVirtioDevice *d, int source)
{
    QVirtioCcw *p = qvirtio_ccw(d);

    if (source != QVIRTIO_IRQ_CONFIG) {
        return p->kind ? 0 : set_queue_indicators(p, d->irq_mode);
    }
    if (p->is_config_set) {
        return 0;
    }
    int err = qvirtio_ccw_set_config_indicator(p, &p->indicators->config);
    p->is_config_set = !err;
    return err;
}

int qvirtio_ccw_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq)
{
    QVirtioCcw *p = qvirtio_ccw(d);

    if (source < QVIRTIO_IRQ_CONFIG || source >= QVIRTIO_MAX_QUEUES) {
        return -QVIRTIO_RANGE;
    }
    if (irq && d->irq_mode != QVIRTIO_IRQ_BEST && d->irq_mode != QVIRTIO_IRQ_INTX) {
        return -QVIRTIO_UNSUPPORTED;
    }
    int err = irq ? set_for(d, source) : 0;
    if (err) {
        return err;
    }
    bool were_on = irq_disable();
    if (p->irq_of[source + 1]) {
        p->irq_of[source + 1]->is_bound = false;
    }
    p->irq_of[source + 1] = irq;
    if (irq) {
        /* Each source has an indicator of its own. */
        irq->vector = (uint16_t)source;
        irq->cpu_vector = -1;
        irq->is_bound = true;
    }
    irq_restore(were_on);
    return 0;
}

/* The device has lost its indicators in the reset. The irqs may lie in memory of a test
 * that is over, so they are not touched. */
void qvirtio_ccw_irq_release(QVirtioDevice *d)
{
    QVirtioCcw *p = qvirtio_ccw(d);

    irq_settle();
    p->kind = CCW_NO_INDICATORS;
    p->is_config_set = p->are_lent = false;
    memset(p->irq_of, 0, sizeof(p->irq_of));
    memset(p->indicators, 0, sizeof(*p->indicators));
}

int qvirtio_ccw_query_isr(QVirtioDevice *d, uint32_t *causes)
{
    const QVirtioCcwIndicators *at = qvirtio_ccw(d)->indicators;

    *causes =
        READ_ONCE(at->queues.raw) || READ_ONCE(at->summary) ? QVIRTIO_CAUSE_QUEUE : 0;
    *causes |= READ_ONCE(at->config.raw) ? QVIRTIO_CAUSE_CONFIG : 0;
    return 0;
}
