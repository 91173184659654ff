/* SPDX-License-Identifier: MIT */
/*
 * Indicators of the test itself (4.3.2.6): see own_indicators.h. The bus is started
 * without interrupts, so that its handlers do not touch any indicators.
 */
#include "tests/ccw/own_indicators.h"
#include "kernel/arch/s390x/io_interrupt.h"
#include "kernel/barrier.h"
#include "kernel/irq/irq.h"

static volatile uint32_t interrupts[IO_SUBCLASSES];

static void on_adapter(void *arg)
{
    interrupts[(uintptr_t)arg]++;
}

static bool begin(Test *t, QVirtioDevice *dev, OwnIndicators *own)
{
    QVirtioFeatures set = {0};

    *own = (OwnIndicators){.dev = dev,
                           .queues = arena_lend(sizeof(be64), 8),
                           .config = arena_lend(sizeof(be64), 8),
                           .summary = arena_lend(1, 1),
                           .area = arena_lend(OWN_AREA_BYTES, 8)};
    dev->irq_mode = QVIRTIO_IRQ_NONE;
    int err = qvirtio_start_queues(dev, &set, t->ring, 0);
    qvirtio_ccw(dev)->are_lent = true;
    err = err ? err : qvirtio_ccw_set_config_indicator(qvirtio_ccw(dev), own->config);
    return require_ok(t, err);
}

static bool finish(Test *t, OwnIndicators *own)
{
    bool is_up = require_ok(t, qvirtio_start_finish(own->dev, t->ring));

    own_forget(own);
    return is_up;
}

bool own_start_classic(Test *t, QVirtioDevice *dev, OwnIndicators *own)
{
    return begin(t, dev, own) &&
           require_ok(t, qvirtio_ccw_set_classic(qvirtio_ccw(dev), own->queues)) &&
           finish(t, own);
}

bool own_start_adapter(Test *t, QVirtioDevice *dev, OwnIndicators *own, uint64_t bit_nr,
                       uint8_t isc)
{
    if (!begin(t, dev, own)) {
        return false;
    }
    own->bit_nr = bit_nr;
    own->isc = isc;
    adapter_interrupt_handler(isc, on_adapter, (void *)(uintptr_t)isc);
    io_interrupt_enable_isc(isc, true);
    int err =
        qvirtio_ccw_set_adapter(qvirtio_ccw(dev), own->summary, own->area, bit_nr, isc);
    return require_ok(t, err) && finish(t, own);
}

/* The handler stays until the device is reset, so that a late interrupt of this device
 * does not reach a handler of another one. */
void own_stop(OwnIndicators *own)
{
    qvirtio_stop(own->dev);
    irq_settle();
    if (own->isc) {
        io_interrupt_enable_isc(own->isc, false);
        adapter_interrupt_handler(own->isc, NULL, NULL);
    }
}

void own_forget(OwnIndicators *own)
{
    uint8_t *byte = own->area + own->bit_nr / 8;

    irq_settle();
    WRITE_ONCE(own->queues->raw, 0);
    WRITE_ONCE(own->config->raw, 0);
    if (own->isc) {
        WRITE_ONCE(*own->summary, 0);
        memset(byte, 0, OWN_AREA_BYTES - own->bit_nr / 8);
    }
    /* The indicators must be clear before the device is notified again. */
    barrier_full();
    own->alerts = qvirtio_ccw(own->dev)->alerts;
    own->adapter_interrupts = interrupts[own->isc];
}

uint32_t own_alerts(const OwnIndicators *own)
{
    return qvirtio_ccw(own->dev)->alerts - own->alerts;
}

uint32_t own_adapter_interrupts(const OwnIndicators *own)
{
    return interrupts[own->isc] - own->adapter_interrupts;
}

uint64_t own_classic_bit(const OwnIndicators *own)
{
    return 1ull << ccw_ping_queue(own->dev)->index;
}

bool own_has_adapter_bit(const OwnIndicators *own, uint64_t bit_nr)
{
    return READ_ONCE(own->area[bit_nr / 8]) & 0x80 >> bit_nr % 8;
}

static bool has_interrupt(void *arg)
{
    const OwnIndicators *own = arg;

    return own->isc ? own_adapter_interrupts(own) > 0 : own_alerts(own) > own->taken;
}

/* Each classic notification comes with an alert of its own. Of adapter notifications only
 * the one that sets the summary indicator comes with an interrupt. */
bool own_ping(Test *t, OwnIndicators *own, uint32_t number)
{
    own->taken = own_alerts(own);
    return require_ping(t, own->dev, number) &&
           expect_ok(t, own->isc ? "virtio 4.3.3.1.2" : "virtio 4.3.3.1.1",
                     qvirtio_wait(own->dev, "the interrupt of the indicator",
                                  has_interrupt, own, 0));
}
