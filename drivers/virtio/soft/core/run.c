/* SPDX-License-Identifier: MIT */
/*
 * Running the software devices: whenever one is polled, all of them do what they were
 * kicked for. An interrupt counts at the irq that is bound, as a handler with a vector of
 * its own would count it; what no vector takes shows in the ISR (2.3, 2.1.2, 3.4.2).
 */
#include "drivers/virtio/soft/core/run.h"
#include "drivers/virtio/soft/core/admin.h"
#include "kernel/lib/string.h"

SOFT_FAULT(serves_before_driver_ok, "dev:2.1.2-1",
           "takes buffers as soon as it is kicked");
SOFT_FAULT(hides_that_it_needs_reset, "dev:2.1.2-2",
           "gives a broken queue up without DEVICE_NEEDS_RESET");
SOFT_FAULT(needs_reset_silently, "dev:2.1.2-3",
           "sets DEVICE_NEEDS_RESET and sends no notification");
SOFT_FAULT(writes_into_readable_buffers, "dev:2.7.5.1-1a",
           "marks what it has read in the driver's buffer");
SOFT_FAULT(idle_kick_uses_a_buffer, "dev:2.7.10.2-5",
           "uses the last element again when there is nothing to do");
SOFT_FAULT(writes_into_readable_packed, "dev:2.8.15-1a",
           "marks what it has read in the driver's buffer, on packed rings");
SOFT_FAULT(suspends_too_early, "dev:3.4.2-1", "takes SUSPEND before DRIVER_OK");
SOFT_FAULT(works_while_suspended, "dev:3.4.2-3",
           "serves one request after the other while SUSPEND shows");
SOFT_FAULT(tells_while_suspended, "dev:3.4.2-4",
           "sends a configuration change notification while SUSPEND shows");
SOFT_FAULT(forgets_config_news, "dev:3.4.2-5",
           "never tells of a configuration change that came while it was suspended");
SOFT_FAULT(never_suspends, "dev:3.4.2-6", "ignores a request to suspend");
SOFT_FAULT(never_resumes, "dev:3.4.2-7", "stays suspended when DRIVER_OK is set");
SOFT_FAULT(suspends_without_a_word, "dev:3.4.2-8",
           "shows SUSPEND without signalling what it has used");
SOFT_FAULT(idle_kicks_use_the_next_twice, "dev:2.7.10.2-5",
           "uses a buffer twice behind eight kicks for nothing");

SOFT_FAULT(used_len_counts_one_more, "dev:2.7.8.2-2",
           "claims one byte more than it wrote, on all queues, in split rings");

/* How fast a device is, is its own affair. */
SOFT_MANNER(works_at_every_fifth_look, "2.6",
            "serves its queues only when the devices run for the fifth time");
SOFT_MANNER(one_request_a_look, "2.6", "takes one request of a queue when it runs");
/* "The driver MUST handle spurious notifications from the device." */
SOFT_MANNER(interrupts_for_nothing, "2.7.7.1",
            "interrupts when it was kicked and found nothing");
/* "a configuration change notification is sent when a device-specific configuration
 * change occurs", also when all is as it was when the driver looks. */
SOFT_MANNER(config_flaps, "3.2", "changes a field that may change, and at once back");

#define IDLE_MOST    8
#define SOFT_DEVICES 48

/* The queue that runs now, and whether a request of it was taken. */
static struct Running {
    const SoftDevice *s;
    uint16_t queue;
    bool has_popped;
} running;

static SoftDevice *devices[SOFT_DEVICES];
static unsigned device_count;

void soft_adopt(SoftDevice *s)
{
    devices[device_count++] = s;
}

SoftDevice *soft_find(uint16_t device_id, int index)
{
    for (unsigned i = 0; i < device_count; i++) {
        if (devices[i]->dev.device_id == device_id && devices[i]->dev.index == index) {
            return devices[i];
        }
    }
    return NULL;
}

/* Returns true with the fault works_while_suspended in a suspended device. */
static bool is_working_suspended(const SoftDevice *s)
{
    return soft_fault(works_while_suspended) && s->status & VIRTIO_STATUS_SUSPEND;
}

bool soft_is_live(const SoftDevice *s)
{
    uint8_t needed = VIRTIO_STATUS_DRIVER_OK | VIRTIO_STATUS_FEATURES_OK;
    uint8_t not = VIRTIO_STATUS_NEEDS_RESET | VIRTIO_STATUS_SUSPEND;
    if (soft_fault(serves_before_driver_ok) || is_working_suspended(s)) {
        needed = VIRTIO_STATUS_FEATURES_OK;
        not = VIRTIO_STATUS_NEEDS_RESET;
    }
    return (s->status & needed) == needed && !(s->status & not ) && !s->is_unfit &&
           !soft_admin_rests(s);
}

static void interrupt(SoftDevice *s, QVirtioIrq *irq, uint32_t cause)
{
    if (irq) {
        irq->count++;
    } else {
        s->isr |= cause;
    }
}

void soft_needs_reset(SoftDevice *s)
{
    if (s->status & VIRTIO_STATUS_NEEDS_RESET || soft_fault(hides_that_it_needs_reset)) {
        return;
    }
    s->status |= VIRTIO_STATUS_NEEDS_RESET;
    /* 2.1.2: "If DRIVER_OK is set, after it sets DEVICE_NEEDS_RESET, the device MUST send
     * a device configuration change notification". */
    if (s->status & VIRTIO_STATUS_DRIVER_OK && !soft_fault(needs_reset_silently)) {
        interrupt(s, s->config_irq, QVIRTIO_CAUSE_CONFIG);
    }
}

void soft_config_changed(SoftDevice *s)
{
    bool is_suspended = s->status & VIRTIO_STATUS_SUSPEND;
    s->generation++;
    /* 3.4.2: a suspended device "MUST NOT send any configuration change notification". */
    if ((s->status & VIRTIO_STATUS_DRIVER_OK && !s->is_stopped) ||
        (is_suspended && soft_fault(tells_while_suspended))) {
        interrupt(s, s->config_irq, QVIRTIO_CAUSE_CONFIG);
    } else {
        s->has_config_news = is_suspended;
    }
}

/* 3.4.2: what was withheld is shown and told when the device is resumed. */
static void resume(SoftDevice *s)
{
    if (s->has_config_news) {
        memcpy(s->config, s->config_news, sizeof(s->config));
    }
    if (s->has_config_news && !soft_fault(forgets_config_news)) {
        interrupt(s, s->config_irq, QVIRTIO_CAUSE_CONFIG);
    }
    s->has_config_news = false;
}

void soft_run_later(SoftDevice *s, uint16_t queue)
{
    if (queue < soft_all_queues(s) && s->queue[queue].is_enabled) {
        s->queue[queue].has_kick = true;
    }
}

QVirtQueueElement *soft_pop(SoftDevice *s, uint16_t queue)
{
    static QVirtQueueElement element;
    if (is_working_suspended(s)) {
        if (s->queue[queue].has_kick) {
            /* It takes one request each time it runs. */
            return NULL;
        }
        s->queue[queue].has_kick = true;
    }
    if (running.s == s && running.queue == queue && running.has_popped &&
        soft_manner(one_request_a_look)) {
        s->queue[queue].has_kick = true;
        return NULL;
    }
    int got = qvirtqueue_pop(&s->queue[queue].side, &element);
    if (got < 0) {
        soft_needs_reset(s);
    }
    running.has_popped |= running.s == s && running.queue == queue && got == 1;
    return got == 1 ? &element : NULL;
}

void soft_push(SoftDevice *s, uint16_t queue, const QVirtQueueElement *e, uint32_t len)
{
    bool is_packed = s->queue[queue].side.format == &qvirtqueue_side_packed;
    bool writes = is_packed ? soft_fault(writes_into_readable_packed)
                            : soft_fault(writes_into_readable_buffers);
    for (unsigned i = 0; writes && i < e->out_num; i++) {
        e->sg[i].base[0] ^= 0x80;
    }
    len += !is_packed && soft_fault(used_len_counts_one_more);
    soft_use(s, queue, e, len);
    s->owes_one |= s->idle_runs == IDLE_MOST;
}

static void run_queue(SoftDevice *s, uint16_t index)
{
    SoftQueue *q = &s->queue[index];
    uint16_t before = q->side.next_avail;
    q->has_kick = false;
    running = (struct Running){.s = s, .queue = index};
    soft_use_begin(s, index);
    if (index < soft_ordinary(s)) {
        s->model->run(s, index);
    } else {
        soft_admin_run(s, index);
    }
    soft_use_end(s);
    running.s = NULL;
    bool is_idle = before == q->side.next_avail;
    s->idle_runs += is_idle;
    if (is_idle && q->was_notified && qvirtqueue_is_unsuppressed(&q->side) &&
        soft_manner(interrupts_for_nothing)) {
        interrupt(s, q->irq, QVIRTIO_CAUSE_QUEUE);
    }

    if (soft_fault(idle_kick_uses_a_buffer) && before == q->side.next_avail &&
        q->side.next_used && !q->side.broken) {
        qvirtqueue_flush(&q->side, 1);
    }
    q->was_notified = false;
    qvirtqueue_ask_for_kick(&q->side);
}

/* Every queue is looked at: it may have used something although another one was kicked.
 */
static void tell_used(SoftDevice *s)
{
    for (uint16_t i = 0; i < soft_all_queues(s); i++) {
        SoftQueue *q = &s->queue[i];
        if (q->is_enabled && qvirtqueue_wants_interrupt(&q->side)) {
            interrupt(s, q->irq, QVIRTIO_CAUSE_QUEUE);
        }
    }
}

/* For the fault suspends_without_a_word: what was used is never told. */
static void forget_used(SoftDevice *s)
{
    for (uint16_t i = 0; i < soft_all_queues(s); i++) {
        qvirtqueue_wants_interrupt(&s->queue[i].side);
    }
}

/* 2.1.2: nothing is consumed before DRIVER_OK. A kick that comes earlier is remembered.
 */
static void run_device(SoftDevice *s)
{
    for (uint16_t i = 0; i < soft_all_queues(s) && qvirtqueue_polls(); i++) {
        s->queue[i].has_kick |= s->queue[i].is_enabled;
    }
    for (uint16_t i = 0; i < soft_all_queues(s) && soft_is_live(s); i++) {
        if (s->queue[i].has_kick) {
            run_queue(s, i);
        }
    }
}

/* For faults that go on with a queue that was reset. */
static void run_ghost(SoftDevice *s)
{
    SoftQueue *q = &s->queue[s->ghost_index], now = *q;
    if (!s->ghost.has_kick || !soft_is_live(s)) {
        return;
    }
    *q = s->ghost;
    run_queue(s, s->ghost_index);
    if (qvirtqueue_wants_interrupt(&q->side)) {
        interrupt(s, q->irq, QVIRTIO_CAUSE_QUEUE);
    }
    s->ghost = *q;
    *q = now;
}

static void catch_up(SoftDevice *s)
{
    for (uint16_t i = 0; i < soft_all_queues(s); i++) {
        SoftQueue *q = &s->queue[i];
        qvirtqueue_catch_up(&q->side);
        if (s->owes_one && soft_fault(idle_kicks_use_the_next_twice) &&
            q->side.next_used) {
            qvirtqueue_flush(&q->side, 1);
            s->owes_one = false;
        }
    }
}

static bool may_change(const SoftDevice *s)
{
    const QVirtioField *f = s->dev.driver ? s->dev.driver->fields : NULL;

    while (f && f->name && !(f->flags & QVIRTIO_FIELD_VOLATILE)) {
        f++;
    }
    /* 5.15.4.2: what the driver plugs is no change that the device tells of. */
    return f && f->name && s->dev.device_id != VIRTIO_ID_MEM;
}

/* What the manners do of themselves, now and then. Returns false when the devices rest.
 */
static bool look(void)
{
    static unsigned looks;

    looks++;
    for (unsigned i = 0; i < device_count && looks % 7 == 0; i++) {
        if (soft_is_live(devices[i]) && may_change(devices[i]) &&
            soft_manner(config_flaps)) {
            soft_config_changed(devices[i]);
        }
    }
    return looks % 5 == 0 || !soft_manner(works_at_every_fifth_look);
}

void soft_poll(QVirtioDevice *d)
{
    (void)d;
    if (!look()) {
        return;
    }
    for (unsigned i = 0; soft_fault_chosen && i < device_count; i++) {
        catch_up(devices[i]);
        run_ghost(devices[i]);
    }
    for (unsigned i = 0; i < device_count; i++) {
        run_device(devices[i]);
    }
    for (unsigned i = 0; i < device_count; i++) {
        if (soft_is_live(devices[i])) {
            tell_used(devices[i]);
        }
    }
}

/*
 * 3.4.2: SUSPEND is ignored before DRIVER_OK. After that the device finishes what it has
 * begun, tells it, and shows SUSPEND without DRIVER_OK. Between two runs nothing is half
 * done.
 */
uint8_t soft_suspend_status(SoftDevice *s, uint8_t status)
{
    bool was_suspended = s->status & VIRTIO_STATUS_SUSPEND;
    bool is_asked = status & VIRTIO_STATUS_SUSPEND;
    if (was_suspended) {
        bool resumes = status & VIRTIO_STATUS_DRIVER_OK && !soft_fault(never_resumes);
        if (resumes) {
            resume(s);
        }
        return resumes ? status & ~VIRTIO_STATUS_SUSPEND : status | VIRTIO_STATUS_SUSPEND;
    }
    if (!is_asked) {
        return status;
    }
    bool is_early = !soft_is_live(s) && !soft_fault(suspends_too_early);
    if (!soft_negotiated(s, VIRTIO_F_SUSPEND) || is_early || soft_fault(never_suspends)) {
        return status & ~VIRTIO_STATUS_SUSPEND;
    }
    if (!soft_fault(works_while_suspended)) {
        run_device(s);
    }
    if (soft_fault(suspends_without_a_word)) {
        forget_used(s);
    }
    tell_used(s);
    return status & ~VIRTIO_STATUS_DRIVER_OK;
}

/* Returns the vector for an irq: sources with the same irq share one. */
static uint16_t vector_for(const SoftDevice *s, const QVirtioIrq *irq)
{
    for (uint16_t i = 0; i < SOFT_QUEUES; i++) {
        if (s->queue[i].irq == irq) {
            return irq->vector;
        }
    }
    if (s->config_irq == irq) {
        return irq->vector;
    }
    uint16_t next = 0;
    for (uint16_t i = 0; i < SOFT_QUEUES; i++) {
        const QVirtioIrq *other = s->queue[i].irq;
        next = other && other->vector >= next ? other->vector + 1 : next;
    }
    return s->config_irq && s->config_irq->vector >= next ? s->config_irq->vector + 1
                                                          : next;
}

int soft_irq_bind(QVirtioDevice *d, int source, QVirtioIrq *irq)
{
    SoftDevice *s = d->bus_data;
    if (source < QVIRTIO_IRQ_CONFIG || source >= soft_all_queues(s)) {
        return -QVIRTIO_RANGE;
    }
    if (d->irq_mode == QVIRTIO_IRQ_INTX || d->irq_mode == QVIRTIO_IRQ_NONE) {
        return -QVIRTIO_UNSUPPORTED;
    }
    QVirtioIrq **to =
        source == QVIRTIO_IRQ_CONFIG ? &s->config_irq : &s->queue[source].irq;
    if (irq) {
        irq->vector = vector_for(s, irq);
        irq->cpu_vector = -1;
        irq->is_bound = true;
    } else if (*to) {
        (*to)->is_bound = false;
    }
    *to = irq;
    return 0;
}

/* The irqs may lie in memory of a test that is over, so they are not touched. */
void soft_irq_release(QVirtioDevice *d)
{
    SoftDevice *s = d->bus_data;
    s->config_irq = NULL;
    for (unsigned i = 0; i < SOFT_QUEUES; i++) {
        s->queue[i].irq = NULL;
    }
}

int soft_query_isr(QVirtioDevice *d, uint32_t *causes)
{
    SoftDevice *s = d->bus_data;
    *causes = s->isr;
    s->isr = 0;
    return 0;
}
