/* SPDX-License-Identifier: MIT */
/*
 * What must hold after every test, whatever it was about: the device is closed and reset,
 * memory that was not lent is as it was (2.7.5.1 and common sense), the kernel's text is
 * as it was, no interrupt came on a vector nobody owns.
 */
#include "kernel/arch.h"
#include "kernel/irq.h"
#include "kernel/printf.h"
#include "tests/harness/harness.h"

static uint64_t text_sum;

/* Word sum: cheap, and any single changed word shows. */
static uint64_t sum_text(void)
{
    const void *from, *to;
    uint64_t sum = 0;
    arch_text_range(&from, &to);
    for (const uint64_t *at = from; at + 1 <= (const uint64_t *)to; at++) {
        sum = (sum << 1 | sum >> 63) ^ *at;
    }
    return sum;
}

void after_remember_text(void)
{
    text_sum = sum_text();
}

static void check_memory(Test *t)
{
    ArenaDamage d;
    if (arena_check(&d)) {
        return;
    }
    expect_that(t, NULL, false, "memory outside lent buffers is unchanged",
                "0x%02x became 0x%02x at 0x%llx, offset %lld of a buffer of %zu bytes",
                d.expected, d.seen, (unsigned long long)d.address, (long long)d.offset,
                d.buffer_bytes);
}

static void check_descriptors(Test *t, const QVirtioDevice *dev)
{
    for (unsigned i = 0; i < QVIRTIO_MAX_QUEUES; i++) {
        if (dev->vq[i] && qvirtio_queue_ready(dev->vq[i])) {
            int changed = qvirtqueue_desc_changed(dev->vq[i]);
            expect_that(t, NULL, changed < 0, "no descriptor is changed by the device",
                        "descriptor %d of queue %u differs", changed, i);
        }
    }
}

static void reset_if_awake(QVirtioDevice *d, void *arg)
{
    Test *t = arg;
    if (d->is_awake) {
        expect_ok(t, NULL, qvirtio_reset(d));
    }
    d->irq_mode = QVIRTIO_IRQ_BEST;
}

void after_test(Test *t)
{
    static uint32_t strays;

    check_descriptors(t, t->dev);
    expect_ok(t, NULL, qvirtio_stop(t->dev));
    qvirtio_device_foreach(0, reset_if_awake, t);
    check_memory(t);
    uint32_t stray = irq_stray_count() - strays;
    strays += stray;
    expect_that(t, NULL, stray == 0, "no interrupt on a vector that nobody owns", "%u",
                stray);
    if (t->test->violates) {
        expect_that(t, NULL, sum_text() == text_sum, "the kernel's text is unchanged",
                    "it differs");
    }
}
