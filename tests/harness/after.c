/* SPDX-License-Identifier: MIT */
/*
 * What must hold after every test, whatever it was about: the device is closed and reset,
 * memory that was not lent is as it was (2.7.5.1 and common sense), the kernel's text is
 * as it was, no interrupt came on a vector nobody owns.
 */
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/printf.h"
#include "kernel/mem/page.h"
#include "tests/harness/harness.h"

/* The kernel's text as it was; a copy, because string instructions compare it in a
 * hundredth of the time that a sum takes. */
static const void *text_copy;

static size_t text_bytes(const void **from)
{
    const void *to;
    arch_text_range(from, &to);
    return (const char *)to - (const char *)*from;
}

void after_remember_text(void)
{
    const void *text;
    size_t bytes = text_bytes(&text);
    void *copy = page_alloc((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
    memcpy(copy, text, bytes);
    text_copy = copy;
}

/* Offset of the first byte that differs, or -1. */
static long text_changed(void)
{
    const void *text;
    size_t bytes = text_bytes(&text);
    size_t at = memory_mismatch(text, text_copy, bytes);
    return at == bytes ? -1 : (long)at;
}

static void check_memory(Test *t)
{
    ArenaDamage d;
    if (arena_check(&d)) {
        return;
    }
    expect_that(t, SAFETY, false, "memory outside lent buffers is unchanged",
                "0x%02x became 0x%02x at 0x%llx, offset %lld of a buffer of %zu bytes",
                d.expected, d.seen, (unsigned long long)d.address, (long long)d.offset,
                d.buffer_bytes);
}

static void check_descriptors(Test *t, const QVirtioDevice *dev)
{
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i] && qvirtio_queue_ready(dev->vq[i])) {
            int changed = qvirtqueue_desc_changed(dev->vq[i]);
            expect_that(t, SAFETY, changed < 0, "no descriptor is changed by the device",
                        "descriptor %d of queue %u differs", changed, i);
        }
    }
}

/* A device that can no longer be reset is reported once: this line asks the runner to
 * boot behind the point. One that is reset by a second try fails too, and goes on. */
static void check_reset(Test *t, QVirtioDevice *dev, int err)
{
    bool is_known = standing_find(dev, NULL);
    if (!expect_ok(t, is_known ? BASIS_NONE : SAFETY, err) && qvirtio_reset(dev)) {
        standing_give_up(dev, true);
        clause_print_held(true); /* the runner ends this VM behind the point */
        kprintf("# stuck %s\n", dev->name);
    }
}

static void reset_if_awake(QVirtioDevice *d, void *arg)
{
    Test *t = arg;
    if (d->is_awake) {
        check_reset(t, d, qvirtio_reset(d));
    }
    d->irq_mode = QVIRTIO_IRQ_BEST;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* A device that broke a rule may still be at it, in a thread of its own: it is left alone
 * for a while before anything else is asked of it, so that what is next depends on no
 * race. */
static void leave_alone(const Test *t)
{
    static const Wait calm = {
        .what = "the device to calm down", .is_done = never, .timeout_ns = NS_PER_MS};

    if (t->has_failed) {
        wait_for(&calm);
    }
}

void after_test(Test *t)
{
    static uint32_t strays;

    leave_alone(t);
    if (!t->dev->why_left_out) {
        check_descriptors(t, t->dev);
        check_reset(t, t->dev, qvirtio_stop(t->dev));
    }
    qvirtio_device_foreach(0, reset_if_awake, t);
    check_memory(t);
    uint32_t stray = irq_stray_count() - strays;
    strays += stray;
    expect_that(t, SAFETY, stray == 0, "no interrupt on a vector that nobody owns", "%u",
                stray);
    if (t->has_failed) {
        irq_report_strays(); /* which vectors, and a line that had to be masked */
    }
    if (t->test->violates) {
        long at = text_changed();
        expect_that(t, SAFETY, at < 0, "the kernel's text is unchanged",
                    "it differs at offset %ld", at);
    }
}
