/* SPDX-License-Identifier: MIT */
/*
 * I/O interrupts: told apart into those of subchannels and those of adapters, and handed
 * to whoever has asked for them.
 */
#include "io_interrupt.h"
#include "cpu.h"
#include "interrupt.h"
#include "kernel/arch.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include <stddef.h>

#define ID_WORD_ADAPTER 0x80000000u /* no subchannel's */
#define ID_WORD_ISC(w)  ((w) >> 27 & 7)
#define SUBCLASS(isc)   (0x80000000u >> (isc)) /* in control register 6 */

typedef struct Stray {
    uint32_t subsystem_id, id_word; /* of the last one */
    unsigned count;
} Stray;

static IoInterrupt *subchannel_handler;
static void *subchannel_arg;
static struct {
    AdapterInterrupt *run;
    void *arg;
} adapters[IO_SUBCLASSES];
static Stray stray;
static uint32_t enabled;

void io_interrupt_handler(IoInterrupt *handler, void *arg)
{
    bool were_on = irq_disable();
    subchannel_handler = handler;
    subchannel_arg = arg;
    irq_restore(were_on);
}

void adapter_interrupt_handler(uint8_t isc, AdapterInterrupt *handler, void *arg)
{
    assert(isc < IO_SUBCLASSES);
    bool were_on = irq_disable();
    adapters[isc].run = handler;
    adapters[isc].arg = arg;
    irq_restore(were_on);
}

void io_interrupt_enable_isc(uint8_t isc, bool on)
{
    assert(isc < IO_SUBCLASSES);
    enabled = on ? enabled | SUBCLASS(isc) : enabled & ~SUBCLASS(isc);
    CPU_CONTROL_SET(6, enabled);
}

/* Called by entry.S with interrupts off. */
void io_dispatch(const InterruptFrame *frame)
{
    uint32_t word = frame->io_word;
    if (word & ID_WORD_ADAPTER) {
        unsigned isc = ID_WORD_ISC(word);
        if (adapters[isc].run) {
            adapters[isc].run(adapters[isc].arg);
            return;
        }
    } else if (subchannel_handler) {
        subchannel_handler(frame->subsystem_id, frame->io_parameter, word,
                           subchannel_arg);
        return;
    }
    stray = (Stray){frame->subsystem_id, word, stray.count + 1};
    irq_note_stray();
}

void arch_report_strays(void)
{
    if (stray.count > 0) {
        kprintf("# irq: %u stray I/O interrupts, the last of 0x%08x, word 0x%08x\n",
                stray.count, stray.subsystem_id, stray.id_word);
        stray.count = 0;
    }
    external_report_strays();
}
