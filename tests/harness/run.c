/* SPDX-License-Identifier: MIT */
/*
 * Running one point: a fresh arena, a reset device started as the test asks, the test,
 * and the checks after it. Any point runs alone and in any order.
 */
#include "kernel/arch.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/lib/printf.h"
#include "kernel/panic.h"
#include "tests/harness/harness.h"

bool test_start(Test *t, QVirtioDevice *dev, const uint8_t *features)
{
    QVirtioFeatures wanted = {0};

    qvirtio_features_add_list(&wanted, t->test->wants);
    qvirtio_features_add_list(&wanted, features);
    wanted = qvirtio_features_and(&wanted, &dev->offered);
    qvirtio_features_add_list(&wanted, t->test->needs);
    if (t->test->flags & TEST_IRQ_INTX) {
        dev->irq_mode = QVIRTIO_IRQ_INTX;
    }
    return require_ok(t, qvirtio_start(dev, &wanted, t->ring));
}

static void run_body(Test *t)
{
    arena_reset();
    qvring_trace_reset();
    wait_forget();
    if (t->test->flags & TEST_OUTSIDE) {
        /* Nothing is done to the device. */
    } else if (t->test->flags & TEST_RAW) {
        if (!require_ok(t, qvirtio_reset(t->dev))) {
            return;
        }
    } else if (!test_start(t, t->dev, NULL)) {
        return;
    }
    t->assertions = 0;
    t->test->run(t, t->dev);
    if (!t->is_skipped && t->assertions == 0) {
        /* A test that asserted nothing has proven nothing, and that is our own fault. */
        ExpectText text = {.file = t->test->file, .what = "assertions"};
        ExpectAt at = {.text = &text};
        report_failure(t, &at, OUTCOME_ERROR, "at least one assertion was executed",
                       "none");
    }
}

/* The word stop: show the failure and leave everything as it is, for a debugger. */
static void stop_here(const Test *t, unsigned number)
{
    report_print(t, number);
    kprintf("# stopped at the first failure\n");
    console_flush();
    for (;;) {
        arch_halt_until(UINT64_MAX);
    }
}

static void run_once(Test *t, unsigned number)
{
    uint64_t seed = cmdline_get_u64("seed", QVIRTIO_DEFAULT_SEED);

    t->random.state = seed ^ hash_string(t->id);
    panic_context = t->id;
    run_body(t);
    hand_restore(t);
    if (t->has_failed && cmdline_has("stop")) {
        stop_here(t, number);
    }
    after_test(t);
    control_after(t);
    report_settle(t);
    panic_context = NULL;
}

static void count(const Test *t, Totals *totals)
{
    if (t->has_failed) {
        totals->failed++;
    } else if (t->has_warned) {
        totals->warned++;
    } else if (t->is_skipped) {
        totals->skipped++;
    } else {
        totals->passed++;
    }
}

/* So that the VMM's death is charged to the right test, and loses no clause. */
static void announce_run(const VirtioTest *test, unsigned number, const char *id)
{
    if (test->violates) {
        clause_print_held(true);
    }
    kprintf("# run %u %s\n", number, id);
    console_flush();
}

/* Nothing is asked any more of a device that was given up, because each answer would cost
 * the time of a wait that runs out. What needs no request of it is still looked at,
 * unless it is stuck. */
static const char *why_blocked(const Point *p, char *to, size_t bytes)
{
    const char *why = standing_given_up(p->dev, (p->test->flags & TEST_RAW) &&
                                                    !(p->test->flags & TEST_PING));
    const char *see = why ? standing_find(p->dev, why) : NULL;
    if (!see) {
        return NULL;
    }
    ksnprintf(to, bytes, "blocked: %s, see %s", why, see);
    return to;
}

void point_run(const Point *p, unsigned number, uint64_t times, Totals *totals)
{
    char id[POINT_ID_BYTES], reason[256];
    point_format_id(p, id, sizeof(id));
    Test t = {.test = p->test, .dev = p->dev, .ring = p->ring, .id = id};

    report_reset();
    const char *why = why_blocked(p, reason, sizeof(reason));
    if (!why) {
        why = point_why_not(p, reason, sizeof(reason));
    }
    if (why) {
        test_skip(&t, "%s", why);
        times = 0;
    } else {
        announce_run(p->test, number, id);
    }
    for (uint64_t i = 0; i < times && !t.has_failed && !t.is_skipped; i++) {
        run_once(&t, number);
    }
    report_print(&t, number);
    count(&t, totals);
}
