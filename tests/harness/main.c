/* SPDX-License-Identifier: MIT */
/*
 * The program: check the words, find the devices, print the plan, run it, print the
 * verdict. See DESIGN.md's contracts; every line here is one of them.
 */
#include "kernel/main.h"
#include "drivers/virtio/soft_fault.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "kernel/printf.h"
#include "tests/harness/harness.h"

static const CmdlineWord words[] = {
    {"only", CMDLINE_TEXT},    {"skip", CMDLINE_TEXT},
    {"from", CMDLINE_COUNT},   {"part", CMDLINE_TEXT},
    {"list", CMDLINE_FLAG},    {"hostile", CMDLINE_NUMBER},
    {"keep", CMDLINE_FLAG},    {"know", CMDLINE_TEXT},
    {"seed", CMDLINE_NUMBER},  {"timeout_ms", CMDLINE_COUNT},
    {"repeat", CMDLINE_COUNT}, {"stop", CMDLINE_FLAG},
    {"host", CMDLINE_FLAG},    {"panic", CMDLINE_TEXT},
    {"bench", CMDLINE_FLAG},   {"virtio_mmio.device", CMDLINE_ANY}, /* read by the bus */
    {"soft", CMDLINE_FLAG},    {"soft_fault", CMDLINE_TEXT},
    {NULL, CMDLINE_FLAG},
};

static void print_note(const char *text)
{
    kprintf("# %s\n", text);
}

static void note_ignored(const char *word)
{
    kprintf("# ignored: %s\n", word);
}

/* The last line of a run that could not be one. */
static ExitCode bail_out(const char *reason, ExitCode code)
{
    kprintf("Bail out! %s\n", reason);
    return code;
}

static void print_device(QVirtioDevice *d, void *arg)
{
    char features[512];
    (void)arg;
    qvirtio_features_format(d, &d->offered, features, sizeof(features));
    kprintf("# %s %s %s, features%s\n", d->name, d->where,
            qvirtio_is_legacy(d) ? "legacy" : "modern", features);
}

static void list_plan(unsigned points)
{
    char id[POINT_ID_BYTES];

    for (unsigned number = 1; number <= points; number++) {
        Point p = plan_point(number);
        point_format_id(&p, id, sizeof(id));
        kprintf("# plan %u %s\n", number, id);
    }
    kprintf("1..0 # SKIP list\n");
}

static ExitCode run_plan(unsigned points)
{
    Totals totals = {0};
    uint64_t from = cmdline_get_u64("from", 1);
    uint64_t times = cmdline_get_u64("repeat", 1);

    kprintf("1..%u\n", points);
    if (from > points) {
        return bail_out("from= is past the end of the plan", EXIT_NOTHING);
    }
    for (unsigned number = (unsigned)from; number <= points; number++) {
        Point p = plan_point(number);
        point_run(&p, number, times, &totals);
    }
    clause_print_held(false);
    kprintf("# qvirtio: %u passed, %u failed, %u warned, %u skipped\n", totals.passed,
            totals.failed, totals.warned, totals.skipped);
    return totals.failed ? EXIT_FAILED : EXIT_PASSED;
}

static ExitCode fault_on_purpose(const char *kind)
{
    char reason[320];
    panic_on_purpose(kind);
    ksnprintf(reason, sizeof(reason), "panic=%s is unknown; known: %s", kind,
              panic_kinds());
    return bail_out(reason, EXIT_NOTHING);
}

#define WHY_BYTES 32768 /* the names of all faults fit */

/* The words soft and soft_fault; false, and why, when they are wrong. */
static bool choose_fault(char *why, size_t bytes)
{
    const char *name = cmdline_get("soft_fault");
    if (!name) {
        return true;
    }
    if (!cmdline_has("soft")) {
        ksnprintf(why, bytes, "soft_fault= needs the word soft");
        return false;
    }
    if (soft_fault_choose(name)) {
        return true;
    }
    size_t n = ksnprintf(why, bytes, "soft_fault=%s is unknown; known: ", name);
    if (n < bytes) {
        soft_fault_names(why + n, bytes - n);
    }
    return false;
}

/* Everything that can be wrong with the words, before anything runs. */
static bool check_words(char *why, size_t bytes)
{
    if (!cmdline_check(words, note_ignored, why, bytes)) {
        return false;
    }
    const char *item = qvirtio_know_fault();
    if (item) {
        ksnprintf(why, bytes, "know=: '%s' is not device.index.field=value", item);
        return false;
    }
    const char *text = cmdline_get("part");
    if (text && !plan_set_part(text)) {
        ksnprintf(why, bytes, "part=%s is not K/N with K from 1 to N", text);
        return false;
    }
    return choose_fault(why, bytes);
}

int main(void)
{
    static char why[WHY_BYTES];

    kprintf("TAP version 13\n# qvirtio %s %s, virtio 1.4, seed 0x%llx\n", QVIRTIO_VERSION,
            ARCH_NAME, (unsigned long long)cmdline_get_u64("seed", QVIRTIO_DEFAULT_SEED));
    kprintf("# boot %s, clock %s %llu kHz\n", arch_boot_protocol(), clock_source(),
            (unsigned long long)clock_hz() / 1000);
    if (!check_words(why, sizeof(why))) {
        return bail_out(why, EXIT_NOTHING);
    }
    wait_set_timeout_ns(cmdline_get_u64("timeout_ms", QVIRTIO_DEFAULT_TIMEOUT_MS) *
                        NS_PER_MS);
    if (cmdline_get("panic")) {
        return fault_on_purpose(cmdline_get("panic"));
    }
    arena_reset();
    qvirtio_devices_init(print_note);
    if (!qvirtio_device(0)) {
        return bail_out("no virtio device found", EXIT_NOTHING);
    }
    qvirtio_device_foreach(0, print_device, NULL);
    if (cmdline_has("bench")) {
        return bench_run() ? EXIT_PASSED
                           : bail_out("no block device to measure with", EXIT_NOTHING);
    }
    unsigned points = plan_make();
    if (points == 0) {
        return bail_out("no test matches", EXIT_NOTHING);
    }
    if (cmdline_has("list")) {
        list_plan(points);
        return EXIT_PASSED;
    }
    after_remember_text();
    return run_plan(points);
}
