/* SPDX-License-Identifier: MIT */
/*
 * Channel programs: started, ended by the I/O interrupt, judged by the status that TEST
 * SUBCHANNEL stores (Principles of Operation, chapters 15 and 16). A device may present
 * status unasked at any time, also between two programs: the interrupt handler takes all
 * of it, and whoever finds status pending lets the interrupt in and tries again.
 */
#include "css.h"
#include "css_wire.h"
#include "io_interrupt.h"
#include "kernel/barrier.h"
#include "kernel/clock.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/string.h"
#include "kernel/wait.h"

#define TRIES         8
#define CLEAR_MOST_NS (100 * NS_PER_MS)

static Subchannel *attached;

static Subchannel *find(uint32_t id)
{
    Subchannel *s = attached;

    while (s && s->id != id) {
        s = s->next;
    }
    return s;
}

static CssOutcome judge(const Irb *irb)
{
    uint8_t device = irb->scsw.device, subchannel = irb->scsw.subchannel;

    if (irb->scsw.control & SCSW_CLEAR) {
        return CSS_IS_TIMEOUT;
    }
    if (irb->scsw.flags & SCSW_DEFERRED_CC) {
        return (irb->scsw.flags & SCSW_DEFERRED_CC) == SCSW_DEFERRED_CC
                   ? CSS_IS_NOT_OPERATIONAL
                   : CSS_IS_BUSY;
    }
    if (subchannel & CSS_PROGRAM_CHECK) {
        return CSS_IS_PROGRAM_CHECK;
    }
    if (subchannel & ~CSS_WRONG_LENGTH) {
        return CSS_IS_CHANNEL_CHECK;
    }
    if (device & CSS_DEVICE_UNIT_CHECK) {
        return CSS_IS_UNIT_CHECK;
    }
    if (subchannel & CSS_WRONG_LENGTH) {
        return CSS_IS_WRONG_LENGTH;
    }
    return device & CSS_DEVICE_END ? CSS_IS_DONE : CSS_IS_BUSY;
}

static void take_answer(Subchannel *s, const Irb *irb)
{
    CssResult *r = &s->result;

    r->outcome = judge(irb);
    r->device = irb->scsw.device;
    r->subchannel = irb->scsw.subchannel;
    r->residual = irb->scsw.count;
    r->sense_bytes = 0;
    if (irb->scsw.flags & SCSW_ECW_VALID && irb->report & IRB_REPORT_SENSE) {
        /* A count of 0 beside sense bytes is an oversight of some hypervisors. */
        uint8_t count = (irb->report & IRB_REPORT_SENSE_COUNT) >> 16;
        r->sense_bytes = count && count < CSS_SENSE_BYTES ? count : CSS_SENSE_BYTES;
        memcpy(r->sense, irb->control, r->sense_bytes);
    }
    s->is_done = true;
}

/* Takes status that is pending. The interrupt may be older than the status, which
 * somebody else took: then there is none. */
static void on_interrupt(uint32_t id, uint32_t parameter, uint32_t id_word, void *arg)
{
    Subchannel *s = find(id);
    Irb irb;

    (void)parameter, (void)id_word, (void)arg;
    if (test_subchannel(id, &irb) != 0 || !s) {
        return;
    }
    bool is_alert = !(irb.scsw.control & SCSW_FUNCTIONS);
    if (!is_alert) {
        take_answer(s, &irb);
    }
    if (s->on_status) {
        s->on_status(s->arg, is_alert);
    }
}

/* For whoever finds status pending. Its interrupt should come; a machine that was put
 * back to an earlier state may have lost it. */
static void take_pending(Subchannel *s)
{
    bool were_on = irq_disable();

    irq_settle();
    on_interrupt(s->id, 0, 0, NULL);
    irq_restore(were_on);
}

void css_attach(Subchannel *s)
{
    if (!attached) {
        io_interrupt_handler(on_interrupt, NULL);
        io_interrupt_enable_isc(CSS_ISC, true);
    }
    s->next = attached;
    attached = s;
}

bool css_enable(Subchannel *s, bool on)
{
    Schib schib;

    for (int i = 0; i < TRIES; i++) {
        if (store_subchannel(s->id, &schib) != 0 || !(schib.flags & PMCW_VALID)) {
            return false;
        }
        schib.flags &= ~(PMCW_ISC | PMCW_ENABLED);
        schib.flags |= CSS_ISC << PMCW_ISC_SHIFT | (on ? PMCW_ENABLED : 0);
        schib.logical_paths = schib.installed_paths & schib.available_paths;
        schib.characteristics |= PMCW_SENSE_AT_ONCE;
        if (modify_subchannel(s->id, &schib) == 0) {
            s->is_enabled = on;
            return true;
        }
        take_pending(s);
    }
    return false;
}

static bool is_done(void *arg)
{
    return ((Subchannel *)arg)->is_done;
}

static bool await(Subchannel *s, uint64_t most_ns)
{
    return wait_for(&(Wait){.what = "a channel program to end",
                            .is_done = is_done,
                            .arg = s,
                            .timeout_ns = most_ns});
}

static CssOutcome run_once(Subchannel *s, const Ccw *program)
{
    Orb orb = {.parameter = s->id,
               .flags = ORB_FORMAT_1 | (s->has_idaw2 ? ORB_IDAW_2 : 0),
               .paths = 0xff,
               .program = (uint32_t)(uintptr_t)program};
    unsigned cc = 1;

    memset(&s->result, 0, sizeof(s->result));
    s->is_done = false;
    barrier_release(); /* the program and its data are there before it starts */
    for (int i = 0; i < TRIES && (cc = start_subchannel(s->id, &orb)) != 0; i++) {
        if (cc == 3) {
            return CSS_IS_NOT_OPERATIONAL;
        }
        take_pending(s);
    }
    if (cc != 0) {
        return CSS_IS_BUSY;
    }
    if (!await(s, 0)) {
        clear_subchannel(s->id);
        await(s, CLEAR_MOST_NS);
        return CSS_IS_TIMEOUT;
    }
    return s->result.outcome;
}

/* For a channel that does not hand over the sense bytes with the status. */
static void ask_for_sense(Subchannel *s, CssResult *r)
{
    static uint8_t sense[CSS_SENSE_BYTES];
    const Ccw program = {CCW_CMD_SENSE, CCW_SUPPRESS_LENGTH, sizeof(sense),
                         (uint32_t)(uintptr_t)sense};

    memset(sense, 0, sizeof(sense));
    if (run_once(s, &program) == CSS_IS_DONE) {
        r->sense_bytes = (uint8_t)(sizeof(sense) - s->result.residual);
        memcpy(r->sense, sense, sizeof(sense));
    }
}

CssOutcome css_run(Subchannel *s, const Ccw *program, CssResult *r)
{
    CssOutcome outcome = run_once(s, program);

    *r = s->result;
    if (outcome == CSS_IS_UNIT_CHECK) {
        if (r->sense_bytes == 0) {
            ask_for_sense(s, r);
        }
        if (r->sense_bytes > 0 && r->sense[0] & CSS_SENSE_COMMAND_REJECT) {
            outcome = CSS_IS_REJECTED;
        }
    }
    r->outcome = outcome;
    return outcome;
}
