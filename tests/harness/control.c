/* SPDX-License-Identifier: MIT */
/*
 * The control experiment. Claims about every device rest on pings. When one of them fails
 * on a device that has not served any ping yet, the device is started with nothing done
 * to it, and asked for a plain one. A device that does not serve that is unusable, and
 * the failure says nothing about the claim of the test.
 */
#include "tests/harness/harness.h"

#define CONTROL_NUMBER 0xfffd

static void try_ping(const Test *t)
{
    const QVirtioFeatures none = {0};
    const char *why = NULL;

    arena_reset();
    int err = qvirtio_start(t->dev, &none, qvirtio_plain_ring(t->dev));
    if (!err) {
        err = qvirtio_ping(t->dev, CONTROL_NUMBER, &why);
    }
    qvirtio_stop(t->dev);
    standing_set_baseline(t->dev, !err && !why);
    if (err == -QVIRTIO_TIMEOUT || err == -QVIRTIO_NEEDS_RESET ||
        err == -QVIRTIO_BROKEN) {
        standing_give_up(t->dev, false);
    }
}

void control_served(const QVirtioDevice *dev)
{
    standing_set_baseline(dev, true);
}

void control_after(Test *t)
{
    bool is_about_pings = !t->test->device && t->test->flags & TEST_PING;
    bool is_passed = !t->has_failed && !t->has_warned && !t->is_skipped;

    if (is_about_pings && is_passed) {
        control_served(t->dev);
    }
    if (!is_about_pings || !report_blames_clause()) {
        return;
    }
    if (!standing_has_baseline(t->dev)) {
        try_ping(t);
    }
    if (!standing_is_usable(t->dev)) {
        report_demote(t);
    }
}
