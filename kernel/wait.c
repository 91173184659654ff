/* SPDX-License-Identifier: MIT */
/*
 * The one wait: look, look again a few times, then halt between looks. Not everything
 * that is waited for comes with an interrupt, so each halt is bounded by a timer; the
 * bound grows, which keeps a short wait short and a long one cheap.
 */
#include "kernel/wait.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/irq/irq.h"
#include "kernel/lib/printf.h"
#include <stddef.h>

/* So long is only looked: an answer that another thread gives mostly comes sooner. */
#define SPIN_NS         (200 * NS_PER_US)
#define HALT_FIRST_NS   (20 * NS_PER_US)
#define HALT_MOST_NS    NS_PER_MS
#define SILENCE_MOST_NS (1500 * NS_PER_MS)
#define DEFAULT_TIMEOUT (2 * NS_PER_S)

static uint64_t default_timeout_ns = DEFAULT_TIMEOUT;
static const char *last_timeout;

/* One look. The poll hook runs first: what it makes happen is seen by this look. */
static bool look(const Wait *wait)
{
    if (wait->poll) {
        wait->poll(wait->poll_arg);
    }
    return wait->is_done(wait->arg);
}

static void say_still_waiting(const Wait *wait, uint64_t waited_ns)
{
    console_start_line();
    kprintf("# still waiting for %s, %llu ms so far\n", wait->what,
            (unsigned long long)(waited_ns / NS_PER_MS));
    console_flush();
}

/*
 * Looks, with interrupts off, until the deadline. Between looks they are on: at first for
 * a moment, later in a halt, which turns them on itself, so that an interrupt that comes
 * between look and halt ends the halt.
 */
static bool look_until(const Wait *wait, uint64_t start, uint64_t deadline)
{
    uint64_t step = HALT_FIRST_NS;
    for (;;) {
        if (look(wait)) {
            return true;
        }
        uint64_t now = clock_ns();
        if (now >= deadline) {
            return false;
        }
        if (now - start < SPIN_NS) {
            irq_restore(true);
            arch_cpu_relax();
            irq_disable();
            continue;
        }
        if (now - console_last_output_ns() > SILENCE_MOST_NS) {
            say_still_waiting(wait, now - start);
        }
        if (wait->is_hopeless && wait->is_hopeless(wait->poll_arg)) {
            return look(wait);
        }
        arch_halt_until(now + step < deadline ? now + step : deadline);
        step = step * 2 < HALT_MOST_NS ? step * 2 : HALT_MOST_NS;
    }
}

bool wait_for(const Wait *wait)
{
    uint64_t start = clock_ns();
    uint64_t bound = wait->timeout_ns ? wait->timeout_ns : default_timeout_ns;
    bool were_on = irq_disable();
    bool is_done = look_until(wait, start, start + bound);
    irq_restore(were_on);
    if (!is_done) {
        last_timeout = wait->what;
    }
    return is_done;
}

uint64_t wait_timeout_ns(void)
{
    return default_timeout_ns;
}

void wait_set_timeout_ns(uint64_t ns)
{
    default_timeout_ns = ns;
}

const char *wait_last_timeout(void)
{
    return last_timeout;
}

void wait_forget(void)
{
    last_timeout = NULL;
}
